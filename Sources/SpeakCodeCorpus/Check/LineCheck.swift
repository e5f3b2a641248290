// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCode

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// What a line has done to an announcement that came back: where it is in a recording of the far end, and what is missing.
public struct LineCheck: Sendable {
    /// Samples a second, of what was sent and of the recording.
    public let hertz: Int
    /// The samples of what was sent, and of the recording.
    public let sent, heard: [Float]
    /// What has become of each word, in order.
    public internal(set) var words: [HeardWord] = []
    /// When the announcement begins in the recording, in seconds; below 0 where its beginning is missing.
    public internal(set) var offset = 0.0
    /// By how many parts in a million the recording is longer; nil where it is too short to tell.
    public internal(set) var drift: Double?
    /// How much louder speech is, in dB.
    public internal(set) var gain = 0.0
    /// The active speech level of the recording, in dBov (ITU-T P.56).
    public internal(set) var level = -100.0
    /// How loud the pauses are, in dBov; nil where there is none.
    public internal(set) var noise: Double?
    /// The share of the samples of speech that are at its highest level, of 1.
    public internal(set) var clipped = 0.0
    /// Where something was put in, or left out: the word behind it, and how long, in seconds.
    public internal(set) var slips: [(word: AnnouncedWord, seconds: Double)] = []
    /// The readings of which each symbol was heard, from 1.
    public internal(set) var wholeReadings: [Int] = []
    /// All readings, from 1.
    public let readings: [Int]
    /// What a line should not do.
    public internal(set) var findings: [Finding] = []

    /// Compares a recording with what was sent.
    ///
    /// - Parameters:
    ///   - sent: the announcement, full scale 1.
    ///   - words: where its words are, in order.
    ///   - heard: the recording, at the same rate.
    ///   - hertz: samples a second.
    public init(of sent: [Float], saying words: [AnnouncedWord], heardAs heard: [Float], hertz: Int) {
        (self.sent, self.heard, self.hertz) = (sent, heard, hertz)
        readings = Set(words.map(\.reading)).sorted()
        let places = PlaceSearch(of: sent, words: words, in: heard, hertz: hertz).places()
        guard let places else {
            self.words = words.map { HeardWord(word: $0, state: .beyond, lag: 0, likeness: 0) }
            findings = [
                Finding(
                    kind: .absent, seconds: nil, says: "the announcement is not in the recording; is it of this code?")
            ]
            return
        }
        offset = places.lag(at: 0) / Double(hertz)
        drift = places.drift.map { $0 * 1e6 }
        slips = places.slips.map { (words[$0.word], $0.samples / Double(hertz)) }
        self.words = zip(words, places.likeness).map { word, likeness in
            HeardWord(word: word, lag: places.lag(at: word.start), likeness: likeness)
        }
        measure(places)
        judge()
    }

    /// Frames of 10 ms, which a lost packet of 20 ms has one of at least, wherever it begins.
    var frame: Int { hertz / 100 }

    /// Mean power.
    func power(of samples: [Float], _ range: Range<Int>) -> Double {
        range.reduce(0.0) { $0 + Double(samples[$1] * samples[$1]) } / Double(max(1, range.count))
    }

    /// Where a frame of what was sent is in the recording; nil where the recording does not reach.
    private func place(of start: Int, _ places: WordPlaces) -> Range<Int>? {
        let first = start + Int(places.lag(at: start).rounded())
        return first >= 0 && first + frame <= heard.count ? first..<(first + frame) : nil
    }

    // MARK: Measuring

    private mutating func measure(_ places: WordPlaces) {
        measureNoise(places)
        for index in words.indices { measure(&words[index], places) }
        let gains = words.filter { $0.word.position != nil }.compactMap(\.gain)
        gain = Self.median(gains.isEmpty ? words.compactMap(\.gain) : gains) ?? -100
        let floor = noise.map { pow(10, $0 / 10) } ?? 0
        for index in words.indices { findGaps(in: &words[index], places, floor) }
        // Words that come in another order may have the end before the beginning.
        let (first, end) = (
            max(0, Int(places.lag(at: 0))), min(heard.count, sent.count + Int(places.lag(at: sent.count)))
        )
        if first < end { level = ActiveSpeechLevel(of: heard[first..<end], hertz: hertz).dBov }
        measureClipping(places)
        let symbols = words.filter { $0.word.position != nil }
        wholeReadings = readings.filter { reading in
            let said = symbols.filter { $0.word.reading == reading }
            return !said.isEmpty && said.allSatisfy { [.heard, .damaged].contains($0.state) }
        }
    }

    /// What is heard where nothing was sent, with room for echoes of rooms behind words and for codecs that look ahead.
    private mutating func measureNoise(_ places: WordPlaces) {
        let (before, behind) = (hertz / 50, hertz / 10)
        var (energy, count) = (0.0, 0)
        var start = 0
        for next in words.map(\.word) + [AnnouncedWord(start: sent.count, end: sent.count, reading: 0, position: nil)] {
            var place = start == 0 ? 0 : start + behind
            // The end of a word is that of the longest that could stand there: what was sent tells the true one.
            while place + frame <= min(next.start - before, sent.count) {
                if power(of: sent, place..<(place + frame)) < 1e-9, let range = self.place(of: place, places) {
                    energy += power(of: heard, range)
                    count += 1
                }
                place += frame
            }
            start = next.end
        }
        // A tenth of a second.
        noise = count >= 10 ? 10 * log10(max(energy / Double(count), 1e-10)) : nil
    }

