// SPDX-License-Identifier: GPL-3.0-or-later

internal import NIOCore

/// Finds the frames in one direction of a connection of HTTP/2 (RFC 9113, section 4.1), in whatever pieces they come.
///
/// It looks at their heads alone: what they carry is the parser's.
struct HTTP2FrameScanner {
    /// The head of a frame.
    struct Frame: Hashable, Sendable {
        var length: Int
        var type: UInt8
        var flags: UInt8
        var stream: UInt32

        static let data: UInt8 = 0
        static let headers: UInt8 = 1
        static let reset: UInt8 = 3
        static let continuation: UInt8 = 9

        /// Of DATA and HEADERS: nothing follows on the stream.
        var endsStream: Bool { (type == Self.data || type == Self.headers) && flags & 0x1 != 0 }
        /// Of HEADERS and CONTINUATION: the block of headers goes on in the next frame.
        var isContinued: Bool { (type == Self.headers || type == Self.continuation) && flags & 0x4 == 0 }
    }

    /// What is still to come of the text that a client begins with (section 3.4).
    private var preface: Int
    private var head: UInt128 = 0
    private var headLength = 0
    private var payload = 0
    private var isWithinBlock = false
    /// Whether the first frame is still to come: a client sends it with its preface.
    private var isFirst: Bool

    private static let headSize = 9

    /// - Parameter isClient: whether the direction is a client's, which begins with the preface.
    init(ofClient isClient: Bool) {
        preface = isClient ? 24 : 0
        isFirst = isClient
    }

    /// Whether something has begun that is to go on: the preface, a frame, a block of headers.
    var isWithin: Bool { preface > 0 || isFirst || headLength > 0 || payload > 0 || isWithinBlock }

    /// Looks through the next bytes.
    ///
    /// - Parameter found: told of each frame when its head is whole.
    /// - Returns: whether a frame or a block of headers has come to its end.
    mutating func take(_ bytes: ByteBuffer, _ found: (Frame) -> Void) -> Bool {
        var view = bytes.readableBytesView[...]
        var hasEnded = false
        func skip(_ left: inout Int) {
            let count = min(left, view.count)
            view = view.dropFirst(count)
            left -= count
        }
        skip(&preface)
        while !view.isEmpty {
            if payload > 0 {
                skip(&payload)
                if payload == 0 { hasEnded = hasEnded || !isWithinBlock }
                continue
            }
            head = head << 8 | UInt128(view.removeFirst())
            headLength += 1
            guard headLength == Self.headSize else { continue }
            let frame = Frame(
                length: Int(truncatingIfNeeded: head >> 48 & 0xFF_FFFF), type: UInt8(truncatingIfNeeded: head >> 40),
                flags: UInt8(truncatingIfNeeded: head >> 32), stream: UInt32(truncatingIfNeeded: head) & 0x7FFF_FFFF)
            (head, headLength, payload, isFirst) = (0, 0, frame.length, false)
            isWithinBlock = frame.isContinued
            if payload == 0 { hasEnded = hasEnded || !isWithinBlock }
            found(frame)
        }
        return hasEnded
    }
}
