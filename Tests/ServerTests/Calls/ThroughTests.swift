// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import NIOCore
import SpeakCodeTesting
import Synchronization
import TestSupport
import Testing

@testable import SpeakCodeGateways
@testable import SpeakCodeRehearsal

/// The built command, a service in this process, and fakes of gateways behind it.
@Suite("speakcode call --through", .timeLimit(.minutes(5)))
struct ThroughTests {
    private static let (number, from, code) = ("+49301234567", "+4930987654", "735198")

    /// The command as it runs, with the service's settings in a file.
    private final class Command {
        let folder: URL
        private let process = Process()
        private let errors: URL

        init(_ settings: [String: String], _ arguments: [String]) throws {
            folder = FileManager.default.temporaryDirectory.appending(path: "through-\(UUID().uuidString)")
            errors = folder.appending(path: "errors")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try JSONSerialization.data(withJSONObject: settings).write(to: folder.appending(path: "settings.json"))
            try Data().write(to: errors)
            process.executableURL = URL(filePath: BuiltProduct.path(of: "speakcode"))
            process.arguments = ["call"] + arguments + ["--config", "settings.json"]
            process.currentDirectoryURL = folder
            process.standardInput = FileHandle.nullDevice
            process.standardOutput = FileHandle.nullDevice
            process.standardError = try FileHandle(forWritingTo: errors)
            try process.run()
        }

        /// What it has said.
        var said: [String] {
            ((try? String(contentsOf: errors, encoding: .utf8)) ?? "").split(separator: "\n").map {
                String($0).replacing("speakcode: ", with: "")
            }
        }

        /// Waits until it has said something; the test's time limit ends that.
        func says(_ line: String) async throws {
            while !said.contains(line), process.isRunning { try await Task.sleep(for: .milliseconds(10)) }
            #expect(said.contains(line), "\(said)")
        }

        func interrupt() { kill(process.processIdentifier, SIGTERM) }

        /// Waits for its end.
        ///
        /// - Returns: its status and all that it has said.
        func end() async -> (Int32, [String]) {
            while process.isRunning { try? await Task.sleep(for: .milliseconds(10)) }
            defer { try? FileManager.default.removeItem(at: folder) }
            return (process.terminationStatus, said)
        }
    }

    /// A service, a fake of its gateway, and the command that asks for a call.
    private struct Line {
        let fakes: LoopbackGateway
        let service: TestService
        let command: Command
        let signer: GatewaySigner

        /// Lets the call go on by one moment, and reports it as the gateway does.
        func step() async throws -> Bool {
            guard let (_, reports) = fakes.gateway.withLock({ $0.step() }) else { return false }
            for report in reports { try await send(report) }
            return true
        }

        /// Reports what the fake has to report.
        func send(_ report: FakeGateway.Report) async throws {
            let headers = try signer.headers(report.url, report.body, at: Int(Date().timeIntervalSince1970))
            let all = Dictionary([("Content-Type", report.contentType)] + headers) { $1 }
            #expect(try await service.send("POST", report.url, headers: all, body: report.body).status == 204)
        }

        var isPlaced: Bool { fakes.gateway.withLock { !$0.calls.isEmpty } }
    }

    private func line(
        _ kind: FakeGateway.Kind, _ course: FakeCallCourse, _ arguments: [String] = [],
        _ body: (Line) async throws -> Void
    ) async throws {
        let (signer, fakes) = (GatewaySigner(kind: kind), LoopbackGateway(kind, password: ""))
        fakes.gateway.withLock { $0.course = course }
        try await fakes.run { http, _ in
            let gateway = kind == .telnyxTeXML || kind == .telnyxCallControl ? "telnyx" : kind.rawValue
            var settings = CallService.flags.merging(try signer.settings(calling: Self.from)) { $1 }
            settings[gateway + "URL"] = "http://127.0.0.1:\(http)"
            settings["apiKeys"] = "shop:0123456789abcdef"
            try await TestService.run(settings) { service in
                settings["port"] = service.base.split(separator: ":").last.map(String.init)
                let command = try Command(
                    settings, [Self.number, Self.code, "--through", gateway, "--gate", "never"] + arguments)
                try await body(Line(fakes: fakes, service: service, command: command, signer: signer))
            }
        }
    }

