// SPDX-License-Identifier: GPL-3.0-or-later

/// What becomes of the case of a code's letters.
public enum LetterCase: String, CaseIterable, Sendable {
    /// It makes no difference, as in most codes: `a` and `A` are read alike.
    case ignored
    /// Capital letters are read as such: “capital A”.
    case spoken
}
