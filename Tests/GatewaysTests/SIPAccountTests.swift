// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import SpeakCodeGateways

@Suite("An account of SIP")
struct SIPAccountTests {
    private static let trunk = [
        "sipFrom": "+4930123456,sip:codes@pbx.example.net", "sipProxy": "sip:pbx.example.net:5061;transport=tls",
        "sipRegistrar": "sip:pbx.example.net", "sipUser": "codes", "sipPassword": "sesame!",
    ]

    private func account(_ changes: [String: String] = [:]) throws -> SIPAccount? {
        try SIPAccount.calls.dialing(with: Self.trunk.merging(changes) { $1 }) { 0 }
    }

    private func order(_ callee: CallOrder.Callee, from: String? = nil) -> CallOrder {
        CallOrder(id: "1", to: callee, from: from, heard: .local)
    }

    @Test("is there once it is said who calls")
    func made() throws {
        #expect(try account(["sipFrom": ""]) == nil)
        let account = try #require(try account())
        #expect(account.user == "codes" && account.password == "sesame!" && account.callers.count == 2)
        #expect(account.proxy?.transport == .tls && account.registrar?.host == "pbx.example.net")
    }

    @Test("calls a number at its proxy's host, from a number there or an address of its own")
    func numbers() throws {
        let account = try #require(try account())
        let number = CallOrder.Callee.number("+4989654321")
        #expect(try account.address(of: number).uri == "sip:+4989654321@pbx.example.net:5061;user=phone")
        #expect(try account.caller(of: order(number))?.uri == "sip:+4930123456@pbx.example.net")
        let other = order(number, from: "sip:codes@pbx.example.net")
        #expect(try account.caller(of: other)?.uri == "sip:codes@pbx.example.net")
    }

    @Test("calls addresses without a proxy, and no numbers")
    func addresses() throws {
        let account = try #require(
            try SIPAccount.calls.dialing(with: ["sipFrom": "sip:codes@pbx.example.net"]) { 0 })
        #expect(try account.address(of: .sip("sip:anna@h:5070;transport=tcp")).port == 5070)
        let error = #expect(throws: DialingError.self) { try account.check(order(.number("+4989654321"))) }
        #expect(error?.field == "to" && error?.description.contains("4321") == false)
        #expect(throws: DialingError.self) { try account.check(order(.sip("sip:anna@h;maddr=10.0.0.1"))) }
    }

    @Test(
        "refuses a setting that it cannot take, and does not repeat it",
        arguments: [
            ("sipFrom", "sip:"), ("sipFrom", "a b@h"), ("sipFrom", "sip:a@h;x=y"), ("sipProxy", "sips:h"),
            ("sipProxy", "h;transport=sctp"), ("sipRegistrar", "h:0"), ("sipPassword", ""), ("sipUser", ""),
            ("sipPassword", "a\r\nb"), ("sipUser", String(repeating: "u", count: 128)),
            ("sipText", "perhaps"), ("sipText", "1"),
        ])
    func unusable(key: String, value: String) {
        let error = #expect(throws: DialingError.self) { _ = try account([key: value]) }
        #expect(error?.field == key)
        if value.count > 4 { #expect(error?.description.contains(value) == false) }
    }

    @Test("offers text unless it is told not to", arguments: [("", true), ("true", true), ("false", false)])
    func text(value: String, offersText: Bool) throws {
        #expect(try account(["sipText": value])?.offersText == offersText)
    }

    @Test("needs a home for numbers that call")
    func homeless() {
        let error = #expect(throws: DialingError.self) {
            _ = try account(["sipProxy": "", "sipRegistrar": ""])
        }
        #expect(error?.field == "sipFrom")
    }

    @Test("shows neither its password nor who calls")
    func silent() throws {
        let account = try #require(try account())
        var text = "\(account) \(String(reflecting: account))"
        dump(account, to: &text)
        #expect(!text.contains("sesame") && !text.contains("30123456"))
    }
}
