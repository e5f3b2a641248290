// SPDX-License-Identifier: GPL-3.0-or-later

extension ServiceSettings {
    /// What requests for documents must be signed by, of the gateways whose secret is set.
    ///
    /// - Throws: ``SettingsError`` for a public key that is none.
    func readSignatures() throws(SettingsError) -> [CallDocument: any RequestSigning] {
        var signatures: [CallDocument: any RequestSigning] = [:]
        signatures[.twiml] = twilioAuthToken.map(TwilioSignature.init)
        signatures[.plivo] = plivoAuthToken.map(PlivoSignature.init)
        signatures[.ncco] = vonageSignatureSecret.map(VonageSignature.init)
        signatures[.jambonz] = jambonzSecret.map(JambonzSignature.init)
        if let telnyxPublicKey {
            guard let signature = TelnyxSignature(publicKey: telnyxPublicKey) else {
                throw SettingsError(
                    "telnyxPublicKey", "must be an Ed25519 public key in base64, as the portal shows it")
            }
            signatures[.texml] = signature
        }
        return signatures
    }
}
