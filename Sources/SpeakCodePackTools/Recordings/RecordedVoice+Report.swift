// SPDX-License-Identifier: GPL-3.0-or-later

public import SpeakCode

extension RecordedVoice {
    /// What became of a voice folder when all of it was read.
    public struct Report: Sendable {
        /// What is wrong.
        public let findings: [Adoption.Finding]
        /// The lengths of digits and letters, and of phrases; nil where there is none.
        public let symbolDurations, phraseDurations: ClosedRange<Duration>?
        /// The active speech levels in dBov, as they are in the files.
        public let levels: ClosedRange<Double>?
        /// The lines of the pack that are not recorded.
        public let unrecorded: [RecordingScript.Line]
    }

    /// The number of recordings.
    public var count: Int { sounds.count }

    /// Reads every recording, and holds it against what the pack says.
    public func report(in pack: VoicePack) -> Report {
        let script = try? RecordingScript(of: pack, places: RecordingScript.allPlaces)
        var findings: [Adoption.Finding] = []
        var (symbols, phrases): ([Duration], [Duration]) = ([], [])
        var levels: [Double] = []
        func find(_ fault: Adoption.Fault, _ name: String, _ message: String) {
            findings.append(Adoption.Finding(fault: fault, source: name, message: message))
        }
        for (name, sound) in sounds.sorted(by: { $0.key < $1.key }) {
            guard let line = script?.line(named: name) else {
                find(.outdated, name, "is no line of the \(pack.locale) pack; take it out of \(Self.fileName)")
                continue
            }
            guard line.line.caption == sound.says else {
                find(
                    .outdated, name,
                    "says \"\(sound.says)\", and the \(pack.locale) pack \"\(line.line.caption)\"; record it again, or correct "
                        + "`says` where the two are said alike")
                continue
            }
            do throws(VoicePackError) {
                let audio = try self.sound(line.name)
                let samples = audio.samples.map { Float($0) / 32768 } + [Float](repeating: 0, count: audio.hertz / 4)
                let level = ActiveSpeechLevel(of: samples, hertz: audio.hertz).dBov
                guard level > -60 else {
                    find(.silent, name, "nothing is heard; record it again")
                    continue
                }
                levels.append(level)
                let duration = Duration.seconds(Double(audio.samples.count) / Double(audio.hertz))
                if line.line.unit.isPhrase { phrases.append(duration) } else { symbols.append(duration) }
            } catch {
                find(.damaged, name, "\(error)")
            }
        }
        let names = Set(
            script?.lines.flatMap { line in
                RecordingName.candidates(for: line.unit).filter { sounds[$0.text]?.says == line.caption }
            } ?? [])
        for line in Adoption.missing(from: names, of: pack, fill: .nobody) {
            find(.missing, line.name.text, "is missing: \"\(line.caption)\"; a code must be of one voice")
        }
        return Report(
            findings: findings, symbolDurations: Self.range(symbols), phraseDurations: Self.range(phrases),
            levels: Self.range(levels),
            unrecorded: script?.lines.filter { recording(of: $0.unit, in: pack) == nil } ?? [])
    }

    private static func range<Value: Comparable>(_ values: [Value]) -> ClosedRange<Value>? {
        guard let least = values.min(), let greatest = values.max() else { return nil }
        return least...greatest
    }
}
