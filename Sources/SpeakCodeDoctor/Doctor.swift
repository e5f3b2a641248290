// SPDX-License-Identifier: GPL-3.0-or-later

/// Fetches an audio as gateways do, and tells what each of them would miss.
///
/// An examination is about two dozen requests, each on a new connection. Nothing is kept of the audio.
public struct Doctor: Sendable {
    private let limits: FetchLimits
    private let gateways: [Gateway]
    private let trustsAnyCertificate: Bool

    /// Makes a doctor.
    ///
    /// - Parameters:
    ///   - gateways: those to be, in their order.
    ///   - limits: how long and how much to wait for.
    ///   - trustsAnyCertificate: whether a self-signed TLS certificate is taken, as no gateway does.
    public init(
        gateways: [Gateway] = Gateway.all, limits: FetchLimits = FetchLimits(), trustsAnyCertificate: Bool = false
    ) {
        self.gateways = gateways
        self.limits = limits
        self.trustsAnyCertificate = trustsAnyCertificate
    }

    /// Visits a URL as each gateway.
    ///
    /// - Returns: what was found; where the first request has no answer at all, only why.
    public func examine(_ url: AudioURL) async -> Report {
        let client = WireClient(
            limits: limits, security: url.isSecure ? trustsAnyCertificate ? .anyCertificate : .trusted : .none)
        var findings: [Finding] = []
        var whole: [UInt8] = []
        for gateway in gateways {
            var visit = Visit(to: url, limits: limits)
            for stage in gateway.plan {
                guard let request = stage.request(visit) else { continue }
                var exchanges = await client.exchanges(request, url, count: stage.count)
                if findings.isEmpty, visit.exchanges.isEmpty, case .failure(let error) = exchanges.first?.result {
                    return Report(url: url, failure: error, findings: [])
                }
                for index in exchanges.indices { exchanges[index].share(&whole) }
                visit.note(exchanges, at: stage.step)
            }
            findings += gateway.rules.map { Finding($0, $0.judge(visit), gateway) }
        }
        return Report(url: url, failure: nil, findings: findings)
    }
}

extension WireClient {
    /// The same request several times at once.
    fileprivate func exchanges(_ request: Request, _ url: AudioURL, count: Int) async -> [Exchange] {
        await withTaskGroup { group in
            for _ in 0..<count { group.addTask { await fetch(request, from: url) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }
}

extension Exchange {
    /// Lets bodies of the same bytes have the same storage: there are two dozen of one body.
    fileprivate mutating func share(_ whole: inout [UInt8]) {
        guard case .success(var answer) = result, answer.isWhole else { return }
        if answer.body == whole {
            answer.body = whole
            result = .success(answer)
        } else if answer.status == 200 {
            whole = answer.body
        }
    }
}
