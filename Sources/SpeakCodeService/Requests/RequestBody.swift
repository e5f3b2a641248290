// SPDX-License-Identifier: GPL-3.0-or-later

internal import HTTPTypes

extension Request {
    /// How long a body is waited for.
    package static let longestWait: Duration = .seconds(10)

    /// The bytes of the body, at most so many, all of them within ten seconds.
    ///
    /// - Throws: ``Problem`` for one that is too long or too slow, and what reading it throws.
    func body(atMost most: Int) async throws -> [UInt8] {
        let tooLong = Problem(.contentTooLarge, "body-too-long", "the body must have at most \(most) bytes")
        if let length = headers[.contentLength].flatMap({ Int($0) }), length > most { throw tooLong }
        let tooSlow = Problem(.requestTimeout, "body-too-slow", "the body must come within ten seconds")
        let coming: @Sendable (Int) async throws -> [UInt8]?
        switch body {
        case .here(let body):
            guard body.count <= most else { throw tooLong }
            return body
        case .late: throw tooSlow
        case .coming(let function): coming = function
        }
        return try await withThrowingTaskGroup(of: [UInt8]?.self) { group in
            group.addTask {
                guard let body = try await coming(most) else { throw tooLong }
                return body
            }
            group.addTask {
                try await Task.sleep(for: Self.longestWait)
                return nil
            }
            defer { group.cancelAll() }
            guard let body = try await group.next() ?? nil else { throw tooSlow }
            return body
        }
    }
}
