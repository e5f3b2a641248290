// SPDX-License-Identifier: GPL-3.0-or-later

internal import Crypto

/// A header such as `t=…,v1=…`: HMAC-SHA256, in hexadecimal figures, of the time, a point and the body.
///
/// Covers the body and the time. It does not cover the method, the address and the query.
struct TimedSignature: RequestSigning {
    /// The name of the header.
    private let header: String
    private let secret: SharedSecret

    init(header: String, secret: String) {
        self.header = header
        self.secret = SharedSecret(secret)
    }

    func isGenuine(_ request: SignedRequest) -> Bool {
        let fields = (request.header(header) ?? "").split { $0 == "," || $0 == " " }
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
