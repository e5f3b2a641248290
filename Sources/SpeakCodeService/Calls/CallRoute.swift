// SPDX-License-Identifier: GPL-3.0-or-later

internal import HTTPTypes
internal import SpeakCode
package import SpeakCodeGateways

/// A gateway by which calls are placed, as the operator has set it up.
package struct CallRoute: Sendable {
    /// The operator's name of it, which `through` names.
    package let name: String
    let dialer: any Dialer
    /// How what is read comes to who answers.
    let hearing: Hearing
    /// The numbers that calls may come from, the usual one first; none for the gateway's own.
    let numbers: [String]
    /// How the gateway's reports are read; nil for one that tells over its own socket.
    let reports: Reports?
    /// Refuses an order that the gateway cannot take, before anybody is told that it was accepted.
    let check: @Sendable (CallOrder) throws(DialingError) -> Void

    package init(
        name: String, dialer: any Dialer, hearing: Hearing, numbers: [String] = [], reports: Reports? = nil,
        check: @escaping @Sendable (CallOrder) throws(DialingError) -> Void = { _ in }
    ) {
        (self.name, self.dialer, self.hearing, self.numbers) = (name, dialer, hearing, numbers)
        (self.reports, self.check) = (reports, check)
    }

    /// How an announcement is heard in a call.
    package enum Hearing: Hashable, Sendable {
        case document(CallDocument)
        /// A file with the whole announcement, without keys and without a gate.
        case audio
        case webSocket
        case audioSocket
        case fastAGI
        /// Frames that this node sends itself.
        case local

        /// Whether what is heard is made while it is heard, and no file is fetched for it.
        var isLive: Bool {
            switch self {
            case .webSocket, .audioSocket, .local: true
            case .document, .audio, .fastAGI: false
            }
        }
    }

    /// What a gateway sends of its own accord.
    package struct Reports: Sendable {
        /// What a report says; nil for what is none.
        let read: @Sendable (_ query: String, _ body: [UInt8]) -> CallReport?
        /// What it must be signed by; nil where the operator has set no secret.
        let signing: (any RequestSigning)?

        package init(
            read: @escaping @Sendable (_ query: String, _ body: [UInt8]) -> CallReport?,
            signing: (any RequestSigning)?
        ) {
            (self.read, self.signing) = (read, signing)
        }
    }

    /// What the telephone shows, of the numbers that it may.
    ///
    /// - Throws: ``Problem``.
    func from(_ wanted: String?) throws(Problem) -> String? {
        guard let wanted else { return numbers.first }
        guard numbers.contains(wanted) else {
            throw .field("from", "must be one of the operator's numbers at \(name), as they are written there")
        }
        return wanted
    }
}

/// The gateways of a service, and which number goes through which.
struct CallRoutes: Sendable {
    /// In the operator's order.
    let all: [CallRoute]
    /// Beginnings of numbers, with their plus, and of addresses, such as `sip:pbx.example.net`, and the names of the gateways
    /// that they lead to.
    let prefixes: [(prefix: String, name: String)]
    /// The name of the gateway for all others; nil for the first.
    let usual: String?

    init(_ all: [CallRoute] = [], prefixes: [(prefix: String, name: String)] = [], usual: String? = nil) {
        (self.all, self.prefixes, self.usual) = (all, prefixes, usual)
    }

    subscript(name: String) -> CallRoute? { all.first { $0.name == name } }

    /// The gateway for a call: the one that is asked for, else that of the longest beginning, else the usual one.
    ///
    /// - Throws: ``Problem`` where there is none.
    func route(to party: CalledParty, through name: String?) throws(Problem) -> CallRoute {
        guard !all.isEmpty else { throw Self.none }
        if let name {
            guard let route = self[name] else {
                throw .field("through", "must be one of \(all.map(\.name).joined(separator: ", "))")
            }
            return route
        }
        // An address goes by its host, and a number by itself.
        let beginning = party.host.map { "sip:" + $0 } ?? party.number?.e164 ?? ""
        let longest = prefixes.filter { beginning.hasPrefix($0.prefix) }.max { $0.prefix.count < $1.prefix.count }
        guard let route = longest.flatMap({ self[$0.name] }) ?? usual.flatMap({ self[$0] }) ?? all.first else {
            throw Self.none
        }
        return route
    }

    private static let none = Problem(
        .serviceUnavailable, "no-gateway", "this service places no calls: the operator has set up no gateway that dials"
    )
}
