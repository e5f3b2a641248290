// SPDX-License-Identifier: GPL-3.0-or-later

package import HTTPTypes

/// The value of a caller's `Idempotency-Key`: the same again is the same call.
package struct IdempotencyKey: Hashable, Sendable {
    let text: String

    package static let header: HTTPField.Name = {
        guard let name = HTTPField.Name("Idempotency-Key") else { preconditionFailure("It is a header's name.") }
        return name
    }()

    private static let lengths = 1...255

    /// The key of a request; nil where it has none.
    ///
    /// - Throws: ``Problem``.
    static func of(_ headers: HTTPFields) throws(Problem) -> IdempotencyKey? {
        let values = headers[values: header]
        guard let text = values.first else { return nil }
        guard values.count == 1, lengths.contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else {
            throw Problem(
                .unprocessableContent, "bad-idempotency-key",
                "Idempotency-Key must stand once, with 1 to 255 visible ASCII characters")
        }
        return IdempotencyKey(text: text)
    }
}
