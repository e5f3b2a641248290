// SPDX-License-Identifier: GPL-3.0-or-later

/// How much the engine is asked to say when a unit is missing.
public enum PrefetchPolicy: Sendable {
    /// The unit's whole section (all phrases, all digits, all letters): later callers find it warm.
    case section
    /// The missing units alone: for a program that speaks once and ends.
    ///
    /// A script asks for every symbol that could stand in a code of its shape, so the engine does not learn which do.
    case none
}
