// SPDX-License-Identifier: GPL-3.0-or-later

internal import NIOCore

/// A packet of RTP as it is received (RFC 3550, section 5.1).
struct RTPPacket {
    let isMarked: Bool
    let payloadType: UInt8
    let sequence: UInt16
    let timestamp: UInt32
    let source: UInt32
    /// What it carries, without its padding.
    let payload: ByteBuffer

    static let version: UInt8 = 2
    static let headLength = 12

    /// - Returns: nil for what is no packet of RTP.
    init?(_ received: ByteBuffer) {
        var buffer = received
        guard let first = buffer.readInteger(as: UInt8.self), first >> 6 == Self.version,
            let second = buffer.readInteger(as: UInt8.self), let sequence = buffer.readInteger(as: UInt16.self),
            let timestamp = buffer.readInteger(as: UInt32.self), let source = buffer.readInteger(as: UInt32.self)
        else { return nil }
        // Contributing sources, and an extension, of which nothing is wanted.
        guard buffer.readSlice(length: Int(first & 0x0F) * 4) != nil else { return nil }
        if first & 0x10 != 0 {
            guard buffer.readInteger(as: UInt16.self) != nil, let words = buffer.readInteger(as: UInt16.self),
                buffer.readSlice(length: Int(words) * 4) != nil
            else { return nil }
        }
        if first & 0x20 != 0 {
            guard let last = buffer.readableBytesView.last, last > 0, Int(last) <= buffer.readableBytes else {
                return nil
            }
            buffer.moveWriterIndex(to: buffer.writerIndex - Int(last))
        }
        (isMarked, payloadType) = (second & 0x80 != 0, second & 0x7F)
        (self.sequence, self.timestamp, self.source) = (sequence, timestamp, source)
        payload = buffer
    }
}

/// What a sender has sent, for its reports (RFC 3550, section 6.4.1).
struct RTPCount {
    /// Its name among the senders of the call.
    let source: UInt32
    /// The time stamp of now.
    var timestamp: UInt32
    var packets: UInt32 = 0
    /// Without heads.
    var octets: UInt32 = 0
}

/// The packets of one sender: numbers and times that begin somewhere and go on without a gap.
struct RTPSender {
    private(set) var sent: RTPCount
    private var sequence: UInt16
    private var isFirst = true

    /// Begins anywhere (RFC 3550, section 5.1).
    init() {
        var generator = SystemRandomNumberGenerator()
        self.init(from: &generator)
    }

    init(from generator: inout some RandomNumberGenerator) {
        sent = RTPCount(
            source: .random(in: 0 ... .max, using: &generator), timestamp: .random(in: 0 ... .max, using: &generator))
        sequence = .random(in: 0 ... .max, using: &generator)
    }

    /// Writes a packet with a frame, whose samples are a byte each.
    mutating func write(_ frame: ArraySlice<UInt8>, as payloadType: UInt8, to buffer: inout ByteBuffer) {
        buffer.clear(minimumCapacity: RTPPacket.headLength + frame.count)
        buffer.writeInteger(RTPPacket.version << 6)
        // The first packet behind a silence is marked (RFC 3551, section 4.1).
        buffer.writeInteger(payloadType | (isFirst ? 0x80 : 0))
        buffer.writeInteger(sequence)
        buffer.writeInteger(sent.timestamp)
        buffer.writeInteger(sent.source)
        buffer.writeBytes(frame)
        isFirst = false
        sequence &+= 1
        sent.timestamp &+= UInt32(truncatingIfNeeded: frame.count)
        sent.packets &+= 1
        sent.octets &+= UInt32(truncatingIfNeeded: frame.count)
    }

    /// Lets a frame's time pass in which nothing is sent.
    mutating func pause(_ samples: Int) {
        sent.timestamp &+= UInt32(truncatingIfNeeded: samples)
        isFirst = true
    }
}
