// SPDX-License-Identifier: GPL-3.0-or-later

extension Double {
    /// It with one decimal behind a point, in every language.
    package var tenths: String {
        let tenths = Int((self * 10).rounded())
        return "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10)"
    }
}
