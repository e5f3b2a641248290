// SPDX-License-Identifier: GPL-3.0-or-later

import NIOCore
import NIOPosix

/// A connection on which a test writes bytes as it likes, and reads what is really sent.
enum Wire {
    /// Sends bytes, and reads until the other side closes, or a while has passed.
    static func exchange(_ text: String, with base: String, patience: TimeAmount = .seconds(3)) async throws -> String {
        try await exchange([text], with: base, patience: patience)
    }

    /// Sends pieces a moment apart.
    static func exchange(
        _ pieces: [String], apart: Duration = .zero, with base: String, patience: TimeAmount = .seconds(3),
        endingOutput: Bool = false
    ) async throws -> String {
        let port = Int(base.split(separator: ":").last ?? "") ?? 0
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            let alarm = channel.channel.eventLoop.scheduleTask(in: patience) { channel.channel.close(promise: nil) }
            defer { alarm.cancel() }
            for piece in pieces {
                try? await outbound.write(ByteBuffer(string: piece))
                if apart > .zero { try await Task.sleep(for: apart) }
            }
            if endingOutput { outbound.finish() }
            var bytes: [UInt8] = []
            do { for try await buffer in inbound { bytes += buffer.readableBytesView } } catch {}
            return String(decoding: bytes, as: UTF8.self)
        }
    }
}