    @Test("places the call by the service, and tells of it to its end", arguments: FakeGateway.Kind.allCases)
    func heard(kind: FakeGateway.Kind) async throws {
        try await line(kind, .heard) { line in
            while !line.isPlaced { await Task.yield() }
            _ = try await line.step()
            try await line.command.says("ringing …")
            while try await line.step() {}
            let (status, said) = await line.command.end()
            #expect(status == 0)
            #expect(said.first == "ringing …" && said.last?.hasPrefix("they hung up") == true, "\(said)")
            #expect(line.fakes.gateway.withLock { $0.calls.count } == 1)
        }
    }

    @Test(
        "ends with the status of what became of the call",
        arguments: [
            (FakeCallCourse.busy, 75, "the line is busy"), (.noAnswer, 69, "nobody answered"),
            (.declined, 77, "the call was declined (603 busy)"), (.badNumber, 67, "there is no such address"),
        ])
    func outcomes(course: FakeCallCourse, status: Int32, words: String) async throws {
        try await line(.twilio, course) { line in
            // One that is refused at once is never there.
            while !line.isPlaced, course != .badNumber { await Task.yield() }
            while try await line.step() {}
            let (ended, said) = await line.command.end()
            #expect(ended == status)
            #expect(said.last == words, "\(said)")
            #expect(!said.joined().contains(Self.code) && !said.joined().contains("1234567"))
        }
    }

    @Test("takes the call back by Ctrl-C", arguments: [(FakeCallCourse.ringing, "ringing …"), (.answered, "answered")])
    func interrupted(course: FakeCallCourse, at moment: String) async throws {
        try await line(.twilio, course) { line in
            while !line.isPlaced { await Task.yield() }
            while try await line.step() {}
            try await line.command.says(moment)
            line.command.interrupt()
            let (status, said) = await line.command.end()
            #expect(status == 128 + SIGTERM)
            let words =
                course == .ringing ? "taken back before anybody answered" : "hung up before a reading was whole"
            #expect(said.last == words, "\(said)")
            // The service asks behind its answer.
            while !line.fakes.gateway.withLock({ $0.calls[0].isOver }) { await Task.yield() }
        }
    }

    @Test("counts the readings of a call that the service carries itself")
    func readings() async throws {
        let signalling = FakeSignalling()
        var settings = CallService.flags.merging(["sipFrom": "+4930999", "sipProxy": "sip:127.0.0.1:9"]) { $1 }
        try await TestService.run(settings, signalling: signalling) { service in
            settings["port"] = service.base.split(separator: ":").last.map(String.init)
            let command = try Command(
                settings,
                [
                    Self.number, "4", "--through", "sip", "--gate", "never", "--template", "code-only", "--gap", "0ms",
                    "--pause", "0ms",
                ])
            await signalling.waitForInvitations(1)
            let peer = try UDPPeer()
            signalling.tell(
                .ringing,
                .answered(
                    SIPMedia(host: "127.0.0.1", port: peer.port, rtcpPort: nil, coding: .ulaw, keys: 96)
                ))
            try await command.says("reading 2 was heard")
            signalling.tell(.ended(.hungUp))
            let (status, said) = await command.end()
            #expect(status == 0)
            #expect(said.starts(with: ["ringing …", "answered", "reading 1 was heard", "reading 2 was heard"]))
            #expect(said.last?.wholeMatch(of: /they hung up after \d+ readings/) != nil, "\(said)")
        }
    }

