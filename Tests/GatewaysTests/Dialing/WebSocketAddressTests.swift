// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCodeGateways
import Testing

@Suite("The address of a WebSocket")
struct WebSocketAddressTests {
    @Test(
        "has a host, a port and a path",
        arguments: [
            ("ws://127.0.0.1:8088/ari/events?app=a", "127.0.0.1", 8088, false, "/ari/events?app=a"),
            ("ws://pbx.example/events", "pbx.example", 80, false, "/events"),
            ("wss://pbx.example/events", "pbx.example", 443, true, "/events"),
            ("wss://[2001:db8::1]:8089/e", "2001:db8::1", 8089, true, "/e"),
            ("ws://[::1]/e", "::1", 80, false, "/e"),
        ])
    func parts(url: String, host: String, port: Int, usesTLS: Bool, path: String) throws {
        let address = try #require(WebSocketAddress(url))
        #expect((address.host, address.port, address.path) == (host, port, path))
        #expect(address.usesTLS == usesTLS)
        #expect(url == "\(usesTLS ? "wss" : "ws")://\(address.authority)\(address.path)")
    }

    @Test(
        "that is none is said where it was set, and not found out by silence",
        arguments: [
            "http://pbx.example:99999/ari", "http://pbx.example:0/ari", "http://pbx.example:a/ari", "http:///ari",
        ])
    func refused(url: String) throws {
        let asterisk = try #require(Gateways.all.first { $0.name == "asterisk" }?.socketDialing)
        let values: [String: String] = [
            "asteriskURL": url, "asteriskDial": "PJSIP/{number}@trunk", "asteriskUser": "u", "asteriskPassword": "word",
            "asteriskNumbers": "+4930987654",
        ]
        let error = #expect(throws: DialingError.self) { _ = try asterisk.dialing(with: values, now: { 0 }) }
        #expect(error?.field == "asteriskURL")
    }
}
