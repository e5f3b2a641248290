// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCode
import SpeakCodeTesting
import Testing

@Suite("A code as text tones", .timeLimit(.minutes(10)))
struct TextTelephoneTests {
    private static let reader = CodeReader.plain()

    private func script(_ code: String, _ delivery: Delivery) throws -> Script {
        try Script(code: VerificationCode(code), pack: TestPack.pack()).delivered(delivery)
    }

    private func samples(
        _ code: String = "735198", _ delivery: Delivery = .typed(.baud45), readings: Int = 1,
        at rate: SampleRate = .hz8000
    ) async throws -> [Int16] {
        let rendition = try await Self.reader.render(
            try script(code, delivery), length: .init(readings: readings), as: .wav(rate))
        return PCM(littleEndian: Bytes(joining: rendition.slices)[44...].bytes, hertz: rate.hertz).samples
    }

    private func read(
        _ samples: [Int16], _ speed: TextTelephone.Speed = .baud45, at rate: SampleRate = .hz8000
    ) -> TTYReceiver.Reading {
        TTYReceiver(samples, hertz: rate.hertz, bitsPerSecond: speed.bitsPerSecond).read()
    }

    @Test(
        "is read at every rate and speed: the code three times behind a word, on a line of its own",
        arguments: SampleRate.allCases, TextTelephone.Speed.allCases)
    func rates(rate: SampleRate, speed: TextTelephone.Speed) async throws {
        let reading = read(try await samples("735198", .typed(speed), at: rate), speed, at: rate)
        #expect(reading.text == "\nCODE 735198 735198 735198" && reading.faults == 0)
    }

    /// The five bits of each character by the table of V.18.
    @Test("is the alphabet's bits, with a shift behind each space")
    func golden() async throws {
        let digits: [UInt8] = [0x1B, 0x17, 0x13, 0x01, 0x0A, 0x10, 0x15]
        let expected: [UInt8] =
            [0x08, 0x02, 0x1F, 0x0E, 0x18, 0x09, 0x01, 0x04] + digits + [0x04] + digits + [0x04] + digits
        let first = read(try await samples("123456")).codes
        #expect(first == expected)
        let rest: [UInt8] = [0x1B, 0x07, 0x06, 0x18, 0x16]
        let second = read(try await samples("7890")).codes.suffix(5)
        #expect(second == rest[...])
    }

    @Test("has every letter, and with letters in it a shift before each character, so that its length tells nothing")
    func letters() async throws {
        for code in ["ABCDEFGHIJKLM7", "NOPQRSTUVWXYZ2"] {
            let written = read(try await samples(code))
            #expect(written.text == "\nCODE \(code) \(code) \(code)")
        }
        var lengths: Set<Int> = []
        for code in ["AB12", "A1B2", "ABCD"] { lengths.insert(try await samples(code).count) }
        #expect(lengths.count == 1)
    }

    @Test("keeps the fraction of a sample that a bit has", arguments: TextTelephone.Speed.allCases)
    func exact(speed: TextTelephone.Speed) async throws {
        let reading = read(try await samples("735198", .typed(speed)), speed)
        let first = try #require(reading.times.first)
        // 0.2 s of silence and 0.15 s of carrier before the first character, and eight bits from each to the next.
        #expect(abs(first - 0.35) < 0.003)
        for (place, time) in reading.times.enumerated() {
            #expect(abs(time - first - Double(8 * place) / speed.bitsPerSecond) < 0.002)
        }
    }

    @Test("is of one phase and of the level of -14 dBm0, without a click")
    func shape() async throws {
        let samples = try await samples()
        let loud = samples.drop { $0 == 0 }
        let tone = loud[(loud.startIndex + 100)..<(loud.startIndex + 20_000)].map(Double.init)
        let effective = (tone.reduce(0) { $0 + $1 * $1 } / Double(tone.count)).squareRoot()
        #expect(abs(effective - 4623) < 30)
        #expect(tone.map(abs).max() ?? 0 < 6541)
        // The steepest that a wave of 1800 Hz and 6539 can be.
        let steepest = zip(samples, samples.dropFirst()).map { abs(Int($0) - Int($1)) }.max() ?? 0
        #expect(Double(steepest) <= 2 * 6539.3 * 0.6494 + 2)
        #expect(samples.suffix(8000).allSatisfy { $0 == 0 }, "a second of silence is behind it")
    }

