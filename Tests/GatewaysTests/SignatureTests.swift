// SPDX-License-Identifier: GPL-3.0-or-later

import Crypto
import Foundation
import HTTPTypes
import SpeakCodeLinks
import Testing

@testable import SpeakCodeGateways

@Suite("A request of a gateway")
struct SignatureTests {
    /// A request that its gateway signed, and what else there is to know of it.
    struct Sample: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let signing: any RequestSigning
        let otherKey: any RequestSigning
        let request: SignedRequest
        /// The headers without any of which it is not signed.
        let headers: [String]
        let coversURL: Bool
        let coversTime: Bool
    }

    static let samples: [Sample] = [
        Sample(
            testDescription: "Twilio", signing: TwilioSignature(authToken: "12345"),
            otherKey: TwilioSignature(authToken: "12346"), request: TwilioRequests.standard,
            headers: ["X-Twilio-Signature", "Content-Type"], coversURL: true, coversTime: false),
        Sample(
            testDescription: "Vonage", signing: VonageSignature(secret: VonageRequests.secret),
            otherKey: VonageSignature(secret: VonageRequests.otherSecret), request: VonageRequests.withBody,
            headers: ["Authorization"], coversURL: false, coversTime: true),
        Sample(
            testDescription: "Plivo", signing: PlivoSignature(authToken: PlivoRequests.token),
            otherKey: PlivoSignature(authToken: PlivoRequests.token + "x"), request: PlivoRequests.standard,
            headers: ["X-Plivo-Signature-V3", "X-Plivo-Signature-V3-Nonce", "Content-Type"], coversURL: true,
            coversTime: false),
        Sample(
            testDescription: "Telnyx", signing: TelnyxRequests.signature(of: TelnyxRequests.key),
            otherKey: TelnyxRequests.signature(of: Curve25519.Signing.PrivateKey()), request: TelnyxRequests.standard,
            headers: ["telnyx-signature-ed25519", "telnyx-timestamp"], coversURL: false, coversTime: true),
        Sample(
            testDescription: "jambonz", signing: Jambonz.signature(secret: JambonzRequests.secret),
            otherKey: Jambonz.signature(secret: "test-webhook-secreT"), request: JambonzRequests.standard,
            headers: ["Jambonz-Signature"], coversURL: false, coversTime: true),
    ]

    @Test("is known by its signature", arguments: samples)
    func genuine(sample: Sample) {
        #expect(sample.signing.isGenuine(sample.request))
    }

    @Test("is refused without any of the headers that it is signed with, and with an empty one", arguments: samples)
    func missingHeader(sample: Sample) {
        for name in sample.headers {
            #expect(!sample.signing.isGenuine(sample.request.with(name, nil)), "without \(name)")
            #expect(!sample.signing.isGenuine(sample.request.with(name, "")), "with an empty \(name)")
        }
    }

    @Test("is refused with any other body", arguments: samples)
    func changedBody(sample: Sample) {
        let body = sample.request.body
        for index in body.indices {
            var changed = body
            changed[index] ^= 1
            #expect(!sample.signing.isGenuine(sample.request.with(body: changed)), "byte \(index) changed")
        }
        #expect(!sample.signing.isGenuine(sample.request.with(body: [])))
        #expect(!sample.signing.isGenuine(sample.request.with(body: body.dropLast())))
        #expect(!sample.signing.isGenuine(sample.request.with(body: body + [UInt8(ascii: "1")])))
        #expect(!sample.signing.isGenuine(sample.request.with(body: body + Array("&Digits=1".utf8))))
    }

    @Test("is refused with its body under the method GET where the gateway signs no such thing", arguments: samples)
    func changedMethod(sample: Sample) {
        // The others sign the same text whatever the method is.
        guard sample.coversURL else { return }
        #expect(!sample.signing.isGenuine(sample.request.with(method: .get)))
        #expect(!sample.signing.isGenuine(sample.request.with(method: .put)))
        #expect(!sample.signing.isGenuine(sample.request.with(method: .get).with(body: [])))
    }

    @Test("is refused at any other address where the gateway signs the address", arguments: samples.filter(\.coversURL))
    func changedURL(sample: Sample) {
        let url = sample.request.url
        let changed = [
            url.replacing("https://", with: "http://"), url.replacing(".com", with: ".org"), url + "&x=1", url + "#x",
            url.replacing("=", with: "=%20", maxReplacements: 1), String(url.dropLast()),
            String(url.prefix { $0 != "?" }),
            url.replacing("/", with: "//"), url.replacing("https://", with: "https://user@"),
        ]
        for url in changed where url != sample.request.url {
            #expect(!sample.signing.isGenuine(sample.request.with(url: url)), "\(url)")
        }
    }

    @Test("is refused by another key", arguments: samples)
    func otherKey(sample: Sample) {
        #expect(!sample.otherKey.isGenuine(sample.request))
    }

    @Test("is refused by every other gateway's rules", arguments: samples)
    func otherGateway(sample: Sample) {
        for other in Self.samples where other.testDescription != sample.testDescription {
            #expect(!other.signing.isGenuine(sample.request), "by \(other)")
        }
    }

    @Test("is refused five minutes after its time, and as long before it", arguments: samples.filter(\.coversTime))
    func stale(sample: Sample) {
        for age in [-300, -1, 1, 300] {
            #expect(sample.signing.isGenuine(sample.request.with(now: sample.request.now + age)), "\(age) s")
        }
        for age in [-301, 301, 86_400] {
            #expect(!sample.signing.isGenuine(sample.request.with(now: sample.request.now + age)), "\(age) s")
        }
        for now in [Int.min, -1, 0, Int.max] {
            #expect(!sample.signing.isGenuine(sample.request.with(now: now)), "at \(now)")
        }
    }

    /// What no gateway writes into a header, an address or a body.
    static let nonsense = [
        "?", "=", ",", ".", "..", "...", "====", "t=", "t=,v1=", "v1=", "t=1,v1", "t=1,t=1,v1=00", "Bearer", "Bearer ",
        "Bearer ..", "Bearer a.b.c", "Bearer e30.e30.", "Basic e30.e30.e30", "0", "-1", "+0", "1e9", "NaN",
        "9223372036854775807", "-9223372036854775808", "99999999999999999999", "%", "%%", "%4", "%zz", "\u{FFFD}", "ü",
        "é", "e\u{301}", "?\u{301}", "://", "https://", "https://@", "https://:", "https://[", "https://]:",
        "https://[::1", "https://a:b@[::1]:443", "https://a@b@c:1:2", "https://?", "https://x:?bodySHA256",
        "https://x?bodySHA256=", "https://x?bodySHA256=zz", "https://x?bodySHA256=0&bodySHA256=1", "&&&", "=&=", "%00",
        String(repeating: "A", count: 88), String(repeating: "[", count: 10_000),
        String(repeating: "=&", count: 10_000),
    ]

    @Test("is refused with nonsense anywhere in it", arguments: samples)
    func nonsense(sample: Sample) {
        for text in Self.nonsense {
            for name in sample.headers {
                #expect(!sample.signing.isGenuine(sample.request.with(name, text)), "\(name): \(text.prefix(60))")
            }
            #expect(!sample.signing.isGenuine(sample.request.with(body: Array(text.utf8))), "\(text.prefix(60))")
            let elsewhere = sample.request.with(url: text)
            #expect(sample.signing.isGenuine(elsewhere) == !sample.coversURL, "at \(text.prefix(60))")
        }
        let bytes = (UInt8.min...UInt8.max).map { $0 }
        #expect(!sample.signing.isGenuine(sample.request.with(body: bytes)))
    }

    @Test("is refused where no key is set, though it be signed with none")
    func emptyKey() throws {
        // As anybody could sign it: with a key of no bytes. The texts are those of the samples above.
        let empty = SymmetricKey(data: [UInt8]())
        let jambonz = Array("\(JambonzRequests.time).".utf8) + JambonzRequests.standard.body
        let code = HMAC<SHA256>.authenticationCode(for: jambonz, using: empty)
        let hex = code.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        let request = JambonzRequests.standard.with("Jambonz-Signature", "t=\(JambonzRequests.time),v1=\(hex)")
        #expect(!Jambonz.signature(secret: "").isGenuine(request))
        #expect(!TwilioSignature(authToken: "").isGenuine(TwilioRequests.standard))
        #expect(!PlivoSignature(authToken: "").isGenuine(PlivoRequests.standard))
        #expect(!VonageSignature(secret: "").isGenuine(VonageRequests.withBody))
    }

    @Test("is checked with a key that no description shows")
    func description() {
        let secret = "a3f1c9"
        let signings: [any RequestSigning] = [
            TwilioSignature(authToken: secret), VonageSignature(secret: secret), PlivoSignature(authToken: secret),
            Jambonz.signature(secret: secret),
        ]
        for signing in signings {
            var dumped = ""
            dump(signing, to: &dumped)
            #expect(!"\(signing) \(String(reflecting: signing)) \(dumped)".contains(secret))
        }
    }
}

