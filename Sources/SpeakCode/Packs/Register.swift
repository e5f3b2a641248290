// SPDX-License-Identifier: GPL-3.0-or-later

/// How a speaker addresses the listener, where the language makes a difference: *Sie* or *du*, *vous* or *tu*.
///
/// A language that makes none has the same words for both.
public enum Register: String, Hashable, Sendable, CaseIterable {
    /// As a bank's clerk speaks to a customer.
    case formal
    /// As friends speak.
    case informal
}
