// SPDX-License-Identifier: GPL-3.0-or-later

internal import NIOCore
internal import NIOHTTP1

/// What HTTP/1 asks of a connection and a server of newer HTTP no longer knows: clients of HTTP/1.0, answers without a
/// length to HEAD, and clients who wait for leave to send.
///
/// An answer of no known length is chunked, which RFC 9112, section 6.1, forbids to send to a client of HTTP/1.0, and
/// whose last chunk would be a body for HEAD. Both are answered as HTTP/1.0 is, by closing the connection.
final class Framing: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// Requests that are not answered yet, the oldest first.
    private var requests: [HTTPRequestHead] = []
    private var endsConnection = false
    private var isRefused = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isRefused else { return }
        if case .head(let head) = unwrapInboundIn(data) {
            // RFC 9112, section 3.2: one Host, no more and no less.
            guard head.version.minor == 0 || head.headers[canonicalForm: "host"].count == 1 else {
                return refuse(context)
            }
            requests.append(HTTPRequestHead(version: head.version, method: head.method, uri: ""))
            // RFC 9110, section 10.1.1; what is wrong with the request is told when it is there.
            if head.version == .http1_1, head.headers[canonicalForm: "expect"].contains("100-continue") {
                let leave = HTTPResponseHead(version: .http1_1, status: .continue)
                context.writeAndFlush(wrapOutboundOut(.head(leave)), promise: nil)
            }
        }
        context.fireChannelRead(data)
    }

    private func refuse(_ context: ChannelHandlerContext) {
        isRefused = true
        var head = HTTPResponseHead(version: .http1_1, status: .badRequest)
        head.headers.add(name: "connection", value: "close")
        head.headers.add(name: "content-length", value: "0")
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.close(promise: nil)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head) where !head.status.isInformational:
            let request = requests.isEmpty ? nil : requests.removeFirst()
            let isOld = request.map { $0.version.major == 1 && $0.version.minor == 0 } ?? false
            let hasLength = head.headers.contains(name: "content-length") || !head.status.mayHaveResponseBody
            if isOld || request?.method == .HEAD && !hasLength {
                head.version = .http1_0
                head.headers.replaceOrAdd(name: "connection", value: "close")
                endsConnection = true
            }
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .end where endsConnection:
            context.writeAndFlush(data, promise: promise)
            context.close(promise: nil)
        default:
            context.write(data, promise: promise)
        }
    }
}

/// Puts ``Framing`` where HTTP/1 is still to be seen, which is before the handlers that a server can add.
final class FramingInstaller: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    func handlerAdded(context: ChannelHandlerContext) {
        let pipeline = context.pipeline.syncOperations
        // There is none on a stream of HTTP/2.
        guard let decoder = try? pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self) else { return }
        try? pipeline.addHandler(Framing(), position: .after(decoder))
    }
}

extension HTTPResponseStatus {
    fileprivate var isInformational: Bool { (100..<200).contains(code) }
}
