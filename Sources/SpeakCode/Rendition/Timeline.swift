// SPDX-License-Identifier: GPL-3.0-or-later

/// What is heard when, exact to the sample: a script laid over a bank's clips.
///
/// Each symbol of a code begins a fixed time behind the one before, and what follows the last one a fixed time behind that,
/// so that all codes of one shape have timelines of one length, with all of their words at the same places.
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
        /// For a symbol, the sample behind the longest that could be said in its place.
        let slotEnd: Int?

        var end: Int { start + sampleCount }
    }

    /// What a segment is made of.
    enum Content: Sendable {
        case silence
        /// A spoken unit and the number of its pack; for a symbol its position in the code, from 0.
        case speech(Clip, SpeechUnit, part: Int, position: Int?)
        /// Tones that write the code.
        case typed(Clip)
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

    /// What is said.
    let script: Script

    /// A timeline without a reading.
    init(of script: Script, sampleRate: SampleRate) {
        self.script = script
        self.sampleRate = sampleRate
        sampleCount = 0
    }

    /// Lays out an announcement.
    ///
    /// Behind the first few all of its readings are alike but for the last one; they are laid once, however many they are.
    ///
    /// - Parameter readings: how often it is read, at least once.
    init(of script: Script, readings: Int, sampleRate: SampleRate, _ voicings: [Voicing]) {
        self.init(of: script, sampleRate: sampleRate)
        let last = readings - 1
        let others = min(script.firstAlike, last)
        for index in 0..<others { append(readingOf: script, index, isLast: false, voicings) }
        if others < last {
            let (segment, sample) = (laid.count, sampleCount)
            append(readingOf: script, others, isLast: false, voicings)
            let loop = Loop(
                segments: segment..<laid.count, sampleCount: sampleCount - sample, count: last - others)
            sampleCount = sample + loop.sampleCount * loop.count
            self.readings = last
            self.loop = loop
        }
        append(readingOf: script, last, isLast: true, voicings)
    }

    /// Lays one more reading behind the others.
    ///
    /// - Parameters:
    ///   - index: the reading, from 0.
    ///   - isLast: whether the announcement ends behind it.
    ///   - voicings: what each part of the script is spoken with.
    mutating func append(readingOf script: Script, _ index: Int, isLast: Bool, _ voicings: [Voicing]) {
        /// Where the symbol that is being said began, and how long it may take.
        var symbol: (start: Int, slot: TimeSlot?)?
        for step in script.reading(index, isLast: isLast) {
            switch step {
            case .silence(let pause):
                guard case (let start, let slot?)? = symbol else {
                    append(.silence, sampleCount: sampleRate.samples(in: pause), reading: index)
                    continue
                }
                symbol = nil
                let next = start + slot.beat(pause: pause, at: sampleRate)
                append(.silence, sampleCount: next - sampleCount, reading: index)
            case .typed:
                guard let clip = voicings.first?.typed else {
                    preconditionFailure("What is written is made with the voicings.")
                }
                append(.typed(clip), sampleCount: clip.sampleCount, reading: index)
            case .speech(let unit, let part, let position):
                guard let clip = voicings[part].clips[unit] else {
                    preconditionFailure("A bank answers with every unit asked for.")
                }
                if position != nil {
                    let slot = unit.intonation.flatMap { voicings[part].slots?[$0] }
                    symbol = (symbol?.start ?? sampleCount, slot)
                }
                append(
                    .speech(clip, unit, part: part, position: position), sampleCount: clip.sampleCount, reading: index,
                    slotEnd: symbol.flatMap { symbol in symbol.slot.map { symbol.start + $0.longest } })
            }
        }
        readings += 1
    }

    /// Lays silence behind all else, as a part of a reading.
    mutating func append(silence count: Int, reading: Int) {
        append(.silence, sampleCount: count, reading: reading)
    }

    private mutating func append(_ content: Content, sampleCount count: Int, reading: Int, slotEnd: Int? = nil) {
        guard count > 0 else { return }
        laid.append(
            Segment(content: content, start: sampleCount, sampleCount: count, reading: reading, slotEnd: slotEnd))
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
                    sampleCount: segment.sampleCount, reading: segment.reading + turn,
                    slotEnd: segment.slotEnd.map { $0 + turn * loop.sampleCount })
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
