// SPDX-License-Identifier: GPL-3.0-or-later

internal import JSON5

extension RecordedVoice {
    /// Reads what a voice folder's file says.
    ///
    /// - Throws: ``VoicePackError`` with the line.
    init(
        json5: String, source: String, folder: String, name: String, decoder: any SoundDecoder
    ) throws(VoicePackError) {
        let value = try JSON5Value(json5: json5, source: source)
        do throws(PackViolation) {
            try self.init(value, folder: folder, name: name, decoder: decoder)
        } catch {
            throw VoicePackError(error, source: source, json5: json5)
        }
    }

    private init(
        _ value: JSON5Value, folder: String, name: String, decoder: any SoundDecoder
    ) throws(PackViolation) {
        let file = try PackField(value: value, path: []).members(known: [
            "locale", "speaker", "gender", "licence", "date", "source", "fill", "heard", "sounds",
        ])
        let tag = try file.required("locale")
        guard let locale = LanguageTag(try tag.text()), locale.description == (try tag.text()) else {
            throw tag.violation("must be a BCP 47 tag in canonical case, such as ja-JP")
        }
        self.init(
            locale: locale, folder: folder, name: name, decoder: decoder,
            speaker: try Self.line(file.required("speaker")),
            gender: try file["gender"].map(Self.choice(_:)), licence: try Self.line(file.required("licence")),
            date: try file["date"].map(Self.line), source: try file["source"].map(Self.line),
            fill: try file["fill"].map(Self.choice) ?? .nobody, heard: try file["heard"].map(Self.hearing),
            sounds: try Self.sounds(file.required("sounds")), revision: VoicePack.revision(of: value.compact.utf8))
    }

    private static func line(_ field: PackField) throws(PackViolation) -> String {
        let text = try field.text()
        guard (1...500).contains(text.utf8.count), !text.contains(where: \.isNewline) else {
            throw field.violation("must be one line of at most 500 bytes")
        }
        return text
    }

    private static func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ field: PackField
    ) throws(PackViolation) -> Choice {
        guard let choice = Choice(rawValue: try field.text()) else {
            throw field.violation("must be \(Choice.allCases.map(\.rawValue).joined(separator: " or "))")
        }
        return choice
    }

    private static func hearing(_ field: PackField) throws(PackViolation) -> Hearing {
        let fields = try field.members(known: ["by", "codes", "right", "engineRight"])
        func count(_ key: String) throws(PackViolation) -> Int {
            let field = try fields.required(key)
            let number = try field.wholeNumber()
            guard (0...1_000_000).contains(number) else { throw field.violation("must be a number of codes") }
            return number
        }
        return Hearing(
            by: try line(fields.required("by")), codes: try count("codes"), right: try count("right"),
            engineRight: try count("engineRight"))
    }

    private static func sounds(_ field: PackField) throws(PackViolation) -> [String: Sound] {
        var sounds: [String: Sound] = [:]
        for (name, field) in try field.members() {
            // Names become paths: none leads out of the folder.
            guard name.utf8.allSatisfy({ isNameByte($0) }), !name.hasPrefix("/"),
                name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy({ !$0.isEmpty })
            else {
                throw field.violation("must be a name that `speakcode voices script` gives, such as phrases/opening")
            }
            let sound = try field.members(known: ["says", "digest"])
            sounds[name] = Sound(says: try line(sound.required("says")), digest: try sound.required("digest").text())
        }
        guard !sounds.isEmpty else { throw field.violation("must name the recordings that there are") }
        return sounds
    }

    /// A letter, a digit, or one of `-_%/`: no full stop, and so no folder above.
    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-_%/".utf8.contains(byte)
        }
    }
}
