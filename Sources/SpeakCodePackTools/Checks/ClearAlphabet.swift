// SPDX-License-Identifier: GPL-3.0-or-later

public import SpeakCode

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The symbols of a language that no bad line blurs into each other: of each two that sound nearly alike, one is left out.
///
/// A code of them is as hard to guess as its bits tell, which are fewer than those of all symbols.
public struct ClearAlphabet: Hashable, Sendable {
    /// A symbol that is left out.
    public struct Avoided: Hashable, Sendable {
        /// The symbol.
        public let symbol: CodeSymbol
        /// One that stays, or was left out after it, and sounds nearly the same.
        public let near: CodeSymbol
    }

    /// The symbols that stay, in order; at least two.
    public let symbols: [CodeSymbol]
    /// Those that are left out, in the order in which they were.
    public let avoided: [Avoided]

    /// Leaves out as few as a simple rule finds: again and again the symbol that sounds as most others do.
    ///
    /// - Parameters:
    ///   - candidates: the symbols that may stand in a code, in order.
    ///   - confusions: the pairs that sound nearly alike, as ``PackChecker/Report/confusions`` has them.
    public init(_ candidates: [CodeSymbol], without confusions: [PackChecker.Confusion]) {
        var symbols = candidates
        var avoided: [Avoided] = []
        while symbols.count > 2 {
            let left = Set(symbols)
            let pairs = confusions.filter { left.contains($0.first) && left.contains($0.second) }
            // Of several, the last in the alphabet: letters before digits.
            let worst = symbols.reversed().map { symbol in
                (symbol: symbol, near: pairs.filter { $0.first == symbol || $0.second == symbol })
            }.max { $0.near.count < $1.near.count }
            guard let worst, let nearest = worst.near.min(by: { $0.distance < $1.distance }) else { break }
            avoided.append(
                Avoided(
                    symbol: worst.symbol, near: nearest.first == worst.symbol ? nearest.second : nearest.first))
            symbols.removeAll { $0 == worst.symbol }
        }
        (self.symbols, self.avoided) = (symbols, avoided)
    }

    /// The bits of a code: the logarithm of how many there are.
    public func bits(ofLength length: Int) -> Double { Double(length) * log2(Double(symbols.count)) }

    /// The bits that a code has fewer than one of all symbols.
    public func cost(ofLength length: Int) -> Double {
        Double(length) * log2(Double(symbols.count + avoided.count)) - bits(ofLength: length)
    }

    /// A code, each of whose symbols is as likely as any other.
    ///
    /// - Parameters:
    ///   - length: the number of symbols; fewer than 1 are 1, more than `VerificationCode.maximumLength` are so many.
    ///   - generator: a source of random numbers; for a code that is to be a secret, the system's.
    public func code(length: Int, using generator: inout some RandomNumberGenerator) -> VerificationCode {
        let count = min(max(1, length), VerificationCode.maximumLength)
        let text = String((0..<count).compactMap { _ in symbols.randomElement(using: &generator)?.character })
        guard let code = try? VerificationCode(text) else { preconditionFailure("Symbols are a code.") }
        return code
    }
}
