// SPDX-License-Identifier: GPL-3.0-or-later

internal import Crypto
internal import CryptoExtras
internal import FoundationEssentials
internal import HTTPTypes
internal import SpeakCodeGateways
internal import SpeakCodeLinks

/// A gateway's side of the settings: accounts, credentials that are made for one rehearsal, and how it signs.
///
/// Rules: those that the checks of signatures in the gateways' folders name.
struct GatewaySigner: Sendable {
    let kind: FakeGateway.Kind
    private let secret = SymmetricKey(size: .bits256)
    private let pair = Curve25519.Signing.PrivateKey()

    /// The secret as a setting has it.
    private var word: String { secret.withUnsafeBytes { Self.figures($0) } }

    /// The settings by which the service dials through it.
    func settings(calling from: String) throws -> [String: String] {
        switch kind {
        case .twilio:
            return ["twilioAccount": "AC1", "twilioAuthToken": word, "twilioNumbers": from]
        case .signalwire:
            return [
                "signalwireProject": "rehearsal", "signalwireURL": "https://rehearsal.signalwire.com",
                "signalwireToken": "PT" + word, "signalwireNumbers": from, "twilioAuthToken": word,
            ]
        case .telnyxTeXML, .telnyxCallControl:
            let way =
                kind == .telnyxTeXML
                ? ["telnyxAccount": "rehearsal", "telnyxApplication": "17"] : ["telnyxConnection": "17"]
            return [
                "telnyxApiKey": "KEY" + word, "telnyxNumbers": from,
                "telnyxPublicKey": pair.publicKey.rawRepresentation.base64EncodedString(),
            ].merging(way) { $1 }
        case .plivo: return ["plivoAccount": "MA0rehearsal", "plivoAuthToken": word, "plivoNumbers": from]
        case .vonage:
            return [
                "vonageApplication": "rehearsal", "vonageNumbers": from, "vonageSignatureSecret": word,
                "vonagePrivateKey": try _RSA.Signing.PrivateKey(keySize: .bits2048).pemRepresentation,
            ]
        case .jambonz:
            return [
                "jambonzURL": "https://jambonz.example.net", "jambonzAccount": "rehearsal", "jambonzApiKey": word,
                "jambonzNumbers": from, "jambonzSecret": word,
            ]
        }
    }

    /// What it adds to a request that it posts.
    func headers(_ url: String, _ body: [UInt8], at time: Int) throws -> [(String, String)] {
        switch kind {
        case .twilio, .signalwire:
            let fields = FormFields(body: body).sorted.map { $0.name + $0.value }.joined()
            let key = SymmetricKey(data: Array(word.utf8))
            let code = HMAC<Insecure.SHA1>.authenticationCode(for: Array((url + fields).utf8), using: key)
            return [("X-Twilio-Signature", Data(code).base64EncodedString())]
        case .plivo:
            let nonce = "12345678901234567890"
            let fields = FormFields(body: body).sorted.map { $0.name + $0.value }.joined()
            let text = url + (fields.isEmpty ? "" : "?" + fields) + "." + nonce
            return [
                ("X-Plivo-Signature-V3", Data(mac(Array(text.utf8))).base64EncodedString()),
                ("X-Plivo-Signature-V3-Nonce", nonce),
            ]
        case .telnyxTeXML, .telnyxCallControl:
            let signature = try pair.signature(for: Array("\(time)|".utf8) + body)
            return [
                ("telnyx-signature-ed25519", signature.base64EncodedString()), ("telnyx-timestamp", "\(time)"),
            ]
        case .vonage: return [("Authorization", "Bearer " + token(body, at: time))]
        case .jambonz:
            let code = mac(Array("\(time).".utf8) + body)
            return [("Jambonz-Signature", "t=\(time),v1=\(Self.figures(code))")]
        }
    }

    private func token(_ body: [UInt8], at time: Int) -> String {
        let hash = Self.figures(SHA256.hash(data: body))
        let parts = [
            #"{"alg":"HS256","typ":"JWT"}"#, #"{"iat":\#(time),"jti":"rehearsal","payload_hash":"\#(hash)"}"#,
        ]
        let text = parts.map { Base64URL.encode(Array($0.utf8)) }.joined(separator: ".")
        return text + "." + Base64URL.encode(Array(mac(Array(text.utf8))))
    }

    private func mac(_ message: [UInt8]) -> HMAC<SHA256>.MAC {
        HMAC<SHA256>.authenticationCode(for: message, using: SymmetricKey(data: Array(word.utf8)))
    }

    private static func figures(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
