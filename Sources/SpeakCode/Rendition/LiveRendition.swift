// SPDX-License-Identifier: GPL-3.0-or-later

/// An announcement as it is sent to somebody who listens now: frames in real time, until the readings are over or the
/// listener hangs up.
///
/// - It can be iterated more than once; each iterator begins at the first word.
/// - Frames are due on a steady clock, reckoned from the first one, so that they never drift. An iterator that is asked
///   late hands out at once what is due.
/// - Cancelling the task that iterates is hanging up: the sequence ends, and no frame follows.
public struct LiveRendition<LiveClock: Clock>: AsyncSequence, Sendable where LiveClock.Duration == Duration {
    /// A frame: the samples of one stretch of time.
    public struct Frame: Sendable {
        /// The coded samples; a slice of a clip where the frame lies within one.
        public let bytes: ArraySlice<UInt8>
        /// The reading that the frame's first sample belongs to, from 0.
        public let reading: Int
        /// What is said at the frame's first sample; nil in a pause.
        public let said: Said?
        /// Whether the frame is the last of a reading.
        public let endsReading: Bool
    }

    /// What is said at a moment.
    public enum Said: Hashable, Sendable {
        /// A phrase, as a person reads it.
        case phrase(caption: String)
        /// A symbol of the code, by its position from 0; not which one it is.
        case symbol(position: Int)
        /// The code, written as tones.
        case tones
    }

    /// How it is written.
    public let format: AudioFormat
    /// What stands before the first frame: the container's header for a stream without a known end.
    public let header: [UInt8]

    private static var longestFrame: Duration { .seconds(120) }
    private static var longestLead: Duration { .seconds(86_400) }

    private let script: Script
    /// The code of each reading; nil where all have the script's.
    private let codes: NextCode.Source?
    private let voicings: [Voicing]
    private let coding: SampleCoding
    private let readings: Int?
    private let frameLength: Duration
    private let lead: Duration
    private let clock: LiveClock

    /// Prepares an announcement to be heard live.
    ///
    /// - Parameters:
    ///   - script: what is said.
    ///   - voicings: what each part of the script is spoken with.
    ///   - format: how it is written.
    ///   - coding: how its samples are coded.
    ///   - readings: how often; nil until the listener hangs up.
    ///   - frameLength: the length of a frame; 20 ms in telephony.
    ///   - lead: how far frames run ahead of real time, for a listener who buffers.
    ///   - clock: what frames are due by.
    ///   - codes: the code of each reading; nil for the script's.
    init(
        script: Script, voicings: [Voicing], format: AudioFormat, coding: SampleCoding, readings: Int?,
        frameLength: Duration, lead: Duration, clock: LiveClock, codes: NextCode.Source?
    ) {
        self.codes = codes
        self.script = script
        self.voicings = voicings
        self.format = format
        self.coding = coding
        self.readings = readings.map { Swift.max(1, $0) }
        self.frameLength = Swift.min(frameLength, Self.longestFrame)
        self.lead = Swift.min(Swift.max(lead, .zero), Self.longestLead)
        self.clock = clock
        header = SoundHeader.bytes(for: format, sampleCount: nil)
    }

    /// What stands before so many bytes of frames where a stretch of them becomes a file.
    public func header(byteCount: Int) -> [UInt8] {
        SoundHeader.bytes(for: format, sampleCount: byteCount / coding.bytesPerSample)
    }

    /// Begins at the first word.
    public func makeAsyncIterator() -> Iterator {
        Iterator(of: self)
    }

    /// The frames one after the other, for whoever has a clock of their own.
    package func frames() -> Frames {
        Frames(of: self)
    }

    /// Hands out frames when they are due.
    ///
    /// One task iterates; an iterator is not shared.
    public struct Iterator: AsyncIteratorProtocol {
        private let rendition: LiveRendition
        fileprivate var frames: Frames
        private var start: LiveClock.Instant?

        fileprivate init(of rendition: LiveRendition) {
            self.rendition = rendition
            frames = rendition.frames()
        }

        /// The next frame when it is due; nil behind the last reading, or once the task is cancelled.
        public mutating func next() async -> Frame? {
            guard !Task.isCancelled else { return nil }
            let begun = start ?? rendition.clock.now
            start = begun
            let rate = rendition.format.sampleRate
            let due = begun.advanced(by: rate.duration(of: frames.sent) - rendition.lead)
            if due > rendition.clock.now {
                do { try await rendition.clock.sleep(until: due, tolerance: .zero) } catch { return nil }
            }
            return frames.next()
        }
    }

