// SPDX-License-Identifier: GPL-3.0-or-later

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Numbers that look like chance and are the same for the same seed: SplitMix64.
///
/// What is drawn for one thing does not depend on what was drawn for another, so that all can be made side by side. The
/// standard library's ways from numbers to choices may change from one version to the next; these do not.
package struct Draws {
    private var state: UInt64

    /// Begins for a thing.
    ///
    /// - Parameters:
    ///   - seed: the seed of all.
    ///   - words: what it is drawn for.
    package init(seed: UInt64, _ words: String...) {
        // FNV-1a.
        state = words.joined(separator: "\u{1F}").utf8.reduce(0xCBF2_9CE4_8422_2325 ^ seed &* 0x9E37_79B9_7F4A_7C15) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01B3
        }
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// A number from 0 to 1, 1 not among them.
    package mutating func share() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// A whole number below another one.
    package mutating func number(below bound: Int) -> Int { Int(share() * Double(bound)) }

    /// A number of the normal distribution.
    package mutating func gaussian() -> Double {
        let radius = (-2 * log(1 - share())).squareRoot()
        return radius * cos(2 * Double.pi * share())
    }
}
