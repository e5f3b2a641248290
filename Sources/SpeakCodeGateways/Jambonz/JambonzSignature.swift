// SPDX-License-Identifier: GPL-3.0-or-later

internal import Crypto

/// jambonz's `Jambonz-Signature: t=…,v1=…`: HMAC-SHA256, in hexadecimal figures, of the time, a point and the body.
///
/// Covers the body and the time. It does not cover the method, the address and the query. With GET, jambonz signs what
/// it would have posted and sends it nowhere, so that nobody can check it: its hooks have to be of the method POST.
///
/// Rules: `lib/utils/base-requestor.js` and `http-requestor.js` of github.com/jambonz/jambonz-feature-server, which
/// signs, `typescript/src/webhook/response.ts` of github.com/jambonz/node-sdk, which checks, and
/// <https://docs.jambonz.org/guides/features/securing-http-endpoints>.
struct JambonzSignature: RequestSigning {
    private let secret: SharedSecret

    /// Takes the account's webhook secret.
    init(secret: String) {
        self.secret = SharedSecret(secret)
    }

    func isGenuine(_ request: SignedRequest) -> Bool {
        let fields = (request.header("Jambonz-Signature") ?? "").split { $0 == "," || $0 == " " }
            .map { $0.split(separator: "=", maxSplits: 1) }.filter { $0.count == 2 }
        let times = fields.filter { $0[0] == "t" }
        guard times.count == 1, let time = times.first?[1], let seconds = Int(time), request.isFresh(seconds) else {
            return false
        }
        let message = Array("\(time).".utf8) + request.body
        return fields.filter { $0[0] == "v1" }.compactMap { Hexadecimal.decode($0[1].utf8) }
            .contains { secret.matches($0, of: message, hash: SHA256.self) }
    }
}
