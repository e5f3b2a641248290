// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCode

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What is in a recording: where somebody speaks, how loud, above which noise, how high.
struct TakeMeasures {
    /// The samples in which somebody speaks, first to last; nil where nobody is heard.
    let speech: Range<Int>?
    /// The active speech level in dBov.
    let level: Double
    /// The level of what lies around the speech, in dBov; nil where nothing does.
    let noise: Double?
    /// Whether the tops of its waves are cut off.
    let isClipped: Bool
    /// Whether it begins or ends in the midst of sound.
    let beginsAbruptly, endsAbruptly: Bool
    /// The voice's pitch in Hz, every 25 ms in which it is heard; empty in a whisper.
    let pitches: [Double]
    /// The speech at ``coarse`` Hz, to be compared with others.
    let outline: [Float]

    /// The rate of outlines and of the search for pitch, in Hz: a voice's first formant is below half of it.
    static let coarse = 4000
    /// How far above the noise speech is, in dB.
    private static let margin = 9.0
    /// Speech is looked for from so far below the loudest frame up, in dB, however quiet the room is.
    private static let depth = 50.0
    /// A shorter sound that lies so far from all others, in seconds, is a click and no speech; the burst behind the closed lips
    /// of a `p` or `t` is nearer.
    private static let (shortestSound, farthestBurst) = (0.04, 0.3)

    init(of signal: Signal) {
        let (samples, hertz) = (signal.samples, signal.hertz)
        let hop = max(1, hertz / 200)
        let (body, edges) = Self.frames(of: samples, hop: hop)
        let active = Self.activity(of: body, edges)
        let frames = Self.speech(in: active, hop: Double(hop) / Double(hertz))
        isClipped = Self.isClipped(samples)
        guard let frames, let loudest = body[frames].max(), loudest > -70 else {
            (speech, level, noise, pitches, outline) = (nil, -100, nil, [], [])
            (beginsAbruptly, endsAbruptly) = (false, false)
            return
        }
        let range = (frames.lowerBound * hop)..<min(samples.count, (frames.upperBound + 1) * hop)
        speech = range
        let spoken = Array(samples[range])
        level = ActiveSpeechLevel(of: spoken + [Float](repeating: 0, count: hertz / 4), hertz: hertz).dBov
        let around = body.indices.filter { $0 + 4 < frames.lowerBound || $0 > frames.upperBound + 4 }.map { body[$0] }
        noise = around.count < 10 || Self.floor(of: body) == nil ? nil : around.sorted()[around.count / 2]
        // Loud from the first sample on: what was before it is missing.
        beginsAbruptly = frames.lowerBound == 0 && (body.first ?? -100) > loudest - 20
        endsAbruptly = frames.upperBound >= body.count - 1 && (body.last ?? -100) > loudest - 20
        outline = Self.outline(of: spoken, hertz: hertz)
        pitches = Self.pitches(of: outline)
    }

    // MARK: Where somebody speaks

    /// The levels of frames in dBov: of all that is heard, and of its upper half, where `f` and `s` are.
    private static func frames(of samples: [Float], hop: Int) -> (body: [Double], edges: [Double]) {
        var body: [Double] = []
        var edges: [Double] = []
        samples.withUnsafeBufferPointer { samples in
            var start = 0
            while start + hop <= samples.count {
                var (all, upper): (Float, Float) = (0, 0)
                for index in start..<(start + hop) {
                    let sample = samples[index]
                    let edge = index == 0 ? 0 : sample - samples[index - 1]
                    all += sample * sample
                    upper += edge * edge
                }
                body.append(decibels(Double(all) / Double(hop)))
                edges.append(decibels(Double(upper) / Double(hop)))
                start += hop
            }
        }
        return (body, edges)
    }

    private static func decibels(_ power: Double) -> Double { 10 * log10(max(power, 1e-10)) }

    /// The level of the noise; nil where there is no pause in which it is to be heard: noise is even and soft, and speech is
    /// not both.
    private static func floor(of levels: [Double]) -> Double? {
        let sorted = levels.sorted()
        guard let loudest = sorted.last, case let floor = sorted[sorted.count / 20], floor < loudest - 12,
            sorted[sorted.count / 5] - floor < 6
        else { return nil }
        return floor
    }

    /// Which frames stand out of the noise, in all that is heard or in its upper half.
    private static func activity(of body: [Double], _ edges: [Double]) -> [Bool] {
        let hasPause = floor(of: body) != nil || floor(of: edges) != nil
        func threshold(_ levels: [Double]) -> Double {
            let sorted = levels.sorted()
            guard let loudest = sorted.last else { return 0 }
            let floor = sorted[sorted.count / 20]
            // Where noise covers one of them up, the other tells.
            guard !hasPause || floor < loudest - 12 else { return .infinity }
            // Where there is no pause, what is soft is a weak consonant.
            let highest = Self.floor(of: levels) == nil ? loudest - 25 : loudest - 6
            return min(max(floor + margin, loudest - depth), highest)
        }
        let (low, high) = (threshold(body), threshold(edges))
        return body.indices.map { body[$0] > low || edges[$0] > high }
    }

