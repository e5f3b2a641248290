// SPDX-License-Identifier: GPL-3.0-or-later

import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import SpeakCode
import SpeakCodeLinks
import SpeakCodeTesting
import Synchronization
import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

@Suite("What Asterisk says over FastAGI")
struct FastAGIReplyTests {
    /// Transcripts of Asterisk 22.10.1, and what stands in them.
    @Test(
        "is found line by line",
        arguments: [
            ("200 result=0", [.result(0)]),
            ("200 result=1 (1795395532.353)", [.result(1)]),
            ("200 result=0 endpos=1600", [.result(0, endPosition: 1600)]),
            ("200 result=-1 endpos=0", [.result(-1, endPosition: 0)]),
            ("200 result=50 endpos=8000", [.result(50, endPosition: 8000)]),
            ("200 result=1 (a text endpos=9) endpos=7", [.result(1, endPosition: 7)]),
            ("200 result=1 (endpos=9 is only said)", [.result(1)]),
            ("510 Invalid or unknown command", [.refusal(510)]),
            ("511 Command Not Permitted on a dead channel or intercept routine", [.refusal(511)]),
            ("520 Invalid command syntax.  Proper usage not available.", [.refusal(520)]),
            (
                "520-Invalid command syntax.  Proper usage follows:\n Usage: STREAM FILE <filename>\n200 result=0\n\n"
                    + "520 End of proper usage.\n200 result=1", [.refusal(520), .result(1)]
            ),
            ("HANGUP", [.hangUp]),
            ("HANGUP\n200 result=0", [.hangUp, .result(0)]),
            ("520-Invalid\nHANGUP\n511 Command", [.hangUp, .refusal(511)]),
            ("\n \nnoise\n2\n20\n2000 result=0\n200result=0\n200 result=\n200 result=x\nhangup\n HANGUP\n-1 x", []),
            ("200 result=99999999999999999999", []),
        ] as [(String, [FastAGIReply])])
    func replies(text: String, replies: [FastAGIReply]) {
        var parser = FastAGIReplyParser()
        let found = text.split(separator: "\n", omittingEmptySubsequences: false).compactMap { parser.reply(in: $0) }
        #expect(found == replies)
    }

    @Test("may be anything, and nothing of it is taken for more than it is", arguments: 0..<50 as Range<UInt64>)
    func anything(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var parser = FastAGIReplyParser()
        for _ in 0..<200 {
            let line = String(decoding: FastAGITests.anyBytes(&random).filter { $0 != 10 }, as: UTF8.self)
            if case .hangUp? = parser.reply(in: line) { #expect(line == "HANGUP") }
        }
    }
}

@Suite("A call over FastAGI", .serialized)
struct FastAGITests {
    /// One short reading in each file.
    private static let short = #""code":"7","readings":1,"pacing":{"symbolPause":100,"readingPause":100}"#

    /// Runs a service that listens for FastAGI as well.
    private static func run(
        _ flags: [String: String] = [:], engine: any SpeechEngine & VoiceListing = FakeEngine(),
        _ body: (TestService) async throws -> Void
    ) async throws {
        try await TestService.run(["agiPort": "0"].merging(flags) { $1 }, engine: engine) { service in
            while service.log.all.allSatisfy({ !$0.contains("listening for FastAGI") }) {
                try await Task.sleep(for: .milliseconds(5))
            }
            try await body(service)
        }
    }

    /// The address of a new call.
    private static func agi(_ fields: String, of service: TestService) async throws -> String {
        let answer = try await service.post("{\(fields)}")
        try #require(answer.status == 201, "\(answer.text)")
        let calls = try answer.field("calls", as: [String: Any].self)
        return try #require(calls["agi"] as? String)
    }

