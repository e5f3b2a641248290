// SPDX-License-Identifier: GPL-3.0-or-later

internal import Crypto
internal import FoundationEssentials

/// What messages are signed by, ours to the operator's addresses and others' to us, as Standard Webhooks has it
/// (https://github.com/standard-webhooks/standard-webhooks, "Signature scheme"): a secret, which shows itself nowhere.
package struct WebhookKey: Sendable {
    private let key: SymmetricKey

    /// The bytes of a secret that the specification allows.
    private static let lengths = 24...64

    /// Reads `whsec_` and base64.
    ///
    /// - Returns: nil for what is none, or is too short or too long.
    package init?(_ text: some StringProtocol) {
        guard text.hasPrefix("whsec_"), let data = Data(base64Encoded: String(text.dropFirst("whsec_".count))),
            Self.lengths.contains(data.count)
        else { return nil }
        key = SymmetricKey(data: data)
    }

    /// The value of `webhook-signature`: `v1,` and the base64 of HMAC-SHA256 over id, time and body.
    ///
    /// - Parameter time: in seconds since 1970, as `webhook-timestamp` has it.
    package func signature(of id: String, at time: Int, _ body: [UInt8]) -> String {
        let signed = Self.signed(id, "\(time)", body)
        return "v1," + Data(HMAC<SHA256>.authenticationCode(for: signed, using: key)).base64EncodedString()
    }

    private static func signed(_ id: String, _ time: String, _ body: [UInt8]) -> [UInt8] {
        Array("\(id).\(time).".utf8) + body
    }
}

extension WebhookKey: RequestSigning {
    /// Whether one of the signatures of a message, with blanks or commas between, is of this key, and its time is near.
    package func isGenuine(_ request: SignedRequest) -> Bool {
        guard let id = request.header("webhook-id"), let text = request.header("webhook-timestamp"),
            let time = Int(text), request.isFresh(time), let signatures = request.header("webhook-signature")
        else { return false }
        let signed = Self.signed(id, text, request.body)
        // A version, a comma and the signature; Supabase puts a comma and a blank between two of them.
        let parts = signatures.split { $0 == " " || $0 == "," }
        return zip(parts, parts.dropFirst()).contains { version, signature in
            guard version == "v1", let code = Data(base64Encoded: String(signature)) else { return false }
            return HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: signed, using: key)
        }
    }
}

extension WebhookKey: CustomStringConvertible, CustomReflectable {
    package var description: String { "WebhookKey" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
