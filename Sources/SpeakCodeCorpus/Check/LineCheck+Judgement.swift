// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCode

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

extension LineCheck {
    /// Says what a line should not do, what is everywhere behind what is in one place.
    mutating func judge() {
        let places = (cuts() + losses() + slipped()).sorted { ($0.seconds ?? 0) < ($1.seconds ?? 0) }
        findings = places + [drifted(), levelled(), uneven(), noisy(), clipping()].compactMap(\.self)
    }

    /// What is missing at both ends, and therefore no loss in the middle.
    private var ends: (first: Int, last: Int) {
        func isMissing(_ word: HeardWord) -> Bool { [.beyond, .lost].contains(word.state) }
        let first = words.firstIndex { !isMissing($0) } ?? words.count
        let last = words.lastIndex { !isMissing($0) } ?? -1
        return (first, last)
    }

    private func seconds(_ word: HeardWord, _ sample: Int) -> Double {
        Double(max(0, sample) + Int(word.lag)) / Double(hertz)
    }

    private func cuts() -> [Finding] {
        var found: [Finding] = []
        let (first, last) = ends
        if first > 0, first < words.count {
            let word = words[first].word
            found.append(
                Finding(
                    kind: .cutAtStart, seconds: 0,
                    says: "it begins with \(word.name); what was sent before is missing"))
        }
        if last >= 0, last < words.count - 1 {
            let word = words[last].word
            found.append(
                Finding(
                    kind: .cutAtEnd, seconds: seconds(words[last], word.end),
                    says:
                        "it ends behind \(word.name); \(words[(last + 1)...].first?.word.name ?? "") and what follows is missing"
                ))
        }
        return found
    }

    private func losses() -> [Finding] {
        let (first, last) = ends
        guard first <= last else { return [] }
        return words[first...last].compactMap { word in
            let start = seconds(word, word.word.start)
            switch word.state {
            case .heard, .beyond: return nil
            case .lost:
                return Finding(kind: .lost, seconds: start, says: "\(word.word.name) is lost")
            case .damaged:
                let gone = word.gaps.reduce(0) { $0 + $1.count } * 1000 / hertz
                let at = word.gaps.first.map { Double($0.lowerBound) / Double(hertz) } ?? start
                return Finding(
                    kind: .gap, seconds: at,
                    says:
                        "\(gone) ms of \(word.word.name) are missing, in \(word.gaps.count) \(word.gaps.count == 1 ? "place" : "places")"
                )
            case .distorted:
                return Finding(kind: .distorted, seconds: start, says: "\(word.word.name) is not what was sent")
            }
        }
    }

    private func slipped() -> [Finding] {
        slips.filter { abs($0.seconds) >= CheckLimits.gap }.map { slip in
            let (word, length) = (slip.word, Int((abs(slip.seconds) * 1000).rounded()))
            let what = slip.seconds > 0 ? "were put in" : "were left out"
            return Finding(
                kind: .slip, seconds: Double(word.start) / Double(hertz) + offset,
                says: "\(length) ms \(what) before \(word.name)")
        }
    }

    private func drifted() -> Finding? {
        guard let drift, abs(drift) > CheckLimits.drift else { return nil }
        return Finding(
            kind: .drift, seconds: nil,
            says:
                "the recording's clock is \(Int(abs(drift).rounded())) parts in a million \(drift > 0 ? "fast" : "slow")"
        )
    }

    private func levelled() -> Finding? {
        guard words.contains(where: { $0.gain != nil }), abs(gain) > CheckLimits.level else { return nil }
        return Finding(
            kind: .level, seconds: nil,
            says: "speech is \(abs(gain).tenths) dB \(gain > 0 ? "louder" : "softer") than it was sent")
    }

    /// Of what is heard whole, since a gap makes softer as well.
    private func uneven() -> Finding? {
        let gains = words.filter { $0.state == .heard && $0.word.position != nil }.compactMap { word in
            word.gain.map { (word, $0 - gain) }
        }
        guard gains.count >= 3, let worst = gains.max(by: { abs($0.1) < abs($1.1) }),
            abs(worst.1) > CheckLimits.evenness
        else { return nil }
        return Finding(
            kind: .unevenLevel, seconds: seconds(worst.0, worst.0.word.start),
            says:
                "\(worst.0.word.name) is \(abs(worst.1).tenths) dB \(worst.1 > 0 ? "louder" : "softer") than the others, which was not sent so"
        )
    }

    private func noisy() -> Finding? {
        guard let snr, snr < CheckLimits.noise else { return nil }
        return Finding(
            kind: .noise, seconds: nil,
            says: "speech is \(snr.tenths) dB above what is heard in pauses, and should be 20")
    }

    private func clipping() -> Finding? {
        guard clipped > CheckLimits.clipping else { return nil }
        return Finding(
            kind: .clipping, seconds: nil,
            says: "peaks are cut off: \((clipped * 100).tenths) % of speech is at its highest level")
    }
}
