// SPDX-License-Identifier: GPL-3.0-or-later

internal import NIOCore
internal import SpeakCode

/// The slices of a rendition as NIO's buffers.
struct FrameBuffers: Sequence, IteratorProtocol {
    private var slices: Rendition.Slices

    init(_ slices: Rendition.Slices) {
        self.slices = slices
    }

    mutating func next() -> ByteBuffer? {
        slices.next().map { ByteBuffer(bytes: $0) }
    }
}
