// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCodeGateways
internal import SpeakCodeLinks

/// What the operator has set up for calls, beside whom they may be to.
struct CallTerms: Sendable {
    var routes = CallRoutes()
    /// Where events may go, the usual address first.
    var webhooks: [String] = []
    /// This node's name in the names of its calls; empty for none.
    var node = ""
    /// Seconds that an answered call may last.
    var longest = 600

    /// Where a call's events go.
    ///
    /// - Throws: ``Problem``.
    func webhook(_ wanted: String?) throws(Problem) -> String? {
        guard let wanted else { return webhooks.first }
        guard webhooks.contains(wanted) else {
            throw .field("events", "must be one of the operator's addresses (callEvents), as they are written there")
        }
        return wanted
    }
}

/// The names of calls, as they stand in addresses: the node's name in clear, so that a balancer can find it, then what is
/// sealed.
struct CallNames: Sendable {
    let ring: LinkKeyring

    /// The names that a call has when it is asked for under a key: each replica gives it the same, under each link key one.
    func identifiers(of caller: String, under key: IdempotencyKey) -> [CallID] {
        // No caller's name has a blank.
        ring.tags(of: Array("call \(caller) \(key.text)".utf8)).compactMap { CallID(digest: $0) }
    }

    /// What a body is known by, under each link key.
    func digests(of body: [UInt8]) -> [[UInt8]] {
        ring.tags(of: Array("call body ".utf8) + body).map { Array($0.prefix(8)) }
    }

    /// What a caller is known by, under each link key.
    func owners(_ caller: String) -> [[UInt8]] {
        ring.tags(of: Array("call of \(caller)".utf8)).map { Array($0.prefix(CallTicket.ownerLength)) }
    }

    /// What an address of the operator's is known by.
    static func digest(ofWebhook address: String?) -> UInt32 {
        guard let address else { return 0 }
        // FNV-1a: a name for one of a few addresses, and no secret.
        return max(1, address.utf8.reduce(2_166_136_261) { ($0 ^ UInt32($1)) &* 16_777_619 })
    }

    /// A name for a use.
    ///
    /// - Throws: as ``LinkKeyring/seal(_:)``.
    func name(_ ticket: CallTicket, for use: CallTicket.Use) throws -> String {
        var ticket = ticket
        ticket.use = use
        let sealed = try ring.seal(ticket)
        return ticket.node.isEmpty ? sealed : "\(ticket.node).\(sealed)"
    }

    /// What a name was sealed for this use with; nil for a name that none of the keys has sealed.
    func ticket(_ name: some StringProtocol, for use: CallTicket.Use) -> CallTicket? {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let sealed = parts.last, let ticket = ring.open(sealed, for: use),
            ticket.node == (parts.count == 2 ? String(parts[0]) : "")
        else { return nil }
        return ticket
    }
}
