// SPDX-License-Identifier: GPL-3.0-or-later

internal import Crypto
internal import FoundationEssentials

/// Twilio's `X-Twilio-Signature`: HMAC-SHA1, in base64, of the address and of the fields of a posted form.
///
/// Covers the address with its query, and the body. It has no time in it: who has seen a request can send it again.
///
/// Rules: <https://www.twilio.com/docs/usage/webhooks/webhooks-security>, and where that is silent Twilio's own
/// validators (`twilio/request_validator.py` of github.com/twilio/twilio-python, `src/webhooks/webhooks.ts` of
/// github.com/twilio/twilio-node).
struct TwilioSignature: RequestSigning {
    private let secret: SharedSecret

    init(authToken: String) {
        secret = SharedSecret(authToken)
    }

    func isGenuine(_ request: SignedRequest) -> Bool {
        guard let code = request.header("X-Twilio-Signature").flatMap({ Data(base64Encoded: $0) }),
            let fields = signedFields(of: request)
        else { return false }
        return Self.spellings(of: request.url).contains { url in
            secret.matches(Array(code), of: Array(url.utf8) + fields, hash: Insecure.SHA1.self)
        }
    }

    /// What is signed behind the address; nil for a body that no signature covers.
    private func signedFields(of request: SignedRequest) -> [UInt8]? {
        // A body that is not a form is signed by its hash, which stands in the query.
        if let hash = FormFields(query: request.query)["bodySHA256"] { return request.bodyHasHash(hash) ? [] : nil }
        guard let form = request.form else { return nil }
        var signed: [UInt8] = []
        var last: (name: String, value: String)?
        for field in form.sorted {
            // A value that stands twice under one name is signed once.
            let isRepeated =
                last.map {
                    $0.name.utf8.elementsEqual(field.name.utf8) && $0.value.utf8.elementsEqual(field.value.utf8)
                }
            if isRepeated != true { signed += Array(field.name.utf8) + Array(field.value.utf8) }
            last = field
        }
        return signed
    }

    /// An address without a port and with one: Twilio signs now the one, now the other.
    private static func spellings(of url: String) -> [String] {
        let bytes = url.utf8
        guard let scheme = bytes.firstRange(of: "://".utf8) else { return [url] }
        let authority = bytes[scheme.upperBound...].prefix { !"/?#".utf8.contains($0) }
        let host =
            authority.lastIndex(of: UInt8(ascii: "@")).map { authority[authority.index(after: $0)...] } ?? authority
        // The colons of an IPv6 address stand in brackets.
        let end = host.lastIndex(of: UInt8(ascii: "]")) ?? host.startIndex
        if let colon = host[end...].lastIndex(of: UInt8(ascii: ":")) {
            return [url, "\(url[..<colon])\(url[host.endIndex...])"]
        }
        let port = url[..<scheme.lowerBound].lowercased() == "https" ? ":443" : ":80"
        return [url, "\(url[..<host.endIndex])\(port)\(url[host.endIndex...])"]
    }
}
