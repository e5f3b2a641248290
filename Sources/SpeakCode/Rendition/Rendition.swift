// SPDX-License-Identifier: GPL-3.0-or-later

/// A finite announcement: a header and slices of shared clips, whose length is known before a byte of it is produced.
///
/// Nothing of the audio is copied to make one. Any range of bytes is found by bisection in the list of slices, at a
/// cost that does not depend on how long the audio is or where the range lies in it.
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

    /// A run of bytes: a header, a clip, or so much silence.
    fileprivate struct Piece: Sendable {
        let storage: Storage
        let start: Int
        let end: Int
    }

    fileprivate enum Storage: Sendable {
        case bytes([UInt8])
        case silence(UInt8)
    }

    /// Lays out a format whose samples are coded one by one.
    init(timeline: Timeline, format: AudioFormat, coding: SampleCoding) {
        var pieces: [Piece] = []
        pieces.reserveCapacity(timeline.segments.count + 2)
        var offset = 0
        func append(_ storage: Storage, count: Int) {
            guard count > 0 else { return }
            pieces.append(Piece(storage: storage, start: offset, end: offset + count))
            offset += count
        }
        let header = SoundHeader.bytes(for: format, sampleCount: timeline.sampleCount)
        append(.bytes(header), count: header.count)
        for segment in timeline.segments {
            let storage: Storage =
                switch segment.content {
                case .silence: .silence(coding.silence)
                case .speech(let clip, _, _): .bytes(clip.bytes)
                }
            append(storage, count: segment.sampleCount * coding.bytesPerSample)
        }
        append(.silence(0), count: SoundHeader.padding(for: format, sampleCount: timeline.sampleCount))
        self.pieces = pieces
        self.format = format
        self.timeline = timeline
        byteCount = offset
    }

    /// Wraps a file that an encoder has made of a timeline's samples.
    init(timeline: Timeline, format: AudioFormat, file: [UInt8]) {
        pieces = [Piece(storage: .bytes(file), start: 0, end: file.count)]
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
        var (low, high) = (0, pieces.count)
        while low < high {
            let middle = (low + high) / 2
            if pieces[middle].end <= range.lowerBound { low = middle + 1 } else { high = middle }
        }
        return Slices(pieces: pieces, index: low, range: range)
    }

    /// Slices of shared buffers, one after another.
    ///
    /// It can be iterated more than once.
    public struct Slices: Sequence, IteratorProtocol, Sendable {
        private let pieces: [Piece]
        private var index: Int
        private var range: Range<Int>

        fileprivate init(pieces: [Piece], index: Int, range: Range<Int>) {
            self.pieces = pieces
            self.index = index
            self.range = range
        }

        /// The next slice; nil at the end.
        public mutating func next() -> ArraySlice<UInt8>? {
            guard !range.isEmpty else { return nil }
            let piece = pieces[index]
            var end = Swift.min(piece.end, range.upperBound)
            let slice: ArraySlice<UInt8>
            switch piece.storage {
            case .bytes(let bytes):
                slice = bytes[(range.lowerBound - piece.start)..<(end - piece.start)]
            case .silence(let byte):
                let silence = Silence.buffer(of: byte)
                end = Swift.min(end, range.lowerBound + silence.count)
                slice = silence[..<(end - range.lowerBound)]
            }
            range = end..<range.upperBound
            if end == piece.end { index += 1 }
            return slice
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
    /// The range that is left, never the audio in it.
    public var description: String { "Rendition.Slices(\(range))" }

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
