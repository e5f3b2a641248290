// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import SpeakCodeGateways

@Suite("A status of SIP")
struct SIPStatusTests {
    /// Those that say more than that a call failed (RFC 3261, section 21; RFC 8197 and 8688 for 607 and 608).
    static let telling: [(status: Int, outcome: CallOutcome)] = [
        (403, .rejected), (404, .invalidNumber), (408, .noAnswer), (410, .invalidNumber), (480, .noAnswer),
        (484, .invalidNumber), (485, .invalidNumber), (486, .busy), (487, .canceled), (600, .busy), (603, .rejected),
        (604, .invalidNumber), (607, .rejected), (608, .rejected),
    ]

    @Test("says how a call ended, and any other that it failed")
    func outcomes() {
        let telling = Dictionary(uniqueKeysWithValues: Self.telling.map { ($0.status, $0.outcome) })
        for status in 300...699 {
            #expect(SIPStatus.outcome(status) == telling[status] ?? .failed, "\(status)")
            #expect(SIPStatus.end(status).outcome == SIPStatus.outcome(status))
            #expect(SIPStatus.end(status).sipStatus == status)
        }
    }

    @Test("tells apart what a gateway calls busy or failed", arguments: telling)
    func refines(status: Int, outcome: CallOutcome) {
        #expect(CallOutcome.failed.refined(by: status) == outcome)
        #expect(CallOutcome.busy.refined(by: status) == outcome)
    }

    @Test("changes nothing where it says no more, and no other word of a gateway's")
    func keeps() {
        for status in 300...699 where !Self.telling.contains(where: { $0.status == status }) {
            #expect(CallOutcome.failed.refined(by: status) == .failed, "\(status)")
            #expect(CallOutcome.busy.refined(by: status) == .busy, "\(status)")
        }
        for outcome in CallOutcome.allCases where outcome != .busy && outcome != .failed {
            for telling in Self.telling { #expect(outcome.refined(by: telling.status) == outcome) }
        }
        #expect(CallOutcome.busy.refined(by: nil) == .busy)
    }
}
