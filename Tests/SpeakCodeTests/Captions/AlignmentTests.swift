// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCode
import SpeakCodeTesting
import Testing

@Suite("An alignment")
struct AlignmentTests {
    private static let reader = CodeReader.plain()

    private func rendition(
        _ code: String = "73 5", readings: Int = 2, at rate: SampleRate = .hz8000, delivery: Delivery = .spoken
    ) async throws -> Rendition {
        let script = try Script(code: VerificationCode(code), pack: TestPack.pack()).delivered(delivery)
        return try await Self.reader.render(script, length: .init(readings: readings), as: .wav(rate))
    }

    private func text(_ format: Alignment.Format, of rendition: Rendition) -> String {
        Alignment(of: rendition.timeline).text(as: format, of: "folder/my code.wav")
    }

    /// A sample from a time in seconds, which must be that of a whole one.
    private func sample(_ seconds: Substring, at rate: SampleRate = .hz8000) throws -> Int {
        let exact = try #require(Double(seconds)) * Double(rate.hertz)
        #expect(abs(exact - exact.rounded()) < 0.001)
        return Int(exact.rounded())
    }

    @Test(
        "has each symbol from its first sound to its last, to the sample, at every rate", arguments: SampleRate.allCases
    )
    func exact(rate: SampleRate) async throws {
        let rendition = try await rendition(at: rate)
        let samples = PCM(littleEndian: Bytes(joining: rendition.slices)[44...].bytes, hertz: rate.hertz).samples
        let lines = text(.ctm, of: rendition).split(separator: "\n").dropFirst()
        #expect(lines.count == 6)
        var heard = [Bool](repeating: false, count: samples.count)
        for cue in rendition.timeline.cues where cue.position == nil {
            for index in cue.start..<cue.end { heard[index] = true }
        }
        for line in lines {
            let columns = line.split(separator: " ")
            #expect(columns.count == 5 && columns[0] == "my_code" && columns[1] == "1")
            let start = try sample(columns[2], at: rate)
            let end = start + (try sample(columns[3], at: rate))
            for index in start..<end { heard[index] = true }
        }
        #expect(samples.indices.allSatisfy { heard[$0] || samples[$0] == 0 }, "nothing is heard outside")
        let starts = try lines.map { try sample($0.split(separator: " ")[2], at: rate) }
        #expect(starts == rendition.timeline.cues.filter { $0.position != nil }.map(\.start))
    }

    @Test("is a TextGrid whose tiers cover the whole without a gap")
    func textGrid() async throws {
        let rendition = try await rendition("7 3", readings: 3)
        let text = text(.textGrid, of: rendition)
        #expect(text.hasPrefix("File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\nxmin = 0\nxmax = "))
        let tiers = text.components(separatedBy: "    item [").dropFirst()
        #expect(tiers.count == 5)
        for tier in tiers {
            let starts = tier.matches(of: /\n {12}xmin = ([0-9.]+)/).map(\.output.1)
            let ends = tier.matches(of: /\n {12}xmax = ([0-9.]+)/).map(\.output.1)
            let (first, last) = (try #require(starts.first), try #require(ends.last))
            #expect(try sample(first) == 0)
            #expect(starts.dropFirst().elementsEqual(ends.dropLast()))
            #expect(try sample(last) == rendition.timeline.sampleCount)
            #expect(tier.contains("intervals: size = \(starts.count)\n"))
        }
        func labels(_ name: String) throws -> [String] {
            let tier = try #require(tiers.first { $0.contains("name = \"\(name)\"") })
            return tier.matches(of: /text = "(.*)"/).map { String($0.output.1) }.filter { !$0.isEmpty }
        }
        #expect(try labels("readings") == ["reading 1", "reading 2", "reading 3"])
        #expect(try labels("groups") == ["7", "3", "7", "3", "7", "3"])
        #expect(try labels("symbols") == ["7", "3", "7", "3", "7", "3"])
        #expect(try labels("words").first == "Your code is:")
        #expect(try labels("pauses").allSatisfy { $0 == "pause" })
    }

    @Test("has the groups in which a reading says the code")
    func groups() async throws {
        let text = text(.textGrid, of: try await rendition("735 198", readings: 1))
        let tier = try #require(text.components(separatedBy: "    item [").first { $0.contains("\"groups\"") })
        #expect(tier.matches(of: /text = "([0-9]+)"/).map(\.output.1) == ["735", "198"])
    }

    @Test("has the other ways of saying a symbol in its STM")
    func alternatives() async throws {
        let script = try Script(
            code: VerificationCode("29"), pack: VoicePackCatalog.builtIn.pack(for: "de-DE"))
        let rendition = try await CodeReader.plain().render(script, length: .init(readings: 1), as: .wav())
        let line = text(.stm, of: rendition)
        #expect(line.hasPrefix("my_code 1 speakcode "))
        #expect(line.hasSuffix(" { zwei / zwo } neun\n"))
    }

    @Test("is a label for each word, with tabs, and a line of JSON for each reading")
    func lists() async throws {
        let rendition = try await rendition()
        let labels = text(.labels, of: rendition).split(separator: "\n").map { $0.split(separator: "\t") }
        #expect(labels.allSatisfy { $0.count == 3 })
        #expect(labels.count == rendition.timeline.cues.count)
        let lines = text(.manifest, of: rendition).split(separator: "\n")
        #expect(lines.count == 2)
        var end = 0.0
        for line in lines {
            let object = try #require(
                try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            #expect(object["audio_filepath"] as? String == "folder/my code.wav")
            #expect(object["code"] as? String == "735" && object["lang"] as? String == "en-US")
            #expect(object["offset"] as? Double == end)
            end += try #require(object["duration"] as? Double)
            #expect((object["text"] as? String)?.contains(":") == false)
        }
        #expect(Int((end * 8000).rounded()) == rendition.timeline.sampleCount)
    }

    @Test("has what is written as tones in one piece")
    func tones() async throws {
        let lines = text(.labels, of: try await rendition("735", delivery: .typed(.baud45))).split(separator: "\n")
        #expect(lines.count == 2 && lines.allSatisfy { $0.hasSuffix("\tCODE 735 735 735") })
    }

    @Test(
        "stands in a WAVE file, behind samples that stay where they are", arguments: [AudioFormat.Kind.wav, .wavMuLaw])
    func cuePoints(kind: AudioFormat.Kind) async throws {
        let script = try Script(code: VerificationCode("735"), pack: TestPack.pack())
        let plain = try await Self.reader.render(script, length: .init(readings: 3), as: AudioFormat(kind))
        let marked = try #require(plain.withCuePoints)
        let (before, after) = (Bytes(joining: plain.slices).bytes, Bytes(joining: marked.slices).bytes)
        #expect(after.count == marked.byteCount)
        #expect(after[8..<before.count] == before[8...])
        let size = after[4..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
        #expect(size == after.count - 8)
        let chunks = Array(after[before.count...])
        #expect(chunks.starts(with: Array("cue ".utf8)))
        let count = chunks[8..<12].reversed().reduce(0) { $0 << 8 | Int($1) }
        #expect(count == plain.timeline.cues.count)
        #expect(try await Self.reader.render(script, as: AudioFormat(.muLaw)).withCuePoints == nil)
    }

    @Test("has a format for each file's ending", arguments: Alignment.Format.allCases)
    func formats(format: Alignment.Format) {
        #expect(Alignment.Format(fileName: "a.b.\(format.rawValue)") == format)
        #expect(Alignment.Format(fileName: "a.\(format.rawValue.uppercased())") == format)
        #expect(Alignment.Format(fileName: format.rawValue) == nil)
    }
}
