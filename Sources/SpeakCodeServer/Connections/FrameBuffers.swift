// SPDX-License-Identifier: GPL-3.0-or-later

internal import NIOCore
internal import SpeakCode
internal import Synchronization

/// The slices of a rendition as NIO's buffers: of clips, which all calls share, there is one buffer for all of them.
struct FrameBuffers: Sequence, IteratorProtocol {
    private var slices: Rendition.Slices
    private var isEven = false
    /// What is left of a slice of which a piece has been handed out.
    private var rest = ByteBuffer()

    /// The bytes of a piece where pieces are of one length: what a record of TLS holds at most (RFC 8446, section 5.1).
    static let evenLength = 16_384

    init(_ slices: Rendition.Slices) {
        self.slices = slices
    }

    /// The same bytes in pieces of one length.
    ///
    /// TLS shows where each piece ends: of slices, how long each word is, and so the code.
    func inEvenPieces() -> FrameBuffers {
        var even = self
        even.isEven = true
        return even
    }

    mutating func next() -> ByteBuffer? {
        guard isEven else { return nextSlice() }
        var piece = ByteBuffer()
        while piece.readableBytes < Self.evenLength {
            if rest.readableBytes == 0 {
                guard let slice = nextSlice() else { break }
                rest = slice
            }
            if piece.capacity == 0 { piece.reserveCapacity(Self.evenLength) }
            let length = Swift.min(rest.readableBytes, Self.evenLength - piece.readableBytes)
            guard let part = rest.readSlice(length: length) else { break }
            piece.writeImmutableBuffer(part)
        }
        return piece.readableBytes == 0 ? nil : piece
    }

    private mutating func nextSlice() -> ByteBuffer? {
        guard let run = slices.nextRun() else { return nil }
        guard run.isShared else { return ByteBuffer(bytes: run.bytes[run.range]) }
        return ClipBuffers.buffer(of: run.bytes).getSlice(at: run.range.lowerBound, length: run.range.count)
    }
}

/// A buffer for each clip that has been sent.
enum ClipBuffers {
    private struct State {
        /// The clip is kept with its buffer: as long as it is, no other clip can stand where it stands in memory.
        var buffers: [UInt: (clip: [UInt8], buffer: ByteBuffer)] = [:]
        /// Of the clips alone.
        var bytes = 0
    }

    private static let state = Mutex(State())
    /// A voice's digits are twenty clips in each format, of some kilobytes each.
    private static let mostBytes = 16 << 20

    /// Lets all of them go, and the clips with them.
    static func clear() {
        state.withLock { $0 = State() }
    }

    static func buffer(of clip: [UInt8]) -> ByteBuffer {
        let place = clip.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
        return state.withLock { state in
            if let known = state.buffers[place] { return known.buffer }
            if state.bytes + clip.count > mostBytes { state = State() }
            let buffer = ByteBuffer(bytes: clip)
            state.buffers[place] = (clip, buffer)
            state.bytes += clip.count
            return buffer
        }
    }
}
