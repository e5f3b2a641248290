// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCode
import SpeakCodeTesting
import Testing

@Suite("A rendition")
struct RenditionTests {
    /// A reader for tests that have many cases.
    private static let reader = CodeReader.plain()

    private func script(_ code: String = "735-198", pacing: Pacing.Preset = .adaptive) throws -> Script {
        try Script(code: VerificationCode(code), pack: TestPack.pack(), pacing: Pacing(pacing))
    }

    /// The bytes of every step of a script, laid end to end by the test itself.
    private func body(
        of script: Script, readings: Int, format: AudioFormat, clips: [SpeechUnit: Clip]
    ) throws -> Bytes {
        let coding = try #require(format.sampleCoding)
        let beats = Beats(script.units[0], clips)
        var bytes: [UInt8] = []
        var before: (intonation: Intonation, length: Int)?
        for reading in 0..<readings {
            for step in script.reading(reading, isLast: reading == readings - 1) {
                switch step {
                case .silence(let duration):
                    var samples = format.sampleRate.samples(in: duration)
                    if let before {
                        samples = beats.beat(before.intonation, pause: duration, at: format.sampleRate) - before.length
                    }
                    bytes += [UInt8](repeating: coding.silence, count: samples * coding.bytesPerSample)
                    before = nil
                case .typed: Issue.record("nothing is written")
                case .speech(let unit, _, _):
                    let clip = try #require(clips[unit])
                    bytes += clip.bytes
                    if case .symbol(_, _, let intonation) = unit { before = (intonation, clip.sampleCount) }
                }
            }
        }
        return Bytes(bytes)
    }

    private func headerLength(_ format: AudioFormat) -> Int {
        switch format.kind {
        case .wav: 44
        case .wavMuLaw, .wavALaw: 58
        case .au: 32
        default: 0
        }
    }

    @Test("is there at once where all of its units have been spoken, and not before", arguments: AudioFormat.telephone)
    func atOnce(format: AudioFormat) async throws {
        let reader = CodeReader.plain()
        let script = try script()
        guard case .later = reader.layOut(script, length: .usual, as: format) else {
            Issue.record("nothing has been spoken yet")
            return
        }
        let rendition = try await reader.render(script, as: format)
        guard case .now(let again) = reader.layOut(script, length: .usual, as: format) else {
            Issue.record("all has been spoken")
            return
        }
        let coding = format.sampleCoding ?? .linear16LittleEndian
        #expect(again.sampleCount == rendition.timeline.sampleCount)
        guard format.sampleCoding != nil else { return }
        let bytes = Rendition(timeline: again, format: format, coding: coding).slices
        #expect(Bytes(joining: bytes) == Bytes(joining: rendition.slices))
    }

    @Test("has as many readings as fit, however many are asked for", arguments: 1...60)
    func fits(seconds: Int) async throws {
        let script = try script()
        let once = try await Self.reader.render(script, length: .init(readings: 1))
        for readings in [1, 2, 3, 7, 100] {
            let limited = try await Self.reader.render(
                script, length: .init(readings: readings, within: .seconds(seconds)))
            #expect((1...readings).contains(limited.readings))
            #expect(limited.duration <= max(.seconds(seconds), once.duration))
            guard limited.readings < readings else { continue }
            let more = try await Self.reader.render(script, length: .init(readings: limited.readings + 1))
            #expect(more.duration > .seconds(seconds), "one more would have fitted")
        }
    }

    @Test(
        "is a header and the script's steps end to end, in every format whose samples stand alone",
        arguments: AudioFormat.sliceable)
    func stepsEndToEnd(format: AudioFormat) async throws {
        let script = try script()
        let rendition = try await Self.reader.render(script, as: format)
        let bank = Bank.plain(try TestPack.pack())
        let coding = try #require(format.sampleCoding)
        let clips = try await bank.clips(
            of: script.units[0], in: ClipFormat(sampleRate: format.sampleRate, coding: coding))
        let body = try body(of: script, readings: 3, format: format, clips: clips)
        let whole = Bytes(joining: rendition.slices)
        let header = headerLength(format)
        #expect(rendition.readings == 3)
        #expect(whole.count == rendition.byteCount)
        #expect(whole[header..<(header + body.count)] == body)
        // Chunks of a WAV have even lengths; nothing else follows the samples.
        let padding = [.wavMuLaw, .wavALaw].contains(format.kind) ? body.count % 2 : 0
        #expect(whole.count == header + body.count + padding)
        #expect(rendition.timeline.sampleCount * coding.bytesPerSample == body.count)
        #expect(rendition.duration == format.sampleRate.duration(of: rendition.timeline.sampleCount))
    }