    /// The first and the last frame of speech, clicks left out.
    ///
    /// - Parameter hop: the length of a frame in seconds.
    private static func speech(in active: [Bool], hop: Double) -> ClosedRange<Int>? {
        var sounds: [ClosedRange<Int>] = []
        for index in active.indices where active[index] {
            if let last = sounds.last, index - last.upperBound <= 4 {
                sounds[sounds.count - 1] = last.lowerBound...index
            } else {
                sounds.append(index...index)
            }
        }
        let near = Int(farthestBurst / hop)
        func isSpeech(_ place: Int) -> Bool {
            let sound = sounds[place]
            if Double(sound.count) * hop >= shortestSound { return true }
            return sounds.indices.contains { other in
                guard other != place, Double(sounds[other].count) * hop >= shortestSound else { return false }
                let gap = max(sounds[other].lowerBound - sound.upperBound, sound.lowerBound - sounds[other].upperBound)
                return gap <= near
            }
        }
        let spoken = sounds.indices.filter(isSpeech)
        guard let first = spoken.first, let last = spoken.last else { return nil }
        return sounds[first].lowerBound...sounds[last].upperBound
    }

    // MARK: Faults

    /// Whether at least three tops of waves are flat, at the file's highest value or at full scale.
    private static func isClipped(_ samples: [Float]) -> Bool {
        let peak = samples.reduce(0) { max($0, abs($1)) }
        guard peak > 0.25 else { return false }
        var (tops, run) = (0, 0)
        for sample in samples {
            run = abs(sample) >= peak * 0.9995 ? run + 1 : 0
            if run == 3 { tops += 1 }
        }
        return tops >= 3
    }

    // MARK: Pitch

    private static func outline(of samples: [Float], hertz: Int) -> [Float] {
        let count = samples.count * coarse / max(1, hertz)
        return samples.withUnsafeBufferPointer { samples in
            (0..<count).map { index in
                let start = index * hertz / coarse
                let end = max(start + 1, min(samples.count, (index + 1) * hertz / coarse))
                var sum: Float = 0
                for place in start..<min(end, samples.count) { sum += samples[place] }
                return sum / Float(end - start)
            }
        }
    }

    /// The median of the voice's pitch in Hz; nil where too little of it is heard.
    var pitch: Double? { pitches.count < 3 ? nil : pitches.sorted()[pitches.count / 2] }

    /// How much of the time the voice is near a pitch, 0 to 1; nil where too little of it is heard.
    ///
    /// Within half an octave, or at the double or the half, for which autocorrelation takes some vowels.
    func share(near usual: Double) -> Double? {
        guard pitches.count >= 5 else { return nil }
        let near = pitches.count { pitch in
            let semitones = 12 * log2(pitch / usual)
            return abs(semitones) < 6 || abs(abs(semitones) - 12) < 1.5
        }
        return Double(near) / Double(pitches.count)
    }

    /// The pitch of voiced frames, by autocorrelation from 60 to 400 Hz.
    private static func pitches(of outline: [Float]) -> [Double] {
        let (length, step) = (coarse / 20, coarse / 40)
        let lags = (coarse / 400)...(coarse / 60)
        var pitches: [Double] = []
        // Between two samples there is no lag: what is above the first formant would be out of step there.
        let smooth = outline.indices.map { index in
            outline[max(0, index - 2)...min(outline.count - 1, index + 2)].reduce(0, +) / 5
        }
        smooth.withUnsafeBufferPointer { samples in
            let peak = samples.reduce(0) { max($0, abs($1)) }
            var start = 0
            while start + length + lags.upperBound <= samples.count {
                defer { start += step }
                var energy: Float = 0
                for index in start..<(start + length) { energy += samples[index] * samples[index] }
                guard energy > Float(length) * peak * peak * 0.01 else { continue }
                var likeness: [(lag: Int, value: Float)] = []
                for lag in lags {
                    var (product, other): (Float, Float) = (0, 0)
                    for index in start..<(start + length) {
                        product += samples[index] * samples[index + lag]
                        other += samples[index + lag] * samples[index + lag]
                    }
                    likeness.append((lag, product / max(1e-9, (energy * other).squareRoot())))
                }
                guard let best = likeness.map(\.value).max(), best > 0.6,
                    // Twice the period fits as well: the shortest that is nearly the best is the voice's.
                    let first = likeness.first(where: { $0.value > best * 0.9 })
                else { continue }
                let peak = likeness.drop { $0.lag < first.lag }.prefix(4).max { $0.value < $1.value } ?? first
                pitches.append(Double(coarse) / Double(peak.lag))
            }
        }
        return pitches
    }

    // MARK: Likeness

    /// How much two recordings are one and the same, from 0 to 1: the greatest correlation of their outlines within 10 ms.
    static func likeness(of one: TakeMeasures, _ other: TakeMeasures) -> Float {
        let (a, b) = (one.outline, other.outline)
        let length = min(a.count, b.count)
        guard length > coarse / 20, abs(a.count - b.count) * 20 <= length else { return 0 }
        return a.withUnsafeBufferPointer { a in
            b.withUnsafeBufferPointer { b in
                var best: Float = 0
                for shift in (-coarse / 100)...(coarse / 100) {
                    var (product, first, second): (Float, Float, Float) = (0, 0, 0)
                    for index in max(0, shift)..<min(length, length + shift) {
                        let (x, y) = (a[index], b[index - shift])
                        product += x * y
                        first += x * x
                        second += y * y
                    }
                    best = max(best, product / max(1e-9, (first * second).squareRoot()))
                }
                return best
            }
        }
    }
}
