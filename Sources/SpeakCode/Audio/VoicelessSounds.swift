// SPDX-License-Identifier: GPL-3.0-or-later

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What is said without voice: the s and the k of “six”, the f of “five”.
///
/// A voice has one strength for the consonants of all words; a word that is heard better with another has it made so here.
enum VoicelessSounds {
    /// Makes them louder by a gain (dB), or softer.
    ///
    /// There is voice where what is below 400 Hz comes within 14 dB of its loudest in the word. The gain comes and goes over
    /// 10 ms.
    static func raise(in samples: inout [Double], by gain: Double, hertz: Int) {
        var low = samples
        let pole = exp(-2 * Double.pi * 400 / Double(hertz))
        smooth(&low, pole: pole)
        smooth(&low, pole: pole)
        for index in low.indices { low[index] = abs(low[index]) }
        // As far behind as ahead.
        for _ in 0..<2 {
            smooth(&low, pole: exp(-200 / Double(hertz)))
            low.reverse()
        }
        let threshold = (low.max() ?? 0) * 0.2
        let reach = hertz / 200
        var voiceless = low.prefix(reach).count { $0 < threshold }
        for index in samples.indices {
            if index + reach < low.count, low[index + reach] < threshold { voiceless += 1 }
            if index > reach, low[index - reach - 1] < threshold { voiceless -= 1 }
            samples[index] *= pow(10, gain / 20 * Double(voiceless) / Double(2 * reach + 1))
        }
    }

    /// A low-pass of the first order.
    private static func smooth(_ samples: inout [Double], pole: Double) {
        var last = 0.0
        for index in samples.indices {
            last = (1 - pole) * samples[index] + pole * last
            samples[index] = last
        }
    }
}
