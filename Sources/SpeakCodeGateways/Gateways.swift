// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCodeLinks

/// The gateways that are spoken to here.
package enum Gateways {
    /// All of them: the one list.
    package static let all: [any Gateway] = [
        Twilio(), SignalWire(), Plivo(), Telnyx(), Vonage(), Jambonz(), FreeSWITCH(), Asterisk(), Browser(),
    ]

    /// The documents of all, each once, by their numbers: in the order in which they came to be.
    package static let documents: [CallDocument] =
        Set(all.compactMap(\.document)).sorted { $0.carrier.number < $1.carrier.number }

    private static let documentsByName = Dictionary(uniqueKeysWithValues: documents.map { ($0.name, $0) })

    /// The document of a name, such as `twiml`.
    package static func document(named name: some StringProtocol) -> CallDocument? { documentsByName[String(name)] }

    /// How they sign, of those who do.
    package static let signings: [GatewaySigning] = all.compactMap(\.signing)

    /// What is set for those who dial, and for SIP without any, each setting once, without those by which gateways' signatures are checked.
    package static let dialingSettings: [GatewaySetting] = {
        var known = Set(signings.map(\.setting))
        return
            (all.flatMap { ($0.dialing?.settings ?? []) + ($0.socketDialing?.settings ?? []) }
            + SIPAccount.calls.settings)
            .filter { known.insert($0.key).inserted }
    }()

    // MARK: Media

    private static let mediaDialects = all.compactMap(\.mediaDialect)

    /// The subprotocols by which they name what they speak over a WebSocket.
    package static let subprotocols: [String] = mediaDialects.flatMap { $0.subprotocols }

    /// The dialect of a subprotocol; nil where it is to be seen from what is said.
    package static func dialect(of subprotocol: String?) -> (any MediaStreamDialect)? {
        guard let subprotocol else { return nil }
        return mediaDialects.first { $0.subprotocols.contains(subprotocol) }.map { $0.init() }
    }

    /// The dialect of a gateway's first words; nil for one that is not spoken here.
    package static func dialect(beginning text: [UInt8]) -> (any MediaStreamDialect)? {
        guard let opening = MediaOpening(text) else { return nil }
        return mediaDialects.first { $0.begins(with: opening) }.map { $0.init() }
    }
}
