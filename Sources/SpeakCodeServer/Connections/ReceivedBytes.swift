// SPDX-License-Identifier: GPL-3.0-or-later

internal import NIOCore

/// Shows, while a parser reads them, the bytes that have come: of what it cannot read it says only that.
final class ReceivedBytes: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private var bytes = ByteBuffer()
    private var context: ChannelHandlerContext?
    /// How often bytes have come.
    private(set) var count = 0

    /// Whether a line begins as a request does, whatever its method is: letters, and the address.
    var haveMethod: Bool {
        bytes.readableBytesView.split(separator: UInt8(ascii: "\n")).contains { line in
            let method = line.prefix { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20) }
            return !method.isEmpty && line.dropFirst(method.count).starts(with: Array(" /".utf8))
        }
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    /// Reads, whatever those behind it think of that.
    func readOn() {
        context?.read()
    }

    /// Writes past all that stands behind it.
    func write(_ bytes: ByteBuffer) {
        context?.write(NIOAny(bytes), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        count += 1
        bytes = unwrapInboundIn(data)
        context.fireChannelRead(data)
        bytes = ByteBuffer()
    }
}
