// SPDX-License-Identifier: GPL-3.0-or-later

internal import Crypto
internal import FoundationEssentials

/// What messages to the operator's addresses are signed by, as Standard Webhooks has it
/// (https://github.com/standard-webhooks/standard-webhooks, "Signature scheme"): a secret, which shows itself nowhere.
struct WebhookKey: Sendable {
    private let key: SymmetricKey

    /// The bytes of a secret that the specification allows.
    private static let lengths = 24...64

    /// Reads `whsec_` and base64.
    ///
    /// - Returns: nil for what is none, or is too short or too long.
    init?(_ text: String) {
        guard text.hasPrefix("whsec_"), let data = Data(base64Encoded: String(text.dropFirst("whsec_".count))),
            Self.lengths.contains(data.count)
        else { return nil }
        key = SymmetricKey(data: data)
    }

    /// The value of `webhook-signature`: `v1,` and the base64 of HMAC-SHA256 over id, time and body.
    ///
    /// - Parameter time: in seconds since 1970, as `webhook-timestamp` has it.
    func signature(of id: String, at time: Int, _ body: [UInt8]) -> String {
        let signed = Array("\(id).\(time).".utf8) + body
        return "v1," + Data(HMAC<SHA256>.authenticationCode(for: signed, using: key)).base64EncodedString()
    }
}

extension WebhookKey: CustomStringConvertible, CustomReflectable {
    var description: String { "WebhookKey" }
    var customMirror: Mirror { Mirror(self, children: []) }
}
