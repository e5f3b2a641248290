// SPDX-License-Identifier: GPL-3.0-or-later

/// What is heard when, exact to the sample: a script laid over a bank's clips.
///
/// Audio and captions are both read off a timeline, so they cannot differ.
public struct Timeline: Sendable {
    /// A stretch of a timeline in which one thing is heard, or nothing.
    struct Segment: Sendable {
        /// What is heard.
        let content: Content
        /// The first sample.
        let start: Int
        /// The number of samples, never 0.
        let sampleCount: Int
        /// The reading that it belongs to, from 0.
        let reading: Int

        var end: Int { start + sampleCount }
    }

    /// What a segment is made of.
    enum Content: Sendable {
        case silence
        /// A spoken unit and the number of its pack; for a symbol its position in the code, from 0.
        case speech(Clip, Unit, part: Int, position: Int?)
    }

    /// Samples a second.
    public let sampleRate: SampleRate
    /// The number of samples.
    public private(set) var sampleCount: Int
    /// The number of readings.
    public private(set) var readings = 0
    /// The segments, end to end; those of readings that are alike once.
    private(set) var laid: [Segment] = []
    /// The readings that are alike.
    private(set) var loop: Loop?

    /// Readings that are alike and follow each other.
    struct Loop: Sendable {
        /// The segments of the first of them.
        let segments: Range<Int>
        /// The number of samples of each.
        let sampleCount: Int
        /// How many they are.
        let count: Int
    }

    let packs: [VoicePack]

    /// A timeline without a reading.
    ///
    /// - Parameter origin: the number of samples before it.
    init(packs: [VoicePack], sampleRate: SampleRate, origin: Int = 0) {
        self.packs = packs
        self.sampleRate = sampleRate
        sampleCount = origin
    }

    /// Lays out an announcement.
    ///
    /// Behind the first few all of its readings are alike but for the last one; they are laid once, however many they are.
    ///
    /// - Parameter readings: how often it is read, at least once.
    init(of script: Script, readings: Int, sampleRate: SampleRate, clips: [[Unit: Clip]]) {
        self.init(packs: script.packs, sampleRate: sampleRate)
        let last = readings - 1
        let others = min(script.firstAlike, last)
        for index in 0..<others { append(readingOf: script, index, isLast: false, clips: clips) }
        if others < last {
            let (segment, sample) = (laid.count, sampleCount)
            append(readingOf: script, others, isLast: false, clips: clips)
            let loop = Loop(
                segments: segment..<laid.count, sampleCount: sampleCount - sample, count: last - others)
            sampleCount = sample + loop.sampleCount * loop.count
            self.readings = last
            self.loop = loop
        }
        append(readingOf: script, last, isLast: true, clips: clips)
    }

    /// Lays one more reading behind the others.
    ///
    /// - Parameters:
    ///   - clips: for each pack of the script a clip for each of its units.
    ///   - index: the reading, from 0.
    ///   - isLast: whether the announcement ends behind it.
    mutating func append(readingOf script: Script, _ index: Int, isLast: Bool, clips: [[Unit: Clip]]) {
        for step in script.reading(index, isLast: isLast) {
            switch step {
            case .silence(let duration):
                append(.silence, sampleCount: sampleRate.samples(in: duration), reading: index)
            case .speech(let unit, let part, let position):
                guard let clip = clips[part][unit] else {
                    preconditionFailure("A bank answers with every unit asked for.")
                }
                append(
                    .speech(clip, unit, part: part, position: position), sampleCount: clip.sampleCount, reading: index)
            }
        }
        readings += 1
    }

    private mutating func append(_ content: Content, sampleCount count: Int, reading: Int) {
        guard count > 0 else { return }
        laid.append(Segment(content: content, start: sampleCount, sampleCount: count, reading: reading))
        sampleCount += count
    }

    /// The segments of every reading, end to end.
    var segments: [Segment] {
        guard let loop else { return laid }
        var segments = Array(laid[..<loop.segments.lowerBound])
        for turn in 0..<loop.count {
            segments += laid[loop.segments].map { segment in
                Segment(
                    content: segment.content, start: segment.start + turn * loop.sampleCount,
                    sampleCount: segment.sampleCount, reading: segment.reading + turn)
            }
        }
        return segments + laid[loop.segments.upperBound...]
    }

    /// The duration from the first sample to the last.
    public var duration: Duration { sampleRate.duration(of: sampleCount) }
}

extension Timeline: CustomStringConvertible, CustomReflectable {
    /// The number of readings and samples, never what is said.
    public var description: String { "Timeline(\(readings) readings, \(sampleCount) samples)" }

    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
