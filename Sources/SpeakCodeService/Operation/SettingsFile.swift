// SPDX-License-Identifier: GPL-3.0-or-later

internal import FoundationEssentials
internal import SpeakCode

/// A file that a setting names.
package enum SettingsFile {
    /// All of its bytes.
    ///
    /// - Parameter setting: the setting's key.
    /// - Throws: ``SettingsError`` with the path, and what the system says.
    package static func bytes(of path: String, for setting: String) throws(SettingsError) -> [UInt8] {
        do {
            return Array(try Data(contentsOf: URL(filePath: path)))
        } catch {
            throw SettingsError(setting, "names \(path), which \(error.systemReason ?? "cannot be read")")
        }
    }

    /// The same as a text.
    ///
    /// - Throws: ``SettingsError`` also where it is no UTF-8.
    static func text(of path: String, for setting: String) throws(SettingsError) -> String {
        guard let text = String(validating: try bytes(of: path, for: setting), as: UTF8.self) else {
            throw SettingsError(setting, "names \(path), which is no text in UTF-8")
        }
        return text
    }
}
