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
    /// An endless audio is listened to for some seconds, as those do who can play one.
    ///
    /// - Parameters:
    ///   - url: the audio's address.
    ///   - progress: told the ``Gateway/id`` of each gateway before it asks.
    /// - Returns: what was found; where the first request has no answer at all, only why.
    public func examine(_ url: AudioURL, progress: (String) -> Void = { _ in }) async -> Report {
        var isEndless = url.seemsEndless
        if let report = await visit(url, isEndless: isEndless, progress) { return report }
        // The name said one thing, and the first answer the other.
        isEndless.toggle()
        return await visit(url, isEndless: isEndless, progress)
            ?? Report(url: url, failure: FetchError(.closed), findings: [])
    }

    /// Fetches an address once, on a connection of its own.
    ///
    /// - Parameter url: the address.
    /// - Returns: the status and the body.
    /// - Throws: why nothing came.
    public func fetch(_ url: AudioURL) async throws(FetchError) -> (status: Int, body: [UInt8]) {
        let client = WireClient(
            limits: limits, security: url.isSecure ? trustsAnyCertificate ? .anyCertificate : .trusted : .none)
        let request = Request(.get, [.host, "Accept: */*", "Connection: close"])
        let answer = try await client.fetch(request, from: url).result.get()
        return (answer.status, answer.body)
    }

    /// - Returns: nil where the first answer with a body is of the other kind.
    private func visit(_ url: AudioURL, isEndless: Bool, _ progress: (String) -> Void) async -> Report? {
        let client = WireClient(
            limits: limits, security: url.isSecure ? trustsAnyCertificate ? .anyCertificate : .trusted : .none)
        var findings: [Finding] = []
        var whole: [UInt8] = []
        for gateway in isEndless ? Gateway.endless(of: gateways) : gateways {
            progress(gateway.id)
            var visit = Visit(to: url, limits: limits)
            for stage in gateway.plan {
                guard let request = stage.request(visit) else { continue }
                var exchanges = await client.exchanges(request, url, count: stage.count)
                if findings.isEmpty, visit.exchanges.isEmpty, case .failure(let error) = exchanges.first?.result {
                    return Report(url: url, failure: error, findings: [])
                }
                if findings.isEmpty, request.method == .get, let answer = exchanges.first?.answer, answer.isSuccess,
                    answer.tellsNoEnd != isEndless, !isEndless || answer.tellsItsLength
                {
                    return nil
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
