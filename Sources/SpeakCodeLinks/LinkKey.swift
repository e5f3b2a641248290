// SPDX-License-Identifier: GPL-3.0-or-later

internal import Crypto
internal import FoundationEssentials

/// A key that seals links: 32 random bytes, from which every other key of a link is derived.
///
/// Replicas that share it serve each other's links. It shows neither in descriptions nor in mirrors.
public struct LinkKey: Sendable {
    /// Names the key in a link, in clear; derived from the key, so that replicas agree without being told.
    let identifier: UInt32
    /// Seals announcements.
    let sealing: SymmetricKey
    /// Makes entity tags.
    let tagging: HMAC<SHA256>

    private let bytes: [UInt8]

    /// The bytes of a key.
    public static let length = 32

    /// Makes a new key of the system's randomness.
    public init() {
        self.init(bytes: SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) })
    }

    /// Reads a key as ``text`` writes it.
    ///
    /// - Throws: ``LinkKeyError``.
    public init(text: some StringProtocol) throws(LinkKeyError) {
        guard let data = Data(base64Encoded: String(text.withoutBlanks)), data.count == Self.length else {
            throw LinkKeyError(.noKey)
        }
        guard Self.isRandom(data) else { throw LinkKeyError(.notRandom) }
        self.init(bytes: Array(data))
    }

    /// Whether bytes may have come from a source of randomness: 32 of them have fewer than twelve different ones, or all of
    /// them at one distance, once in far more keys than there will ever be.
    private static func isRandom(_ bytes: Data) -> Bool {
        Set(bytes).count >= 12 && Set(zip(bytes, bytes.dropFirst()).map { $1 &- $0 }).count > 1
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
        let secret = SymmetricKey(data: bytes)
        func derived(_ purpose: String, _ length: Int) -> SymmetricKey {
            HKDF<SHA256>.deriveKey(inputKeyMaterial: secret, info: Data(purpose.utf8), outputByteCount: length)
        }
        sealing = derived("speakcode link sealing", 32)
        tagging = HMAC(key: derived("speakcode link tagging", 32))
        identifier = derived("speakcode link identifier", 4).withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }
    }

    /// A message's tag: nobody without the key can tell what it is of.
    package func tag(of message: [UInt8]) -> [UInt8] {
        var code = tagging
        code.update(data: message)
        return Array(code.finalize())
    }

    /// The key in base64, as a keys file has it: a secret.
    public var text: String { Data(bytes).base64EncodedString() }
}

extension LinkKey: CustomStringConvertible, CustomReflectable {
    /// Its public name, which stands in each of its links.
    package var name: String { String(identifier, radix: 16) }

    /// The key's public name, never the key.
    public var description: String { "LinkKey(\(name))" }

    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Why a text is not taken as a link key; it is not repeated.
public struct LinkKeyError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong with the key.
    public enum Reason: Hashable, Sendable {
        /// Not 32 bytes in base64.
        case noKey
        /// Bytes that anybody might try first: zeros, one byte again and again, a sequence.
        case notRandom
    }

    /// What is wrong with the key.
    public let reason: Reason

    init(_ reason: Reason) {
        self.reason = reason
    }

    /// What a key looks like.
    public var description: String {
        switch reason {
        case .noKey: "a link key is 32 bytes in base64; `speakcode keys new` makes one"
        case .notRandom: "a link key is 32 random bytes, and these can be guessed; `speakcode keys new` makes one"
        }
    }
}
