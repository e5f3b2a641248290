// SPDX-License-Identifier: GPL-3.0-or-later

internal import Crypto
public import SpeakCode

/// What an authenticator's app shows: a code that follows from a secret and the time (RFC 6238).
///
/// The secret is one for as long as the app has it, and shows itself in nothing that is printed.
public struct TOTP: Hashable, Sendable {
    /// What the secret is hashed with.
    public enum Algorithm: String, Hashable, Sendable, CaseIterable {
        case sha1 = "SHA1"
        case sha256 = "SHA256"
        case sha512 = "SHA512"
    }

    /// What the secret is hashed with.
    public let algorithm: Algorithm
    /// The digits of a code, leading zeros included.
    public let digits: Int
    /// Seconds for which a code is shown.
    public let period: Int
    package let secret: [UInt8]

    /// The digits that a code may have: those of RFC 4226, section 5.3, that fit into its 31 bits.
    public static let lengths = 6...8
    /// The seconds for which a code may be shown.
    public static let periods = 1...86_400
    /// The most bytes of a secret: the digest of the longest algorithm, as RFC 6238's own is long.
    public static let longestSecret = 64

    /// - Parameters:
    ///   - secret: the bytes that base32 stands for; 1 to ``longestSecret``.
    ///   - algorithm: what it is hashed with.
    ///   - digits: the digits of a code.
    ///   - period: the seconds for which a code is shown, from 1970 on.
    /// - Throws: ``TOTPError``, which names the field.
    public init(
        secret: [UInt8], algorithm: Algorithm = .sha1, digits: Int = 6, period: Int = 30
    ) throws(TOTPError) {
        guard !secret.isEmpty else { throw TOTPError(.secret, "is empty") }
        guard secret.count <= Self.longestSecret else {
            throw TOTPError(.secret, "must have at most \(Self.longestSecret) bytes")
        }
        guard Self.lengths.contains(digits) else {
            throw TOTPError(.digits, "must be \(Self.lengths.lowerBound) to \(Self.lengths.upperBound)")
        }
        guard Self.periods.contains(period) else {
            throw TOTPError(.period, "must be \(Self.periods.lowerBound) to \(Self.periods.upperBound) seconds")
        }
        (self.secret, self.algorithm, self.digits, self.period) = (secret, algorithm, digits, period)
    }

    /// The code at a time.
    ///
    /// - Parameter time: since 1970 by UTC; what is before is as 1970.
    public func code(at time: Duration) -> VerificationCode {
        code(counter: UInt64(step(at: time)))
    }

    /// How long the code of a time is still shown: from next to nothing up to the period.
    ///
    /// - Parameter time: since 1970 by UTC.
    public func life(at time: Duration) -> Duration {
        .seconds((step(at: time) + 1) * Int64(period)) - max(.zero, time)
    }

    /// The shortest life of a code that is begun to be read: six symbols, and the time to type them.
    public static let shortestLife: Duration = .seconds(6)

    /// What is read at a time: the code of that time, or, where it is about to end, silence and the code behind it.
    ///
    /// - Parameter time: since 1970 by UTC.
    public func next(at time: Duration) -> NextCode {
        let life = life(at: time)
        guard life < min(Self.shortestLife, .seconds(period) / 2) else { return NextCode(code(at: time)) }
        return NextCode(code(at: max(.zero, time) + life), behind: life)
    }

    /// The number of the period that a time lies in.
    private func step(at time: Duration) -> Int64 { max(.zero, time).components.seconds / Int64(period) }

    /// The code of a counter (RFC 4226, section 5.3).
    package func code(counter: UInt64) -> VerificationCode {
        let moving = (0..<8).map { UInt8(truncatingIfNeeded: counter >> (56 - 8 * $0)) }
        let digest =
            switch algorithm {
            case .sha1: Self.authenticate(moving, secret, Insecure.SHA1.self)
            case .sha256: Self.authenticate(moving, secret, SHA256.self)
            case .sha512: Self.authenticate(moving, secret, SHA512.self)
            }
        let offset = Int(digest[digest.count - 1] & 0x0F)
        var value = digest[offset..<(offset + 4)].reduce(0) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
        var figures = [UInt8](repeating: UInt8(ascii: "0"), count: digits)
        for place in figures.indices.reversed() {
            figures[place] += UInt8(value % 10)
            value /= 10
        }
        guard let code = VerificationCode(plain: figures) else { preconditionFailure("Digits are a code.") }
        return code
    }

    private static func authenticate<Hash: HashFunction>(
        _ message: [UInt8], _ secret: [UInt8], _ hash: Hash.Type
    ) -> [UInt8] {
        Array(HMAC<Hash>.authenticationCode(for: message, using: SymmetricKey(data: secret)))
    }
}

extension TOTP: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// How its codes are, never of what they follow.
    public var description: String { "TOTP(\(digits) digits, \(period) s)" }

    /// The same.
    public var debugDescription: String { description }

    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Why something is not a ``TOTP``: the field and what it must be, never what was given.
public struct TOTPError: Error, Hashable, Sendable {
    /// A field of an otpauth URI.
    public enum Field: String, Hashable, Sendable, CaseIterable {
        /// The whole of it.
        case uri = "URI"
        case type, label, secret, algorithm, digits, period
    }

    /// What is wrong.
    public let field: Field
    private let reason: String

    init(_ field: Field, _ reason: String) {
        (self.field, self.reason) = (field, reason)
    }
}

extension TOTPError: CustomStringConvertible {
    /// A sentence that says what to do.
    public var description: String { "the app's \(field.rawValue) \(reason)" }
}
