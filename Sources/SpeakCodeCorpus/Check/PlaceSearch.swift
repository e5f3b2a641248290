// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCode

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Where words are in a recording.
struct WordPlaces {
    /// A word that was found.
    struct Found {
        /// How much later it is than it was sent, in samples.
        let lag: Double
        let likeness: Double
    }

    /// Where words begin that were sent.
    let starts: [Int]
    /// What was found of each word; nil where the recording does not reach.
    let found: [Found?]
    /// By how much the recording is longer, of 1; nil where it is too short to tell.
    let drift: Double?
    /// Where something was put in or left out: the word behind it, and how many samples.
    let slips: [(word: Int, samples: Double)]
    /// The words that are surely where they were found, in order.
    let sure: [Int]
    /// How like each word is where the ones beside it have it be, from 0 to 1.
    var likeness: [Double] = []

    /// How much later a sample is than it was sent: as the nearest word that was surely found, and the clocks.
    func lag(at sample: Int) -> Double {
        guard let nearest = sure.min(by: { abs(starts[$0] - sample) < abs(starts[$1] - sample) }),
            let word = found[nearest]
        else { return 0 }
        return word.lag + (drift ?? 0) * Double(sample - starts[nearest])
    }

    /// How much later a word may be than it was sent, by the nearest sure one before it and behind it: a slip may be between.
    func lags(of word: Int) -> [Double] {
        [sure.last { $0 <= word }, sure.first { $0 >= word }].compactMap(\.self).compactMap { near in
            found[near].map { $0.lag + (drift ?? 0) * Double(starts[word] - starts[near]) }
        }
    }

    /// How like a word of this recording is that came as it was sent: what its codecs have left of the wave's shape.
    var typicalLikeness: Double {
        max(CheckLimits.leastTypicalLikeness, LineCheck.median(sure.map { likeness[$0] }) ?? 0)
    }
}

/// Looks for the words of an announcement in a recording.
struct PlaceSearch {
    private let words: [AnnouncedWord]
    /// Both within the band in which codecs keep the wave's own shape, of which each so many samples one is kept.
    private let sent, heard: [Float]
    private let factor: Int
    /// The samples a second that are kept.
    private let hertz: Int

    /// A word that is as like as this is where it was found.
    private static let sure = 0.6
    /// How far around its likeliest place a word is looked for at first, and where it is not there, in seconds.
    private static let (near, far) = (0.06, 0.4)
    /// A stretch that was put in or left out is at least so long, in seconds; codecs err by less.
    private static let leastSlip = 0.004
    /// By how much less a word may be like where it is expected than elsewhere.
    private static let margin: Double = 0.05

    init(of sent: [Float], words: [AnnouncedWord], in heard: [Float], hertz: Int) {
        let factor = max(1, hertz / Self.kept)
        (self.words, self.factor, self.hertz) = (words, factor, hertz / factor)
        (self.sent, self.heard) = (Self.banded(sent, hertz, factor), Self.banded(heard, hertz, factor))
    }

    private static let kept = 4000

    private static func banded(_ samples: [Float], _ hertz: Int, _ factor: Int) -> [Float] {
        var (high, low) = (Biquad.highPass(200, hertz: hertz), Biquad.lowPass(900, hertz: hertz))
        var steeper = low
        var kept: [Float] = []
        kept.reserveCapacity(samples.count / factor + 1)
        for (place, sample) in samples.enumerated() {
            let value = Float(steeper.next(low.next(high.next(Double(sample)))))
            if place % factor == 0 { kept.append(value) }
        }
        return kept
    }

    /// Finds the words.
    ///
    /// - Returns: nil where the announcement is not in the recording.
    func places() -> WordPlaces? {
        let few = stride(from: 0, to: words.count, by: max(1, words.count / 8))
        let ranked = coarseLags().map { lag in
            (lag, few.reduce(0.0) { $0 + (look(for: $1, around: Double(lag), Self.near)?.likeness ?? 0) })
        }
        guard let lag = ranked.max(by: { $0.1 < $1.1 })?.0 else { return nil }
        let best = track(from: lag)
        let sure = best.indices.filter { (best[$0]?.likeness ?? 0) >= Self.sure }
        // By chance one word is like another.
        guard sure.count >= min(3, words.count), Self.score(best) >= 0.2 * Double(best.count { $0 != nil }) else {
            return nil
        }
        var places = settled(best, sure)
        // By chance another word is as like as this somewhere, but seldom at the place.
        places.likeness = words.indices.map { word in
            places.lags(of: word).map { likeness(of: word, near: $0 / Double(factor)) }.max() ?? 0
        }
        return places
    }

    private static func score(_ found: [WordPlaces.Found?]) -> Double {
        found.reduce(0.0) { $0 + ($1?.likeness ?? 0) }
    }

    // MARK: By loudness

    private static let coarse = 100

    /// The lags at which the loudness of both is likest, in samples, the likeliest first.
    private func coarseLags() -> [Int] {
        let (a, b) = (loudness(of: sent), loudness(of: heard))
        guard !a.isEmpty, !b.isEmpty else { return [] }
        var values: [(lag: Int, value: Float)] = []
        for lag in -(a.count - 1)..<b.count {
            let (from, to) = (max(0, -lag), min(a.count, b.count - lag))
            guard to - from >= Self.coarse / 2 else { continue }
            let value = a.withUnsafeBufferPointer { a in
                b.withUnsafeBufferPointer { b in
                    Likeness.product(
                        UnsafeBufferPointer(rebasing: a[from..<to]),
                        UnsafeBufferPointer(rebasing: b[(from + lag)..<(to + lag)]))
                }
            }
            values.append((lag, value))
        }
        values.sort { $0.value > $1.value }
        var lags: [Int] = []
        for (lag, _) in values where lags.allSatisfy({ abs($0 - lag) > Self.coarse / 5 }) {
            lags.append(lag)
            if lags.count == 6 { break }
        }
        return lags.map { $0 * hertz / Self.coarse }
    }

