// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCodeGateways

extension ServiceSettings {
    /// What requests for documents must be signed by, of the gateways whose key is set.
    ///
    /// - Throws: ``SettingsError`` for a key that is none.
    func readSignatures() throws(SettingsError) -> [CallDocument: any RequestSigning] {
        var signatures: [CallDocument: any RequestSigning] = [:]
        for gateway in Gateways.all {
            guard let document = gateway.document, let signing = gateway.signing,
                let signature = try readSignature(signing)
            else { continue }
            signatures[document] = signature
        }
        return signatures
    }

    /// What requests must be signed by; nil where its setting is not set.
    ///
    /// - Throws: ``SettingsError`` for a value that it cannot be.
    func readSignature(_ signing: GatewaySigning) throws(SettingsError) -> (any RequestSigning)? {
        guard let value = gatewayValues[signing.setting] else { return nil }
        guard let signature = signing.checking(with: value) else {
            throw SettingsError(signing.setting, signing.requirement)
        }
        return signature
    }
}
