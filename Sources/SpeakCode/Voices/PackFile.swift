// SPDX-License-Identifier: GPL-3.0-or-later

/// A voice pack as its file has it.
///
/// Keys that no pack has are refused, so that a misspelt one is not lost in silence.
struct PackFile: Decodable {
    let locale: String
    let name: String
    let checkedBy: String
    let engine: Engine
    let endings: Endings?
    let pauses: Pauses?
    let phrases: [String: Line]
    let templates: [String: Template]
    let digits: [String: [String: Line]]
    let letters: [String: [String: Line]]?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case locale, name, checkedBy, engine, endings, pauses, phrases, templates, digits, letters
    }

    init(from decoder: any Decoder) throws {
        let pack = try decoder.container(onlyKeysOf: CodingKeys.self)
        locale = try pack.decode(String.self, forKey: .locale)
        name = try pack.decode(String.self, forKey: .name)
        checkedBy = try pack.decode(String.self, forKey: .checkedBy)
        engine = try pack.decode(Engine.self, forKey: .engine)
        endings = try pack.decodeIfPresent(Endings.self, forKey: .endings)
        pauses = try pack.decodeIfPresent(Pauses.self, forKey: .pauses)
        phrases = try pack.decode([String: Line].self, forKey: .phrases)
        templates = try pack.decode([String: Template].self, forKey: .templates)
        digits = try pack.decode([String: [String: Line]].self, forKey: .digits)
        letters = try pack.decodeIfPresent([String: [String: Line]].self, forKey: .letters)
    }

    struct Engine: Decodable {
        let voice: String
        let variant: String?
        let rate: Int
        let pitch: Int
        let range: Int

        enum CodingKeys: String, CodingKey, CaseIterable {
            case voice, variant, rate, pitch, range
        }

        init(from decoder: any Decoder) throws {
            let engine = try decoder.container(onlyKeysOf: CodingKeys.self)
            voice = try engine.decode(String.self, forKey: .voice)
            variant = try engine.decodeIfPresent(String.self, forKey: .variant)
            rate = try engine.decodeWholeNumber(forKey: .rate)
            pitch = try engine.decodeWholeNumber(forKey: .pitch)
            range = try engine.decodeWholeNumber(forKey: .range)
        }
    }

    struct Endings: Decodable {
        let continuing: String?
        let falling: String?

        enum CodingKeys: String, CodingKey, CaseIterable {
            case continuing, falling
        }

        init(from decoder: any Decoder) throws {
            let endings = try decoder.container(onlyKeysOf: CodingKeys.self)
            continuing = try endings.decodeIfPresent(String.self, forKey: .continuing)
            falling = try endings.decodeIfPresent(String.self, forKey: .falling)
        }
    }

    /// In seconds.
    struct Pauses: Decodable {
        let lead: Double?
        let phrase: Double?
        let symbol: Double?
        let group: Double?
        let reading: Double?
        let tail: Double?

        enum CodingKeys: String, CodingKey, CaseIterable {
            case lead, phrase, symbol, group, reading, tail
        }

        init(from decoder: any Decoder) throws {
            let pauses = try decoder.container(onlyKeysOf: CodingKeys.self)
            lead = try pauses.decodeIfPresent(Double.self, forKey: .lead)
            phrase = try pauses.decodeIfPresent(Double.self, forKey: .phrase)
            symbol = try pauses.decodeIfPresent(Double.self, forKey: .symbol)
            group = try pauses.decodeIfPresent(Double.self, forKey: .group)
            reading = try pauses.decodeIfPresent(Double.self, forKey: .reading)
            tail = try pauses.decodeIfPresent(Double.self, forKey: .tail)
        }
    }

    /// Either an object, or a text that is both what the engine is given and what a person reads.
    struct Line: Decodable {
        let engine: String?
        let phonemes: String?
        let caption: String

        enum CodingKeys: String, CodingKey, CaseIterable {
            case engine, phonemes, caption
        }

        init(from decoder: any Decoder) throws {
            if let text = try? decoder.singleValueContainer().decode(String.self) {
                (engine, phonemes, caption) = (text, nil, text)
                return
            }
            let line = try decoder.container(onlyKeysOf: CodingKeys.self)
            engine = try line.decodeIfPresent(String.self, forKey: .engine)
            phonemes = try line.decodeIfPresent(String.self, forKey: .phonemes)
            caption = try line.decode(String.self, forKey: .caption)
        }
    }

    struct Template: Decodable {
        let first: [String]
        let again: [String]
        let end: [String]?

        enum CodingKeys: String, CodingKey, CaseIterable {
            case first, again, end
        }

        init(from decoder: any Decoder) throws {
            let template = try decoder.container(onlyKeysOf: CodingKeys.self)
            first = try template.decode([String].self, forKey: .first)
            again = try template.decode([String].self, forKey: .again)
            end = try template.decodeIfPresent([String].self, forKey: .end)
        }
    }
}

/// Any key at all.
private struct AnyKey: CodingKey {
    let stringValue: String
    let intValue: Int? = nil

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

extension KeyedDecodingContainer {
    /// A whole number; the decoder itself tells of `150.5` without its place.
    fileprivate func decodeWholeNumber(forKey key: Key) throws -> Int {
        guard let number = Int(exactly: try decode(Double.self, forKey: key)) else {
            throw DecodingError.typeMismatch(
                Int.self, .init(codingPath: codingPath + [key], debugDescription: "must be a whole number"))
        }
        return number
    }
}

extension Decoder {
    /// The keyed container of an object that has no keys but these.
    fileprivate func container<Key: CodingKey & CaseIterable & RawRepresentable<String>>(
        onlyKeysOf type: Key.Type
    ) throws -> KeyedDecodingContainer<Key> {
        let known = Set(Key.allCases.map(\.rawValue))
        if let stranger = try container(keyedBy: AnyKey.self).allKeys.first(where: { !known.contains($0.stringValue) })
        {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: codingPath + [stranger],
                    debugDescription: "is not known here; known are \(known.sorted().joined(separator: ", "))"))
        }
        return try container(keyedBy: Key.self)
    }
}
