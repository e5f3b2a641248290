// SPDX-License-Identifier: GPL-3.0-or-later

internal import AsyncHTTPClient
internal import HTTPTypes
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import SpeakCodeGateways
package import SpeakCodeService
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Sends requests as the service does, for as long as a body lasts.
package func withHTTPSender<Made>(_ body: (any HTTPSender) async throws -> Made) async rethrows -> Made {
    let sender = PooledHTTPSender()
    do {
        let made = try await body(sender)
        await sender.close()
        return made
    } catch {
        await sender.close()
        throw error
    }
}

/// Sends requests to gateways and to the operator's addresses, through the proxies that the environment names; all share
/// their connections.
final class PooledHTTPSender: HTTPSender {
    private let proxies: ProxyEnvironment
    /// One for each proxy, made when it is needed first; nil once it is closed, since nobody would close one made then.
    private let clients = Mutex<[ProxyEnvironment.Proxy?: HTTPClient]?>([:])

    /// How long a connection is waited for.
    private static let connecting = TimeAmount.seconds(5)
    /// A connection that lies longer may have been closed by its other end, and what is sent over it has no answer.
    private static let idle = TimeAmount.seconds(10)
    private static let longestAnswer = 1 << 20
    /// Longer than any call.
    private static let longestFollowing = TimeAmount.hours(24)

    init(_ proxies: ProxyEnvironment = ProxyEnvironment()) {
        self.proxies = proxies
    }

    func send(_ request: GatewayRequest, within limit: Duration) async throws(SendingError) -> GatewayAnswer {
        do {
            let answer = try await client(for: request.url).execute(Self.sent(request), timeout: TimeAmount(limit))
            let body = try await answer.body.collect(upTo: Self.longestAnswer)
            return GatewayAnswer(
                status: Int(answer.status.code), headers: Self.fields(answer.headers),
                body: Array(body.readableBytesView))
        } catch {
            throw Self.problem(error)
        }
    }

    /// Sends a request whose answer comes bit by bit for as long as there is something to tell.
    ///
    /// - Parameter take: takes some of its bytes, and says whether more are wanted.
    /// - Returns: its status; of another than 200 nothing is taken.
    func follow(_ request: GatewayRequest, _ take: ([UInt8]) -> Bool) async throws(SendingError) -> Int {
        do {
            let answer = try await client(for: request.url).execute(Self.sent(request), timeout: Self.longestFollowing)
            guard answer.status == .ok else { return Int(answer.status.code) }
            for try await bytes in answer.body where !take(Array(bytes.readableBytesView)) { break }
            return 200
        } catch {
            throw Self.problem(error)
        }
    }

    private static func sent(_ request: GatewayRequest) -> HTTPClientRequest {
        var sent = HTTPClientRequest(url: request.url)
        sent.method = .RAW(value: request.method.rawValue)
        for field in request.headers { sent.headers.add(name: field.name.rawName, value: field.value) }
        if !request.body.isEmpty { sent.body = .bytes(request.body) }
        return sent
    }

    private func client(for url: String) throws -> HTTPClient {
        let proxy = proxies.proxy(for: url)
        return try clients.withLock { clients in
            guard clients != nil else { throw HTTPClientError.alreadyShutdown }
            if let client = clients?[proxy] { return client }
            let client = Self.client(proxy)
            clients?[proxy] = client
            return client
        }
    }

    private static func client(_ proxy: ProxyEnvironment.Proxy?) -> HTTPClient {
        var configuration = HTTPClient.Configuration()
        // A secret goes where it is to go, and nowhere else.
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = connecting
        configuration.connectionPool.idleTimeout = idle
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.proxy = proxy.map { proxy in
            .server(
                host: proxy.host, port: proxy.port,
                authorization: proxy.credentials.map { .basic(credentials: $0) })
        }
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    private static func fields(_ headers: HTTPHeaders) -> HTTPFields {
        var fields = HTTPFields()
        for (name, value) in headers {
            if let name = HTTPField.Name(name) { fields.append(HTTPField(name: name, value: value)) }
        }
        return fields
    }

    /// What the kernel says of a connection that nobody took.
    private static let refusals: Set<CInt> = [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, EADDRNOTAVAIL]

    /// Whether a request cannot have come anywhere.
    private static func problem(_ error: any Error) -> SendingError {
        switch error {
        case is NIOConnectionError: return .notSent
        case let error as IOError: return refusals.contains(error.errnoCode) ? .notSent : .noAnswer
        case let error as ChannelError:
            if case .connectTimeout = error { return .notSent }
            return .noAnswer
        case let error as HTTPClientError:
            let before: [HTTPClientError] = [
                .connectTimeout, .getConnectionFromPoolTimeout, .invalidURL, .emptyHost, .emptyScheme,
                .tlsHandshakeTimeout, .proxyAuthenticationRequired, .socksHandshakeTimeout,
                .httpProxyHandshakeTimeout, .alreadyShutdown,
            ]
            return before.contains(error) ? .notSent : .noAnswer
        default: return .noAnswer
        }
    }

    /// Lets all connections go; nothing is sent after it.
    func close() async {
        let open = clients.withLock { clients in
            defer { clients = nil }
            return clients.map { Array($0.values) } ?? []
        }
        // What is left then is ended: nobody waits for it.
        for client in open { try? await client.shutdown() }
    }
}
