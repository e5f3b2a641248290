// SPDX-License-Identifier: GPL-3.0-or-later

/// How a gateway's requests are known to be its own, and the setting that this needs.
package struct GatewaySigning: Sendable {
    /// The key of the setting that has what signatures are checked with.
    package let setting: String
    /// What the setting is for.
    package let help: String
    /// Whether its value is never shown.
    package let isSecret: Bool
    /// What the setting must be, for a value that it cannot be.
    package let requirement: String
    private let read: @Sendable (String) -> (any RequestSigning)?

    /// - Parameter read: what checks signatures with the setting's value; nil for a value that it cannot be.
    init(
        setting: String, help: String, isSecret: Bool, requirement: String = "cannot be taken",
        read: @escaping @Sendable (String) -> (any RequestSigning)?
    ) {
        self.setting = setting
        self.help = help
        self.isSecret = isSecret
        self.requirement = requirement
        self.read = read
    }

    /// What checks signatures with the setting's value; nil for a value that it cannot be.
    package func checking(with value: String) -> (any RequestSigning)? { read(value) }
}