    @Test("gives any range as the same range of the whole", arguments: AudioFormat.telephone + [.wav(.hz22050)])
    func ranges(format: AudioFormat) async throws {
        let rendition = try await Self.reader.render(try script(), as: format)
        let whole = Bytes(joining: rendition.slices)
        #expect(whole.count == rendition.byteCount)
        var random = SeededGenerator(seed: UInt64(format.sampleRate.hertz))
        var ranges = [0..<0, 0..<1, 0..<whole.count, (whole.count - 1)..<whole.count, whole.count..<whole.count]
        for _ in 0..<200 {
            let start = Int.random(in: 0...whole.count, using: &random)
            let longest = Bool.random(using: &random) ? 300 : whole.count
            ranges.append(start..<Int.random(in: start...min(whole.count, start + longest), using: &random))
        }
        // Where one slice ends and the next begins, and a byte on each side.
        var end = 0
        for slice in rendition.slices {
            end += slice.count
            for start in [end - 1, end, end + 1] where start <= whole.count {
                ranges += [start..<min(start + 2, whole.count), max(0, start - 2)..<start]
            }
        }
        for range in ranges {
            let slices = Array(rendition.slices(in: range))
            #expect(slices.allSatisfy { !$0.isEmpty })
            #expect(Bytes(joining: slices) == whole[range], "\(range)")
        }
    }

    @Test("finds a range in any reading, and holds no more for a hundred thousand readings than for ten")
    func manyReadings() async throws {
        let script = try script("735", pacing: .adaptive)
        let few = try await Self.reader.render(script, length: .init(readings: 10))
        let many = try await Self.reader.render(script, length: .init(readings: .max))
        #expect(many.readings == CodeReader.mostReadings)
        let whole = Bytes(joining: few.slices)
        let (third, second) = (try start(ofReading: 3, few), try start(ofReading: 2, few))
        let length = try start(ofReading: 4, few) - third
        #expect(second < third)
        #expect(many.byteCount - few.byteCount == (many.readings - few.readings) * length)
        // Across the joint of two readings, and from the last one that is like the others into the last of all.
        for reading in [4, 5, 9, 50_000, 99_998, 99_999] {
            let joint = third + (reading - 3) * length
            let alike = third + (min(reading, 8) - 3) * length
            let range = (joint - 1000)..<(joint + 1000)
            #expect(Bytes(joining: many.slices(in: range)) == whole[(alike - 1000)..<(alike + 1000)], "\(reading)")
        }
        let end = many.byteCount - few.byteCount
        let tail = whole.count - 3 * length
        #expect(Bytes(joining: many.slices(in: (end + tail)..<(end + whole.count))) == whole[tail...])
        #expect(places(many.slices(in: (end + tail)..<many.byteCount)).count < 12)
    }

