// SPDX-License-Identifier: GPL-3.0-or-later

/// Where the recording of a unit lies in a voice folder, without the file's ending: `digits/standard/7-continuing`.
///
/// A name stands for one unit and a unit has one name: what cannot stand in it as it is, is written `%` and two hexadecimal
/// digits a byte, as in addresses (RFC 3986, 2.1).
public struct RecordingName: Hashable, Sendable {
    /// The name, such as `phrases/opening`, `phrases/informal/opening`, `phrases/validity-minutes-10`,
    /// `digits/standard/7-falling` or `letters/icao/A`.
    public let text: String
    /// What it is a recording of.
    public let kind: Kind

    /// What a recording is of, whatever its style, register or ending.
    public enum Kind: Hashable, Sendable {
        /// A phrase, by its name in the pack.
        case phrase(String)
        /// A digit or letter.
        case symbol
        /// The word for a capital letter.
        case capital
    }

    private init(_ text: String, _ kind: Kind) {
        self.text = text
        self.kind = kind
    }

    /// The name of a unit's own recording.
    public init(of unit: SpeechUnit) {
        switch unit {
        case .phrase(let phrase):
            let register = phrase.register.map { "\($0.rawValue)/" } ?? ""
            let values = phrase.values.sorted { $0.key < $1.key }
                .map { "-\(Self.escaped($0.key))-\(Self.escaped($0.value))" }
            self.init("phrases/" + register + Self.escaped(phrase.name) + values.joined(), .phrase(phrase.name))
        case .symbol(_, _, let intonation), .capital(let intonation):
            let shared = RecordingName(sharedBy: unit)
            self.init(shared.text + "-\(intonation.rawValue)", shared.kind)
        }
    }

    /// The name of a recording that serves a unit however it is to end: `digits/standard/7`.
    ///
    /// A phrase has one ending, and one name.
    public init(sharedBy unit: SpeechUnit) {
        switch unit {
        case .phrase: self.init(of: unit)
        case .symbol(let symbol, let style, _):
            self.init("\(symbol.isDigit ? "digits" : "letters")/\(Self.escaped(style))/\(symbol.character)", .symbol)
        case .capital: self.init("letters/capital", .capital)
        }
    }

    /// The names under which a unit's recording is looked for, the best first.
    ///
    /// A recording that there is once serves for both endings.
    package static func candidates(for unit: SpeechUnit) -> [RecordingName] {
        guard let intonation = unit.intonation else { return [RecordingName(of: unit)] }
        let others = Intonation.allCases.filter { $0 != intonation }.map { other -> SpeechUnit in
            guard case .symbol(let symbol, let style, _) = unit else { return .capital(other) }
            return .symbol(symbol, style: style, other)
        }
        return [RecordingName(of: unit), RecordingName(sharedBy: unit)] + others.map(RecordingName.init(of:))
    }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                escaped.append(Character(UnicodeScalar(byte)))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                escaped += digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return escaped
    }
}

extension RecordingName: CustomStringConvertible {
    /// The name.
    public var description: String { text }
}