    @Test("is read through G.711", arguments: [AudioFormat.Kind.muLaw, .aLaw])
    func companded(kind: AudioFormat.Kind) async throws {
        let rendition = try await Self.reader.render(
            try script("735198", .typed(.baud45)), length: .init(readings: 1), as: AudioFormat(kind))
        let linear = Bytes(joining: rendition.slices).bytes.map { G711.linear($0, kind) }
        #expect(read(linear).text == "\nCODE 735198 735198 735198")
    }

    @Test("is read in as much noise as there is signal", arguments: [1, 2, 3] as [UInt64])
    func noise(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let noisy = try await samples().map { sample in
            // Twelve of one make a normal distribution; 4623 is the tones' own effective value.
            let noise = (0..<12).reduce(-6.0) { sum, _ in sum + Double.random(in: 0..<1, using: &generator) }
            return Int16(max(-32_768, min(32_767, Double(sample) + 4623 * noise)))
        }
        // A receiver without a filter needs the band of the telephone, which has taken half of the noise away.
        let reading = read(Band.telephone(noisy))
        #expect(reading.text.contains("CODE 735198 735198 735198"))
    }

    @Test("comes again and again behind two seconds, and endlessly as well")
    func again() async throws {
        let three = read(try await samples("735198", readings: 3))
        #expect(three.text == String(repeating: "\nCODE 735198 735198 735198", count: 3))
        let live = try #require(
            try await Self.reader.stream(
                try script("735198", .typed(.baud45)), lead: .seconds(36_000), clock: ManualClock()))
        var bytes: [UInt8] = []
        for await frame in live {
            bytes += frame.bytes
            if frame.reading == 2 { break }
        }
        let finite = try await samples("735198", readings: 3)
        let count = min(bytes.count / 2, finite.count)
        #expect(PCM(littleEndian: bytes, hertz: 8000).samples.prefix(count) == finite.prefix(count))
    }

    @Test(
        "stands behind every second reading where a voice reads too, for five seconds at most",
        arguments: ["735198", "73519846"])
    func mixed(code: String) async throws {
        let script = try script(code, .mixed(.baud45))
        let rendition = try await Self.reader.render(script, length: .init(readings: 4), as: .wav())
        let tones = rendition.timeline.cues.filter { $0.text.contains(code) }
        #expect(tones.map(\.reading) == [2, 4])
        #expect(tones.allSatisfy { $0.end - $0.start <= 40_000 })
        let spoken = rendition.timeline.cues.filter { $0.position == 1 }
        #expect(spoken.map(\.reading) == [1, 2, 3, 4])
        let samples = PCM(littleEndian: Bytes(joining: rendition.slices)[44...].bytes, hertz: 8000).samples
        for tone in tones {
            let written = read(Array(samples[tone.start..<tone.end])).text
            #expect(written.split(whereSeparator: \.isWhitespace).filter { $0 == code }.count >= 2)
        }
    }

    @Test(
        "has room beside a voice for so many digits and letters, and alone for all",
        arguments: [(TextTelephone.Speed.baud45, 22, 11), (.baud50, 25, 13)])
    func room(speed: TextTelephone.Speed, digits: Int, letters: Int) throws {
        for (symbol, most) in [("7", digits), ("A", letters)] {
            for count in 1...32 {
                let code = try VerificationCode(String(repeating: symbol, count: count))
                #expect(Delivery.mixed(speed).fits(code) == (count <= most), "\(symbol) \(count)")
                #expect(Delivery.typed(speed).fits(code) && Delivery.spoken.fits(code))
            }
        }
    }

    @Test("fits into a time with whole readings, mixed or not", arguments: [Delivery.typed(.baud50), .mixed(.baud45)])
    func fits(delivery: Delivery) async throws {
        let limit = Duration.seconds(45)
        let rendition = try await Self.reader.render(
            try script("735198", delivery), length: .init(readings: .max, within: limit), as: .wav())
        #expect(rendition.duration <= limit && rendition.readings > 2)
        let more = try await Self.reader.render(
            try script("735198", delivery), length: .init(readings: rendition.readings + 1), as: .wav())
        #expect(more.duration > limit)
    }

    @Test("asks for the key in writing, where a key is asked for")
    func gate() async throws {
        let script = try Script(gateOf: VoicePackCatalog.builtIn.pack(for: "en-US")).delivered(.typed(.baud45))
        let rendition = try await Self.reader.render(script, length: .init(readings: 1), as: .wav())
        let samples = PCM(littleEndian: Bytes(joining: rendition.slices)[44...].bytes, hertz: 8000).samples
        #expect(read(samples).text == "\nPRESS 1 FOR YOUR CODE")
    }

    @Test("is asked of no engine, and shows nothing of the code")
    func hidden() async throws {
        let script = try script("735198", .typed(.baud45))
        #expect(script.units.allSatisfy { $0.isEmpty })
        var dumped = ""
        dump(script, to: &dumped)
        #expect(!"\(script)\(dumped)".contains("735"))
    }

    @Test("is in no buffer that is kept for all calls, as clips of the voice are", arguments: Delivery.all)
    func unshared(delivery: Delivery) async throws {
        let rendition = try await Self.reader.render(
            try script("735198", delivery), length: .init(readings: 2), as: .wav())
        let tones = rendition.timeline.cues.filter { $0.text.contains("735198") }
        var (place, slices) = (0, rendition.slices)
        while let run = slices.nextRun() {
            let isTone = tones.contains { 44 + 2 * $0.start <= place && place < 44 + 2 * $0.end }
            let isSilent = run.bytes[run.range].allSatisfy { $0 == 0 }
            #expect(place < 44 || run.isShared == (isSilent || !isTone))
            place += run.range.count
        }
        #expect(tones.isEmpty == (delivery == .spoken))
    }

    @Test("is never made at once, where others may wait for who asks", arguments: Delivery.all)
    func later(delivery: Delivery) async throws {
        let script = try script("735198", delivery)
        let length = CodeReader.Length(readings: 2)
        _ = try await Self.reader.layOut(script, length: length, as: .wav()).get()
        let isAtOnce = if case .now = Self.reader.layOut(script, length: length, as: .wav()) { true } else { false }
        #expect(isAtOnce == (delivery == .spoken))
    }

    @Test("has names that are read again", arguments: Delivery.all)
    func names(delivery: Delivery) {
        #expect(Delivery(name: delivery.name) == delivery)
        #expect(Delivery(name: delivery.name + "0") == nil)
    }
}

