// SPDX-License-Identifier: GPL-3.0-or-later

internal import NIOCore
internal import NIOPosix
internal import NIOSSL

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// How long and how much the doctor waits for.
public struct FetchLimits: Hashable, Sendable {
    /// For a connection.
    public var connect: Duration = .seconds(5)
    /// For a whole request, the connection included.
    public var request: Duration = .seconds(10)
    /// For an endless body, the connection included.
    public var listening: Duration = .seconds(5)
    /// Bytes of a body.
    public var body = 16 * 1024 * 1024
    /// A whole body that takes longer is slow: the caller hears nothing meanwhile.
    public var slow: Duration = .seconds(1)

    /// The limits by default.
    public init() {}
}

/// An HTTP/1.1 client that shows what is on the wire: a new connection for each request, no redirect, no decoding.
struct WireClient: Sendable {
    private let limits: FetchLimits
    private let tls: NIOSSLContext?
    /// After a whole answer, for the server to close as it was asked to.
    private static let grace = TimeAmount.seconds(1)

    private struct TimedOut: Error {}

    enum Security { case none, trusted, anyCertificate }

    init(limits: FetchLimits, security: Security) {
        self.limits = limits
        var configuration = TLSConfiguration.makeClientConfiguration()
        if security == .anyCertificate { configuration.certificateVerification = .none }
        // It reads the machine's authorities, which takes longer than a dozen fetches.
        tls = security == .none ? nil : try? NIOSSLContext(configuration: configuration)
    }

    func fetch(_ request: Request, from url: AudioURL) async -> Exchange {
        do throws(FetchError) {
            return Exchange(request: request, result: .success(try await answer(to: request, from: url)))
        } catch {
            return Exchange(request: request, result: .failure(error))
        }
    }

    private func answer(to request: Request, from url: AudioURL) async throws(FetchError) -> Answer {
        let start = ContinuousClock.now
        let connection: NIOAsyncChannel<ByteBuffer, ByteBuffer>
        do {
            connection = try await connect(to: url)
        } catch {
            throw Self.reason(error)
        }
        var parser = AnswerParser(for: request.method, bodyLimit: limits.body)
        var firstByte: Duration?
        var lastByte = Duration.zero
        var failure: (any Error)?
        let left = (request.listens ? limits.listening : limits.request) - (ContinuousClock.now - start)
        let deadline = Self.end(connection.channel, in: TimeAmount(left))
        do {
            try await connection.executeThenClose { inbound, outbound in
                // Where the handshake fails, the reason comes with what is read.
                try? await outbound.write(ByteBuffer(bytes: request.bytes(for: url)))
                do {
                    for try await buffer in inbound {
                        let now = ContinuousClock.now - start
                        firstByte = firstByte ?? now
                        let wasFinished = parser.isFinished
                        parser.take(buffer.readableBytesView)
                        guard !wasFinished else { continue }
                        lastByte = now
                        // What has no end is not waited for.
                        if parser.hasHead, parser.answer.tellsNoEnd, !request.listens { break }
                        guard parser.isFinished else { continue }
                        guard request.closes, parser.answer.isWhole else { break }
                        _ = Self.end(connection.channel, in: Self.grace)
                    }
                } catch {
                    failure = error
                }
            }
        } catch {
            failure = failure ?? error
        }
        deadline.cancel()
        parser.end(timedOut: failure is TimedOut)
        guard parser.isHTTP else { throw FetchError(.notHTTP) }
        guard parser.hasHead else { throw failure.map(Self.reason) ?? FetchError(.closed) }
        var answer = parser.answer
        answer.firstByte = firstByte ?? lastByte
        answer.lastByte = lastByte
        return answer
    }

    private func connect(to url: AudioURL) async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
        let tls = tls
        return try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connectTimeout(TimeAmount(limits.connect))
            .connect(host: url.host, port: url.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    if url.isSecure {
                        guard let tls else { throw FetchError(.handshakeFailed) }
                        // An address is no server name (RFC 6066, section 3).
                        let isAddress = (try? SocketAddress(ipAddress: url.host, port: url.port)) != nil
                        let handler = try NIOSSLClientHandler(
                            context: tls, serverHostname: isAddress ? nil : url.host)
                        try channel.pipeline.syncOperations.addHandler(handler)
                    }
                    return try NIOAsyncChannel(wrappingChannelSynchronously: channel)
                }
            }
    }

    /// Ends a connection at a time, whatever it does then.
    private static func end(_ channel: any Channel, in time: TimeAmount) -> Scheduled<Void> {
        channel.eventLoop.scheduleTask(in: time) {
            channel.pipeline.fireErrorCaught(TimedOut())
            channel.close(promise: nil)
        }
    }

    // MARK: - Errors in words

    private static func reason(_ error: any Error) -> FetchError {
        switch error {
        case let error as FetchError: error
        case is TimedOut: FetchError(.silent)
        case let error as NIOConnectionError:
            if let failure = error.connectionErrors.first {
                reason(failure.error)
            } else if error.dnsAError != nil || error.dnsAAAAError != nil {
                FetchError(.nameNotFound)
            } else {
                FetchError(.connectTimedOut)
            }
        case ChannelError.connectTimeout: FetchError(.connectTimedOut)
        case let error as IOError: reason(errno: error.errnoCode)
        case let error as NIOSSLExtraError where error == .failedToValidateHostname:
            FetchError(.certificateOfAnotherHost)
        case NIOSSLError.handshakeFailed(let cause):
            // BoringSSL's own name for it is all that there is to go by.
            "\(cause)".contains("CERTIFICATE_VERIFY_FAILED")
                ? FetchError(.certificateNotTrusted) : FetchError(.handshakeFailed)
        case is NIOSSLError, is BoringSSLError: FetchError(.handshakeFailed)
        default: FetchError(.closed)
        }
    }

    private static func reason(errno code: CInt) -> FetchError {
        switch code {
        case ECONNREFUSED: FetchError(.refused)
        case ETIMEDOUT: FetchError(.connectTimedOut)
        case ECONNRESET, EPIPE: FetchError(.closed)
        default: FetchError(.unreachable(String(cString: strerror(code))))
        }
    }
}
