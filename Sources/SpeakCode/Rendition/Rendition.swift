// SPDX-License-Identifier: GPL-3.0-or-later

/// A finite announcement: a header and slices of shared clips, whose length is known before a byte of it is produced.
///
/// Nothing of the audio is copied to make one. Readings that are alike are laid out once, so that neither the memory it
/// takes nor the time in which any range of its bytes is found depends on how long it is or how often the code is read.
public struct Rendition: Sendable {
    /// How it is written.
    public let format: AudioFormat
    /// The exact number of bytes.
    public let byteCount: Int
    /// What is heard when.
    public let timeline: Timeline

    /// The number of readings.
    public var readings: Int { timeline.readings }
    /// The duration of the audio.
    public var duration: Duration { timeline.duration }

    private let pieces: [Piece]
    /// The readings that are alike, of which the pieces have the first.
    private let loop: Loop?

    /// Pieces that follow themselves.
    fileprivate struct Loop: Sendable {
        let pieces: Range<Int>
        /// Where the first of them begins, and the number of bytes of all.
        let start: Int
        let length: Int
        /// How often they are heard.
        let count: Int
    }

    /// A run of bytes: a header, a clip, or so much silence.
    fileprivate struct Piece: Sendable {
        let storage: Storage
        let start: Int
        let end: Int
    }

    fileprivate enum Storage: Sendable {
        case bytes([UInt8])
        case clip([UInt8])
        case silence(UInt8)
    }

    /// Lays out a format whose samples are coded one by one.
    ///
    /// - Parameter behind: the chunks behind the samples of a WAVE file.
    package init(timeline: Timeline, format: AudioFormat, coding: SampleCoding, behind: [UInt8] = []) {
        var pieces: [Piece] = []
        pieces.reserveCapacity(timeline.laid.count + 2)
        var offset = 0
        func append(_ storage: Storage, count: Int) {
            guard count > 0 else { return }
            pieces.append(Piece(storage: storage, start: offset, end: offset + count))
            offset += count
        }
        let header = SoundHeader.bytes(for: format, sampleCount: timeline.sampleCount, behind: behind.count)
        append(.bytes(header), count: header.count)
        let first = pieces.count
        for segment in timeline.laid {
            let storage: Storage =
                switch segment.content {
                case .silence: .silence(coding.silence)
                case .speech(let clip, _, _, _): .clip(clip.bytes)
                // Of one code: nobody else is to have it, nor is it to be kept.
                case .typed(let clip): .bytes(clip.bytes)
                }
            append(storage, count: segment.sampleCount * coding.bytesPerSample)
        }
        append(.silence(0), count: SoundHeader.padding(for: format, sampleCount: timeline.sampleCount))
        append(.bytes(behind), count: behind.count)
        // A segment is never empty, so each has a piece.
        loop = timeline.loop.map { loop in
            let alike = (loop.segments.lowerBound + first)..<(loop.segments.upperBound + first)
            return Loop(
                pieces: alike, start: pieces[alike.lowerBound].start,
                length: loop.sampleCount * coding.bytesPerSample, count: loop.count)
        }
        self.pieces = pieces
        self.format = format
        self.timeline = timeline
        byteCount = offset + (loop.map { ($0.count - 1) * $0.length } ?? 0)
    }

    /// Wraps a file that an encoder has made of a timeline's samples.
    init(timeline: Timeline, format: AudioFormat, file: [UInt8]) {
        pieces = [Piece(storage: .bytes(file), start: 0, end: file.count)]
        loop = nil
        byteCount = file.count
        self.format = format
        self.timeline = timeline
    }

    /// All bytes, slice by slice.
    public var slices: Slices { slices(in: 0..<byteCount) }

    /// A range of the bytes, slice by slice, in order; none of the slices is empty.
    ///
    /// - Parameter range: offsets from 0 to ``byteCount``; what lies outside is cut off.
    public func slices(in range: Range<Int>) -> Slices {
        let range = range.clamped(to: 0..<byteCount)
        var place = range.lowerBound
        var turns = 0
        if let loop {
            // The place in the first of the readings that are alike, and how many of them follow it.
            let before = min(max(0, place - loop.start) / loop.length, loop.count - 1)
            place -= before * loop.length
            turns = loop.count - 1 - before
        }
        var (low, high) = (0, pieces.count)
        while low < high {
            let middle = (low + high) / 2
            if pieces[middle].end <= place { low = middle + 1 } else { high = middle }
        }
        return Slices(pieces: pieces, loop: loop, index: low, place: place, turns: turns, count: range.count)
    }

    /// Slices of shared buffers, one after another.
    ///
    /// It can be iterated more than once.
    public struct Slices: Sequence, IteratorProtocol, Sendable {
        private let pieces: [Piece]
        private let loop: Loop?
        private var index: Int
        /// The place of the next byte, as though no piece were heard twice.
        private var place: Int
        /// How often the readings that are alike are still to be gone back to.
        private var turns: Int
        /// The number of bytes that are left.
        fileprivate private(set) var count: Int

        fileprivate init(pieces: [Piece], loop: Loop?, index: Int, place: Int, turns: Int, count: Int) {
            self.pieces = pieces
            self.loop = loop
            self.index = index
            self.place = place
            self.turns = turns
            self.count = count
        }

        /// The next slice; nil at the end.
        public mutating func next() -> ArraySlice<UInt8>? {
            nextRun().map { $0.bytes[$0.range] }
        }

        /// The next slice as a part of its buffer, and whether the buffer is shared: of a clip, or silence.
        ///
        /// For those who have their own kind of buffer, and make it once of each.
        package mutating func nextRun() -> (bytes: [UInt8], range: Range<Int>, isShared: Bool)? {
            guard count > 0 else { return nil }
            let piece = pieces[index]
            var end = Swift.min(piece.end, place + count)
            let run: (bytes: [UInt8], range: Range<Int>, isShared: Bool)
            switch piece.storage {
            case .bytes(let bytes): run = (bytes, (place - piece.start)..<(end - piece.start), false)
            case .clip(let bytes): run = (bytes, (place - piece.start)..<(end - piece.start), true)
            case .silence(let byte):
                let silence = Silence.buffer(of: byte)
                end = Swift.min(end, place + silence.count)
                run = (silence, 0..<(end - place), true)
            }
            count -= run.range.count
            place = end
            if end == piece.end { index += 1 }
            if turns > 0, let loop, index == loop.pieces.upperBound {
                turns -= 1
                index = loop.pieces.lowerBound
                place = loop.start
            }
            return run
        }
    }
}

extension Rendition: CustomStringConvertible, CustomReflectable {
    /// The format and length, never what is said.
    public var description: String { "Rendition(\(format.kind.rawValue), \(byteCount) bytes)" }

    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension Rendition.Slices: CustomStringConvertible, CustomReflectable {
    /// How much is left, never the audio in it.
    public var description: String { "Rendition.Slices(\(count) bytes)" }

    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Silence that everybody shares.
enum Silence {
    private static let length = 16_384
    private static let linear = [UInt8](repeating: SampleCoding.linear16LittleEndian.silence, count: length)
    private static let muLaw = [UInt8](repeating: SampleCoding.muLaw.silence, count: length)
    private static let aLaw = [UInt8](repeating: SampleCoding.aLaw.silence, count: length)

    /// A buffer of one of the bytes that silence is made of.
    static func buffer(of byte: UInt8) -> [UInt8] {
        switch byte {
        case SampleCoding.muLaw.silence: muLaw
        case SampleCoding.aLaw.silence: aLaw
        default: linear
        }
    }
}