    /// How loud a word is, beside how loud it was sent.
    private func measure(_ word: inout HeardWord, _ places: WordPlaces) {
        let floor = noise.map { pow(10, $0 / 10) } ?? 0
        var (energySent, energyHeard) = (0.0, 0.0)
        for start in frames(of: word.word) {
            guard let range = place(of: start, places) else { continue }
            energySent += power(of: sent, start..<(start + frame))
            energyHeard += power(of: heard, range) - floor
        }
        guard energySent > 0, energyHeard > energySent * 1e-6 else { return }
        word.gain = 10 * log10(energyHeard / energySent)
    }

    /// The frames of a word that are heard in any case: within 15 dB of the word's own mean.
    private func frames(of word: AnnouncedWord) -> [Int] {
        let starts = stride(from: word.start, to: min(word.end, sent.count) - frame + 1, by: frame)
        let powers = starts.map { power(of: sent, $0..<($0 + frame)) }
        let mean = powers.reduce(0, +) / Double(max(1, powers.count { $0 > 1e-9 }))
        return zip(starts, powers).filter { $1 > 1e-7 && $1 > mean * 0.0316 }.map(\.0)
    }

    /// The frames of which less than a five-hundredth of the power is left, where noise would not hide that.
    private func findGaps(in word: inout HeardWord, _ places: WordPlaces, _ floor: Double) {
        let factor = pow(10, gain / 10)
        var (audible, missing, beyond) = (0, 0, 0)
        for start in frames(of: word.word) {
            guard let range = place(of: start, places) else {
                beyond += 1
                continue
            }
            let expected = power(of: sent, start..<(start + frame)) * factor
            guard expected > floor * 16 else { continue }
            audible += 1
            guard power(of: heard, range) < max(expected * 0.002, floor * 2) else { continue }
            missing += 1
            if let last = word.gaps.last, last.upperBound >= range.lowerBound - frame {
                word.gaps[word.gaps.count - 1] = last.lowerBound..<range.upperBound
            } else {
                word.gaps.append(range)
            }
        }
        if beyond > (audible + beyond) / 2 {
            word.state = .beyond
        } else if missing > audible / 2 {
            word.state = .lost
        } else if isOther(word, places) {
            // Before gaps: where another word is soft, a gap seems to be.
            word.state = .distorted
        } else if missing > 0 {
            word.state = .damaged
        }
    }

    /// Whether a word is another than was sent, beside what the line does to every word.
    private func isOther(_ word: HeardWord, _ places: WordPlaces) -> Bool {
        let likeness = word.likeness / places.typicalLikeness
        guard snr.map({ $0 > 10 }) ?? true, likeness < CheckLimits.doubtfulLikeness else { return false }
        return likeness < CheckLimits.likeness || likenessOfLoudness(word, places) < CheckLimits.likenessOfLoudness
    }

    /// How like a word becomes louder and softer in five bands, from -1 to 1; codecs change the wave more than this.
    private func likenessOfLoudness(_ word: HeardWord, _ places: WordPlaces) -> Double {
        let starts = stride(from: word.word.start, to: min(word.word.end, sent.count) - frame + 1, by: frame).filter {
            place(of: $0, places) != nil
        }
        guard let first = starts.first, let last = starts.last else { return 0 }
        let lag = Int(places.lag(at: first).rounded())
        let (from, to) = (max(0, first + lag), min(heard.count, last + lag + frame))
        guard from < to else { return 0 }
        var pairs: [(Double, Double)] = []
        for (low, high) in [(200.0, 500.0), (500, 800), (800, 1200), (1200, 1800), (1800, 2600)] {
            let a = loudness(of: sent[first..<(last + frame)], low, high)
            let b = loudness(of: heard[from..<to], low, high)
            for start in starts {
                let place = (start - first) / frame
                if place < min(a.count, b.count) { pairs.append((a[place], b[place])) }
            }
        }
        return Self.correlation(of: pairs)
    }

    /// The amplitude of each frame within a band.
    private func loudness(of samples: ArraySlice<Float>, _ low: Double, _ high: Double) -> [Double] {
        var (above, below) = (Biquad.highPass(low, hertz: hertz), Biquad.lowPass(high, hertz: hertz))
        let band = samples.map { Float(below.next(above.next(Double($0)))) }
        return stride(from: 0, to: band.count - frame + 1, by: frame).map {
            power(of: band, $0..<($0 + frame)).squareRoot()
        }
    }

    private static func correlation(of pairs: [(Double, Double)]) -> Double {
        let count = Double(max(1, pairs.count))
        let (a, b) = (pairs.reduce(0) { $0 + $1.0 } / count, pairs.reduce(0) { $0 + $1.1 } / count)
        let (aa, bb) = (
            pairs.reduce(0) { $0 + ($1.0 - a) * ($1.0 - a) }, pairs.reduce(0) { $0 + ($1.1 - b) * ($1.1 - b) }
        )
        return pairs.reduce(0) { $0 + ($1.0 - a) * ($1.1 - b) } / max(1e-12, (aa * bb).squareRoot())
    }

    /// Speech above noise, by what was sent and how much of it comes: noise itself counts as speech where it is loud.
    public var snr: Double? {
        noise.map { ActiveSpeechLevel(of: sent, hertz: hertz).dBov + gain - $0 }
    }

    /// How many samples are near the highest: speech has few, and what is cut off has all that were above.
    private mutating func measureClipping(_ places: WordPlaces) {
        var samples: [Float] = []
        for word in words where word.word.position != nil && word.state == .heard {
            for start in frames(of: word.word) {
                guard let range = place(of: start, places) else { continue }
                samples += heard[range].lazy.map { abs($0) }
            }
        }
        guard let highest = samples.max(), highest > 0.001 else { return }
        clipped = Double(samples.count { $0 >= 0.92 * highest }) / Double(samples.count)
    }

    static func median(_ values: [Double]) -> Double? {
        guard !values.isEmpty else { return nil }
        return values.sorted()[values.count / 2]
    }
}
