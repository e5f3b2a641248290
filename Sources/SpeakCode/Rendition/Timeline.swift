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
        /// A spoken unit; for a symbol its position in the code, from 0.
        case speech(Clip, Unit, position: Int?)
    }

    /// Samples a second.
    public let sampleRate: SampleRate
    /// The number of samples.
    public private(set) var sampleCount: Int
    /// The number of readings.
    public private(set) var readings = 0
    /// The segments, end to end.
    private(set) var segments: [Segment] = []

    let pack: VoicePack

    /// A timeline without a reading.
    ///
    /// - Parameter origin: the number of samples before it.
    init(pack: VoicePack, sampleRate: SampleRate, origin: Int = 0) {
        self.pack = pack
        self.sampleRate = sampleRate
        sampleCount = origin
    }

    /// Lays one more reading behind the others.
    ///
    /// - Parameters:
    ///   - clips: a clip for each unit of the script.
    ///   - index: the reading, from 0.
    ///   - isLast: whether the announcement ends behind it.
    mutating func append(readingOf script: Script, _ index: Int, isLast: Bool, clips: [Unit: Clip]) {
        for step in script.reading(index, isLast: isLast) {
            switch step {
            case .silence(let duration):
                append(.silence, sampleCount: sampleRate.samples(in: duration), reading: index)
            case .speech(let unit, let position):
                guard let clip = clips[unit] else { preconditionFailure("A bank answers with every unit asked for.") }
                append(.speech(clip, unit, position: position), sampleCount: clip.sampleCount, reading: index)
            }
        }
        readings += 1
    }

    private mutating func append(_ content: Content, sampleCount count: Int, reading: Int) {
        guard count > 0 else { return }
        segments.append(Segment(content: content, start: sampleCount, sampleCount: count, reading: reading))
        sampleCount += count
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
