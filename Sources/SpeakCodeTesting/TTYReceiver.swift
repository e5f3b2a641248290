// SPDX-License-Identifier: GPL-3.0-or-later

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A text telephone that only reads (ITU-T V.18, annex A): which of two frequencies is louder, half a bit at a time (Goertzel).
///
/// It shares nothing with what writes: a table by codes and not by characters, and times that are looked for in the sound.
public struct TTYReceiver: Sendable {
    private let samples: [Double]
    private let hertz: Double
    private let bit: Double

    /// Listens to some samples.
    ///
    /// - Parameters:
    ///   - samples: 16-bit linear.
    ///   - hertz: samples a second.
    ///   - bitsPerSecond: 45.45 or 50.
    public init(_ samples: [Int16], hertz: Int, bitsPerSecond: Double) {
        self.samples = samples.map(Double.init)
        self.hertz = Double(hertz)
        bit = 1 / bitsPerSecond
    }

    /// What was read, and when.
    public struct Reading: Sendable {
        /// The five bits of each character, the first one lowest.
        public var codes: [UInt8] = []
        /// When each of them began, in seconds.
        public var times: [Double] = []
        /// Characters whose stop bits were none.
        public var faults = 0

        /// The text, as a receiver shows it that falls back to letters at each space.
        public var text: String {
            var isFigures = false
            var text = ""
            for code in codes {
                switch code {
                case 0x1F: isFigures = false
                case 0x1B: isFigures = true
                case 0x04:
                    text.append(" ")
                    isFigures = false
                case 0x08: break
                case 0x02: text.append("\n")
                default: text.append((isFigures ? TTYReceiver.figures : TTYReceiver.letters)[Int(code)])
                }
            }
            return text
        }
    }

    // By their codes, 0 to 31; what is no character is a full stop in the middle.
    private static let letters = Array("·E·A·SIU·DRJNFCKTZLWHYPQOBG·MXV·")
    private static let figures = Array("·3·-··87·$4',!:(5\")2·6019?··./;·")

    /// Reads all of it.
    public func read() -> Reading {
        var reading = Reading()
        var time = 0.0
        let end = Double(samples.count) / hertz
        while time < end {
            // Between characters there is a mark, or silence.
            guard isMark(at: time) == false, isMark(at: time + 0.25 * bit) == false else {
                time += 0.0005
                continue
            }
            let start = time
            var code: UInt8 = 0
            for place in 0..<5 where isMark(at: start + (Double(place) + 1.5) * bit) == true { code |= 1 << place }
            if isMark(at: start + 6.5 * bit) != true || isMark(at: start + 7.4 * bit) != true { reading.faults += 1 }
            reading.codes.append(code)
            reading.times.append(start)
            time = start + 7 * bit
        }
        return reading
    }

    /// Whether a mark is heard around a time, a space, or neither.
    private func isMark(at time: Double) -> Bool? {
        let half = Int(bit * hertz / 4)
        let middle = Int(time * hertz)
        guard middle < samples.count else { return nil }
        let window = max(0, middle - half)..<min(samples.count, middle + half)
        guard window.count > half else { return nil }
        let energy = window.reduce(0) { $0 + samples[$1] * samples[$1] } / Double(window.count)
        // 40 dB below full scale.
        guard energy > 300 * 300 else { return nil }
        return power(of: 1400, in: window) > power(of: 1800, in: window)
    }

    private func power(of frequency: Double, in window: Range<Int>) -> Double {
        let coefficient = 2 * cos(2 * .pi * frequency / hertz)
        var (last, before) = (0.0, 0.0)
        for index in window { (last, before) = (samples[index] + coefficient * last - before, last) }
        return last * last + before * before - coefficient * last * before
    }
}
