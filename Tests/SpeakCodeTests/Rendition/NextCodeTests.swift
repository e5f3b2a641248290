// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCode
import SpeakCodeTesting
import Synchronization
import Testing

@Suite("A code that changes between readings", .timeLimit(.minutes(10)))
struct NextCodeTests {
    private static let reader = CodeReader.plain()

    /// What is said in each reading: the phrase's caption, and the symbols as positions' words.
    private func said(
        _ script: Script, _ codes: [NextCode], readings: Int, frameLength: Duration = .milliseconds(20)
    ) async throws -> (phrases: [[String]], bytes: [[UInt8]], lengths: [Int]) {
        let asked = Mutex(0)
        let live = try #require(
            try await Self.reader.stream(
                script, readings: readings, frameLength: frameLength, lead: .seconds(3600), clock: ManualClock(),
                codes: {
                    asked.withLock { asked in
                        defer { asked += 1 }
                        return codes[min(asked, codes.count - 1)]
                    }
                }))
        var phrases = [[String]](repeating: [], count: readings)
        var bytes = [[UInt8]](repeating: [], count: readings)
        var lengths: [Int] = []
        for await frame in live {
            bytes[frame.reading] += frame.bytes
            lengths.append(frame.bytes.count)
            if case .phrase(let caption) = frame.said, phrases[frame.reading].last != caption {
                phrases[frame.reading].append(caption)
            }
        }
        return (phrases, bytes, lengths)
    }

    private func script(_ renewed: Bool = true, template: String = VoicePack.standard) throws -> Script {
        let pack = try TestPack.pack(
            replacing: "bridge: \"I repeat:\",",
            with: "bridge: \"I repeat:\"," + (renewed ? " renewed: \"New code:\"," : ""))
        return try Script(code: VerificationCode("735"), pack: pack, wording: Wording(template: template))
    }

    private func code(_ text: String, behind wait: Duration = .zero) throws -> NextCode {
        NextCode(try VerificationCode(text), behind: wait)
    }

    @Test("is said to be new where it is, and repeated where it is not")
    func phrases() async throws {
        let (phrases, bytes, _) = try await said(
            script(), [code("735"), code("735"), code("198"), code("198")], readings: 4)
        #expect(phrases[0].first == "Your code is:")
        #expect(phrases[1...] == [["I repeat:"], ["New code:"], ["I repeat:"]])
        #expect(bytes[1] != bytes[3], "another code sounds otherwise")
    }

    @Test("is opened as the first was by a voice that has no word for new")
    func withoutWord() async throws {
        let (phrases, _, _) = try await said(script(false), [code("735"), code("198")], readings: 2)
        #expect(phrases[0] == phrases[1])
    }

    @Test("waits in silence where a code is about to end")
    func waits() async throws {
        let (_, bytes, _) = try await said(
            script(), [code("735", behind: .seconds(4)), code("735")], readings: 1)
        let (_, at, _) = try await said(script(), [code("735")], readings: 1)
        #expect(bytes[0].count == at[0].count + 4 * 16_000)
        #expect(bytes[0].prefix(4 * 16_000).allSatisfy { $0 == 0 })
        #expect(bytes[0].dropFirst(4 * 16_000).elementsEqual(at[0]))
    }

    @Test("begins each reading with a frame of its own", arguments: [7, 20, 100])
    func wholeFrames(milliseconds: Int) async throws {
        let (_, bytes, lengths) = try await said(
            script(), [code("735"), code("198"), code("735")], readings: 3, frameLength: .milliseconds(milliseconds))
        #expect(Set(lengths) == [16 * milliseconds])
        #expect(bytes.allSatisfy { $0.count.isMultiple(of: 16 * milliseconds) })
    }

    @Test("is asked for when its reading begins, and no sooner")
    func askedLate() async throws {
        let clock = ManualClock()
        let asked = Mutex(0)
        let next = try code("735")
        let live = try #require(
            try await Self.reader.stream(
                script(), clock: clock,
                codes: {
                    asked.withLock { $0 += 1 }
                    return next
                }))
        var frames = live.frames()
        while let frame = frames.next(), !frame.endsReading {}
        #expect(asked.withLock { $0 } == 1)
        _ = frames.next()
        #expect(asked.withLock { $0 } == 2)
    }
}
