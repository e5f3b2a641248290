// SPDX-License-Identifier: GPL-3.0-or-later

public import SpeakCode

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Recordings made into a voice: cut, levelled, and held against what a person would hear.
public struct Adoption: Sendable {
    /// A recording as it comes.
    public struct Take: Sendable {
        /// Which sound it is to be.
        public let name: RecordingName
        /// What is said, as a person reads it.
        public let caption: String
        /// Where it is from, for a person: a file, and in a long one its label.
        public let source: String
        /// What was recorded.
        public let signal: Signal

        /// Describes a recording.
        public init(name: RecordingName, caption: String, source: String, signal: Signal) {
            self.name = name
            self.caption = caption
            self.source = source
            self.signal = signal
        }
    }

    /// A sound of the voice.
    public struct Sound: Sendable {
        /// Which it is.
        public let name: RecordingName
        /// What is said, as a person reads it.
        public let caption: String
        /// Where it is from.
        public let source: String
        /// The samples.
        public let audio: PCM

        /// Describes a sound.
        public init(name: RecordingName, caption: String, source: String, audio: PCM) {
            self.name = name
            self.caption = caption
            self.source = source
            self.audio = audio
        }
    }

    /// What is wrong with a recording.
    public enum Fault: String, CaseIterable, Sendable {
        /// A line has no recording.
        case missing
        /// Nothing is heard in it.
        case silent
        /// Too loud for the recorder.
        case clipped
        /// Too near to the noise around it.
        case noisy
        /// It begins or ends in the midst of a sound.
        case truncated
        /// It is the same recording as another's.
        case alike
        /// Much louder or much quieter than the others.
        case level
        /// Much higher or lower than the others, as of another speaker.
        case pitch
        /// A recogniser hears something else.
        case word
        /// Of a voice that was adopted: its file cannot be read, or is not the one that was adopted.
        case damaged
        /// Of a voice that was adopted: the pack has other words by now.
        case outdated

        /// Those that somebody may take as they are.
        public static let acceptable: [Fault] = [.clipped, .noisy, .truncated, .alike, .level, .pitch, .word]
    }

    /// A fault, where it is, and what to do.
    public struct Finding: Hashable, Sendable, CustomStringConvertible {
        /// The kind.
        public let fault: Fault
        /// The recording's file, or the name of the one that is missing.
        public let source: String
        /// What is heard, and what to do.
        public let message: String

        /// Describes a fault.
        public init(fault: Fault, source: String, message: String) {
            self.fault = fault
            self.source = source
            self.message = message
        }

        /// The file and what to do.
        public var description: String { "\(source): \(message)" }
    }

    /// The sounds, in the order of the recordings.
    public let sounds: [Sound]
    /// What is wrong with them.
    public let findings: [Finding]

    /// The least difference between speech and noise, in dB.
    static let leastContrast = 20.0
    /// The greatest difference of a recording's level from the others', in dB.
    static let greatestStep = 12.0
    /// The least share of a recording in which its pitch is near the others': creaking ends alone are no other speaker.
    static let leastShare = 0.1
    /// From this correlation on two recordings are one.
    static let sameness: Float = 0.92

    /// Cuts, levels and checks recordings.
    ///
    /// - Parameters:
    ///   - takes: the recordings.
    ///   - promptsAreCut: whether they are prompts that others have cut tightly, and no silence is to be around them.
    ///   - resampler: what changes their rates.
    /// - Throws: what the resampler throws.
    public init(of takes: [Take], promptsAreCut: Bool = false, resampler: any Resampler) throws {
        let conditioner = UnitConditioner(resampler: resampler)
        let measured = takes.map { (take: $0, measures: TakeMeasures(of: $0.signal)) }
        var findings: [Finding] = []
        var sounds: [Sound] = []
        for (take, measures) in measured {
            guard let speech = measures.speech else {
                findings.append(
                    Finding(
                        fault: .silent, source: take.source, message: "nothing is heard; say \"\(take.caption)\" again")
                )
                continue
            }
            findings += Self.faults(of: take, measures, promptsAreCut: promptsAreCut)
            let rate = Self.rate(for: take.signal.hertz)
            let cut = Self.cut(take.signal, to: speech)
            guard let samples = try conditioner.condition([cut.pcm], from: .recording, to: rate).first ?? nil else {
                continue
            }
            sounds.append(
                Sound(
                    name: take.name, caption: take.caption, source: take.source,
                    audio: PCM(samples: samples, hertz: rate.hertz)))
        }
        self.sounds = sounds
        self.findings = findings + Self.strangers(among: measured) + Self.twins(among: measured)
    }

    private static func faults(of take: Take, _ measures: TakeMeasures, promptsAreCut: Bool) -> [Finding] {
        var findings: [Finding] = []
        func find(_ fault: Fault, _ message: String) {
            findings.append(Finding(fault: fault, source: take.source, message: message))
        }
        if measures.isClipped {
            find(.clipped, "is clipped: it was too loud for the recorder; lower its gain and say it again")
        }
        if let noise = measures.noise, measures.level - noise < leastContrast {
            let contrast = max(0, Int((measures.level - noise).rounded()))
            find(
                .noisy,
                "is noisy: the voice is \(contrast) dB above the room, and at least \(Int(leastContrast)) are needed; find a "
                    + "quieter place, or come nearer")
        }
        if !promptsAreCut, measures.beginsAbruptly || measures.endsAbruptly {
            let places = (measures.beginsAbruptly ? ["begins"] : []) + (measures.endsAbruptly ? ["ends"] : [])
            find(
                .truncated,
                "\(places.joined(separator: " and ")) in the midst of sound; leave half a second of silence there")
        }
        return findings
    }

