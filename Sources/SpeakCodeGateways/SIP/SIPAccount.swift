// SPDX-License-Identifier: GPL-3.0-or-later

/// Who calls over SIP, and through whom.
///
/// It does not show itself, since it has a password.
package struct SIPAccount: Sendable {
    /// Who it is for those who ask by a digest; nil for nobody.
    package var user: String?
    package var password: String?
    /// Where every request goes first; numbers are called at its host.
    package var proxy: SIPAddress?
    /// Where this account registers; nil where it does not.
    package var registrar: SIPAddress?
    /// The port on which it listens; nil for any.
    package var port: Int?
    /// Who calls, the usual one first: addresses, and numbers at ``proxy``'s or ``registrar``'s host.
    package var callers: [String]
    /// Whether real-time text is offered beside the sound (RFC 4103).
    package var offersText: Bool

    package init(
        user: String? = nil, password: String? = nil, proxy: SIPAddress? = nil, registrar: SIPAddress? = nil,
        port: Int? = nil, callers: [String] = [], offersText: Bool = true
    ) {
        (self.user, self.password, self.proxy) = (user, password, proxy)
        (self.registrar, self.port, self.callers, self.offersText) = (registrar, port, callers, offersText)
    }

    /// The address at which somebody is called.
    package func address(of callee: CallOrder.Callee) throws(DialingError) -> SIPAddress {
        switch callee {
        case .sip(let text): return try SIPAddress(text, field: "to")
        case .number(let number):
            guard let proxy else {
                throw DialingError("to", "is a number, for which SIP needs a proxy (sipProxy)")
            }
            return SIPAddress(user: number, host: proxy.host, port: proxy.port, isPhone: true)
        }
    }

    /// The address that calls, of an order or of the account; nil for who the stack is.
    package func caller(of order: CallOrder) throws(DialingError) -> SIPAddress? {
        try (order.from ?? callers.first).map { text throws(DialingError) in try caller(text, field: "from") }
    }

    private func caller(_ text: String, field: String) throws(DialingError) -> SIPAddress {
        guard !text.contains("@"), !text.lowercased().hasPrefix("sip:") else {
            return try SIPAddress(text, field: field)
        }
        guard let home = proxy ?? registrar else {
            throw DialingError(
                field, "must be such as sip:codes@example.net where there is neither sipProxy nor sipRegistrar")
        }
        return try SIPAddress("sip:\(text)@\(home.place)", field: field)
    }

    /// Refuses an order that cannot be called.
    package func check(_ order: CallOrder) throws(DialingError) {
        _ = try address(of: order.callee)
        _ = try caller(of: order)
    }
}

extension SIPAccount {
    /// By which name calls go over SIP, among those of gateways.
    package static let route = "sip"

    /// What an operator sets up for calls over SIP.
    package static let calls = GatewayDialing<SIPAccount>([
        GatewaySetting(
            "sipFrom",
            "who calls over SIP, such as sip:codes@example.net or +4930123456, the first by default; turns SIP on",
            .list),
        GatewaySetting(
            "sipProxy",
            "where calls over SIP go first, such as sip:pbx.example.net;transport=tls; needed to call numbers"),
        GatewaySetting("sipRegistrar", "where to register before the first call, such as sip:pbx.example.net"),
        GatewaySetting("sipUser", "who this service is to a proxy or registrar that asks; else nobody"),
        GatewaySetting("sipPassword", "the password of sipUser", .secret),
        GatewaySetting(
            "sipText",
            "whether calls over SIP offer real-time text (RFC 4103) beside the sound: true, the default, or false"),
    ]) { values throws(DialingError) in
        var account = SIPAccount(
            user: values["sipUser"], password: values["sipPassword"], proxy: try values.address(ofSIP: "sipProxy"),
            registrar: try values.address(ofSIP: "sipRegistrar"),
            callers: (values["sipFrom"] ?? "").split(separator: ",").map(String.init),
            offersText: try values.flag("sipText", usually: true))
        guard (account.user == nil) == (account.password == nil) else {
            throw DialingError(account.user == nil ? "sipUser" : "sipPassword", "must be set as well")
        }
        for (key, text) in [("sipUser", account.user), ("sipPassword", account.password)] {
            // What libre has room for; and neither may end a header's line.
            guard text?.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) ?? true, (text?.utf8.count ?? 0) < 128 else {
                throw DialingError(key, "must have less than 128 bytes, and no control characters")
            }
        }
        for caller in account.callers { _ = try account.caller(caller, field: "sipFrom") }
        return account
    }
}

extension DialingValues {
    /// An address of SIP; nil where there is none.
    fileprivate func address(ofSIP key: String) throws(DialingError) -> SIPAddress? {
        try self[key].map { text throws(DialingError) in try SIPAddress(text, field: key) }
    }
}

extension SIPAccount: CustomStringConvertible, CustomReflectable {
    package var description: String { "a SIP account" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
