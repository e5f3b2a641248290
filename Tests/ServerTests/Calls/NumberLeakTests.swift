// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCodeGateways
import SpeakCodeTesting
import Synchronization
import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

@Suite("The number that is called")
struct NumberLeakTests {
    private static let numbers = [
        "+493023125417", "+4915123457689", "+81 90-8765-4312", "sip:+493087651243@pbx.example.net",
    ]
    private static let code = "735198"

    /// The part of a number that is a person's, without its country's code and what separates its digits.
    private static func digits(_ number: String) -> String {
        String(number.prefix { $0 != "@" }.filter(\.isNumber).dropFirst(4))
    }

    @Test(
        "stands in no log line, answer, metric or file, wherever a client or a gateway puts it", .timeLimit(.minutes(2))
    )
    func nowhere() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "calls").path
        let seen = Mutex("")
        let dialer = FakeDialer()
        let flags = CallService.flags.merging(
            ["callsFile": file, "callPrefixes": "+49,+81,sip:pbx.example.net", "callWaits": "60"]
        ) { $1 }
        try await TestService.run(flags, routes: [CallService.route(dialer)]) { service in
            func note(_ answer: TestService.Answer) -> TestService.Answer {
                let headers = answer.headers.map { "\($0.key): \($0.value)" }.joined(separator: "\n")
                seen.withLock { $0 += headers + "\n" + answer.text + "\n" }
                return answer
            }
            for (index, number) in Self.numbers.enumerated() {
                let (digits, body) = (Self.digits(number), #"{"code":"\#(Self.code)","to":"\#(number)"}"#)
                let answer = note(try await service.placeCall(body, key: "key-\(index)"))
                #expect(answer.status == 202)
                // The same again, too soon, with another body, and with the number everywhere.
                _ = note(try await service.placeCall(body, key: "key-\(index)"))
                _ = note(try await service.placeCall(body))
                for wrong in [
                    #"{"code":"\#(Self.code)","to":"\#(number)","from":"\#(number)"}"#,
                    #"{"code":"\#(Self.code)","to":"\#(number)","through":"\#(digits)"}"#,
                    #"{"code":"\#(Self.code)","to":"\#(number)","events":"https://x/\#(digits)"}"#,
                    #"{"code":"\#(Self.code)","to":"\#(number)x\#(digits)"}"#, #"{"\#(digits)":"\#(number)"}"#, digits,
                ] {
                    _ = note(try await service.placeCall(wrong))
                    _ = note(try await service.placeCall(wrong, key: "key-\(index)"))
                }
                _ = note(try await service.placeCall(body, key: digits))
                for path in [
                    "/v1/calls/\(digits)", "/v1/calls/\(digits)/events", "/v1/reports/\(digits)", "/v1/calls\(digits)",
                ] {
                    _ = note(try await service.get(path))
                }
                await dialer.waitForOrders(index + 1)
                let order = try #require(dialer.orders.last)
                let report = try #require(order.reportTo)
                for text in ["1 ringing \(digits)", "From=\(digits)&To=\(digits)", "2 answered"] {
                    _ = note(try await service.send("POST", report + "?To=\(digits)", body: Array(text.utf8)))
                }
                dialer.tell(.ended(CallEnd(.failed, cause: "no route to \(number)")), of: order.id)
                let links: [String: String] = try answer.field("links")
                _ = note(try await service.get(try #require(links["call"])))
                _ = note(try await service.get(try #require(links["events"])))
                _ = note(try await service.send("DELETE", try #require(links["call"])))
            }
            _ = note(try await service.get("/metrics"))
            let places = [
                ("the log", service.log.all.joined(separator: "\n")), ("answers", seen.withLock { $0 }),
                ("the file", try String(contentsOfFile: file, encoding: .utf8)),
                (
                    "the folder",
                    try FileManager.default.contentsOfDirectory(atPath: folder.path).joined(separator: "\n")
                ),
            ]
            for (name, text) in places {
                #expect(!text.isEmpty, "\(name) could be read")
                for number in Self.numbers {
                    #expect(!text.contains(Self.digits(number)), "in \(name)")
                }
                #expect(!text.contains(Self.code), "in \(name)")
            }
            // What is said of each: its country's code, and a name that tells it to nobody.
            let placed = service.log.all.filter { $0.contains("call placed") }
            #expect(placed.count == Self.numbers.count)
            #expect(placed.allSatisfy { $0.contains("country=+49") || $0.contains("country=+81") })
        }
    }
}
