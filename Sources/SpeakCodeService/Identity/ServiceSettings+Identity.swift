// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCodeGateways

extension ServiceSettings {
    /// The identity servers that the operator has named, with what their requests are checked by.
    ///
    /// - Throws: ``SettingsError``.
    func readIdentityServers() throws(SettingsError) -> [IdentityEndpoint.Server] {
        var servers: [IdentityEndpoint.Server] = []
        for name in identityServers {
            guard let server = IdentityServers.server(named: name) else {
                throw SettingsError(
                    "identityServers", "must be a list of \(IdentityServers.all.map(\.name).joined(separator: ", "))")
            }
            guard let signing = server.signing else {
                servers.append(IdentityEndpoint.Server(server: server, signing: nil))
                continue
            }
            guard let check = try readSignature(signing) else {
                throw SettingsError(signing.setting, "must be given, for \(name) in identityServers")
            }
            servers.append(IdentityEndpoint.Server(server: server, signing: check))
        }
        if let identityForward, !["https://", "http://"].contains(where: identityForward.hasPrefix) {
            throw SettingsError("identityForward", "must be an address such as https://texts.example.net/okta")
        }
        return servers
    }
}
