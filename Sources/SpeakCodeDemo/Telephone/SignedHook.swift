// SPDX-License-Identifier: GPL-3.0-or-later

internal import Crypto
internal import FoundationEssentials
internal import HTTPTypes
internal import SpeakCodeGateways
internal import SpeakCodeLinks
package import SpeakCodeService

/// How the site has codes said: by the hook that any program of anybody's uses, `POST /v1/providers/standard`, signed as
/// Standard Webhooks has it.
package struct SignedHook: Sendable {
    /// What the setting `standardSecret` is; made for this process.
    package let secret: String
    private let key: WebhookKey

    package init() {
        let bytes = SymmetricKey(size: .bits256)
        secret = "whsec_" + bytes.withUnsafeBytes { Data($0).base64EncodedString() }
        guard let key = WebhookKey(secret) else { preconditionFailure("It is 32 bytes in base64.") }
        self.key = key
    }

    private struct Body: Encodable {
        let to: String
        let code: String
        let locale: String
    }

    private struct Accepted: Decodable {
        let id: String
    }

    private struct Refused: Decodable {
        let detail: String
    }

    /// What became of asking.
    package enum Outcome: Hashable, Sendable {
        /// The call is going to be placed, and has this name.
        case accepted(String)
        /// A sentence for the person, where there is one.
        case refused(String?)
    }

    /// Asks for a call.
    package func call(
        _ number: String, _ code: String, in locale: String, of service: SiteService, base: String, at now: Int
    ) async -> Outcome {
        guard let body = try? JSONDocument.encode(Body(to: number, code: code, locale: locale)),
            let id = HTTPField.Name("webhook-id"), let time = HTTPField.Name("webhook-timestamp"),
            let signature = HTTPField.Name("webhook-signature")
        else { return .refused(nil) }
        let name = UUID.random().uuidString
        let headers: HTTPFields = [
            .contentType: "application/json", id: name, time: "\(now)",
            signature: key.signature(of: name, at: now, body),
        ]
        // The page has no voicemail: it reads at once.
        let answer = await service.ask(
            .post, "/v1/providers/standard?gate=never", headers: headers, body: body, base: base)
        let decoder = JSONDecoder()
        guard answer.status == .accepted,
            let accepted = try? decoder.decode(Accepted.self, from: Data(answer.body))
        else { return .refused((try? decoder.decode(Refused.self, from: Data(answer.body)))?.detail) }
        return .accepted(accepted.id)
    }
}

extension SignedHook: CustomStringConvertible, CustomReflectable {
    package var description: String { "SignedHook" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
