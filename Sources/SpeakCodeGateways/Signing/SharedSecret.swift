// SPDX-License-Identifier: GPL-3.0-or-later

internal import Crypto

/// A secret that a gateway and this service share: the key of authentication codes (HMAC, RFC 2104).
///
/// It shows in neither descriptions nor mirrors.
struct SharedSecret: Sendable {
    /// Nil for an empty secret, with which anybody could sign.
    private let key: SymmetricKey?

    init(_ text: String) {
        key = text.isEmpty ? nil : SymmetricKey(data: Array(text.utf8))
    }

    /// Whether a message has this authentication code; takes as long for a wrong one as for the right one.
    func matches<Hash: HashFunction>(_ code: [UInt8], of message: [UInt8], hash: Hash.Type) -> Bool {
        guard let key else { return false }
        return HMAC<Hash>.isValidAuthenticationCode(code, authenticating: message, using: key)
    }
}

extension SharedSecret: CustomStringConvertible, CustomReflectable {
    /// What it is, never the secret.
    var description: String { "SharedSecret" }

    /// A mirror without children.
    var customMirror: Mirror { Mirror(self, children: []) }
}