    /// Hands out one frame after the other, at once.
    package struct Frames: IteratorProtocol, Sendable {
        private let rendition: LiveRendition
        private let samplesPerFrame: Int
        private var reading: Timeline
        /// The code of this reading, where each has its own, and whether it is another than that of the one before.
        private var code: VerificationCode?
        private var isRenewed = false
        private var index = 0
        private var segment = 0
        private var offset = 0
        /// The samples handed out so far.
        fileprivate var sent = 0

        fileprivate init(of rendition: LiveRendition) {
            self.rendition = rendition
            samplesPerFrame = Swift.max(1, rendition.format.sampleRate.samples(in: rendition.frameLength))
            (reading, code) = rendition.timeline(ofReading: 0, behind: nil, samplesPerFrame)
        }

        /// The next frame; nil behind the last reading.
        package mutating func next() -> Frame? {
            guard let first = advance() else { return nil }
            let heard = (reading: index, said: rendition.said(in: first))
            var bytes = take(from: first, atMost: samplesPerFrame)
            var count = bytes.count / rendition.coding.bytesPerSample
            while count < samplesPerFrame, segment < reading.segments.count || !isLastReading {
                guard let next = advance() else { break }
                let more = take(from: next, atMost: samplesPerFrame - count)
                bytes += more
                count += more.count / rendition.coding.bytesPerSample
            }
            sent += count
            return Frame(
                bytes: bytes, reading: heard.reading, said: heard.said,
                endsReading: index > heard.reading || segment == reading.segments.count)
        }

        /// The reading that the last frame was of, as somebody reads it who does not hear it, with the end of its last line.
        ///
        /// It has the code in it.
        package var writing: String {
            (code.map { rendition.script.saying($0, isRenewed: isRenewed) } ?? rendition.script)
                .writing(ofReading: index) + "\n"
        }

        private var isLastReading: Bool { rendition.readings.map { index >= $0 - 1 } ?? false }

        /// The segment that is to be sent from, in this reading or the next.
        private mutating func advance() -> Timeline.Segment? {
            if segment == reading.segments.count {
                guard !isLastReading else { return nil }
                index += 1
                let last = code
                (reading, code) = rendition.timeline(ofReading: index, behind: last, samplesPerFrame)
                isRenewed = last != code
                segment = 0
            }
            return reading.segments.isEmpty ? nil : reading.segments[segment]
        }

        private mutating func take(from current: Timeline.Segment, atMost samples: Int) -> ArraySlice<UInt8> {
            let width = rendition.coding.bytesPerSample
            let count = Swift.min(samples, current.sampleCount - offset)
            let slice: ArraySlice<UInt8>
            switch current.content {
            case .speech(let clip, _, _, _), .typed(let clip):
                slice = clip.bytes[(offset * width)..<((offset + count) * width)]
            case .silence:
                let silence = Silence.buffer(of: rendition.coding.silence)
                slice =
                    count * width <= silence.count
                    ? silence[..<(count * width)]
                    : ArraySlice(repeating: rendition.coding.silence, count: count * width)
            }
            offset += count
            if offset == current.sampleCount {
                segment += 1
                offset = 0
            }
            return slice
        }
    }

    /// Lays out a reading.
    ///
    /// - Parameters:
    ///   - last: the code of the reading before, where each has its own.
    ///   - frame: the samples of a frame.
    private func timeline(
        ofReading index: Int, behind last: VerificationCode?, _ frame: Int
    ) -> (Timeline, VerificationCode?) {
        let isLast = readings.map { index >= $0 - 1 } ?? false
        var timeline = Timeline(of: script, sampleRate: format.sampleRate)
        guard let next = codes?() else {
            timeline.append(readingOf: script, index, isLast: isLast, voicings)
            return (timeline, nil)
        }
        timeline.append(silence: format.sampleRate.samples(in: next.wait), reading: index)
        timeline.append(
            readingOf: script.saying(next.code, isRenewed: last.map { $0 != next.code } ?? false), index,
            isLast: isLast, voicings)
        // Whole frames, so that the code of a reading is asked for when its first frame is due and not a frame before.
        timeline.append(silence: (frame - timeline.sampleCount % frame) % frame, reading: index)
        return (timeline, next.code)
    }

    private func said(in segment: Timeline.Segment) -> Said? {
        switch segment.content {
        case .silence: nil
        case .typed: .tones
        case .speech(_, _, _, let position?): .symbol(position: position)
        case .speech(_, let unit, let part, nil):
            .phrase(caption: script.parts[part].pack.line(for: unit)?.caption ?? "")
        }
    }
}

extension LiveRendition: CustomStringConvertible, CustomReflectable {
    /// The format and how often it is read, never what is said.
    public var description: String {
        "LiveRendition(\(format.kind.rawValue), \(readings.map { "\($0) readings" } ?? "endless"))"
    }

    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension LiveRendition.Iterator: CustomStringConvertible, CustomReflectable {
    /// Where in the announcement it is, never what is said.
    public var description: String { "LiveRendition.Iterator(\(frames.sent) samples sent)" }

    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension LiveRendition.Frames: CustomStringConvertible, CustomReflectable {
    /// Where in the announcement it is, never what is said.
    package var description: String { "LiveRendition.Frames(\(sent) samples sent)" }

    /// A mirror without children.
    package var customMirror: Mirror { Mirror(self, children: []) }
}

@available(*, unavailable)
extension LiveRendition.Iterator: Sendable {}
