// SPDX-License-Identifier: GPL-3.0-or-later

internal import NIOCore
internal import SpeakCode
internal import Synchronization

/// The slices of a rendition as NIO's buffers: of clips, which all calls share, there is one buffer for all of them.
struct FrameBuffers: Sequence, IteratorProtocol {
    private var slices: Rendition.Slices

    init(_ slices: Rendition.Slices) {
        self.slices = slices
    }

    mutating func next() -> ByteBuffer? {
        guard let run = slices.nextRun() else { return nil }
        guard run.isShared else { return ByteBuffer(bytes: run.bytes[run.range]) }
        return ClipBuffers.buffer(of: run.bytes).getSlice(at: run.range.lowerBound, length: run.range.count)
    }
}

/// A buffer for each clip that has been sent.
private enum ClipBuffers {
    /// The clip is kept with its buffer: as long as it is, no other clip can stand where it stands in memory.
    private static let buffers = Mutex<[UInt: (clip: [UInt8], buffer: ByteBuffer)]>([:])
    /// Some megabytes; a voice's digits are twenty clips in each format.
    private static let most = 2048

    static func buffer(of clip: [UInt8]) -> ByteBuffer {
        let place = clip.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
        return buffers.withLock { buffers in
            if let known = buffers[place] { return known.buffer }
            if buffers.count >= most { buffers.removeAll(keepingCapacity: true) }
            let buffer = ByteBuffer(bytes: clip)
            buffers[place] = (clip, buffer)
            return buffer
        }
    }
}
