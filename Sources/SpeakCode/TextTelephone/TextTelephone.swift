// SPDX-License-Identifier: GPL-3.0-or-later

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The tones by which text telephones (TTY) write to each other over a voice line: ITU-T V.18, annex A, as TIA/EIA-825 has it.
///
/// They are frequency-shift keyed: 1400 Hz for a mark, 1800 Hz for a space, one phase throughout. Nothing that is made for voices
/// is done to them.
public enum TextTelephone {
    /// How fast it writes.
    public enum Speed: Int, Hashable, Sendable, CaseIterable {
        /// 45.45 bits a second: the USA and Canada.
        case baud45 = 45
        /// 50 bits a second: elsewhere.
        case baud50 = 50

        /// Bits a second.
        public var bitsPerSecond: Double { self == .baud45 ? 45.45 : 50 }
    }

    static let (mark, space) = (1400.0, 1800.0)
    /// One bit before five, and two behind them: receivers of one and a half take two.
    private static let (startBits, dataBits, stopBits) = (1, 5, 2)
    /// The carrier before the first character and behind the last, in seconds.
    private static let (before, behind) = (0.150, 0.300)
    /// How long the carrier takes to come and to go, in seconds.
    private static let ramp = 0.003
    /// -14 dBm0: 5 dB above the voice's -19 dBm0, whose effective value is 2600 of 32767 (RFC 7874, section 4).
    private static let peak = 2600 * pow(10, 5.0 / 20) * 2.0.squareRoot()

    /// A stretch of one frequency, in seconds.
    private struct Tone {
        let hertz: Double
        let length: Double
    }

    /// The samples of some five-bit characters, with their carrier.
    static func samples(of codes: [UInt8], _ speed: Speed, at rate: SampleRate) -> [Int16] {
        let tones = tones(of: codes, speed)
        let length = tones.reduce(0) { $0 + $1.length }
        var samples: [Int16] = []
        samples.reserveCapacity(Int(length * Double(rate.hertz)) + 1)
        /// When a tone begins, and the turns of the wave before it, of which only the part of one counts.
        var (start, turns) = (0.0, 0.0)
        for tone in tones {
            while true {
                let time = Double(samples.count) / Double(rate.hertz)
                guard time < start + tone.length else { break }
                let phase = turns + tone.hertz * (time - start)
                let edge = min(1, min(time, length - time) / ramp)
                let level = peak * (0.5 - 0.5 * cos(.pi * edge))
                samples.append(Int16((level * sin(2 * .pi * (phase - phase.rounded(.down)))).rounded()))
            }
            start += tone.length
            turns += tone.hertz * tone.length
            turns -= turns.rounded(.down)
        }
        return samples
    }

    private static func tones(of codes: [UInt8], _ speed: Speed) -> [Tone] {
        let bit = 1 / speed.bitsPerSecond
        var tones = [Tone(hertz: mark, length: before)]
        for code in codes {
            tones.append(Tone(hertz: space, length: Double(startBits) * bit))
            for place in 0..<dataBits {
                tones.append(Tone(hertz: code >> place & 1 == 1 ? mark : space, length: bit))
            }
            tones.append(Tone(hertz: mark, length: Double(stopBits) * bit))
        }
        return tones + [Tone(hertz: mark, length: behind)]
    }

    /// The seconds that so many characters take, with their carrier.
    static func seconds(of characters: Int, _ speed: Speed) -> Double {
        before + behind + Double(characters * (startBits + dataBits + stopBits)) / speed.bitsPerSecond
    }
}

extension TextTelephone {
    /// A text that is written in one go, with the carrier around it.
    struct Burst: Hashable, Sendable {
        /// What is written; it has the code in it.
        let text: String
        let speed: Speed
        private let codes: [UInt8]

        /// The longest of a burst beside a voice, in seconds: who hears it and does not know what it is must not hang up.
        private static let longestBesideVoice = 5.0

        /// Whether it is no longer than that.
        var fitsBesideVoice: Bool { TextTelephone.seconds(of: codes.count, speed) <= Self.longestBesideVoice }

        /// A code three times behind a word.
        ///
        /// - Parameters:
        ///   - code: the code, without its groups; nil for the question for a key press.
        ///   - isBesideVoice: whether it is to last for five seconds at most: it then has the word, and three or two codes, as far
        ///     as they fit, and else as many codes as do; one that does not fit alone is longer (``Delivery/fits(_:)``).
        init(_ code: VerificationCode?, _ speed: Speed, isBesideVoice: Bool = false) {
            self.speed = speed
            guard let code else {
                text = "PRESS 1 FOR YOUR CODE"
                codes = Baudot.codes(of: "\n" + text)
                return
            }
            let symbols = String(code.symbols.map(\.character))
            let shiftsAlways = code.symbols.contains { !$0.isDigit }
            var (written, characters) = ("", [UInt8]())
            for (word, count) in isBesideVoice ? [("CODE ", 3), ("CODE ", 2), ("", 2), ("", 1)] : [("CODE ", 3)] {
                written = word + [String](repeating: symbols, count: count).joined(separator: " ")
                // A line of its own.
                characters = Baudot.codes(of: "\n" + written, shiftsAlways: shiftsAlways)
                if TextTelephone.seconds(of: characters.count, speed) <= Self.longestBesideVoice { break }
            }
            (self.text, codes) = (written, characters)
        }

        /// The samples at a rate.
        func samples(at rate: SampleRate) -> [Int16] { TextTelephone.samples(of: codes, speed, at: rate) }
    }
}

extension TextTelephone.Burst: CustomStringConvertible, CustomReflectable {
    /// Nothing of the text.
    var description: String { "TextTelephone.Burst" }

    /// A mirror without children.
    var customMirror: Mirror { Mirror(self, children: []) }
}