    /// The first byte of a reading's first word, counted from 1.
    private func start(ofReading reading: Int, _ rendition: Rendition) throws -> Int {
        44 + 2 * (try #require(rendition.timeline.cues.first { $0.reading == reading }).start)
    }

    @Test("cuts off what lies outside of it")
    func rangesOutside() async throws {
        let rendition = try await CodeReader.plain().render(try script())
        let count = rendition.byteCount
        #expect(Bytes(joining: rendition.slices(in: (count - 5)..<(count + 100))).count == 5)
        #expect(Bytes(joining: rendition.slices(in: -10..<7)).count == 7)
        #expect(Bytes(joining: rendition.slices(in: (count + 3)..<(count + 9))).count == 0)
    }

    @Test("can be read more than once, and by many at a time")
    func readAgain() async throws {
        let rendition = try await CodeReader.plain().render(try script())
        let whole = Bytes(joining: rendition.slices)
        await withTaskGroup { group in
            for _ in 0..<8 { group.addTask { Bytes(joining: rendition.slices) } }
            for await again in group { #expect(again == whole) }
        }
    }

    /// Where the slices of a rendition lie in memory, their lengths beside.
    private func places(_ slices: Rendition.Slices) -> [UInt: Int] {
        var places: [UInt: Int] = [:]
        for slice in slices {
            slice.withUnsafeBufferPointer { places[UInt(bitPattern: $0.baseAddress), default: 0] = $0.count }
        }
        return places
    }

    @Test("shares its memory with every other rendition of the same voice, but for its header")
    func sharedMemory() async throws {
        let reader = CodeReader.plain()
        let first = try await reader.render(try script("0123456789"))
        let second = try await reader.render(try script("0123456789", pacing: .normal))
        let shared = Set(places(first.slices).keys).intersection(places(second.slices).keys)
        // Silence, opening, bridge, nine continuing digits and one that falls.
        #expect(shared.count == 13)
        #expect(places(second.slices).count == 13 + 1)
    }

    @Test("lies in a bank's clips themselves")
    func clipMemory() async throws {
        let reader = CodeReader.plain()
        let rendition = try await reader.render(try script("7777"))
        // Three readings of four sevens, of which each reading's last one falls: one clip of each, many slices.
        let lengths = rendition.slices.map(\.count)
        let distinct = places(rendition.slices)
        #expect(lengths.count > 3 * 8)
        #expect(distinct.count == 6, "header, silence, two phrases, two sevens")
    }

    @Test("is the same bytes in every process and order")
    func sameBytes() async throws {
        let reader = CodeReader.plain()
        _ = try await reader.render(try script("AZ9"), as: .wav(.hz16000))
        let warm = Bytes(joining: try await reader.render(try script()).slices)
        let cold = Bytes(joining: try await CodeReader.plain().render(try script()).slices)
        #expect(warm == cold)
    }

    @Test("asks the engine for nothing once its units are warm")
    func noSynthesis() async throws {
        let engine = FakeEngine()
        let reader = CodeReader.plain(engine: engine)
        _ = try await reader.render(try script("735198"))
        let requests = engine.requests.count
        _ = try await reader.render(try script("0246-8135"), as: .wav(.hz48000))
        #expect(engine.requests.count == requests)
    }

    // MARK: Length

    @Test("has as many readings as were asked for and fit, and one at the least")
    func lengths() async throws {
        let reader = CodeReader.plain()
        let script = try script("735198", pacing: .normal)
        let one = try await reader.render(script, length: .init(readings: 1))
        #expect(one.readings == 1)
        let three = try await reader.render(script, length: .init(readings: 3))
        #expect(three.readings == 3)
        // To the sample: what is exactly as long as three readings fits three, a sample less fits two.
        let limit = three.duration
        #expect(try await reader.render(script, length: .init(readings: 9, within: limit)).readings == 3)
        let less = limit - .microseconds(125)
        #expect(try await reader.render(script, length: .init(readings: 9, within: less)).readings == 2)
        #expect(try await reader.render(script, length: .init(readings: 9, within: .zero)).readings == 1)
        #expect(try await reader.render(script, length: .init(readings: 0)).readings == 1)
        #expect(try await reader.render(script, length: .init(readings: .min)).readings == 1)
    }

    @Test("has as many readings as fit, whatever their paces", arguments: Pacing.Preset.allCases, [1, 2, 3, 4, 5, 9])
    func readingsThatFit(preset: Pacing.Preset, count: Int) async throws {
        let script = try script("73-519", pacing: preset)
        let limit = try await Self.reader.render(script, length: .init(readings: count)).duration
        for (limit, readings) in [(limit, count), (limit - .microseconds(125), max(1, count - 1))] {
            let fitting = try await Self.reader.render(script, length: .init(readings: .max, within: limit))
            #expect(fitting.readings == readings)
            let most = try await Self.reader.render(script, length: .init(readings: 2, within: limit))
            #expect(most.readings == min(2, readings))
        }
    }

    @Test("takes durations and counts of any size", arguments: [Duration.seconds(Int64.max), .seconds(Int64.min)])
    func extremes(duration: Duration) async throws {
        var pauses = Pauses.calm
        for key in [\Pauses.lead, \.phrase, \.symbol, \.group, \.reading, \.tail] { pauses[keyPath: key] = duration }
        for preset in Pacing.Preset.allCases {
            for pacing in [Pacing(preset, pauses: pauses), Pacing(first: .init(pauses: pauses))] {
                let script = try Script(code: VerificationCode("73"), pack: TestPack.pack(), pacing: pacing)
                let length = CodeReader.Length(readings: .max, within: duration)
                let readings = try await Self.reader.render(script, length: length).readings
                #expect(readings == (duration > .zero ? CodeReader.mostReadings : 1))
                let three = try await Self.reader.render(script, length: .init(readings: 3))
                #expect(three.duration < Pauses.longest * 3 * 5 + .seconds(30))
            }
        }
    }

    @Test(
        "is under a minute and under 1 MB as gateways fetch it, however long the code", arguments: 1...32,
        Pacing.Preset.allCases)
    func usualLength(count: Int, preset: Pacing.Preset) async throws {
        let script = try script(String(repeating: "7", count: count), pacing: preset)
        let rendition = try await Self.reader.render(script)
        #expect((1...3).contains(rendition.readings))
        #expect(rendition.duration <= .seconds(60))
        #expect(rendition.byteCount < 1_000_000)
        if rendition.readings < 3 {
            let longer = try await Self.reader.render(script, length: .init(readings: rendition.readings + 1))
            #expect(longer.duration > .seconds(60), "one more would not have fitted")
        }
    }

    @Test("that is longer than a WAV header can tell says so with the largest size, and does not crash")
    func longerThanAHeader() async throws {
        var pauses = Pauses.calm
        pauses.symbol = .seconds(30)
        let script = try Script(
            code: VerificationCode(String(repeating: "7", count: 32)), pack: TestPack.pack(),
            pacing: Pacing(first: .init(pauses: pauses)))
        for kind in [AudioFormat.Kind.wav, .au] {
            let format = try AudioFormat(kind, sampleRate: .hz48000)
            let rendition = try await CodeReader.plain().render(script, length: .init(readings: 50), as: format)
            #expect(rendition.byteCount > Int(UInt32.max))
            let header = Bytes(joining: rendition.slices(in: 0..<44))
            #expect(
                kind == .wav
                    ? header[40..<44] == Bytes([255, 255, 255, 255]) : header[8..<12] == Bytes([255, 255, 255, 255]))
            let end = rendition.byteCount
            #expect(Bytes(joining: rendition.slices(in: (end - 9)..<end)).count == 9)
        }
    }

    // MARK: Headers

    private func number(_ bytes: Bytes, _ range: Range<Int>) -> Int {
        bytes[range].bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    private func text(_ bytes: Bytes, _ range: Range<Int>) -> String {
        String(decoding: bytes[range].bytes, as: UTF8.self)
    }

    @Test("in linear WAV has the 44 bytes that Asterisk wants, with true sizes", arguments: SampleRate.allCases)
    func waveHeader(rate: SampleRate) async throws {
        let rendition = try await Self.reader.render(try script(), as: .wav(rate))
        let file = Bytes(joining: rendition.slices)
        #expect(text(file, 0..<4) == "RIFF")
        #expect(number(file, 4..<8) == file.count - 8)
        #expect(text(file, 8..<16) == "WAVEfmt ")
        #expect(number(file, 16..<20) == 16)
        #expect(number(file, 20..<22) == 1, "format tag")
        #expect(number(file, 22..<24) == 1, "channels")
        #expect(number(file, 24..<28) == rate.hertz)
        #expect(number(file, 28..<32) == rate.hertz * 2)
        #expect(number(file, 32..<34) == 2)
        #expect(number(file, 34..<36) == 16)
        #expect(text(file, 36..<40) == "data")
        #expect(number(file, 40..<44) == file.count - 44)
    }

    @Test(
        "in G.711 WAV has a fact chunk, true sizes, and an even length",
        arguments: [(AudioFormat.Kind.wavMuLaw, 7), (.wavALaw, 6)],
        ["7", "73", "735", "7351", "73519"])
    func companded(kind: (AudioFormat.Kind, Int), code: String) async throws {
        let rendition = try await Self.reader.render(try script(code), as: AudioFormat(kind.0))
        let file = Bytes(joining: rendition.slices)
        let samples = rendition.timeline.sampleCount
        #expect(number(file, 4..<8) == file.count - 8)
        #expect(number(file, 16..<20) == 18)
        #expect(number(file, 20..<22) == kind.1)
        #expect(number(file, 28..<32) == 8000)
        #expect(number(file, 32..<34) == 1)
        #expect(number(file, 34..<36) == 8)
        #expect(text(file, 38..<42) == "fact")
        #expect(number(file, 46..<50) == samples)
        #expect(text(file, 50..<54) == "data")
        #expect(number(file, 54..<58) == samples)
        #expect(file.count == 58 + samples + samples % 2)
    }

    @Test("in AU has 32 bytes with true sizes", arguments: SampleRate.allCases)
    func auHeader(rate: SampleRate) async throws {
        let rendition = try await Self.reader.render(try script(), as: AudioFormat(.au, sampleRate: rate))
        let file = Bytes(joining: rendition.slices)
        func word(_ index: Int) -> Int { file[(4 * index)..<(4 * index + 4)].bytes.reduce(0) { $0 << 8 | Int($1) } }
        #expect(text(file, 0..<4) == ".snd")
        #expect((1...5).map(word) == [32, file.count - 32, rate == .hz8000 ? 1 : 3, rate.hertz, 1])
    }

    @Test("ends in at least 100 ms of silence", arguments: AudioFormat.sliceable)
    func trailingSilence(format: AudioFormat) async throws {
        var pauses = Pauses.calm
        pauses.tail = .zero
        let script = try Script(
            code: VerificationCode("7"), pack: TestPack.pack(), pacing: Pacing(first: .init(pauses: pauses)))
        let rendition = try await Self.reader.render(script, as: format)
        let coding = try #require(format.sampleCoding)
        let samples = Bytes(joining: rendition.slices)[headerLength(format)...].bytes
            .prefix(rendition.timeline.sampleCount * coding.bytesPerSample)
        let tail = samples.suffix(format.sampleRate.hertz / 10 * coding.bytesPerSample)
        #expect(tail.allSatisfy { $0 == coding.silence })
        #expect(samples.contains { $0 != coding.silence })
    }
}