/// G.711's other direction.
private enum G711 {
    static func linear(_ byte: UInt8, _ kind: AudioFormat.Kind) -> Int16 {
        let value = kind == .muLaw ? ~byte : byte ^ 0x55
        let segment = Int(value >> 4 & 7)
        let step = Int(value & 0xF)
        let isNegative = (value & 0x80 != 0) == (kind == .muLaw)
        let magnitude =
            kind == .muLaw
            ? (((step << 3) + 0x84) << segment) - 0x84
            : segment == 0 ? (step << 4) + 8 : ((step << 4) + 0x108) << (segment - 1)
        return Int16(isNegative ? -magnitude : magnitude)
    }
}

/// The band in which the tones are: one resonance at 1600 Hz, 600 Hz wide.
private enum Band {
    static func telephone(_ samples: [Int16]) -> [Int16] {
        // y = x - x(2) + 2 r cos(w) y(1) - r² y(2), with r for the width and w for the middle.
        let (radius, middle) = (0.79, 0.309_016_994)
        let gain = 0.19
        var (x1, x2, y1, y2) = (0.0, 0.0, 0.0, 0.0)
        return samples.map { sample in
            let x = Double(sample)
            let y = gain * (x - x2) + 2 * radius * middle * y1 - radius * radius * y2
            (x1, x2, y1, y2) = (x, x1, y, y1)
            return Int16(max(-32_768, min(32_767, y)))
        }
    }
}
