// SPDX-License-Identifier: GPL-3.0-or-later

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A filter of the second order, in direct form II transposed.
///
/// Source: Robert Bristow-Johnson's Audio EQ Cookbook.
package struct Biquad {
    private let b0, b1, b2, a1, a2: Double
    private var s1 = 0.0
    private var s2 = 0.0

    private init(b: (Double, Double, Double), a: (Double, Double, Double)) {
        (b0, b1, b2, a1, a2) = (b.0 / a.0, b.1 / a.0, b.2 / a.0, a.1 / a.0, a.2 / a.0)
    }

    /// Takes away what is below a frequency (Hz): a Butterworth high-pass.
    ///
    /// - Parameters:
    ///   - frequency: half the power is left there.
    ///   - hertz: samples a second.
    ///   - q: of one filter alone; two or more after another have each their own.
    package static func highPass(_ frequency: Double, hertz: Int, q: Double = 2.0.squareRoot() / 2) -> Biquad {
        let w = 2 * Double.pi * frequency / Double(hertz)
        let alpha = sin(w) / (2 * q)
        let c = cos(w)
        return Biquad(b: ((1 + c) / 2, -1 - c, (1 + c) / 2), a: (1 + alpha, -2 * c, 1 - alpha))
    }

    /// Takes away what is above a frequency (Hz): a Butterworth low-pass.
    package static func lowPass(_ frequency: Double, hertz: Int, q: Double = 2.0.squareRoot() / 2) -> Biquad {
        let w = 2 * Double.pi * frequency / Double(hertz)
        let alpha = sin(w) / (2 * q)
        let c = cos(w)
        return Biquad(b: ((1 - c) / 2, 1 - c, (1 - c) / 2), a: (1 + alpha, -2 * c, 1 - alpha))
    }

    /// Raises what is above a frequency (Hz) by a gain (dB), as steeply as a shelf can that never overshoots.
    static func highShelf(_ frequency: Double, gain: Double, hertz: Int) -> Biquad {
        let a = pow(10, gain / 40)
        let w = 2 * Double.pi * frequency / Double(hertz)
        let c = cos(w)
        let slope = 2 * a.squareRoot() * sin(w) / 2.0.squareRoot()
        return Biquad(
            b: (a * (a + 1 + (a - 1) * c + slope), -2 * a * (a - 1 + (a + 1) * c), a * (a + 1 + (a - 1) * c - slope)),
            a: (a + 1 - (a - 1) * c + slope, 2 * (a - 1 - (a + 1) * c), a + 1 - (a - 1) * c - slope))
    }

    /// Takes the next sample in and gives the next one out; at rest in the beginning.
    package mutating func next(_ x: Double) -> Double {
        let y = b0 * x + s1
        s1 = b1 * x - a1 * y + s2
        s2 = b2 * x - a2 * y
        return y
    }
}
