// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCodeGateways
import Testing

@Suite("Addresses of SIP")
struct SIPAddressTests {
    @Test(
        "are read as they are written",
        arguments: [
            "sip:anna@example.net", "sip:anna@127.0.0.1:5060", "sip:127.0.0.1", "sip:anna@[::1]:5070;transport=tcp",
            "sip:+4930123456@pbx.example.net;user=phone", "sip:a.b-c_d!e~f*g'h(i)j&k=l+m$n,o/p%20q@h;transport=tls",
        ])
    func round(text: String) throws {
        #expect(try SIPAddress(text, field: "to").uri == text)
    }

    @Test("may be without their scheme, or with it in capitals", arguments: ["anna@h", "SIP:anna@h"])
    func scheme(text: String) throws {
        #expect(try SIPAddress(text, field: "to") == SIPAddress("sip:anna@h", field: "to"))
    }

    @Test(
        "are refused where a header could end, or more could begin",
        arguments: [
            "", "sip:", "sip:@h", "sip:a@", "sips:a@h", "sip:a@h\r\nX: y", "sip:a\r\n@h", "sip:a b@h", "sip:a@h h",
            "sip:a@h>", "sip:<a@h", "sip:a\"@h", "sip:a@h?x=y", "sip:a:b@h", "sip:a@h;x=y", "sip:a@h;transport=ws",
            "sip:a@h;transport", "sip:a@h:0", "sip:a@h:65536", "sip:a@h:", "sip:a@[::1", "sip:a@[::1]x", "sip:ä@h",
            "sip:a@ä", "sip:a@h\0",
        ])
    func refused(text: String) {
        let error = #expect(throws: DialingError.self) { try SIPAddress(text, field: "to") }
        #expect(error?.field == "to")
        #expect(error?.description.contains("\n") == false)
    }

    @Test("show nobody")
    func secrecy() throws {
        let address = try SIPAddress("sip:anna@example.net", field: "to")
        #expect(!"\(address) \(String(reflecting: address))".contains("anna"))
    }

    @Test("of this machine's own name are its own address")
    func localhost() throws {
        let address = try SIPAddress("sip:anna@LocalHost:5070;transport=tcp", field: "to")
        #expect(address.resolved.uri == "sip:anna@127.0.0.1:5070;transport=tcp")
    }
}
