// SPDX-License-Identifier: GPL-3.0-or-later

internal import Crypto
internal import FoundationEssentials
internal import HTTPTypes

/// Plivo's `X-Plivo-Signature-V3`: HMAC-SHA256, in base64, of the address, the fields and a number used once.
///
/// Covers the address with its query, and the body. The number is Plivo's to choose and is not remembered here: who has
/// seen a request can send it again.
///
/// Rules: <https://docs.plivo.com/docs/voice/concepts/signature-validation/>, and for the text that is signed Plivo's
/// own validators (`plivo/utils/signature_v3.py` of github.com/plivo/plivo-python, `utils.go` of
/// github.com/plivo/plivo-go; where they differ, the former, which keeps every value of a name).
struct PlivoSignature: RequestSigning {
    private let secret: SharedSecret

    /// Takes the token of the account or subaccount that calls, or that of the main account: Plivo signs with both.
    init(authToken: String) {
        secret = SharedSecret(authToken)
    }

    func isGenuine(_ request: SignedRequest) -> Bool {
        guard let nonce = request.header("X-Plivo-Signature-V3-Nonce"), let text = signedText(of: request) else {
            return false
        }
        let message = text + Array(".\(nonce)".utf8)
        // An account with two valid tokens has a signature of each, in a list.
        return ["X-Plivo-Signature-V3", "X-Plivo-Signature-Ma-V3"].compactMap(request.header)
            .flatMap { $0.split { $0 == "," || $0 == " " } }
            .compactMap { Data(base64Encoded: String($0)) }
            .contains { secret.matches(Array($0), of: message, hash: SHA256.self) }
    }

    /// The address with its query in order and the fields of a posted form; nil for a request that Plivo does not make.
    private func signedText(of request: SignedRequest) -> [UInt8]? {
        guard [.get, .post].contains(request.method), let form = request.form else { return nil }
        let query = FormFields(query: request.query).sorted.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
        var text = String(request.urlWithoutQuery)
        if !query.isEmpty || !form.pairs.isEmpty { text += "?" + query }
        if !query.isEmpty && !form.pairs.isEmpty { text += "." }
        text += form.sorted.map { $0.name + $0.value }.joined()
        return Array(text.utf8)
    }
}
