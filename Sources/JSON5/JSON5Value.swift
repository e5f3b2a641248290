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