// MARK: - Twilio

/// The vectors of Twilio's own validators.
///
/// All are signed with the token `12345`:
/// * python: `tests/unit/test_request_validator.py` of <https://github.com/twilio/twilio-python>
/// * node: `spec/validation.spec.js` of <https://github.com/twilio/twilio-node>
/// * go: `client/request_validator_test.go` of <https://github.com/twilio/twilio-go>
@Suite("A request of Twilio")
struct TwilioRequests {
    static let url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    static let fields = [
        ("CallSid", "CA1234567890ABCDE"), ("Digits", "1234"), ("From", "+14158675309"), ("To", "+18005551212"),
        ("Caller", "+14158675309"),
    ]
    /// python and node: the standard request.
    static let standard = request(url, form(fields), "RSOYDt4T1cUTdK1PDd93/VVr8B8=")
    private static let signing = TwilioSignature(authToken: "12345")

    private static func request(_ url: String, _ body: String, _ signature: String) -> SignedRequest {
        SignedRequest(
            method: .post, url: url,
            headers: [.contentType: "application/x-www-form-urlencoded; charset=UTF-8"], body: Array(body.utf8), now: 0
        ).with("X-Twilio-Signature", signature)
    }

    @Test(
        "is known by the signature of its address, with a port and without, and of its form",
        arguments: [
            // python and node: a port that Twilio did not sign, one that it did, and those of https and http.
            ("https://mycompany.com:1234/myapp.php?foo=1&bar=2", "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
            ("http://mycompany.com:1234/myapp.php?foo=1&bar=2", "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
            ("https://mycompany.com/myapp.php?foo=1&bar=2", "kvajT1Ptam85bY51eRf/AJRuM3w="),
            ("http://mycompany.com/myapp.php?foo=1&bar=2", "0ZXoZLH/DfblKGATFgpif+LLRf4="),
            // node: credentials, without a port and with one.
            ("https://user:pass@mycompany.com/myapp.php?foo=1&bar=2", "CukzLTc1tT5dXEDIHm/tKBanW10="),
            ("https://user@mycompany.com/myapp.php?foo=1&bar=2", "2YRLlVAflCqxaNicjMpJcSTgzSs="),
            ("https://user:pass@mycompany.com/myapp.php?foo=1&bar=2", "ZQFR1PTIZXF2MXB8ZnKCvnnA+rI="),
            // node: an apostrophe, in the spelling in which it is requested.
            ("https://mycompany.com/myapp.php?foo=1&bar=2&Body=It%27s+amazing", "TfZzewPq8wqrGlMfyAud8+/IvJ0="),
        ])
    func vectors(url: String, signature: String) {
        #expect(Self.signing.isGenuine(Self.request(url, form(Self.fields), signature)))
        #expect(!Self.signing.isGenuine(Self.request(url, form(Self.fields.dropLast()), signature)))
    }

    @Test(
        "is known by the signature of a form whose fields are sorted, each value once",
        arguments: [
            // python and node: values that stand twice.
            ("Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234", "IK+Dwps556ElfBT0I3Rgjkr1wJU="),
            // node: values of one name, in both orders.
            (
                "MessagingBinding.Address=%2B1325xxxxxxx&MessagingBinding.Address=%2B1415xxxxxxx",
                "83O6e2vORAoJHUNzJjDWN1jz+BA="
            ),
            (
                "MessagingBinding.Address=%2B1415xxxxxxx&MessagingBinding.Address=%2B1325xxxxxxx",
                "83O6e2vORAoJHUNzJjDWN1jz+BA="
            ),
            // go: a form, and a name that begins with another.
            ("property=value&boolean=true", "NBdBDr/T/lgjI+tlgpXjKZQZs/k="),
            (
                form(fields + [("ReasonConferenceEnded", "test"), ("Reason", "Participant")]),
                "vOEb5UThFn24KEfnOFLQY2AE5FY="
            ),
            // Of our own, signed by python's validator: capitals before small letters, UTF-8, an empty value.
            ("Caller=%2B49+30+1&Name=Gr%C3%BC%C3%9Fe+%E2%98%8E&empty=&A=1&a=2&a%26=3", "43gP7sBJ+mzUhD4Z1nz7L6am2qU="),
        ])
    func forms(body: String, signature: String) {
        #expect(Self.signing.isGenuine(Self.request(Self.url, body, signature)))
    }

    @Test("is known by the signature of its address alone, where it is a GET")
    func get() {
        // Of our own, signed by python's validator.
        let request = Self.request(Self.url, "", "zYQTYrRWXE7LtzbG4PfP7/bkkGo=").with(method: .get)
        #expect(Self.signing.isGenuine(request))
        #expect(Self.signing.isGenuine(request.with("Content-Type", nil)))
        #expect(!Self.signing.isGenuine(request.with(body: Array("Digits=1".utf8))))
        #expect(!Self.signing.isGenuine(request.with(url: Self.url + "&Digits=1")))
    }

    @Test(
        "is known by the hash in its address of a body that is no form",
        arguments: [
            // python, node and go.
            (url + "&", #"{"property": "value", "boolean": true}"#, "a9nBmqA0ju/hNViExpshrM61xv4="),
            // node and go: no other parameter.
            (
                "https://mycompany.com/myapp.php?", #"{"property": "value", "boolean": true}"#,
                "y77kIzt2vzLz71DgmJGsen2scGs="
            ),
            // node: an empty object.
            (url + "&", "{}", "Ldidvp12m26NI7eqEvxnEpkd9Hc="),
        ])
    func bodyHash(url: String, body: String, signature: String) {
        let hash =
            body == "{}"
            ? "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
            : "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
        let request = Self.request(url + "bodySHA256=" + hash, body, signature).with("Content-Type", "application/json")
        #expect(Self.signing.isGenuine(request))
        #expect(!Self.signing.isGenuine(request.with(body: Array(body.utf8) + [UInt8(ascii: " ")])))
        #expect(!Self.signing.isGenuine(request.with(body: [])))
        // node: a hash that is one figure too short.
        #expect(!Self.signing.isGenuine(request.with(url: String(request.url.dropLast()))))
        // A form in its place, and no body at all.
        #expect(!Self.signing.isGenuine(request.with(body: form(Self.fields)).with("Content-Type", formType)))
        #expect(!Self.signing.isGenuine(request.with(body: []).with("Content-Type", formType)))
    }

    @Test("is refused with a body that neither a form nor a hash signs")
    func unsignedBody() {
        let request = Self.request(Self.url, #"{"Digits": "1"}"#, "zYQTYrRWXE7LtzbG4PfP7/bkkGo=")
        for type in ["application/json", "text/plain", "multipart/form-data; boundary=x", nil] {
            #expect(!Self.signing.isGenuine(request.with("Content-Type", type)))
        }
    }

    @Test(
        "is known by its address with the port behind the brackets of IPv6",
        // Of our own, signed by python's validator.
        arguments: [
            ("https://[2001:db8::1]/a", "csOfEvByi4mkYujj5IkP0h7F1qk="),
            ("https://[2001:db8::1]/a", "42Qi3ar/xJDtDM58Ek1So51k2Bc="),
            ("https://[2001:db8::1]:8443/a", "s93WhNnLqeoNAEWVYLSXPl+DgVU="),
            ("https://[2001:db8::1]:8443/a", "csOfEvByi4mkYujj5IkP0h7F1qk="),
        ])
    func brackets(url: String, signature: String) {
        #expect(Self.signing.isGenuine(Self.request(url, "", signature)))
    }

    @Test(
        "is refused with the signatures that Twilio's own tests refuse",
        // go: fields out of order; node: no signature at all.
        arguments: ["95+Bu0JVPi0r/SsESZCVf0dWAjw=", "WRONG SIGNATURE", "WRONG_SIGNATURE"])
    func wrong(signature: String) {
        let fields = Self.fields + [("ReasonConferenceEnded", "test"), ("Reason", "Participant")]
        #expect(!Self.signing.isGenuine(Self.request(Self.url, form(fields), signature)))
    }
}

// MARK: - Plivo

/// The vectors of Plivo's own validators.
///
/// They are in `utils_test.go` of <https://github.com/plivo/plivo-go> and, the same ones,
/// `spec/signature_spec.rb` of <https://github.com/plivo/plivo-ruby>. With GET, the fields stand in the query.
@Suite("A request of Plivo")
struct PlivoRequests {
    static let token = "Y2Q2ZDgxZmY5YWRiOTI5YmQ1Njg0MTAxZWIyOTc4"
    private static let address = "https://plivobin.non-prod.plivops.com/api/v1/validate_signature03.xml"
    private static let fields = [
        ("Direction", "outbound"), ("From", "19792014278"), ("ALegUUID", "3e82ae9d-2c78-4d85-b1a4-6eae7dbafb36"),
        ("CallStatus", "in-progress"), ("BillRate", "0.002"), ("ParentAuthID", "MANWVLYTK4ZWU1YTY4QA"),
        ("To", "sip:PlivoSignature382029104058171078704104@phone-qa.voice.plivodev.com"),
        ("ALegRequestUUID", "3e82ae9d-2c78-4d85-b1a4-6eae7dbafb36"),
        ("CallUUID", "3e82ae9d-2c78-4d85-b1a4-6eae7dbafb36"),
        ("RequestUUID", "3e82ae9d-2c78-4d85-b1a4-6eae7dbafb36"),
        ("SIP-H-To", "<sip:PlivoSignature382029104058171078704104@52.9.11.55;transport=udp>;tag=1"),
        ("SessionStart", "2020-04-08 11:34:33.238707"), ("Event", "StartApp"),
    ]
    static let standard = request(
        .post, address + "/?a=b&c=d", form(fields), "k7Pusd4OxCIjR5IfA9iedDNu/h/gbdYqdzG/MiYtd1c=")
    private static let signing = PlivoSignature(authToken: token)

    private static func request(
        _ method: HTTPRequest.Method, _ url: String, _ body: String, _ signature: String
    ) -> SignedRequest {
        SignedRequest(
            method: method, url: url, headers: [.contentType: formType], body: Array(body.utf8), now: 0
        ).with("X-Plivo-Signature-V3", signature).with("X-Plivo-Signature-V3-Nonce", "31627761595286130198")
    }

    @Test(
        "is known by the signature of its address and of its fields",
        arguments: [
            (HTTPRequest.Method.post, "/?a=b&c=d", "k7Pusd4OxCIjR5IfA9iedDNu/h/gbdYqdzG/MiYtd1c="),
            (.get, "/?a=b&c=d", "UBq8jAtd32wR8EK9VgxbBn4n5rpI/l1H9iN4WfSEHFQ="),
            (.post, "", "iAjE5QqI37mbkYe4w3jTMudqEzbDufdqi7sYwTu64e0="),
            (.get, "", "i/MQsaQSAd6fiKhOh2qeeeLHZ9faldADSb3/7+Akfbc="),
        ])
    func vectors(method: HTTPRequest.Method, url: String, signature: String) {
        func request(_ fields: [(String, String)]) -> SignedRequest {
            let url = Self.address + url
            return method == .post
                ? Self.request(method, url, form(fields), signature)
                : Self.request(method, url + (url.contains("?") ? "&" : "?") + form(fields), "", signature)
        }
        #expect(Self.signing.isGenuine(request(Self.fields)))
        #expect(Self.signing.isGenuine(request(Self.fields.reversed())))
        #expect(!Self.signing.isGenuine(request(Self.fields.dropLast())))
        #expect(!Self.signing.isGenuine(request(Self.fields + [("Digits", "1")])))
        #expect(
            !Self.signing.isGenuine(request(Self.fields).with("X-Plivo-Signature-V3-Nonce", "31627761595286130199")))
    }

    @Test(
        "is known by the signature of few or repeated fields",
        // Of our own, signed by `plivo/utils/signature_v3.py` of https://github.com/plivo/plivo-python, which sorts the
        // values of a name and keeps empty ones.
        arguments: [
            (
                HTTPRequest.Method.get, "https://codes.example.net/voice/x.xml", "",
                "T9zMVb5+1OXxUHUAstR43KLNsCcro/ndc66JZKfa0IE="
            ),
            (.post, "https://codes.example.net/voice/x.xml", "", "T9zMVb5+1OXxUHUAstR43KLNsCcro/ndc66JZKfa0IE="),
            (
                .post, "https://codes.example.net/voice/x.xml?b=2&a=1", "",
                "ZoPkSUfHRSLLG9Tm5RF6joeNCDKXe2rEJ7UiW7a2UPc="
            ),
            (
                .get, "https://codes.example.net:8443/voice/x.xml?b=2&a=%2B1+0&b=1&c", "",
                "IIHSx7Lz1oUDQrTsJZYnY2gvVQOuBofVQEzGJt+HPD8="
            ),
            (
                .post, "https://codes.example.net/voice/x.xml?z=9", "To=2&To=1&From=%252B&A=",
                "/bDUxuG0Z9enSO2UOVzHAKxloOvQk82hRXeTrk2P0Kk="
            ),
        ])
    func fields(method: HTTPRequest.Method, url: String, body: String, signature: String) {
        #expect(Self.signing.isGenuine(Self.request(method, url, body, signature)))
    }

    @Test("is known by any signature of a list, and by that of the main account")
    func list() {
        let genuine = "k7Pusd4OxCIjR5IfA9iedDNu/h/gbdYqdzG/MiYtd1c="
        let other = "UBq8jAtd32wR8EK9VgxbBn4n5rpI/l1H9iN4WfSEHFQ="
        for list in ["\(other),\(genuine)", "\(genuine),\(other)", "\(other), \(genuine)", "x,\(genuine),"] {
            #expect(Self.signing.isGenuine(Self.standard.with("X-Plivo-Signature-V3", list)), "\(list)")
        }
        for main in [genuine, "\(other),\(genuine)"] {
            let request = Self.standard.with("X-Plivo-Signature-Ma-V3", main)
            #expect(Self.signing.isGenuine(request.with("X-Plivo-Signature-V3", other)))
            #expect(Self.signing.isGenuine(request.with("X-Plivo-Signature-V3", nil)))
        }
        #expect(!Self.signing.isGenuine(Self.standard.with("X-Plivo-Signature-V3", "\(other),\(other)")))
        #expect(!Self.signing.isGenuine(Self.standard.with("X-Plivo-Signature-V3", genuine + other)))
    }

    @Test("is refused with a body that is not a form")
    func json() {
        let request = Self.request(
            .post, "https://codes.example.net/voice/x.xml", "{}", "T9zMVb5+1OXxUHUAstR43KLNsCcro/ndc66JZKfa0IE=")
        #expect(!Self.signing.isGenuine(request.with("Content-Type", "application/json")))
    }
}

// MARK: - Vonage

@Suite("A request of Vonage")
struct VonageRequests {
    /// The vector of `test/vonage/test.rb` (`sample_webhook_token`, `sample_valid_signature_secret` and
    /// `sample_invalid_signature_secret`) of <https://github.com/Vonage/vonage-ruby-sdk>.
    static let secret = "ZYtdTtGV3BCFN7tWmOWr1md66XsquMggr4W2cTtXtcPgfnI0Xw"
    static let otherSecret = "ZYtdTtGV3BCFN7tWmOWr1md66XsquMggr4W2cTtXtcPgf55555"
    private static let token =
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpYXQiOjE1ODc0OTQ5NjIsImp0aSI6ImM1YmE4ZjI0LTFhMTQtNGMxMC1iZmRmLTNm"
        + "YmU4Y2U1MTFiNSIsImlzcyI6IlZvbmFnZSIsInBheWxvYWRfaGFzaCI6ImQ2YzBlNzRiNTg1N2RmMjBlM2I3ZTUxYjMwYzBjMmE0MGVj"
        + "NzNhNzc4NzliNmYwNzRkZGM3YTIzMTdkZDAzMWIiLCJhcGlfa2V5IjoiYTFiMmMzZCIsImFwcGxpY2F0aW9uX2lkIjoiYWFhYWFhYWEt"
        + "YmJiYi1jY2NjLWRkZGQtMDEyMzQ1Njc4OWFiIn0.JQRKi1d0SQitmjPINfTWMpt3XZkGsLbD7EjCdXoNSbk"
    private static let time = 1_587_494_962

    /// The same claims for a body that is known, signed by Python's `hmac`: Vonage has published none with its body.
    static let withBody = request(
        .post,
        #"{"from":"442079460000","to":"447700900000","uuid":"aaaaaaaabbbbccccdddd0123456789ab","#
            + #""conversation_uuid":"CON-aaaaaaaa-bbbb-cccc-dddd-0123456789ab"}"#,
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpYXQiOjE1ODc0OTQ5NjIsImp0aSI6ImM1YmE4ZjI0LTFhMTQtNGMxMC1iZmRmLTNm"
            + "YmU4Y2U1MTFiNSIsImlzcyI6IlZvbmFnZSIsInBheWxvYWRfaGFzaCI6ImJhZDQ5ZjUxM2RmZWU1N2IxNDk0MDRjY2U4YzhjYTJhZWMx"
            + "YWQ5YzdiOWM5YmZjOTViZDU2ZjE1NDM3NTI0MWYiLCJhcGlfa2V5IjoiYTFiMmMzZCIsImFwcGxpY2F0aW9uX2lkIjoiYWFhYWFhYWEt"
            + "YmJiYi1jY2NjLWRkZGQtMDEyMzQ1Njc4OWFiIn0.VP1l6A88PLLP6t6MElWyEvDMwz9dh9JtPwGV6AUCdkc")
    private static let signing = VonageSignature(secret: secret)

    private static func request(
        _ method: HTTPRequest.Method, _ body: String, _ token: String, now: Int = time
    ) -> SignedRequest {
        SignedRequest(
            method: method, url: "https://codes.example.net/voice/x.json?to=447700900000",
            headers: [.authorization: "Bearer \(token)", .contentType: "application/json"], body: Array(body.utf8),
            now: now)
    }

    /// A token with any header and claims, signed as Vonage signs.
    private static func token(_ header: String, _ claims: String) -> String {
        let text = Base64URL.encode(Array(header.utf8)) + "." + Base64URL.encode(Array(claims.utf8))
        let key = SymmetricKey(data: Data(secret.utf8))
        return text + "." + Base64URL.encode(Array(HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: key)))
    }

    @Test("is known by the token that Vonage's own tests take")
    func ruby() {
        #expect(Self.signing.isGenuine(Self.request(.get, "", Self.token)))
        #expect(!VonageSignature(secret: Self.otherSecret).isGenuine(Self.request(.get, "", Self.token)))
        // The token is of some body; with any other, and with none where there must be one, it is of no use.
        #expect(!Self.signing.isGenuine(Self.request(.post, "{}", Self.token)))
        #expect(!Self.signing.isGenuine(Self.request(.post, "", Self.token)))
        #expect(!Self.signing.isGenuine(Self.request(.get, "{}", Self.token)))
    }

    @Test("is known by the token that Vonage's tests in Python take, until it expires")
    func python() {
        // `jwt/tests/test_verify_jwt.py` of https://github.com/Vonage/vonage-python-sdk
        let token =
            "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJPbmxpbmUgSldUIEJ1aWxkZXIiLCJpYXQiOjE2OTc2MzQ2ODAsImV4cCI6"
            + "MzMyNTQ1NDA4MjgsImF1ZCI6IiIsInN1YiI6IiJ9.88vJc3I2HhuqEDixHXVhc9R30tA6U_HQHZTC29y6CGM"
        let signing = VonageSignature(secret: "qwertyuiopasdfghjklzxcvbnm123456")
        #expect(signing.isGenuine(Self.request(.get, "", token, now: 1_697_634_680)))
        #expect(!VonageSignature(secret: "asdf").isGenuine(Self.request(.get, "", token, now: 1_697_634_680)))
        #expect(!signing.isGenuine(Self.request(.get, "", "asdf", now: 1_697_634_680)))
        // Not yet expired, but signed centuries ago.
        #expect(!signing.isGenuine(Self.request(.get, "", token, now: 33_254_540_827)))
    }

    @Test("is known by its signature however the word Bearer is spelt")
    func scheme() throws {
        let authorization = try #require(Self.withBody.headers[.authorization])
        let token = authorization.dropFirst("Bearer ".count)
        #expect(Self.signing.isGenuine(Self.withBody.with("Authorization", "bearer \(token)")))
        for other in ["\(token)", "Basic \(token)", "Bearer\(token)", "Bearer \(token) \(token)", "Bearer \(token)."] {
            #expect(!Self.signing.isGenuine(Self.withBody.with("Authorization", other)))
        }
    }

    @Test(
        "is refused with a token that is signed and says something else",
        arguments: [
            (#"{"alg":"none"}"#, #"{"iat":1587494962}"#), (#"{"alg":"HS512"}"#, #"{"iat":1587494962}"#),
            (#"{"alg":"hs256"}"#, #"{"iat":1587494962}"#), ("{}", #"{"iat":1587494962}"#), ("", #"{"iat":1587494962}"#),
            (#"{"alg":"HS256"}"#, "{}"), (#"{"alg":"HS256"}"#, ""), (#"{"alg":"HS256"}"#, "[]"),
            (#"{"alg":"HS256"}"#, #"{"iat":null}"#), (#"{"alg":"HS256"}"#, #"{"iat":"1587494962"}"#),
            (#"{"alg":"HS256"}"#, #"{"iat":1e300}"#), (#"{"alg":"HS256"}"#, #"{"iat":-1e300}"#),
            (#"{"alg":"HS256"}"#, #"{"iat":1587494962,"exp":1587494962}"#),
            (#"{"alg":"HS256"}"#, #"{"iat":1587494962,"exp":-1e300}"#),
            (#"{"alg":"HS256"}"#, #"{"iat":1587494962,"payload_hash":1}"#),
        ])
    func claims(header: String, claims: String) {
        #expect(!Self.signing.isGenuine(Self.request(.get, "", Self.token(header, claims))))
    }

    @Test(
        "is known by a token with fractions of a second until it expires, and without a hash has no body"
    )
    func fractions() {
        let token = Self.token(#"{"alg":"HS256"}"#, #"{"iat":1587494962.25,"exp":1587494962.5}"#)
        #expect(Self.signing.isGenuine(Self.request(.get, "", token)))
        #expect(!Self.signing.isGenuine(Self.request(.get, "", token, now: Self.time + 1)))
        #expect(!Self.signing.isGenuine(Self.request(.post, "{}", token)))
        #expect(!Self.signing.isGenuine(Self.request(.post, "", token)))
    }
}

// MARK: - Telnyx

/// Telnyx has published no key to sign with: its tests make one, too (`lib/webhook_verification_test.go` of
/// <https://github.com/team-telnyx/telnyx-go>, `tests/webhooks.test.ts` of
/// <https://github.com/team-telnyx/telnyx-node>), and sign `timestamp|body`; the body is that of the former.
@Suite("A request of Telnyx")
struct TelnyxRequests {
    static let key = Curve25519.Signing.PrivateKey()
    /// As the portal shows it.
    static let publicKey = key.publicKey.rawRepresentation.base64EncodedString()
    static let standard = signed(time: "1795000000")

    static func signature(of key: Curve25519.Signing.PrivateKey) -> any RequestSigning {
        let text = key.publicKey.rawRepresentation.base64EncodedString()
        guard let signature = TelnyxSignature(publicKey: text) else { preconditionFailure("Just made, it is a key.") }
        return signature
    }

    private static func signed(time: String, separator: String = "|") -> SignedRequest {
        let body = Array(#"{"data":{"id":"test-id","event_type":"call.initiated"}}"#.utf8)
        guard let signature = try? key.signature(for: Array((time + separator).utf8) + body) else {
            preconditionFailure("A private key signs any bytes.")
        }
        return SignedRequest(
            method: .post, url: "https://codes.example.net/voice/x.xml", headers: [.contentType: "application/json"],
            body: body, now: 1_795_000_000
        ).with("telnyx-signature-ed25519", signature.base64EncodedString()).with("telnyx-timestamp", time)
    }

    @Test("is refused with a time that is signed and stale or no time, or signed in another construction")
    func construction() throws {
        let signing = Self.signature(of: Self.key)
        #expect(signing.isGenuine(Self.signed(time: "1794999700")))
        for time in ["1794999699", "1795000301", "", "now", "1795000000.0", "99999999999999999999", "-1"] {
            #expect(!signing.isGenuine(Self.signed(time: time)), "\(time)")
        }
        for separator in ["", ".", "||", "\n"] {
            #expect(!signing.isGenuine(Self.signed(time: "1795000000", separator: separator)), "\(separator)")
        }
        // `webhook_verification_test.go`: 64 bytes of zeros.
        let zeros = Data(count: 64).base64EncodedString()
        #expect(!signing.isGenuine(Self.standard.with("telnyx-signature-ed25519", zeros)))
        let signature = try #require(Self.standard.header("telnyx-signature-ed25519"))
        #expect(!signing.isGenuine(Self.standard.with("telnyx-signature-ed25519", String(signature.dropLast(4)))))
        #expect(!signing.isGenuine(Self.standard.with("telnyx-signature-ed25519", "\(signature), \(signature)")))
    }

    @Test(
        "is not checked with a key that is none",
        arguments: [
            "", "invalid_key_format", "AAAA", Data(count: 31).base64EncodedString(),
            Data(count: 33).base64EncodedString(),
            String(repeating: "0", count: 64),
        ])
    func noKey(text: String) {
        #expect(TelnyxSignature(publicKey: text) == nil)
    }
}

// MARK: - jambonz

/// jambonz has published no vector with its time; secret and body are those of `typescript/test/webhook.test.ts` of
/// <https://github.com/jambonz/node-sdk>, signed by Python's `hmac`.
@Suite("A request of jambonz")
struct JambonzRequests {
    static let secret = "test-webhook-secret"
    static let time = 1_587_494_962
    private static let code = "922326c002472d16563af62ee920facbf31db69fcfec0409406333695566c8f8"
    static let standard = SignedRequest(
        method: .post, url: "https://codes.example.net/voice/x.json", headers: [.contentType: "application/json"],
        body: Array(#"{"call_sid":"abc"}"#.utf8), now: time
    ).with("Jambonz-Signature", "t=\(time),v1=\(code)")
    private static let signing = Jambonz.signature(secret: secret)

    @Test(
        "is known by any signature of version 1 in its header",
        arguments: [
            "t=1587494962,v1=00,v1=\(code)", "v1=\(code),t=1587494962", "t=1587494962, v1=\(code)",
            "t=1587494962,v0=00,v1=\(code),v2=00", "t=1587494962,v1=\(code.uppercased())",
        ])
    func lists(header: String) {
        #expect(Self.signing.isGenuine(Self.standard.with("Jambonz-Signature", header)))
    }

    @Test(
        "is refused with another time, no time, two of them, and no signature of version 1",
        arguments: [
            "t=1587494963,v1=\(code)", "v1=\(code)", "t=,v1=\(code)", "t=1587494962,t=1587494962,v1=\(code)",
            "t=1587494962", "t=1587494962,v1=", "t=1587494962,v0=\(code)", "t=1587494962,V1=\(code)",
            "t=1587494962;v1=\(code)",
            "t=1587494962,v1=\(code.dropLast())", "t=1587494962,v1=\(code)00", "t=1587494962,v1=\(code)=",
            "t=+1587494962,v1=\(code)", "t=01587494962,v1=\(code)", "t=1587494962.0,v1=\(code)",
        ])
    func wrong(header: String) {
        #expect(!Self.signing.isGenuine(Self.standard.with("Jambonz-Signature", header)))
    }
}

// MARK: - Forms

@Suite("A form's fields")
struct FormFieldsTests {
    @Test(
        "are read in their order, decoded",
        arguments: [
            ("", []), ("&", []), ("a=1&b=2", ["a", "1", "b", "2"]), ("a=1&a=2&a=1", ["a", "1", "a", "2", "a", "1"]),
            ("a", ["a", ""]), ("a=", ["a", ""]), ("=a", ["", "a"]), ("=", ["", ""]), ("a=b=c", ["a", "b=c"]),
            ("&&a=1&&", ["a", "1"]), ("a+b=c+d", ["a b", "c d"]), ("%2B=%26%3D%25", ["+", "&=%"]),
            ("a=%C3%BC%e2%98%8e", ["a", "ü☎"]), ("a=ü", ["a", "ü"]), ("a=%", ["a", "%"]), ("a=%4", ["a", "%4"]),
            ("a=%zz%41", ["a", "%zzA"]), ("a=%%41", ["a", "%A"]), ("a=%FF", ["a", "\u{FFFD}"]),
            ("a=1?b=2", ["a", "1?b=2"]), ("a=%00", ["a", "\0"]),
        ])
    func pairs(form: String, pairs: [String]) {
        let fields = FormFields(body: form.utf8)
        #expect(fields.pairs.flatMap { [$0.name, $0.value] } == pairs)
        #expect(FormFields(query: form).pairs.flatMap { [$0.name, $0.value] } == pairs)
        #expect(FormFields(query: "?" + form).pairs.flatMap { [$0.name, $0.value] } == pairs)
    }

    @Test("are found by their names, byte for byte, the first of a name first")
    func names() {
        let fields = FormFields(query: "?Digits=1&digits=2&Digits=3&%C3%A9=4&e%CC%81=5&%E2%84%AA=6")
        #expect(fields["Digits"] == "1" && fields["digits"] == "2" && fields["DIGITS"] == nil)
        // Swift holds the two spellings of é to be equal, and the kelvin's sign to be a K: fields do not.
        #expect(fields["\u{E9}"] == "4" && fields["e\u{301}"] == "5" && fields["K"] == nil)
        #expect(fields["?Digits"] == nil && fields[""] == nil)
    }
}

// MARK: - What the tests share

private let formType = "application/x-www-form-urlencoded"

/// A form as gateways write it.
private func form(_ fields: some Sequence<(String, String)>) -> String {
    func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: " "): "+"
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                String(UnicodeScalar(byte))
            default: "%" + String(byte >> 4, radix: 16, uppercase: true) + String(byte & 15, radix: 16, uppercase: true)
            }
        }.joined()
    }
    return fields.map { "\(encoded($0.0))=\(encoded($0.1))" }.joined(separator: "&")
}

extension SignedRequest {
    /// The same request with a header changed, or taken away.
    fileprivate func with(_ name: String, _ value: String?) -> SignedRequest {
        var headers = headers
        guard let name = HTTPField.Name(name) else { preconditionFailure("\(name) is a header's name.") }
        headers[name] = value
        return SignedRequest(method: method, url: url, headers: headers, body: body, now: now)
    }

    fileprivate func with(method: HTTPRequest.Method) -> SignedRequest {
        SignedRequest(method: method, url: url, headers: headers, body: body, now: now)
    }

    fileprivate func with(url: String) -> SignedRequest {
        SignedRequest(method: method, url: url, headers: headers, body: body, now: now)
    }

    fileprivate func with(body: some Sequence<UInt8>) -> SignedRequest {
        SignedRequest(method: method, url: url, headers: headers, body: Array(body), now: now)
    }

    fileprivate func with(body: String) -> SignedRequest { with(body: body.utf8) }

    fileprivate func with(now: Int) -> SignedRequest {
        SignedRequest(method: method, url: url, headers: headers, body: body, now: now)
    }
}
