// SPDX-License-Identifier: GPL-3.0-or-later

/// How different two words sound: an edit distance over eSpeak NG's phoneme mnemonics, weighed by features.
///
/// 0 is the same word; 1 is about one sound that nobody takes for another. Consonants differ by voicing, place and manner,
/// vowels by height, backness and rounding. The weights follow what telephone lines blur: voicing and place first (B, D, P,
/// T; M, N; F, S), manner and vowels last.
/// Source of the order: G. A. Miller and P. E. Nicely, "An analysis of perceptual confusions among some English consonants",
/// JASA 27 (1955), whose low-pass filtered listeners confuse place most.
struct PhonemeDistance {
    /// Symbols that are nearer than this are warned of: they differ in one sound that a line blurs.
    static let near = 0.75

    /// The distance of two words or groups of words.
    static func between(_ a: Sounds, and b: Sounds) -> Double {
        let (a, b) = (a.sounds, b.sounds)
        var row = b.indices.reduce(into: [0.0]) { $0.append($0[$1] + b[$1].weight) }
        for one in a {
            var diagonal = row[0]
            row[0] += one.weight
            for (j, other) in b.enumerated() {
                let changed = diagonal + one.distance(to: other)
                diagonal = row[j + 1]
                row[j + 1] = min(changed, row[j + 1] + one.weight, row[j] + other.weight)
            }
        }
        return row[b.count]
    }

    /// The sounds of a word or group of words.
    struct Sounds {
        fileprivate let sounds: [Sound]

        init(of words: [Substring]) {
            sounds = words.joined().map(Sound.init)
        }
    }

    /// One sign of a mnemonic: mostly a sound, else what lengthens or colours the one before it.
    fileprivate enum Sound {
        case consonant(place: Int, manner: Int, isVoiced: Bool)
        case vowel(height: Int, backness: Int, isRound: Bool)
        /// A tone's number, in languages where the tone is the word.
        case tone(Character)
        case mark

        /// From the lips to the throat; stop, affricate, fricative, nasal, liquid, glide.
        private static let consonants: [Character: (Int, Int, Bool)] = [
            "p": (0, 0, false), "b": (0, 0, true), "m": (0, 3, true), "f": (0, 2, false), "v": (0, 2, true),
            "w": (0, 5, true), "B": (0, 2, true), "M": (0, 3, true), "P": (0, 2, false),
            "t": (1, 0, false), "d": (1, 0, true), "n": (1, 3, true), "s": (1, 2, false), "z": (1, 2, true),
            "T": (1, 2, false), "D": (1, 2, true), "l": (1, 4, true), "r": (1, 4, true), "R": (1, 4, true),
            "*": (1, 4, true), "L": (2, 4, true),
            "S": (2, 2, false), "Z": (2, 2, true), "C": (2, 2, false), "J": (2, 0, true), "c": (2, 0, false),
            "j": (2, 5, true), "K": (1, 4, false),
            "k": (3, 0, false), "g": (3, 0, true), "N": (3, 3, true), "x": (3, 2, false), "Q": (3, 2, true),
            "G": (3, 0, true), "q": (3, 0, false), "X": (3, 2, false), "H": (4, 2, false), "h": (4, 2, false),
            "?": (4, 0, false),
        ]
        /// From close to open, from front to back.
        private static let vowels: [Character: (Int, Int, Bool)] = [
            "i": (0, 0, false), "y": (0, 0, true), "u": (0, 2, true), "U": (1, 2, true), "I": (1, 0, false),
            "Y": (1, 0, true), "e": (2, 0, false), "o": (2, 2, true), "E": (3, 0, false), "O": (3, 2, true),
            "W": (3, 0, true), "@": (2, 1, false), "3": (3, 1, false), "V": (3, 2, false), "a": (4, 1, false),
            "A": (4, 2, false), "0": (4, 2, true), "&": (4, 0, false), "8": (2, 1, true),
        ]

        init(_ sign: Character) {
            if let (place, manner, isVoiced) = Self.consonants[sign] {
                self = .consonant(place: place, manner: manner, isVoiced: isVoiced)
            } else if let (height, backness, isRound) = Self.vowels[sign] {
                self = .vowel(height: height, backness: backness, isRound: isRound)
            } else if sign.isNumber {
                self = .tone(sign)
            } else {
                self = .mark
            }
        }

        /// What it costs that the sound is not there.
        var weight: Double {
            switch self {
            case .consonant(_, 5, _): 0.5
            case .consonant: 0.7
            case .vowel: 1
            case .tone: 0.5
            case .mark: 0.1
            }
        }

        func distance(to other: Sound) -> Double {
            switch (self, other) {
            case (.consonant(let place, let manner, let voiced), .consonant(let place2, let manner2, let voiced2)):
                min(
                    1,
                    (place == place2 ? 0 : 0.4) + (manner == manner2 ? 0 : 0.5) + (voiced == voiced2 ? 0 : 0.3))
            case (.vowel(let height, let backness, let round), .vowel(let height2, let backness2, let round2)):
                min(
                    1,
                    0.25 * Double(abs(height - height2)) + 0.25 * Double(abs(backness - backness2))
                        + (round == round2 ? 0 : 0.2))
            case (.tone(let one), .tone(let two)): one == two ? 0 : 0.5
            case (.mark, .mark): 0
            default: 1.2
            }
        }
    }
}
