// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCodeLinks

/// A file with a key in each line; empty lines, blanks around a line, and what follows a `#` at a line's beginning are not
/// looked at.
package enum KeyFile {
    /// The lines that have keys, with their numbers from 1.
    ///
    /// - Throws: ``SettingsError`` where the file cannot be read, or can be by others.
    package static func lines(
        of path: String, for setting: String
    ) throws(SettingsError) -> [(number: Int, text: Substring)] {
        guard FileExposure(of: path) != .byItsOwner else {
            throw SettingsError(
                setting, "names \(path), which other users of this machine may read or change; `chmod 600` it")
        }
        let text = try SettingsFile.text(of: path, for: setting)
        return text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated()
            .map { (number: $0.offset + 1, text: $0.element.withoutBlanks) }
            .filter { !$0.text.isEmpty && !$0.text.hasPrefix("#") }
    }
}

extension ServiceSettings {
    /// The link keys of settings and file, in this order; empty where there are none.
    ///
    /// - Throws: ``SettingsError``.
    func readLinkKeys() throws(SettingsError) -> [LinkKey] {
        var keys: [LinkKey] = []
        for (number, text) in linkKeys.enumerated() {
            do { keys.append(try LinkKey(text: text)) } catch {
                throw SettingsError("linkKeys", "has a bad key, number \(number + 1): \(error)")
            }
        }
        if let path = linkKeysFile {
            for line in try KeyFile.lines(of: path, for: "linkKeysFile") {
                let text = line.text.prefix { !$0.isWhitespace }
                do { keys.append(try LinkKey(text: text)) } catch {
                    throw SettingsError("linkKeysFile", "has a bad key in line \(line.number): \(error)")
                }
            }
            guard !keys.isEmpty else {
                throw SettingsError("linkKeysFile", "has no key; `speakcode keys new` makes one")
            }
        }
        return keys
    }

    /// The callers of settings and file; empty where there are none.
    ///
    /// - Throws: ``SettingsError``.
    package func readCallers() throws(SettingsError) -> [Caller] {
        var callers: [Caller] = []
        for (number, text) in apiKeys.enumerated() {
            do { callers.append(try Caller(line: text)) } catch {
                throw SettingsError("apiKeys", "number \(number + 1): \(error)")
            }
        }
        if let path = apiKeysFile {
            for line in try KeyFile.lines(of: path, for: "apiKeysFile") {
                do { callers.append(try Caller(line: line.text)) } catch {
                    throw SettingsError("apiKeysFile", "line \(line.number): \(error)")
                }
            }
            guard !callers.isEmpty else {
                throw SettingsError("apiKeysFile", "has no caller; `speakcode keys caller NAME` makes a line")
            }
        }
        return callers
    }
}

extension ServiceSettings {
    /// What is to be said of files with secrets that more may read than need to.
    func exposedFiles() -> [String] {
        let files = [
            ("linkKeysFile", linkKeysFile), ("apiKeysFile", apiKeysFile), ("privateKey", privateKey),
            ("config", secretsFile),
        ]
        return files.compactMap { setting, path in
            guard let path, FileExposure(of: path) != .none else { return nil }
            return "\(setting) names \(path), which other users of this machine may read or change; "
                + "it should be its owner's alone (`chmod 600`)"
        }
    }
}
