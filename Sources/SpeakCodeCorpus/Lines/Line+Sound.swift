// SPDX-License-Identifier: GPL-3.0-or-later

package import SpeakCode

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// What a voice's lines are made of, at 8,000 Hz and of a mean power of 1; each is heard from a place that is drawn, round and round.
package struct LineMaterial: Sendable {
    let white: [Float]
    let ownSpectrum: [Float]
    let babble: [Float]

    /// Twice the longest code at the usual pace.
    static let length = 1 << 18

    /// Makes a voice's noises.
    ///
    /// - Parameters:
    ///   - speech: what it sounds like, all its digits.
    ///   - talkers: other voices, that talk at once; none where nobody is to hear them.
    ///   - seed: the seed of all.
    package init(of speech: [Int16], among talkers: [[Int16]], seed: UInt64) {
        var draws = Draws(seed: seed, "noise")
        white = Self.ofUnitPower((0..<Self.length).map { _ in Float(draws.gaussian()) })
        ownSpectrum = Self.ofUnitPower(SpeechSpectrum(of: speech.map { Float($0) / 32768 }).filter(white))
        var babble = [Float](repeating: 0, count: talkers.isEmpty ? 0 : Self.length)
        for talker in talkers where !talker.isEmpty {
            let start = draws.number(below: talker.count)
            for place in babble.indices { babble[place] += Float(talker[(start + place) % talker.count]) }
        }
        self.babble = Self.ofUnitPower(babble)
    }

    private static func ofUnitPower(_ samples: [Float]) -> [Float] {
        let power = samples.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(max(1, samples.count))
        guard power > 0 else { return samples }
        let gain = Float(1 / power.squareRoot())
        return samples.map { $0 * gain }
    }
}

/// The long-term spectrum of speech as a filter: linear prediction of the 20th order, by Levinson and Durbin.
struct SpeechSpectrum {
    private static let order = 20
    /// What is taken of each sample before, to make the next.
    private let prediction: [Double]

    init(of speech: [Float]) {
        let correlation = (0...Self.order).map { lag in
            speech.indices.dropFirst(lag).reduce(0.0) { $0 + Double(speech[$1]) * Double(speech[$1 - lag]) }
        }
        var prediction = [Double](repeating: 0, count: Self.order)
        // A ten-thousandth of white noise keeps it from ringing.
        var error = correlation[0] * 1.0001
        for step in 0..<Self.order where error > 0 {
            let known = (0..<step).reduce(0.0) { $0 + prediction[$1] * correlation[step - $1] }
            let reflection = (correlation[step + 1] - known) / error
            let before = prediction
            prediction[step] = reflection
            for place in 0..<step { prediction[place] = before[place] - reflection * before[step - 1 - place] }
            error *= 1 - reflection * reflection
        }
        self.prediction = prediction
    }

    /// Gives noise the spectrum.
    func filter(_ noise: [Float]) -> [Float] {
        var last = [Double](repeating: 0, count: Self.order)
        var newest = 0
        return noise.map { sample in
            var value = Double(sample)
            for place in 0..<Self.order { value += prediction[place] * last[(newest + place) % Self.order] }
            newest = (newest + Self.order - 1) % Self.order
            last[newest] = value
            return Float(value)
        }
    }
}

extension Line {
    /// The samples of a packet of 20 ms.
    static let packet = 160
    private static let hertz = 8000
    private static let echoDelay = 1200

    /// What is heard of speech behind the line.
    ///
    /// - Parameters:
    ///   - samples: speech at 8,000 Hz.
    ///   - material: what noises are made of.
    ///   - coder: what knows the codecs.
    ///   - draws: what is left to chance.
    /// - Returns: as many samples, not delayed.
    /// - Throws: what the coder throws.
    package func heard(
        _ samples: [Int16], in material: LineMaterial, by coder: any TelephoneCoder, _ draws: inout Draws
    ) throws -> [Int16] {
        guard !effects.isEmpty else { return samples }
        var sound = samples.map { Float($0) / 32768 }
        for effect in effects {
            switch effect {
            case .codec(let codec):
                sound = try coder.heard(Self.whole(sound), through: codec).map { Float($0) / 32768 }
            case .noise(let noise, let snr): Self.add(noise, snr, to: &sound, material, &draws)
            case .loss(let percent, let run): Self.lose(percent / 100, run, of: &sound, &draws)
            case .band: Self.limitBand(of: &sound)
            case .echo(let dB):
                let (gain, before) = (Float(pow(10, -dB / 20)), sound)
                for place in sound.indices.dropFirst(Self.echoDelay) {
                    sound[place] += gain * before[place - Self.echoDelay]
                }
            case .clip(let dB):
                let most = Float(pow(10, (Self.level(of: sound) + dB) / 20))
                for place in sound.indices { sound[place] = max(-most, min(most, sound[place])) }
            case .level(let dBov):
                let gain = Float(pow(10, (dBov - Self.level(of: sound)) / 20))
                for place in sound.indices { sound[place] *= gain }
            }
        }
        return Self.whole(sound)
    }

    /// ITU-T P.56 (dBov): pauses would make any noise seem louder than it is.
    private static func level(of sound: [Float]) -> Double { ActiveSpeechLevel(of: sound, hertz: hertz).dBov }

    private static func whole(_ sound: [Float]) -> [Int16] {
        sound.map { Int16(max(-32768, min(32767, ($0 * 32768).rounded()))) }
    }

    private static func add(
        _ noise: Noise, _ snr: Double, to sound: inout [Float], _ material: LineMaterial, _ draws: inout Draws
    ) {
        let track =
            switch noise {
            case .white: material.white
            case .ownSpectrum: material.ownSpectrum
            case .babble: material.babble
            }
        guard !track.isEmpty else { return }
        let gain = Float(pow(10, (level(of: sound) - snr) / 20))
        let start = draws.number(below: track.count)
        for place in sound.indices { sound[place] += gain * track[(start + place) % track.count] }
    }

    /// A chain of two states: packets come, or are lost.
    ///
    /// - Parameters:
    ///   - share: how many are lost, of 1.
    ///   - run: how many in a row, on the mean; 1 means that each is lost by itself.
    private static func lose(_ share: Double, _ run: Double, of sound: inout [Float], _ draws: inout Draws) {
        let ends = run > 1 ? 1 / run : 1 - share
        let begins = run > 1 ? min(1, share * ends / (1 - share)) : share
        var isLost = draws.share() < share
        for start in stride(from: 0, to: sound.count, by: packet) {
            if isLost { for place in start..<min(sound.count, start + packet) { sound[place] = 0 } }
            isLost = draws.share() < (isLost ? 1 - ends : begins)
        }
    }

    /// Butterworth filters of the fourth order at both ends.
    private static func limitBand(of sound: inout [Float]) {
        for (frequency, isHighPass) in [(300.0, true), (3400.0, false)] {
            for q in [0.541_196_1, 1.306_563] {
                var filter =
                    isHighPass
                    ? Biquad.highPass(frequency, hertz: hertz, q: q) : Biquad.lowPass(frequency, hertz: hertz, q: q)
                for place in sound.indices { sound[place] = Float(filter.next(Double(sound[place]))) }
            }
        }
    }
}
