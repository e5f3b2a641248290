// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCode
internal import SpeakCodeLinks

/// The codes of the authenticator app on the page: as all of them have it, six digits by SHA-1, new every 30 seconds.
package struct AppCode: Sendable {
    private let app: TOTP

    /// Seconds for which a code is shown.
    package static let period = 30

    /// - Parameter secret: 20 bytes, as apps have.
    package init(_ secret: [UInt8]) {
        do {
            app = try TOTP(secret: secret, period: Self.period)
        } catch {
            preconditionFailure("A secret of the demo's own is one: \(error)")
        }
    }

    /// The number of the period of a time in seconds since 1970.
    package static func number(at now: Int) -> Int { now / period }

    /// The code of a period.
    package func code(in period: Int) -> String {
        String(app.code(counter: UInt64(max(0, period))).symbols.map(\.character))
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