    /// Recordings that differ from the others in level or pitch.
    private static func strangers(among measured: [(take: Take, measures: TakeMeasures)]) -> [Finding] {
        var findings: [Finding] = []
        let audible = measured.filter { $0.measures.speech != nil }
        // From fewer nobody can tell what is usual.
        guard audible.count >= 5 else { return [] }
        let levels = audible.map(\.measures.level).sorted()
        let usual = levels[levels.count / 2]
        for (take, measures) in audible where abs(measures.level - usual) > greatestStep {
            let step = Int((measures.level - usual).rounded())
            findings.append(
                Finding(
                    fault: .level, source: take.source,
                    message: "is \(abs(step)) dB \(step < 0 ? "quieter" : "louder") than the others; record all at one "
                        + "distance and gain"))
        }
        let pitches = audible.compactMap(\.measures.pitch).sorted()
        guard pitches.count >= 5 else { return findings }
        let voice = pitches[pitches.count / 2]
        for (take, measures) in audible {
            guard let pitch = measures.pitch, let share = measures.share(near: voice), share < leastShare else {
                continue
            }
            findings.append(
                Finding(
                    fault: .pitch, source: take.source,
                    message: "is said at \(Int(pitch)) Hz and the others at about \(Int(voice)): is it another speaker?"
                ))
        }
        return findings
    }

    /// Recordings under two names that are one and the same, though something else is to be said.
    private static func twins(among measured: [(take: Take, measures: TakeMeasures)]) -> [Finding] {
        var findings: [Finding] = []
        for (index, one) in measured.enumerated() {
            for other in measured[..<index] where other.take.caption != one.take.caption {
                guard TakeMeasures.likeness(of: one.measures, other.measures) >= sameness else { continue }
                findings.append(
                    Finding(
                        fault: .alike, source: one.take.source,
                        message: "is the same recording as \(other.take.source); say \"\(one.take.caption)\" and "
                            + "\"\(other.take.caption)\" each by itself"))
            }
        }
        return findings
    }

    /// The rate that a recording is kept at: 24,000 Hz is more than any telephone carries.
    private static func rate(for hertz: Int) -> SampleRate {
        hertz >= 24_000 ? .hz24000 : hertz >= 22_050 ? .hz22050 : hertz >= 16_000 ? .hz16000 : .hz8000
    }

    /// The speech with room around it for what is too soft to be found, faded in and out.
    private static func cut(_ signal: Signal, to speech: Range<Int>) -> Signal {
        let hertz = signal.hertz
        let start = max(0, speech.lowerBound - hertz * 3 / 100)
        let end = min(signal.samples.count, speech.upperBound + hertz * 6 / 100)
        var samples = Array(signal.samples[start..<end])
        // The more of 16 bits are used, the less is lost before the level is set.
        let peak = samples.reduce(0) { max($0, abs($1)) }
        let gain: Float = peak > 0 ? 0.5 / peak : 1
        for index in samples.indices { samples[index] *= gain }
        let (fadeIn, fadeOut) = (min(hertz / 200, samples.count / 2), min(hertz / 50, samples.count / 2))
        for index in 0..<fadeIn {
            samples[index] *= Float(0.5 - 0.5 * cos(Double.pi * (Double(index) + 0.5) / Double(fadeIn)))
        }
        for index in 0..<fadeOut {
            samples[samples.count - 1 - index] *= Float(
                0.5 - 0.5 * cos(Double.pi * (Double(index) + 0.5) / Double(fadeOut)))
        }
        return Signal(samples: samples, hertz: hertz)
    }
}

extension Adoption {
    /// The lines of a pack that are neither recorded nor left to others.
    ///
    /// Ten digits are the least. A style that has one recording must have all that are its own, since a code is of one voice.
    ///
    /// - Parameters:
    ///   - names: what is recorded.
    ///   - pack: the words.
    ///   - fill: who says what is not recorded; nil where nobody has decided, and phrases must be recorded too.
    public static func missing(
        from names: Set<RecordingName>, of pack: VoicePack, fill: RecordedVoice.Fill?
    ) -> [RecordingScript.Line] {
        let lines = (try? RecordingScript(of: pack, places: RecordingScript.allPlaces))?.lines ?? []
        return lines.filter { line in
            guard RecordingName.candidates(for: line.unit).allSatisfy({ !names.contains($0) }) else { return false }
            switch line.unit {
            case .phrase: return fill == nil
            case .capital: return false
            case .symbol(let symbol, let style, let intonation):
                // One recording serves for both endings.
                guard intonation == .continuing else { return false }
                let isNeeded = symbol.isDigit && style == VoicePack.standard
                return isNeeded || lines.contains { $0.unit.isOfStyle(style, like: symbol) && $0.isRecorded(in: names) }
            }
        }
    }
}

extension RecordingScript.Line {
    fileprivate func isRecorded(in names: Set<RecordingName>) -> Bool {
        RecordingName.candidates(for: unit).contains(where: names.contains)
    }
}

extension SpeechUnit {
    fileprivate func isOfStyle(_ style: String, like symbol: CodeSymbol) -> Bool {
        guard case .symbol(let own, style, _) = self else { return false }
        return own.isDigit == symbol.isDigit
    }
}
