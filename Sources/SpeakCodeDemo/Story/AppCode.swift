// SPDX-License-Identifier: GPL-3.0-or-later

internal import Crypto
internal import FoundationEssentials

/// The codes of an authenticator app: RFC 6238 as all of them have it, six digits by SHA-1, new every 30 seconds.
package struct AppCode: Sendable {
    private let secret: SymmetricKey

    /// Seconds for which a code is shown.
    package static let period = 30

    package init(_ secret: [UInt8]) { self.secret = SymmetricKey(data: secret) }

    /// The number of the period of a time in seconds since 1970.
    package static func number(at now: Int) -> Int { now / period }

    /// The code of a period.
    package func code(in period: Int) -> String {
        let counter = withUnsafeBytes(of: UInt64(max(0, period)).bigEndian) { Array($0) }
        let digest = Array(HMAC<Insecure.SHA1>.authenticationCode(for: counter, using: secret))
        // RFC 4226, section 5.3.
        let offset = Int(digest[digest.count - 1] & 15)
        let number = digest[offset..<(offset + 4)].reduce(0) { $0 << 8 | Int($1) } & 0x7FFF_FFFF
        let digits = String(number % 1_000_000)
        return String(repeating: "0", count: 6 - digits.count) + digits
    }

    /// The period of a code that is typed now, or was typed a little late.
    ///
    /// - Returns: nil for a wrong one.
    package func period(of typed: String, at now: Int) -> Int? {
        let digits = typed.compactMap(\.wholeNumberValue).map(String.init).joined()
        let number = Self.number(at: now)
        return [number, number - 1].first { code(in: $0) == digits }
    }
}
