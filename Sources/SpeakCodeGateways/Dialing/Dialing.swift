// SPDX-License-Identifier: GPL-3.0-or-later

package import HTTPTypes

/// How a gateway places calls by requests over HTTP, as values: one sender sends them all, and a table tests them.
///
/// It is made of the gateway's settings, which it checks; secrets are in its requests and nowhere else.
package protocol Dialing: Sendable {
    /// The numbers that calls may come from, the first where an order names none.
    var numbers: [String] { get }

    /// What an order is to let be heard.
    var hears: HeardMeans { get }

    /// Seconds in which ``create(_:)`` may be sent again where its answer did not come: the gateway knows the order by its
    /// id, and places the call once. Nil where it does not.
    var repeatableFor: Int? { get }

    /// What the gateway is asked about these settings before anybody is called, in turn; an account that is refused ends it.
    var checks: [SetupCheck] { get }

    /// What of the settings the gateway cannot be asked about.
    var unchecked: [SetupVerdict] { get }

    /// Whether the gateway comes from the Internet, and reaches no address of a private network.
    var isOnInternet: Bool { get }

    /// The request that places a call.
    func create(_ order: CallOrder) throws(DialingError) -> GatewayRequest

    /// What the answer to ``create(_:)`` says.
    func placed(_ answer: GatewayAnswer) -> PlacedCall

    /// The request that ends a call, or takes it back while it rings.
    ///
    /// - Parameters:
    ///   - id: the gateway's name of it.
    ///   - isAnswered: whether it was answered, as far as we know; some gateways have another request then.
    func hangUp(_ id: String, isAnswered: Bool) -> GatewayRequest

    /// The request that asks whether a call was placed whose ``create(_:)`` had no answer.
    ///
    /// - Returns: nil where a gateway cannot be asked.
    func lookUp(_ order: CallOrder) -> GatewayRequest?

    /// The gateway's name of the call in the answer to ``lookUp(_:)``; nil where it knows of none.
    func found(_ answer: GatewayAnswer, _ order: CallOrder) -> String?

    /// What a request of the gateway's to ``CallOrder/reportTo`` says.
    ///
    /// - Parameters:
    ///   - query: without its question mark.
    ///   - body: a form, or JSON.
    func report(query: String, body: [UInt8]) -> CallReport?
}

extension Dialing {
    package var hears: HeardMeans { .document }
    package var repeatableFor: Int? { nil }
    package var checks: [SetupCheck] { [] }
    package var unchecked: [SetupVerdict] { [] }
    package var isOnInternet: Bool { true }
    package func lookUp(_ order: CallOrder) -> GatewayRequest? { nil }
    package func found(_ answer: GatewayAnswer, _ order: CallOrder) -> String? { nil }
}

/// By what a gateway lets be heard what is said in a call.
package enum HeardMeans: Hashable, Sendable {
    /// ``CallOrder/Heard/document(_:)``, of the gateway's own kind.
    case document
    /// ``CallOrder/Heard/audio(_:)``.
    case audio
}

/// A request to a gateway.
///
/// It does not show itself, since its headers have secrets and its body a number.
package struct GatewayRequest: Hashable, Sendable {
    package var method: HTTPRequest.Method
    /// The whole address.
    package var url: String
    package var headers: HTTPFields
    package var body: [UInt8]

    package init(_ method: HTTPRequest.Method, _ url: String, headers: HTTPFields = [:], body: [UInt8] = []) {
        (self.method, self.url, self.headers, self.body) = (method, url, headers, body)
    }
}

extension GatewayRequest: CustomStringConvertible, CustomReflectable {
    package var description: String { "GatewayRequest(\(method.rawValue))" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// A gateway's answer.
package struct GatewayAnswer: Hashable, Sendable {
    package var status: Int
    package var headers: HTTPFields
    package var body: [UInt8]

    package init(status: Int, headers: HTTPFields = [:], body: [UInt8] = []) {
        (self.status, self.headers, self.body) = (status, headers, body)
    }
}

extension GatewayAnswer: CustomStringConvertible, CustomReflectable {
    package var description: String { "GatewayAnswer(\(status))" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// What became of a request to place a call.
package enum PlacedCall: Hashable, Sendable {
    /// The gateway took it, and names it so.
    case placed(String)
    /// It did not, and will not: no call is made.
    case refused(CallEnd)
    /// It has too much to do; no call is made, and may be asked for again behind so many seconds.
    case busy(after: Int)
    /// Nobody can tell: it is looked up, and never asked for again.
    case unknown
}

/// What a gateway reports of a call, of its own accord.
package struct CallReport: Hashable, Sendable {
    /// The gateway's name of the call; nil where it tells none.
    package var call: String?
    package var progress: [CallProgress]
    /// Which of the gateway's reports it is, counted up, where it counts: what comes late is told by it.
    package var sequence: Int?

    package init(of call: String?, _ progress: [CallProgress], sequence: Int? = nil) {
        (self.call, self.progress, self.sequence) = (call, progress, sequence)
    }
}

/// Why a call cannot be asked for: nothing was sent.
package struct DialingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The field of the order, or the setting.
    package let field: String
    /// What to do.
    package let problem: String

    package init(_ field: String, _ problem: String) {
        (self.field, self.problem) = (field, problem)
    }

    package var description: String { "\(field) \(problem)" }
}
