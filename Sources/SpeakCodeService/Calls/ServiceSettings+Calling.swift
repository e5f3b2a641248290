// SPDX-License-Identifier: GPL-3.0-or-later

extension ServiceSettings {
    /// Where who has these settings asks the running service: at the address that gateways know, else at its port.
    ///
    /// - Throws: ``SettingsError``.
    package func readCallingBase() throws(SettingsError) -> String {
        if let publicURL { return publicURL }
        guard port != 0 else { throw SettingsError("publicURL", "must be set, or a port: where is the service?") }
        let address = NetworkAddress(host)
        // Who listens everywhere is here as well.
        let here = address?.isUnspecified == true ? "127.0.0.1" : host
        let name = here.contains(":") ? "[\(here)]" : here
        return (certificate == nil ? "http://" : "https://") + "\(name):\(port)"
    }

    /// The key of the first caller; nil where nobody needs one.
    ///
    /// - Throws: ``SettingsError``.
    package func readAPIKey() throws(SettingsError) -> String? {
        // All of them are looked at, as the service looks at them.
        _ = try readCallers()
        let line: Substring?
        if let first = apiKeys.first {
            line = first[...]
        } else {
            line = try apiKeysFile.flatMap { (path) throws(SettingsError) in
                try KeyFile.lines(of: path, for: "apiKeysFile").first?.text
            }
        }
        guard let line else { return nil }
        do throws(CallerError) {
            return try Caller.parts(of: line).key
        } catch {
            throw SettingsError(apiKeys.isEmpty ? "apiKeysFile" : "apiKeys", error.description)
        }
    }
}
