// SPDX-License-Identifier: GPL-3.0-or-later

/// The symbols that could stand in a code of one shape, and the styles that say them.
///
/// A shape is what anybody may know of a code: how many symbols it has, in which groups, whether letters are among them and
/// whether their case is said. Codes of one shape are read to one beat, which is reckoned from all of these symbols, and the engine is asked for
/// all of them; so neither an announcement's length nor a request tells which ones a code has.
struct Alphabet: Hashable, Sendable {
    /// The style of digits.
    let digits: String
    /// The style of letters; nil where codes have none.
    let letters: String?
    /// Whether capital letters are said to be such.
    var hasCase = false

    /// The digits, and where codes have them the letters.
    var symbols: [CodeSymbol] { CodeSymbol.digits + (letters == nil ? [] : CodeSymbol.letters) }
}

extension VoicePack {
    /// What is said for a symbol of an alphabet: units that follow each other without a pause.
    func units(
        saying symbol: CodeSymbol, asCapital: Bool = false, of alphabet: Alphabet, _ intonation: Intonation
    ) -> [SpeechUnit] {
        let style = style(saying: symbol, asked: symbol.isDigit ? alphabet.digits : alphabet.letters ?? Self.standard)
        guard asCapital, let capital else { return [.symbol(symbol, style: style, intonation)] }
        return capital.isBehind
            ? [.symbol(symbol, style: style, .continuing), .capital(intonation)]
            : [.capital(.continuing), .symbol(symbol, style: style, intonation)]
    }

    /// Every unit that could be said for a symbol of an alphabet, each once.
    func units(of alphabet: Alphabet) -> [SpeechUnit] {
        var seen: Set<SpeechUnit> = []
        return Intonation.allCases.flatMap { ways(of: alphabet, $0).joined() }.filter { seen.insert($0).inserted }
    }

    /// Everything that could be said for one symbol of an alphabet.
    func ways(of alphabet: Alphabet, _ intonation: Intonation) -> [[SpeechUnit]] {
        let capitals = alphabet.hasCase ? alphabet.symbols.filter { !$0.isDigit } : []
        return alphabet.symbols.map { units(saying: $0, of: alphabet, intonation) }
            + capitals.map { units(saying: $0, asCapital: true, of: alphabet, intonation) }
    }
}

/// The time that one symbol of a code has, whichever of its alphabet it is.
struct TimeSlot: Hashable, Sendable {
    /// How long symbols take to say by the mean, in samples.
    let mean: Int
    /// How long the longest takes.
    let longest: Int

    /// The least that a pause of the mean length so wanted leaves behind the longest symbol, unless less is wanted.
    static let shortestPause: Duration = .milliseconds(300)

    /// Reckons the slot of symbols that take so many samples.
    init(lengths: some Collection<Int>) {
        mean = lengths.isEmpty ? 0 : (lengths.reduce(0, +) + lengths.count / 2) / lengths.count
        longest = lengths.max() ?? 0
    }

    /// How many samples behind a symbol's first one that begins which follows it.
    ///
    /// - Parameter pause: the mean pause between the two; it is longer behind a short symbol, and shorter behind a long one.
    func beat(pause: Duration, at rate: SampleRate) -> Int {
        max(mean + rate.samples(in: pause), longest + rate.samples(in: min(pause, Self.shortestPause)))
    }
}

/// The slots of an alphabet's symbols in each intonation.
struct TimeSlots: Hashable, Sendable {
    private let continuing: TimeSlot
    private let falling: TimeSlot

    /// Reckons the slots of an alphabet.
    ///
    /// - Parameters:
    ///   - pack: what says it.
    ///   - length: the number of samples of a unit; nil where it is still to be spoken.
    /// - Returns: nil where one of the units has no length.
    init?(of alphabet: Alphabet, in pack: VoicePack, _ length: (SpeechUnit) -> Int?) {
        func slot(_ intonation: Intonation) -> TimeSlot? {
            var lengths: [Int] = []
            for units in pack.ways(of: alphabet, intonation) {
                var sum = 0
                for unit in units {
                    guard let length = length(unit) else { return nil }
                    sum += length
                }
                lengths.append(sum)
            }
            return TimeSlot(lengths: lengths)
        }
        guard let continuing = slot(.continuing), let falling = slot(.falling) else { return nil }
        (self.continuing, self.falling) = (continuing, falling)
    }

    subscript(intonation: Intonation) -> TimeSlot { intonation == .continuing ? continuing : falling }
}
