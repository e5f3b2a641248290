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
                let value = gatewayValues[signing.setting]
            else { continue }
            guard let signature = signing.checking(with: value) else {
                throw SettingsError(signing.setting, signing.requirement)
            }
            signatures[document] = signature
        }
        return signatures
    }
}
