// SPDX-License-Identifier: GPL-3.0-or-later

/// A value of a file or a request: what JSON5 can say, before it is asked what it means.
package indirect enum JSON5Value: Hashable, Sendable {
    case text(String)
    case number(Double)
    case flag(Bool)
    case list([JSON5Value])
    case object([String: JSON5Value])
    /// JSON's `null`.
    case nothing
}

extension JSON5Value: Encodable {
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .text(let text): try container.encode(text)
        case .number(let number): try container.encode(number)
        case .flag(let flag): try container.encode(flag)
        case .list(let elements): try container.encode(elements)
        case .object(let members): try container.encode(members)
        case .nothing: try container.encodeNil()
        }
    }
}