    /// Of a Twilio that nobody reaches.
    private static func settings(_ signer: GatewaySigner) throws -> [String: String] {
        try signer.settings(calling: from).merging(["twilioURL": "http://127.0.0.1:1"]) { $1 }
    }

    private static let refusals: [(settings: [String: String], arguments: [String], status: Int32, words: String)] = [
        (["callPrefixes": "+43"], [number, code], 65, "to "), ([:], ["0301234567", code], 65, "to "),
        ([:], [number, code, "--from", "+491"], 65, "from "), ([:], [number, code, "--gate", "wide"], 65, "gate "),
        ([:], [number, code, "--locale", "nonsense tag"], 65, "locale "),
    ]

    @Test("says what the service refuses, in the service's words, and never the number", arguments: 0..<5)
    func refused(index: Int) async throws {
        let (settings, arguments, status, words) = Self.refusals[index]
        let signer = GatewaySigner(kind: .twilio)
        let given = CallService.flags.merging(try Self.settings(signer)) { $1 }.merging(settings) { $1 }
        try await TestService.run(given) { service in
            let port = service.base.split(separator: ":").last.map(String.init)
            let command = try Command(["port": port ?? ""], arguments + ["--through", "twilio"])
            let (ended, said) = await command.end()
            #expect(ended == status && said.count == 1 && said[0].contains(words), "\(ended) \(said)")
            #expect(!said.joined().contains(Self.code) && !said.joined().contains("1234567"))
        }
    }

    @Test("says that it is too soon")
    func tooSoon() async throws {
        let signer = GatewaySigner(kind: .twilio)
        let given = CallService.flags.merging(try Self.settings(signer)) { $1 }
        try await TestService.run(given.merging(["callWaits": "0,3600"]) { $1 }) { service in
            #expect(try await service.placeCall(#"{"code":"1","to":"\#(Self.number)"}"#).status == 202)
            let port = service.base.split(separator: ":").last.map(String.init)
            let command = try Command(["port": port ?? ""], [Self.number, Self.code, "--through", "twilio"])
            let (ended, said) = await command.end()
            #expect(ended == 75 && said.count == 1, "\(ended) \(said)")
        }
    }

    @Test(
        "is not begun where it cannot be, and says what to do",
        arguments: [
            ([:], ["--through", "twilio", "--times", "2"], 64, "--times cannot be given with --through"),
            ([:], ["--through", "twilio", "--proxy", "sip:h"], 64, "--proxy cannot be given with --through"),
            ([:], [], 64, "--config is for --through"),
            (["port": "0"], ["--through", "twilio"], 78, "publicURL must be set"),
            (["port": "x"], ["--through", "twilio"], 78, "port "),
            (
                ["publicURL": "http://127.0.0.1:1"], ["--through", "twilio"], 68,
                "no service answers at http://127.0.0.1:1"
            ),
        ])
    func wrong(settings: [String: String], arguments: [String], status: Int32, words: String) async throws {
        let command = try Command(settings, [Self.number, Self.code] + arguments)
        let (ended, said) = await command.end()
        #expect(ended == status && said.count == 1 && said[0].contains(words), "\(ended) \(said)")
    }

    @Test("needs a key where the service does")
    func locked() async throws {
        let signer = GatewaySigner(kind: .twilio)
        var settings = CallService.flags.merging(try Self.settings(signer)) { $1 }
        settings["apiKeys"] = "shop:0123456789abcdef"
        try await TestService.run(settings) { service in
            let port = service.base.split(separator: ":").last.map(String.init) ?? ""
            for keys in [[:], ["apiKeys": "shop:fedcba9876543210"]] {
                let command = try Command(
                    keys.merging(["port": port]) { $1 }, [Self.number, Self.code, "--through", "twilio"])
                let (status, said) = await command.end()
                #expect(status == 77 && said.count == 1, "\(status) \(said)")
                #expect(!said.joined().contains("fedcba9876543210"))
            }
        }
    }
}
