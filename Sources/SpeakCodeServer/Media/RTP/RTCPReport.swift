// SPDX-License-Identifier: GPL-3.0-or-later

internal import NIOCore

/// What a sender tells of itself beside its packets: how much it has sent and by which clock, its name, and that it leaves
/// (RFC 3550, section 6).
struct RTCPReport {
    private enum Kind {
        static let senderReport: UInt8 = 200
        static let description: UInt8 = 202
        static let goodbye: UInt8 = 203
    }

    /// A name that is the call's alone, and tells nothing of this machine (RFC 7022, section 4.2).
    let name: String
    /// Seconds between two reports, on average (RFC 3550, section 6.2).
    static let interval = 5.0

    init() {
        var generator = SystemRandomNumberGenerator()
        name = (0..<12).map { _ in String(UInt8.random(in: 0...35, using: &generator), radix: 36) }.joined()
    }

    /// A report, with a farewell where it is the last.
    ///
    /// - Parameter elapsed: since the call was taken: who has no clock for the time of day may tell that
    ///   (RFC 3550, section 6.4.1).
    func packet(of sender: RTPCount, elapsed: TimeAmount, isLast: Bool) -> ByteBuffer {
        var buffer = ByteBuffer()
        write(Kind.senderReport, count: 0, to: &buffer) { body in
            body.writeInteger(sender.source)
            let (seconds, rest) = elapsed.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
            body.writeInteger(UInt32(truncatingIfNeeded: seconds))
            body.writeInteger(UInt32(truncatingIfNeeded: (rest << 32) / 1_000_000_000))
            body.writeInteger(sender.timestamp)
            body.writeInteger(sender.packets)
            body.writeInteger(sender.octets)
        }
        write(Kind.description, count: 1, to: &buffer) { body in
            body.writeInteger(sender.source)
            // CNAME
            body.writeInteger(UInt8(1))
            body.writeInteger(UInt8(truncatingIfNeeded: name.utf8.count))
            body.writeString(name)
            body.writeInteger(UInt8(0))
        }
        if isLast {
            write(Kind.goodbye, count: 1, to: &buffer) { $0.writeInteger(sender.source) }
        }
        return buffer
    }

    private func write(_ kind: UInt8, count: UInt8, to buffer: inout ByteBuffer, _ body: (inout ByteBuffer) -> Void) {
        var bytes = ByteBuffer()
        body(&bytes)
        while !bytes.readableBytes.isMultiple(of: 4) { bytes.writeInteger(UInt8(0)) }
        buffer.writeInteger(RTPPacket.version << 6 | count)
        buffer.writeInteger(kind)
        buffer.writeInteger(UInt16(truncatingIfNeeded: bytes.readableBytes / 4))
        buffer.writeBuffer(&bytes)
    }
}
