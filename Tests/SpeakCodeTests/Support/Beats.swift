// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCode

/// The beat of codes, reckoned by the tests themselves: from the clips of every symbol that a script asks for.
struct Beats {
    private var lengths: [Intonation: [Int]] = [:]

    init(_ units: [SpeechUnit], _ clips: [SpeechUnit: Clip]) {
        for case .symbol(let symbol, let style, let intonation) in units {
            lengths[intonation, default: []].append(
                clips[.symbol(symbol, style: style, intonation)]?.sampleCount ?? 0)
        }
    }

    /// How long the longest symbol takes.
    func longest(_ intonation: Intonation) -> Int { lengths[intonation]?.max() ?? 0 }

    /// How long symbols take by the mean.
    func mean(_ intonation: Intonation) -> Int {
        let lengths = lengths[intonation] ?? []
        return Int((Double(lengths.reduce(0, +)) / Double(max(1, lengths.count))).rounded())
    }

    /// From a symbol's beginning to that of what follows it: the mean pause behind the mean symbol, and 0.3 s, or the pause
    /// where it is less, behind the longest one.
    func beat(_ intonation: Intonation, pause: Duration, at rate: SampleRate) -> Int {
        max(
            mean(intonation) + rate.samples(in: pause),
            longest(intonation) + rate.samples(in: min(pause, .milliseconds(300))))
    }
}