    /// The log's lines about calls that have ended, once there are so many.
    private static func ends(_ count: Int = 1, in service: TestService) async throws -> [String] {
        while true {
            let lines = service.log.all.filter { $0.contains("end=") && $0.contains("transport=fastAGI") }
            if lines.count >= count { return lines }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    private static func expectEnd(
        _ end: CallSession.End, readings: Int? = nil, keys: Int? = nil, in service: TestService,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let lines = try await ends(in: service)
        #expect(lines.count == 1, sourceLocation: sourceLocation)
        #expect(lines[0].contains("end=\(end.rawValue) "), "\(lines[0])", sourceLocation: sourceLocation)
        if let readings {
            #expect(lines[0].contains("readings=\(readings) "), "\(lines[0])", sourceLocation: sourceLocation)
        }
        if let keys { #expect(lines[0].contains("keys=\(keys) "), "\(lines[0])", sourceLocation: sourceLocation) }
        #expect(try await service.metric("speakcode_live_calls") == 0, sourceLocation: sourceLocation)
    }

    // MARK: What is heard

    @Test("plays one file again and again, whose link stays the same, until the caller hangs up while it plays")
    func loop() async throws {
        try await Self.run { service in
            let agi = try await Self.agi(Self.short, of: service)
            try await FastAGIPeer.connect(to: agi) { peer in
                await peer.begin(agi)
                let first = try #require(await peer.file())
                #expect(first.url.hasPrefix(service.base + "/a/") && first.url.hasSuffix(".wav"))
                #expect(first.keys == "12")
                try await peer.play(first, with: service)
                for _ in 0..<2 {
                    let next = try #require(await peer.file())
                    #expect(next == first)
                    try await peer.play(next, with: service)
                }
                #expect(await peer.file() == first)
                // A running command ends first, then the line is sent.
                await peer.send("200 result=-1 endpos=800\nHANGUP\n")
                #expect(await peer.command() == nil)
            }
            try await Self.expectEnd(.hungUp, readings: 3, keys: 0, in: service)
        }
    }

    @Test("counts all the readings of a file")
    func readings() async throws {
        try await Self.run { service in
            let three = Self.short.replacing(#""readings":1"#, with: #""readings":3"#)
            let agi = try await Self.agi(three, of: service)
            try await FastAGIPeer.connect(to: agi) { peer in
                await peer.begin(agi)
                try await peer.play(try #require(await peer.file()), with: service)
                _ = await peer.file()
                await peer.send("HANGUP\n")
                #expect(await peer.command() == nil)
            }
            try await Self.expectEnd(.hungUp, readings: 3, in: service)
        }
    }

    @Test("counts what was heard of a file that a key or a hang-up has cut short")
    func heard() async throws {
        try await Self.run { service in
            let three = Self.short.replacing(#""readings":1"#, with: #""readings":3"#)
            let agi = try await Self.agi(three, of: service)
            try await FastAGIPeer.connect(to: agi) { peer in
                await peer.begin(agi)
                let file = try #require(await peer.file())
                let samples = try await file.duration(with: service) / .seconds(1) * 8000
                // Two of the three were heard, then one, then none.
                await peer.send("200 result=49 endpos=\(Int(samples * 0.8))\n")
                _ = await peer.file()
                await peer.send("200 result=49 endpos=\(Int(samples * 0.5))\n")
                _ = await peer.file()
                await peer.send("200 result=49 endpos=\(Int(samples * 0.2))\n")
                _ = await peer.file()
                // The caller hangs up behind the first.
                await peer.send("200 result=-1 endpos=\(Int(samples * 0.5))\nHANGUP\n")
                #expect(await peer.command() == nil)
            }
            try await Self.expectEnd(.hungUp, readings: 4, keys: 3, in: service)
            #expect(try await service.metric("speakcode_readings_sent_total") == 4)
        }
    }

    /// Says tones, and nothing at all while it is held.
    private final class HeldEngine: SpeechEngine, VoiceListing {
        private let fake = FakeEngine()
        private let held = FakeEngine([.wait])
        private let isHeld = Mutex(false)

        func hold() { isHeld.withLock { $0 = true } }

        func release() { held.release() }

        func speak(_ utterances: [Utterance], voice: EngineVoice) async throws(EngineError) -> [Speech] {
            try await (isHeld.withLock { $0 } ? held : fake).speak(utterances, voice: voice)
        }

        func voices() async throws(EngineError) -> [ListedVoice] { [] }
    }

    @Test("keeps keys that are pressed while its voice is spoken for the first time")
    func firstTime() async throws {
        let engine = HeldEngine()
        try await Self.run(engine: engine) { service in
            let agi = try await Self.agi(Self.short, of: service)
            // Another replica has made the announcement, so that this one has not spoken it yet.
            let ring = LinkKeyring([TestService.linkKey])
            var call = try #require(ring.open(FastAGIPeer.script(of: agi))).announcement
            call.locale = try #require(LanguageTag("de-DE"))
            let link = try ring.seal(call)
            engine.hold()
            try await FastAGIPeer.connect(to: agi) { peer in
                await peer.send(FastAGIPeer.environment(script: link))
                #expect(await peer.command() == "ANSWER")
                await peer.send("200 result=0\n")
                // Asterisk forgets keys while it waits for a command.
                #expect(await peer.command() == "WAIT FOR DIGIT 200")
                await peer.send("200 result=0\n")
                #expect(await peer.command() == "WAIT FOR DIGIT 200")
                await peer.send("200 result=50\n")
                #expect(await peer.command() == "WAIT FOR DIGIT 200")
                engine.release()
                var command: String?
                repeat {
                    await peer.send("200 result=0\n")
                    command = await peer.command()
                } while command == "WAIT FOR DIGIT 200"
                let file = try #require(command.flatMap(FastAGIPeer.File.init))
                let sealed = try #require(file.url.firstMatch(of: /\/a\/([^.]+)\.wav/)).1
                #expect(try #require(ring.open(sealed)).announcement.pacing.preset == .slow)
            }
            try await Self.expectEnd(.hungUp, readings: 0, keys: 1, in: service)
        }
    }

    @Test(
        "waits for its voice where the gateway does not know how to tell of keys, and not where the caller hangs up",
        arguments: [510, -1])
    func firstTimeWithoutKeys(reply: Int) async throws {
        let engine = HeldEngine()
        try await Self.run(engine: engine) { service in
            let agi = try await Self.agi(Self.short, of: service)
            let ring = LinkKeyring([TestService.linkKey])
            var call = try #require(ring.open(FastAGIPeer.script(of: agi))).announcement
            call.locale = try #require(LanguageTag("de-DE"))
            let link = try ring.seal(call)
            engine.hold()
            try await FastAGIPeer.connect(to: agi) { peer in
                await peer.send(FastAGIPeer.environment(script: link))
                #expect(await peer.command() == "ANSWER")
                await peer.send("200 result=0\n")
                #expect(await peer.command() == "WAIT FOR DIGIT 200")
                await peer.send(reply == 510 ? "510 Invalid or unknown command\n" : "200 result=-1\nHANGUP\n")
                engine.release()
                #expect((await peer.command()?.hasPrefix("STREAM FILE ") ?? false) == (reply == 510))
            }
            try await Self.expectEnd(.hungUp, readings: 0, keys: 0, in: service)
        }
    }

    @Test("is found by its link wherever a dialplan can put it")
    func places() async throws {
        try await Self.run { service in
            let agi = try await Self.agi(Self.short, of: service)
            let link = FastAGIPeer.script(of: agi)
            let environments = [
                FastAGIPeer.environment(script: "/" + link),
                FastAGIPeer.environment(script: link + "?lang=en&x=1"),
                FastAGIPeer.environment(script: "codes/\(link)"),
                FastAGIPeer.environment(script: nil, arguments: [link]),
                FastAGIPeer.environment(script: "read-code", arguments: [link, "something else"]),
                FastAGIPeer.environment(script: "", arguments: [agi]),
                FastAGIPeer.environment(script: link).replacing("\n", with: "\r\n"),
                "noise\n" + FastAGIPeer.environment(script: link),
            ]
            for environment in environments {
                try await FastAGIPeer.connect(to: agi) { peer in
                    await peer.send(environment)
                    #expect(await peer.command() == "ANSWER")
                }
            }
            #expect(try await Self.ends(environments.count, in: service).allSatisfy { $0.contains("end=hungUp") })
        }
    }

    @Test("plays from the address that the operator gives to the outside")
    func publicURL() async throws {
        try await Self.run(["publicURL": "https://codes.example.net/prefix"]) { service in
            let agi = try await Self.agi(Self.short, of: service)
            try await FastAGIPeer.connect(to: agi) { peer in
                await peer.begin(agi)
                #expect(await peer.file()?.url.hasPrefix("https://codes.example.net/prefix/a/") == true)
            }
        }
    }

    @Test("plays files whose links end with the announcement, and ends the call with it")
    func expires() async throws {
        try await Self.run { service in
            let agi = try await Self.agi(Self.short, of: service)
            let ring = LinkKeyring([TestService.linkKey])
            var call = try #require(ring.open(FastAGIPeer.script(of: agi))).announcement
            let now = Int(Date().timeIntervalSince1970)
            call.expires = now + 2
            let short = try #require(agi.firstMatch(of: /agi:\/\/[^\/]+\//)).0 + (try ring.seal(call))
            try await FastAGIPeer.connect(to: String(short)) { peer in
                await peer.begin(String(short))
                let file = try #require(await peer.file())
                let sealed = try #require(file.url.firstMatch(of: /\/a\/([^.]+)\.wav/)).1
                #expect(ring.open(sealed, for: .audio)?.announcement.expires == call.expires)
                // What has begun is heard to its end.
                try await Task.sleep(for: try await file.duration(with: service))
                while Int(Date().timeIntervalSince1970) < call.expires { try await Task.sleep(for: .milliseconds(50)) }
                await peer.send("200 result=0 endpos=16000\n")
                #expect(await peer.command() == nil)
                #expect(try await service.get(file.url).status == 410)
            }
            try await Self.expectEnd(.time, readings: 1, in: service)
        }
    }

    // MARK: Keys

    @Test("reads with longer pauses behind the key 2, and from the beginning behind the key 1")
    func slower() async throws {
        try await Self.run { service in
            let agi = try await Self.agi(#""code":"1234","readings":1"#, of: service)
            try await FastAGIPeer.connect(to: agi) { peer in
                await peer.begin(agi)
                let first = try #require(await peer.file())
                let duration = try await first.duration(with: service)
                await peer.send("200 result=50 endpos=8000\n")
                let slow = try #require(await peer.file())
                #expect(slow.url != first.url)
                #expect(try await slow.duration(with: service) > duration + .seconds(1))
                await peer.send("200 result=49 endpos=8000\n")
                #expect(await peer.file() == slow)
            }
            try await Self.expectEnd(.hungUp, readings: 0, keys: 2, in: service)
        }
    }

    @Test("changes its language behind the key 3, and back, with one link for each")
    func language() async throws {
        try await Self.run { service in
            let fields = Self.short + #","locale":"en-US","secondLocale":"de-DE""#
            let agi = try await Self.agi(fields, of: service)
            try await FastAGIPeer.connect(to: agi) { peer in
                await peer.begin(agi)
                var files: [FastAGIPeer.File] = []
                for _ in 0..<5 {
                    let file = try #require(await peer.file())
                    #expect(file.keys == "123")
                    files.append(file)
                    await peer.send("200 result=51 endpos=800\n")
                }
                // Both in turn, then each alone.
                #expect(Set(files.prefix(3)).count == 3)
                #expect(files[3] == files[1] && files[4] == files[2])
                #expect(try await files[0].duration(with: service) > files[1].duration(with: service))
            }
        }
    }

    @Test("asks for no key that does nothing", arguments: [("[]", ""), (#"["again"]"#, "1"), (#"["language"]"#, "")])
    func noKeys(keys: String, heard: String) async throws {
        try await Self.run { service in
            let agi = try await Self.agi(Self.short + #","keys":\#(keys)"#, of: service)
            try await FastAGIPeer.connect(to: agi) { peer in
                await peer.begin(agi)
                #expect(await peer.file()?.keys == heard)
            }
        }
    }

    @Test(
        "plays on where something else than a key that it asked for stops a file", arguments: [1000, 57, 300, 99_999])
    func stopped(result: Int) async throws {
        try await Self.run { service in
            let agi = try await Self.agi(Self.short, of: service)
            try await FastAGIPeer.connect(to: agi) { peer in
                await peer.begin(agi)
                let file = try #require(await peer.file())
                await peer.send("200 result=\(result) endpos=800\n")
                #expect(await peer.file() == file)
            }
            try await Self.expectEnd(.hungUp, readings: 0, keys: 0, in: service)
        }
    }

    // MARK: The gate

    @Test("plays nothing but the gate until the key 1")
    func gate() async throws {
        try await Self.run { service in
            let agi = try await Self.agi(Self.short + #","gate":true"#, of: service)
            try await FastAGIPeer.connect(to: agi) { peer in
                await peer.begin(agi)
                let gate = try #require(await peer.file())
                #expect(gate.keys == "1")
                try await peer.play(gate, with: service)
                #expect(await peer.file() == gate)
                let ring = LinkKeyring([TestService.linkKey])
                func content(_ file: FastAGIPeer.File) throws -> Announcement.Content {
                    let sealed = try #require(file.url.firstMatch(of: /\/a\/([^.]+)\.wav/)).1
                    return try #require(ring.open(sealed)).announcement.content
                }
                guard case .gate = try content(gate) else { return #expect(Bool(false), "the code is played") }
                await peer.send("200 result=49 endpos=800\n")
                let code = try #require(await peer.file())
                guard case .code = try content(code) else { return #expect(Bool(false), "the gate is played") }
                #expect(code.keys == "12")
                try await peer.play(code, with: service)
                _ = await peer.file()
            }
            try await Self.expectEnd(.hungUp, readings: 1, keys: 1, in: service)
        }
    }

    @Test("ends when the gate was read five times to nobody")
    func voicemail() async throws {
        try await Self.run { service in
            // Of a file of three readings of the code, the gate is still counted one by one.
            let three = Self.short.replacing(#""readings":1"#, with: #""readings":3"#)
            let agi = try await Self.agi(three + #","gate":true"#, of: service)
            try await FastAGIPeer.connect(to: agi) { peer in
                await peer.begin(agi)
                for _ in 0..<CallState.mostGateReadings {
                    try await peer.play(try #require(await peer.file()), with: service)
                }
                #expect(await peer.file() == nil)
            }
            try await Self.expectEnd(.noKey, readings: 0, keys: 0, in: service)
        }
    }

    // MARK: No call

    @Test("is not answered for a link that opens no call; the gateway is told why, and not what")
    func refused() async throws {
        try await Self.run { service in
            let agi = try await Self.agi(Self.short, of: service)
            let link = FastAGIPeer.script(of: agi)
            let ring = LinkKeyring([TestService.linkKey])
            let call = try #require(ring.open(link)).announcement
            var audio = call
            audio.call = nil
            var expired = call
            expired.expires = call.issued - 1
            let unknown: [String?] = [
                nil, "", "/", "?", "nonsense", String(link.dropLast()), link + "A", String(link.reversed()),
                try ring.seal(audio), try LinkKeyring([LinkKey()]).seal(call), String(repeating: "a", count: 8000),
            ]
            var told: [String] = []
            for script in unknown + [try ring.seal(expired)] {
                try await FastAGIPeer.connect(to: agi) { peer in
                    await peer.send(FastAGIPeer.environment(script: script))
                    let command = try #require(await peer.command())
                    #expect(command.wholeMatch(of: /VERBOSE "SpeakCode: [a-z ,:]+" 1/) != nil, "\(command)")
                    told.append(command)
                    await peer.send("200 result=1\n")
                    #expect(await peer.command() == nil)
                }
            }
            #expect(Set(told.dropLast()).count == 1, "what is wrong with a link does not show")
            #expect(told.last?.contains("expired") == true && told.first?.contains("expired") == false)
            let lines = service.log.all.filter { $0.contains("refused a call") }
            #expect(lines.count == told.count)
            #expect(service.log.all.allSatisfy { !$0.contains(link.prefix(20)) })
            #expect(try await Self.ends(told.count, in: service).allSatisfy { $0.contains("end=noSuchCall ") })
            #expect(
                try await service.metric(#"speakcode_calls_total{transport="fastAGI",end="noSuchCall"}"#)
                    == Double(told.count))
        }
    }

    @Test("is not answered while as many are listening as may")
    func full() async throws {
        try await Self.run(["liveCalls": "0"]) { service in
            let agi = try await Self.agi(Self.short, of: service)
            try await FastAGIPeer.connect(to: agi) { peer in
                await peer.send(FastAGIPeer.environment(script: FastAGIPeer.script(of: agi)))
                #expect(await peer.command()?.contains("as many are listening") == true)
                await peer.send("200 result=1\n")
                #expect(await peer.command() == nil)
            }
            try await Self.expectEndOf(.tooManyCalls, in: service)
        }
    }

    /// The line and the count of a connection that became no call.
    private static func expectEndOf(_ refusal: CallSession.Refusal, in service: TestService) async throws {
        let lines = try await ends(in: service)
        #expect(lines.count == 1 && lines[0].contains("end=\(refusal.rawValue) "), "\(lines)")
        let series = #"speakcode_calls_total{transport="fastAGI",end="\#(refusal.rawValue)"}"#
        #expect(try await service.metric(series) == 1)
    }

    /// What is sent in place of a call's description.
    enum NoEnvironment: String, CaseIterable {
        case hangUp, manyLines, longLine, manyBytes

        var text: String {
            switch self {
            case .hangUp: "HANGUP\n"
            case .manyLines: String(repeating: "agi_x: y\n", count: 1000)
            case .longLine: String(repeating: "a", count: 20_000)
            case .manyBytes:
                String(repeating: "agi_arg_1: " + String(repeating: "a", count: 8000) + "\n", count: 20)
            }
        }
    }

    @Test("is not begun by what is no environment, or too much of one", arguments: NoEnvironment.allCases)
    func noEnvironment(sent: NoEnvironment) async throws {
        try await Self.run { service in
            let agi = try await Self.agi(Self.short, of: service)
            try await FastAGIPeer.connect(to: agi) { peer in
                await peer.send(sent.text)
                #expect(await peer.command() == nil)
            }
        }
    }

    // MARK: The end

    /// What is sent in place of replies, each behind so many commands, when the caller hangs up.
    @Test(
        "ends wherever the caller's hang-up is told",
        arguments: [
            // Between the first command and its reply.
            ["HANGUP\n200 result=0\n"],
            ["HANGUP\n200 result=-1\n511 Command Not Permitted on a dead channel or intercept routine\n"],
            ["511 Command Not Permitted on a dead channel or intercept routine\n"],
            // Between a file and its reply, and behind it.
            ["200 result=0\n", "HANGUP\n200 result=-1 endpos=0\n"],
            ["200 result=0\n", "200 result=-1 endpos=4000\nHANGUP\n"],
            ["200 result=0\n", "200 result=-1 endpos=0\nHANGUP\n"],
            ["200 result=0\n", "520-Invalid command syntax.\nHANGUP\n"],
            ["200 result=0\n", "511 Command Not Permitted on a dead channel or intercept routine\n"],
            // Without the line (AGISIGHUP=no).
            ["200 result=0\n", "200 result=-1 endpos=4000\n"],
            ["200 result=0\n", "200 result=-1 endpos=0\n", "511 Command Not Permitted\n"],
            // While a key is pressed.
            ["200 result=0\n", "200 result=49 endpos=800\nHANGUP\n"],
        ])
    func hangUp(replies: [String]) async throws {
        try await Self.run { service in
            let agi = try await Self.agi(Self.short, of: service)
            try await FastAGIPeer.connect(to: agi) { peer in
                await peer.send(FastAGIPeer.environment(script: FastAGIPeer.script(of: agi)))
                for reply in replies {
                    #expect(await peer.command() != nil)
                    await peer.send(reply)
                }
                #expect(await peer.command() == nil)
            }
            try await Self.expectEnd(.hungUp, readings: 0, in: service)
            #expect(service.log.all.allSatisfy { !$0.hasPrefix("error") })
        }
    }

    @Test("does not begin where the caller has hung up before the first command")
    func hungUpBefore() async throws {
        try await Self.run { service in
            let agi = try await Self.agi(Self.short, of: service)
            try await FastAGIPeer.connect(to: agi) { peer in
                await peer.send(FastAGIPeer.environment(script: FastAGIPeer.script(of: agi)) + "HANGUP\n")
                // What the kernel delivers in two parts is answered in between.
                while await peer.command() != nil {}
            }
            #expect(try await service.metric("speakcode_live_calls") == 0)
        }
    }

    @Test("ends where the gateway closes the connection", arguments: [1, 2])
    func closed(commands: Int) async throws {
        try await Self.run { service in
            let agi = try await Self.agi(Self.short, of: service)
            try await FastAGIPeer.connect(to: agi) { peer in
                await peer.send(FastAGIPeer.environment(script: FastAGIPeer.script(of: agi)))
                _ = await peer.command()
                guard commands > 1 else { return }
                await peer.send("200 result=0\n")
                _ = await peer.command()
            }
            try await Self.expectEnd(.hungUp, readings: 0, in: service)
        }
    }

    @Test("ends between two files when its time is over")
    func time() async throws {
        try await Self.run(["liveSeconds": "3"]) { service in
            let agi = try await Self.agi(Self.short, of: service)
            try await FastAGIPeer.connect(to: agi) { peer in
                await peer.begin(agi)
                var (total, files) = (Duration.zero, 0)
                while let file = await peer.file() {
                    total += try await peer.play(file, with: service)
                    files += 1
                }
                #expect(files > 0 && total < .seconds(4))
            }
            try await Self.expectEnd(.time, in: service)
        }
    }

    @Test("ends with the file that it plays when the service is told to end")
    func shutdown() async throws {
        let service = try await ServeProcess(["--agi-port", "0"])
        try await service.waitForLog("listening for FastAGI")
        func fetch(_ request: HTTPClientRequest) async throws -> ByteBuffer {
            try await HTTPClient.shared.execute(request, timeout: .seconds(30)).body.collect(upTo: 1 << 20)
        }
        var request = HTTPClientRequest(url: service.base + "/v1/announcements")
        request.method = .POST
        request.headers.add(name: "Accept", value: "text/plain")
        request.body = .bytes(ByteBuffer(string: #"{"code":"7","readings":1,"format":"agi"}"#))
        let agi = String(buffer: try await fetch(request))
        try await FastAGIPeer.connect(to: agi) { peer in
            await peer.begin(agi)
            let file = try #require(await peer.file())
            // Asterisk fetches it as soon as it is told.
            let samples = (try await fetch(HTTPClientRequest(url: file.url)).readableBytes - 44) / 2
            service.signal(SIGTERM)
            try await service.waitForLog("fetch audio aside")
            await #expect(throws: (any Error).self, "no new call is taken") {
                try await FastAGIPeer.connect(to: agi) { _ in }
            }
            try await Task.sleep(for: .seconds(Double(samples) / 8000))
            await peer.send("200 result=0 endpos=\(samples)\n")
            #expect(await peer.file() == nil)
        }
        #expect(await service.status() == 0)
        #expect(service.log.contains("end=shutdown") && service.log.contains("readings=1"))
        await service.end()
    }

    @Test(
        "ends where the gateway says nothing for too long",
        arguments: [
            ["agi_network: y"],
            ["agi_network: yes\n"],
            ["E", "200 resu"],
            ["E", "200 result=0\n", "200 result=0"],
            ["E", "200 result=0\n", "noise\n"],
            ["E", "200 result=0\n", "520-Invalid command syntax.  Proper usage follows:\n"],
        ])
    func silence(texts: [String]) async throws {
        try await Self.run(["idleSeconds": "1"]) { service in
            let agi = try await Self.agi(Self.short, of: service)
            try await FastAGIPeer.connect(to: agi) { peer in
                let environment = FastAGIPeer.environment(script: FastAGIPeer.script(of: agi))
                await peer.send(texts[0] == "E" ? environment : texts[0])
                for text in texts.dropFirst() {
                    _ = await peer.command()
                    await peer.send(text)
                }
                #expect(await peer.command() == nil)
            }
            guard texts[0] == "E" else { return }
            try await Self.expectEnd(.protocolError, readings: 0, in: service)
        }
    }

    @Test("ends where the gateway sends more and more that is no reply")
    func flood() async throws {
        try await Self.run { service in
            let agi = try await Self.agi(Self.short, of: service)
            try await FastAGIPeer.connect(to: agi) { peer in
                await peer.begin(agi)
                _ = await peer.file()
                await peer.send(String(repeating: "noise\n", count: 10_000))
                #expect(await peer.command() == nil)
            }
            try await Self.expectEnd(.protocolError, in: service)
        }
    }

    // MARK: Failures

    @Test("tries again what the gateway could not fetch, and says once what is to be done")
    func notFetched() async throws {
        try await Self.run { service in
            let agi = try await Self.agi(Self.short, of: service)
            try await FastAGIPeer.connect(to: agi) { peer in
                await peer.begin(agi)
                for _ in 0..<3 {
                    #expect(await peer.file() != nil)
                    await peer.send("200 result=-1 endpos=0\n")
                }
                #expect(await peer.command() == nil)
            }
            try await Self.expectEnd(.notSpoken, readings: 0, in: service)
            let errors = service.log.all.filter { $0.hasPrefix("error") }
            #expect(errors.count == 1 && errors[0].contains("publicURL") && errors[0].contains(service.base))
        }
    }

    @Test("goes on where the gateway could fetch at the second try")
    func fetchedLater() async throws {
        try await Self.run { service in
            let agi = try await Self.agi(Self.short, of: service)
            try await FastAGIPeer.connect(to: agi) { peer in
                await peer.begin(agi)
                for _ in 0..<2 {
                    _ = await peer.file()
                    await peer.send("200 result=-1 endpos=0\n")
                    try await peer.play(try #require(await peer.file()), with: service)
                }
                #expect(await peer.file() != nil)
            }
            try await Self.expectEnd(.hungUp, readings: 2, in: service)
            #expect(service.log.all.allSatisfy { !$0.hasPrefix("error") })
        }
    }

    @Test("does not count what ended before it can have been heard", arguments: ["0 endpos=8000", "0"])
    func tooShort(result: String) async throws {
        try await Self.run { service in
            let agi = try await Self.agi(Self.short, of: service)
            try await FastAGIPeer.connect(to: agi) { peer in
                await peer.begin(agi)
                for _ in 0..<3 {
                    #expect(await peer.file() != nil)
                    await peer.send("200 result=\(result)\n")
                }
                #expect(await peer.command() == nil)
            }
            try await Self.expectEnd(.notSpoken, readings: 0, in: service)
        }
    }

    @Test("ends where the gateway refuses to play", arguments: ["510 Invalid or unknown command\n", usage])
    func noStreamFile(refusal: String) async throws {
        try await Self.run { service in
            let agi = try await Self.agi(Self.short, of: service)
            try await FastAGIPeer.connect(to: agi) { peer in
                await peer.begin(agi)
                for _ in 0..<3 {
                    #expect(await peer.file() != nil)
                    await peer.send(refusal)
                }
                #expect(await peer.command() == nil)
            }
            try await Self.expectEnd(.notSpoken, readings: 0, in: service)
        }
    }

    /// An engine that has lost the German voice.
    private struct OneVoice: SpeechEngine, VoiceListing {
        let engine = FakeEngine()

        func voices() async throws(EngineError) -> [ListedVoice] { [] }

        func speak(_ utterances: [Utterance], voice: EngineVoice) async throws(EngineError) -> [Speech] {
            guard !voice.name.hasSuffix("de") else { throw EngineError(.crashed, "the engine's process ended") }
            return try await engine.speak(utterances, voice: voice)
        }
    }

    @Test("ends where the voice cannot speak")
    func notSpoken() async throws {
        try await Self.run(engine: OneVoice()) { service in
            let pack = try #require(LanguageTag("de-DE"))
            let now = Int(Date().timeIntervalSince1970)
            let announcement = Announcement(
                content: .code(try VerificationCode("7"), Wording()), locale: pack, pacing: RequestedPacing(),
                readings: 1, longest: 60, issued: now, expires: now + 60, call: CallState(carrier: .fastAGI))
            let port = try #require(try await Self.agi(Self.short, of: service).firstMatch(of: /:(\d+)\//)).1
            let agi = "agi://127.0.0.1:\(port)/" + (try LinkKeyring([TestService.linkKey]).seal(announcement))
            try await FastAGIPeer.connect(to: agi) { peer in
                await peer.begin(agi)
                #expect(await peer.file() == nil)
            }
            try await Self.expectEnd(.notSpoken, readings: 0, in: service)
        }
    }

    // MARK: Bytes

    private static let usage =
        "520-Invalid command syntax.  Proper usage follows:\n Usage: STREAM FILE <filename> <escape digits>\n\n"
        + "    Send the given file, allowing playback to be interrupted\n\n520 End of proper usage.\n"

    @Test(
        "goes on behind whatever the answer to ANSWER is, and whatever noise is around it",
        arguments: [
            "200 result=0\n", "200 result=-1\n", "510 Invalid or unknown command\n", usage, "noise\n200 result=0\r\n",
            "\n\n\u{0}\u{FF}\n200 result=\n200 result=0\nmore noise\n",
            // The reply to a command that was never sent is none to the next.
            "200 result=0\n200 result=0 endpos=123\n", "200 result=0\n510 Invalid\n200 result=-1 endpos=0\n",
        ])
    func noise(reply: String) async throws {
        try await Self.run { service in
            let agi = try await Self.agi(Self.short, of: service)
            try await FastAGIPeer.connect(to: agi) { peer in
                await peer.send(FastAGIPeer.environment(script: FastAGIPeer.script(of: agi)))
                #expect(await peer.command() == "ANSWER")
                await peer.send(reply)
                let file = try #require(await peer.file())
                let duration = try await file.duration(with: service)
                await peer.send("noise\n200 result=\n")
                try await Task.sleep(for: duration)
                // Both in one packet: the second answers nothing.
                await peer.send("200 result=0 endpos=800\n200 result=49 endpos=800\n")
                #expect(await peer.file() == file)
                await peer.send("HANGUP\n")
                #expect(await peer.command() == nil)
            }
            try await Self.expectEnd(.hungUp, readings: 1, keys: 0, in: service)
        }
    }

    @Test("is the same where each byte comes alone")
    func oneByOne() async throws {
        try await Self.run { service in
            let agi = try await Self.agi(Self.short, of: service)
            try await FastAGIPeer.connect(to: agi) { peer in
                func send(_ text: String) async throws {
                    for byte in text.utf8 {
                        await peer.send([byte])
                        try await Task.sleep(for: .microseconds(100))
                    }
                }
                try await send(FastAGIPeer.environment(script: FastAGIPeer.script(of: agi)))
                #expect(await peer.command() == "ANSWER")
                try await send("200 result=0\n")
                let file = try #require(await peer.file())
                try await send("520-Invalid command syntax.\n usage\n520 End of proper usage.\n")
                #expect(await peer.file() == file)
                try await send("200 result=50 endpos=800\n")
                #expect(await peer.file() != file)
                try await send("200 result=-1 endpos=800\nHANGUP\n")
                #expect(await peer.command() == nil)
            }
            try await Self.expectEnd(.hungUp, keys: 1, in: service)
        }
    }

    /// Bytes of all kinds: what means something, pieces of it, and what means nothing.
    static func anyBytes(_ random: inout SeededGenerator) -> [UInt8] {
        let words = [
            "200 result=", "200 result=0\n", "200 result=0 endpos=800\n", "200 result=-1 endpos=0\n", "HANGUP", "\n",
            "\r\n", "510 Invalid\n", "511 Dead\n", "520-", "520 End of proper usage.\n", "200 result=49 endpos=1\n",
            "200 result=-9223372036854775808 endpos=9223372036854775807\n", " endpos=", "agi_arg_1: ", "\n\n",
            "\u{FEFF}",
            "\u{0}", "é\u{301}", "-1", "VERBOSE \"\n",
        ]
        return (0..<Int.random(in: 1...12, using: &random)).flatMap { _ -> [UInt8] in
            switch Int.random(in: 0..<4, using: &random) {
            case 0: (0..<Int.random(in: 0..<40, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
            case 1: Array((words.randomElement(using: &random) ?? "").utf8.dropLast(1))
            default: Array((words.randomElement(using: &random) ?? "").utf8)
            }
        }
    }

    @Test("ends alone, whatever bytes it brings")
    func anything() async throws {
        try await Self.run { service in
            let agi = try await Self.agi(Self.short + #","secondLocale":"de-DE""#, of: service)
            let environment = FastAGIPeer.environment(script: FastAGIPeer.script(of: agi))
            try await FastAGIPeer.connect(to: agi) { bystander in
                await bystander.begin(agi)
                let file = try #require(await bystander.file())
                for seed in 0..<150 as Range<UInt64> {
                    var random = SeededGenerator(seed: seed)
                    try await FastAGIPeer.connect(to: agi) { peer in
                        if seed % 3 > 0 { await peer.send(environment) }
                        if seed % 3 > 1 {
                            _ = await peer.command()
                            await peer.send("200 result=0\n")
                            _ = await peer.command()
                        }
                        for _ in 0..<4 { await peer.send(Self.anyBytes(&random)) }
                    }
                }
                // The first call has gone on meanwhile, within the time that a reply is waited for.
                await bystander.send("200 result=50 endpos=800\n")
                let next = await bystander.file()
                #expect(next != nil && next != file)
            }
            while try await service.metric("speakcode_live_calls") != 0 { try await Task.sleep(for: .milliseconds(20)) }
            try await FastAGIPeer.connect(to: agi) { peer in
                await peer.begin(agi)
                #expect(await peer.file() != nil)
            }
        }
    }
}
