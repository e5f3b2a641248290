// SPDX-License-Identifier: GPL-3.0-or-later

import HTTPTypes
import Testing

@testable import SpeakCodeGateways

/// What a gateway that dials is asked, byte for byte, and what it says.
struct DialingFixture: Sendable, CustomTestStringConvertible {
    /// The gateway's name, and which of its ways where it has several.
    let testDescription: String
    let gateway: String
    let settings: [String: String]
    /// Those of them that nothing shows.
    let secrets: [String]
    /// The request that places ``order(detectsMachine:)``, without and with machine detection.
    let created: [Expected]
    let hungUp: (ringing: Expected, answered: Expected)
    var lookedUp: Expected?
    /// Answers to a look-up, and the name of the call in them.
    var found: [(body: String, id: String?)] = []
    let answers: [Answer]
    let reports: [Report]

    struct Expected: Sendable {
        let method: HTTPRequest.Method
        let url: String
        var headers: HTTPFields
        let body: String

        init(_ method: HTTPRequest.Method, _ url: String, _ headers: HTTPFields, _ body: String = "") {
            (self.method, self.url, self.headers, self.body) = (method, url, headers, body)
            self.headers[.accept] = "application/json"
        }

        var request: GatewayRequest { GatewayRequest(method, url, headers: headers, body: Array(body.utf8)) }
    }

    struct Answer: Sendable {
        let status: Int
        var headers: HTTPFields = [:]
        let body: String
        let means: PlacedCall
    }

    struct Report: Sendable {
        var query = ""
        let body: String
        let means: CallReport?
    }

    static let number = "+4930123456"
    static let from = "+4930987654"
    static let document = "https://codes.example.net/c/SEALED.twiml"
    static let reportTo = "https://codes.example.net/r/SEALED?x=1&y=2"
    static let id = "0b0c5a52-7a6e-4d55-9c0f-0a8a1d0d7f11"

    var hears = HeardMeans.document

    func order(
        to callee: CallOrder.Callee = .number(number), from: String? = nil, detectsMachine: Bool = false
    ) -> CallOrder {
        CallOrder(
            id: Self.id, to: callee, from: from, timeout: 30, longest: 600,
            heard: hears == .audio ? .audio("https://codes.example.net/a/SEALED.wav") : .document(Self.document),
            reportTo: Self.reportTo, detectsMachine: detectsMachine)
    }

    func dialing(_ changed: [String: String] = [:]) throws -> any Dialing {
        let gateway = Gateways.all.first { $0.name == self.gateway }
        guard
            let dialing = try gateway?.dialing?.dialing(
                with: settings.merging(changed) { $1 }, now: { 1_700_000_000 })
        else { throw DialingError(self.gateway, "does not dial") }
        return dialing
    }

    static let all: [DialingFixture] = [.twilio, .signalwire, .texml, .callControl, .plivo, .vonage, .jambonz]
}
