// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCodeTesting
import Synchronization
import Testing

@testable import SpeakCodeRehearsal

/// Calls through fakes of gateways, and what is reported of them: by the gateway, and by somebody else.
@Suite("A report of a gateway, at the address that it was told")
struct ReportSignatureTests {
    private static let number = "+4930987654"

    /// A call that a service has placed, and its gateway's first report of it.
    private struct Reported {
        let service: TestService
        let call: String
        let report: FakeGateway.Report

        /// Sends a report to the service.
        ///
        /// - Returns: the status of the answer.
        func send(_ headers: [(String, String)], body: [UInt8]? = nil, to url: String? = nil) async throws -> Int {
            let all = Dictionary([("Content-Type", report.contentType)] + headers) { $1 }
            return try await service.send("POST", url ?? report.url, headers: all, body: body ?? report.body).status
        }

        /// How far the service thinks that the call is.
        var status: String {
            get async throws { try await service.get(call).field("status") }
        }
    }

    private func call(_ signer: GatewaySigner, _ body: (Reported) async throws -> Void) async throws {
        let fakes = LoopbackGateway(signer.kind, password: "")
        try await fakes.run { http, _ in
            var settings = CallService.flags.merging(try signer.settings(calling: Self.number)) { $1 }
            for name in ["twilio", "signalwire", "telnyx", "plivo", "vonage", "jambonz"] {
                settings[name + "URL"] = "http://127.0.0.1:\(http)"
            }
            if signer.kind != .signalwire { settings["signalwireURL"] = nil }
            if signer.kind != .jambonz { settings["jambonzURL"] = nil }
            try await TestService.run(settings) { service in
                let answer = try await service.placeCall(#"{"code":"735198","to":"+49301234567","gate":"never"}"#)
                try #require(answer.status == 202, "\(answer.text)")
                let links: [String: String] = try answer.field("links")
                // It is asked behind the answer; the test's time limit ends that.
                while fakes.gateway.withLock({ $0.calls.isEmpty }) { await Task.yield() }
                let report = try #require(fakes.gateway.withLock { $0.step() }?.reports.first)
                try await body(Reported(service: service, call: try #require(links["call"]), report: report))
            }
        }
    }

    @Test("is taken where the gateway has signed it", .timeLimit(.minutes(1)), arguments: FakeGateway.Kind.allCases)
    func signed(kind: FakeGateway.Kind) async throws {
        let signer = GatewaySigner(kind: kind)
        try await call(signer) { reported in
            let (report, now) = (reported.report, Int(Date().timeIntervalSince1970))
            #expect(try await reported.status == "queued")
            let headers = try signer.headers(report.url, report.body, at: now)
            #expect(try await reported.send(headers) == 204)
            #expect(try await reported.status == "ringing")
        }
    }

    @Test(
        "is refused where somebody else has, or nobody, and changes nothing", .timeLimit(.minutes(1)),
        arguments: FakeGateway.Kind.allCases)
    func forged(kind: FakeGateway.Kind) async throws {
        let signer = GatewaySigner(kind: kind)
        let timed = [.telnyxTeXML, .telnyxCallControl, .vonage, .jambonz].contains(kind)
        try await call(signer) { reported in
            let (report, now) = (reported.report, Int(Date().timeIntervalSince1970))
            let headers = try signer.headers(report.url, report.body, at: now)
            #expect(try await reported.send([]) == 403, "not signed")
            for index in headers.indices {
                var headers = headers
                headers[index].1 = ""
                #expect(try await reported.send(headers) == 403, "with an empty \(headers[index].0)")
                // One letter of its middle is another.
                let (name, value) = try signer.headers(report.url, report.body, at: now)[index]
                let middle = value.index(value.startIndex, offsetBy: value.count / 2)
                let other = value[middle] == "1" ? "2" : "1"
                headers[index] = (name, value[..<middle] + other + value[value.index(after: middle)...])
                #expect(try await reported.send(headers) == 403, "with a wrong \(name)")
                headers.remove(at: index)
                #expect(try await reported.send(headers) == 403, "without \(name)")
            }
            let other = try GatewaySigner(kind: kind).headers(report.url, report.body, at: now)
            #expect(try await reported.send(other) == 403, "by another key")
            let text = String(decoding: report.body, as: UTF8.self)
            let changed = text.replacing("ringing", with: "busy").replacing("initiated", with: "answered") + " "
            #expect(try await reported.send(headers, body: Array(changed.utf8)) == 403, "with another body")
            #expect(try await reported.send(headers, body: []) == 403, "without its body")
            if timed {
                let old = try signer.headers(report.url, report.body, at: now - 301)
                #expect(try await reported.send(old) == 403, "five minutes old")
            } else {
                // Those that sign no time sign the address.
                #expect(try await reported.send(headers, to: report.url + "?x=1") == 403, "at another address")
            }
            // Well signed, for a call that there is not.
            let elsewhere = String(report.url.dropLast(4)) + "AAAA"
            let sealed = try signer.headers(elsewhere, report.body, at: now)
            #expect(try await reported.send(sealed, to: elsewhere) == 404)
            #expect(try await reported.status == "queued")
            let service = reported.service
            #expect(try await !service.get("/metrics").text.contains("speakcode_call_reports_total{"))
            #expect(!service.log.all.contains { $0.contains("4930123456") || $0.contains("735198") })
        }
    }
}
