// SPDX-License-Identifier: GPL-3.0-or-later

internal import NIOCore
internal import NIOPosix
internal import SpeakCodeGateways
package import SpeakCodeService

extension CallSetup {
    /// Looks at the settings by which calls are placed as the service of this process would place them.
    ///
    /// - Parameters:
    ///   - settings: the service's.
    ///   - fetch: fetches an address of the service.
    ///   - progress: told who is asked next.
    package static func examine(
        _ settings: ServiceSettings, fetch: @escaping @Sendable (String) async -> Reached,
        progress: (String) -> Void
    ) async -> [Finding] {
        let sender = PooledHTTPSender()
        let means = Means(sender: sender, converse: { await SetupSocket.converse($0, $1, $2) }, fetch: fetch)
        let findings = await CallSetup(settings, means: means).examine(progress: progress)
        await sender.close()
        return findings
    }
}

/// A connection over which a gateway is asked about settings.
private final class SetupSocket: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var conversation: any SetupConversation
    private let result: EventLoopPromise<[SetupVerdict]>

    /// How long a connection is waited for, and the end of the conversation.
    private static let (connecting, limit) = (TimeAmount.seconds(5), TimeAmount.seconds(10))

    private init(_ conversation: any SetupConversation, _ result: EventLoopPromise<[SetupVerdict]>) {
        (self.conversation, self.result) = (conversation, result)
    }

    static func converse(_ host: String, _ port: Int, _ conversation: any SetupConversation) async -> [SetupVerdict] {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let result = loop.makePromise(of: [SetupVerdict].self)
        do {
            let channel = try await ClientBootstrap(group: loop).connectTimeout(connecting)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(SetupSocket(conversation, result))
                    }
                }
                .connect(host: host, port: port).get()
            let alarm = loop.scheduleTask(in: limit) { channel.close(promise: nil) }
            let verdicts = try await result.futureResult.get()
            alarm.cancel()
            channel.close(promise: nil)
            return verdicts
        } catch {
            result.succeed([])
            return [conversation.unreachable]
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !conversation.isOver else { return }
        let bytes = conversation.received(Array(unwrapInboundIn(data).readableBytesView))
        if !bytes.isEmpty { context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil) }
        if conversation.isOver { result.succeed(conversation.verdicts) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        result.succeed(conversation.verdicts + (conversation.isOver ? [] : [conversation.unreachable]))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
