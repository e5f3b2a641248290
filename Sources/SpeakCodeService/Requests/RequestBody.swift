// SPDX-License-Identifier: GPL-3.0-or-later

internal import HTTPTypes

extension Request {
    /// How long a body is waited for.
    package static let longestWait: Duration = .seconds(10)

    /// The bytes of the body, at most so many.
    ///
    /// - Throws: ``Problem`` for one that is too long, or has not come in time.
    func body(atMost most: Int) throws(Problem) -> [UInt8] {
        let tooLong = Problem(.contentTooLarge, "body-too-long", "the body must have at most \(most) bytes")
        if let length = headers[.contentLength].flatMap({ Int($0) }), length > most { throw tooLong }
        guard case .here(let body) = body else {
            throw Problem(.requestTimeout, "body-too-slow", "the body must come within ten seconds")
        }
        guard body.count <= most else { throw tooLong }
        return body
    }
}
