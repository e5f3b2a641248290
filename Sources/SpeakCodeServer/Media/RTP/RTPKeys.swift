// SPDX-License-Identifier: GPL-3.0-or-later

internal import NIOCore

/// Takes keys out of telephone-event packets (RFC 4733): each once, however many packets tell of it, and however many of them
/// are lost.
struct RTPKeys {
    private static let names = Array("0123456789*#ABCD")

    /// The sender and the beginning of the last key.
    private var last: (source: UInt32, timestamp: UInt32)?

    /// The key that a packet tells of for the first time.
    mutating func key(in packet: RTPPacket) -> Character? {
        guard packet.payload.readableBytes >= 4, let event = packet.payload.readableBytesView.first,
            Self.names.indices.contains(Int(event))
        else { return nil }
        // All packets of a key have the time at which it began; one that is older came late.
        if let last, last.source == packet.source,
            Int32(bitPattern: packet.timestamp &- last.timestamp) <= 0
        {
            return nil
        }
        last = (packet.source, packet.timestamp)
        return Self.names[Int(event)]
    }
}
