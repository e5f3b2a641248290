// SPDX-License-Identifier: GPL-3.0-or-later

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Turns what an engine says into a clip's samples: no offset, no silence around it, no click, at the right level.
package struct UnitConditioner {
    /// Active speech level of readings: RMS 2600 of 32767, -19 dBm0 (RFC 7874, section 4).
    static let level = -22.0
    /// No sample is above -3 dBFS; half a decibel is left to G.711's rounding.
    static let peak: Float = 0.668
    /// How much is raised what is above 1.2 kHz, in dB; chosen by measurement (docs/intelligibility.md).
    static let presence = 11.5

    /// Where units come from.
    package enum Origin: Hashable, Sendable {
        /// An engine: silence around it, and consonants that are too weak. Its sounds without voice are made louder by so
        /// many dB, or softer.
        case engine(voiceless: Double = 0)
        /// Somebody has recorded them: cut already, with room around them, and consonants as they are.
        case recording
    }

    private let resampler: any Resampler

    /// A conditioner that changes rates with a resampler.
    package init(resampler: any Resampler) {
        self.resampler = resampler
    }

    /// Conditions units of one origin.
    ///
    /// - Returns: samples for each unit; nil for one in which there is nothing to hear.
    /// - Throws: what the resampler throws.
    package func condition(
        _ spoken: [PCM], from origin: Origin = .engine(), to rate: SampleRate
    ) throws -> [[Int16]?] {
        var signals: [[Float]?] = spoken.map { Self.trimmed(Self.shaped($0, origin), hertz: $0.hertz, origin) }
        let sources = Dictionary(grouping: spoken.indices) { spoken[$0].hertz }
        for (source, indices) in sources where source != rate.hertz {
            let audible = indices.filter { signals[$0] != nil }
            let resampled = try resampler.resample(audible.compactMap { signals[$0] }, from: source, to: rate)
            for (index, signal) in zip(audible, resampled) { signals[index] = signal }
        }
        return signals.map { signal in
            guard var signal else { return nil }
            Self.fade(&signal, hertz: rate.hertz)
            let gain = Self.gain(for: signal, hertz: rate.hertz)
            for index in signal.indices { signal[index] *= gain }
            Self.limit(&signal, hertz: rate.hertz)
            return signal.map { Int16(($0 * 32768).rounded()) }
        }
    }

    /// Takes away what is below 40 Hz, where an engine may leave an offset and a telephone passes nothing, and raises what is
    /// above 1.2 kHz in an engine's voice: consonants and the second formant are there, and noise and hearing loss take them
    /// first.
    private static func shaped(_ spoken: PCM, _ origin: Origin) -> [Float] {
        var highPass = Biquad.highPass(40, hertz: spoken.hertz)
        guard case .engine(let voiceless) = origin else {
            return spoken.samples.map { Float(highPass.next(Double($0) / 32768)) }
        }
        var shelf = Biquad.highShelf(1200, gain: presence, hertz: spoken.hertz)
        guard voiceless != 0 else {
            return spoken.samples.map { Float(shelf.next(highPass.next(Double($0) / 32768))) }
        }
        var samples = spoken.samples.map { highPass.next(Double($0) / 32768) }
        VoicelessSounds.raise(in: &samples, by: voiceless, hertz: spoken.hertz)
        return samples.map { Float(shelf.next($0)) }
    }

    /// What lies between the first and the last sample that can be heard, and a few milliseconds on each side.
    ///
    /// 54 dB below the peak keeps the weak onsets of `f`, `s` and `th`, which are the first to be misheard. A recording was
    /// cut where its speech ends, and loses silence alone.
    ///
    /// - Returns: nil where nothing can be heard.
    private static func trimmed(_ samples: consuming [Float], hertz: Int, _ origin: Origin) -> [Float]? {
        let peak = samples.reduce(0) { max($0, abs($1)) }
        guard peak > 1e-3 else { return nil }
        let threshold = origin == .recording ? 1 / 16384 : peak * 0.002
        guard let first = samples.firstIndex(where: { abs($0) > threshold }),
            let last = samples.lastIndex(where: { abs($0) > threshold })
        else { return nil }
        let margin = hertz / 200
        // In place: new memory costs more than the move.
        samples.removeSubrange(min(samples.count, last + margin + 1)...)
        samples.removeSubrange(..<max(0, first - margin))
        return samples
    }

    /// Raised-cosine edges of 3 ms, so that nothing clicks where a clip meets silence.
    private static func fade(_ samples: inout [Float], hertz: Int) {
        let length = min(hertz * 3 / 1000, samples.count / 2)
        for index in 0..<length {
            let factor = Float(0.5 - 0.5 * cos(Double.pi * (Double(index) + 0.5) / Double(length)))
            samples[index] *= factor
            samples[samples.count - 1 - index] *= factor
        }
    }

    /// The factor that brings a unit to ``level``.
    ///
    /// P.56 counts 200 ms behind each word as active. Measured with that silence behind it, every unit adds the level
    /// that it has alone to any reading whose pauses are longer, so all readings come out at one level.
    private static func gain(for samples: [Float], hertz: Int) -> Float {
        let measured = samples + [Float](repeating: 0, count: hertz / 4)
        let level = ActiveSpeechLevel(of: measured, hertz: hertz).dBov
        return Float(pow(10, (Self.level - level) / 20))
    }

    /// Brings samples above ``peak`` down to it.
    ///
    /// The gain falls and rises over 4 ms on each side, slowly enough not to be heard and quickly enough to leave the
    /// level as it is: only the glottal pulses of some vowels are so high.
    private static func limit(_ samples: inout [Float], hertz: Int) {
        guard samples.contains(where: { abs($0) > peak }) else { return }
        let reach = hertz / 250
        let shares = (0...reach).map { Float(0.5 + 0.5 * cos(Double.pi * Double($0) / Double(reach))) }
        var gains = [Float](repeating: 1, count: samples.count)
        for (place, sample) in samples.enumerated() where abs(sample) > peak {
            let reduction = 1 - peak / abs(sample)
            for index in max(0, place - reach)...min(samples.count - 1, place + reach) {
                gains[index] = min(gains[index], 1 - reduction * shares[abs(index - place)])
            }
        }
        for index in samples.indices { samples[index] *= gains[index] }
    }
}