    /// Of each hundredth of a second, its mean taken away, so that nothing is neither loud nor soft.
    private func loudness(of samples: [Float]) -> [Float] {
        let length = hertz / Self.coarse
        var values = stride(from: 0, to: samples.count - length + 1, by: length).map { start in
            (start..<(start + length)).reduce(Float(0)) { $0 + samples[$1] * samples[$1] }.squareRoot().squareRoot()
        }
        let mean = values.reduce(0, +) / Float(max(1, values.count))
        for place in values.indices { values[place] -= mean }
        return values
    }

    // MARK: By the wave

    /// Looks for each word, from the likest one on to both sides.
    private func track(from lag: Int) -> [WordPlaces.Found?] {
        var found = [WordPlaces.Found?](repeating: nil, count: words.count)
        for index in words.indices { found[index] = look(for: index, around: Double(lag), Self.near * 2) }
        guard let start = found.indices.max(by: { (found[$0]?.likeness ?? -1) < (found[$1]?.likeness ?? -1) }),
            let first = found[start]
        else { return found }
        for direction in [1, -1] {
            var expected = first.lag
            var index = start + direction
            while words.indices.contains(index) {
                var best = look(for: index, around: expected, Self.near, margin: Self.margin)
                if (best?.likeness ?? 0) < Self.sure {
                    let wider = look(for: index, around: expected, Self.far)
                    // What is found far away must be it without a doubt.
                    if let wider, wider.likeness > Self.sure + 0.1 { best = wider }
                }
                found[index] = best
                if let best, best.likeness >= Self.sure { expected = best.lag }
                index += direction
            }
        }
        return found
    }

    private func look(
        for index: Int, around lag: Double, _ reach: Double, margin: Double = 0
    ) -> WordPlaces.Found? {
        let word = words[index]
        // A second tells enough of a sentence.
        let start = min(word.start / factor, sent.count)
        let part = sent[start..<max(start, min(word.end / factor, start + hertz, sent.count))]
        let (middle, reach) = (start + Int(lag.rounded()), Int(reach * Double(hertz)))
        return Likeness.best(of: part, in: heard, at: (middle - reach)...(middle + reach), margin: margin).map {
            WordPlaces.Found(lag: $0.place - Double(start), likeness: $0.likeness)
        }
    }

    /// How like a word is at its place, of what the recording has of it.
    private func likeness(of index: Int, near lag: Double) -> Double {
        let (word, reach, lag) = (words[index], Int(Self.leastSlip * Double(hertz)), Int(lag.rounded()))
        let first = word.start / factor
        let start = max(first, reach - lag)
        let end = min(word.end / factor, first + hertz, sent.count, heard.count - lag - reach)
        guard start < end else { return 0 }
        let (from, to) = (start + lag - reach, start + lag + reach)
        return Likeness.best(of: sent[start..<end], in: heard, at: from...to)?.likeness ?? 0
    }

    // MARK: Clocks

    /// From the samples that are kept to all of them.
    private func settled(_ kept: [WordPlaces.Found?], _ sure: [Int]) -> WordPlaces {
        let found = kept.map { word in
            word.map { WordPlaces.Found(lag: $0.lag * Double(factor), likeness: $0.likeness) }
        }
        let (starts, hertz) = (words.map(\.start), hertz * factor)
        let sure = Self.withoutStrays(sure, found, by: Self.leastSlip * Double(hertz))
        var slips: [(word: Int, samples: Double)] = []
        var (slipped, points) = (0.0, [(x: Double, y: Double)]())
        for (before, index) in zip([nil] + sure.map(Optional.some), sure) {
            guard let lag = found[index]?.lag else { continue }
            if let before, let last = found[before]?.lag, abs(lag - last) > Self.leastSlip * Double(hertz) {
                slips.append((index, lag - last))
                slipped += lag - last
            }
            points.append((Double(starts[index]), lag - slipped))
        }
        return WordPlaces(
            starts: starts, found: found, drift: Self.slope(of: points, over: 3 * Double(hertz)), slips: slips,
            sure: sure)
    }

    /// The words without those that alone are elsewhere than both of their neighbours, who agree.
    private static func withoutStrays(_ sure: [Int], _ found: [WordPlaces.Found?], by distance: Double) -> [Int] {
        let lags = sure.map { found[$0]?.lag ?? 0 }
        return sure.indices.filter { place in
            guard place > 0, place + 1 < lags.count else { return true }
            let isAway = abs(lags[place] - lags[place - 1]) > distance && abs(lags[place] - lags[place + 1]) > distance
            return !isAway || abs(lags[place + 1] - lags[place - 1]) > distance
        }.map { sure[$0] }
    }

    /// The median of the slopes between all pairs that are far enough apart (Theil and Sen).
    private static func slope(of points: [(x: Double, y: Double)], over distance: Double) -> Double? {
        var slopes: [Double] = []
        for (index, a) in points.enumerated() {
            for b in points[(index + 1)...] where b.x - a.x >= distance { slopes.append((b.y - a.y) / (b.x - a.x)) }
        }
        return LineCheck.median(slopes)
    }
}
