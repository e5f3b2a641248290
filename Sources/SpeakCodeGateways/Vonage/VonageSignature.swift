// SPDX-License-Identifier: GPL-3.0-or-later

internal import Crypto
internal import FoundationEssentials
internal import HTTPTypes
internal import SpeakCodeLinks

/// Vonage's signed webhooks: a JSON web token in `Authorization: Bearer`, signed with the account's signature secret
/// (HS256), with the time of signing and the hash of the body in it.
///
/// Covers the body and the time. It does not cover the method and the address. With GET, the token has a hash of the
/// query as JSON, whose spelling Vonage has not published in full: it is not checked, and the query not covered.
///
/// Rules: <https://developer.vonage.com/en/getting-started/concepts/webhooks#decoding-signed-webhooks>,
/// <https://api.support.vonage.com/hc/en-us/articles/19033783342876> for the hash,
/// `jwt/src/vonage_jwt/verify_jwt.py` of github.com/Vonage/vonage-python-sdk, RFC 7515 and RFC 7519.
struct VonageSignature: RequestSigning {
    private let secret: SharedSecret

    /// Takes the signature secret of the account's settings, not its API secret.
    init(secret: String) {
        self.secret = SharedSecret(secret)
    }

    /// The part of a token's first object that matters.
    private struct Header: Decodable {
        let alg: String
    }

    /// The claims that matter, under the names that they have in a token; times in seconds since 1970.
    private struct Claims: Decodable {
        let issuedAt: Double
        let expiry: Double?
        let payloadHash: String?

        enum CodingKeys: String, CodingKey {
            case issuedAt = "iat"
            case expiry = "exp"
            case payloadHash = "payload_hash"
        }
    }

    func isGenuine(_ request: SignedRequest) -> Bool {
        guard let claims = request.headers[.authorization].flatMap(claims(of:)),
            let issuedAt = Int(exactly: claims.issuedAt.rounded()), request.isFresh(issuedAt)
        else { return false }
        if let expiry = claims.expiry, expiry <= Double(request.now) { return false }
        // A request that has no body by its nature; any other must be told by its hash to have none.
        if request.body.isEmpty && [.get, .head].contains(request.method) { return true }
        return claims.payloadHash.map(request.bodyHasHash) ?? false
    }

    /// The claims of a token that was signed with the secret; nothing of it is read before that is known.
    private func claims(of authorization: String) -> Claims? {
        let words = authorization.split(separator: " ")
        guard words.count == 2, words[0].lowercased() == "bearer" else { return nil }
        let parts = words[1].split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let code = Base64URL.decode(parts[2]),
            secret.matches(code, of: Array("\(parts[0]).\(parts[1])".utf8), hash: SHA256.self),
            let header: Header = Self.decoded(parts[0]), header.alg == "HS256"
        else { return nil }
        return Self.decoded(parts[1])
    }

    private static func decoded<Value: Decodable>(_ part: Substring) -> Value? {
        Base64URL.decode(part).flatMap { try? JSONDecoder().decode(Value.self, from: Data($0)) }
    }
}
