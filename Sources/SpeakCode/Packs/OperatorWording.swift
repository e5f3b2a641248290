// SPDX-License-Identifier: GPL-3.0-or-later

internal import JSON5

/// What an operator adds to all packs: templates, the phrases that they say, and values for slots.
///
/// It stands in the file ``fileName`` of the operator's folder of voice packs. Callers choose among the templates and values
/// by their names; no text of theirs is ever spoken.
struct OperatorWording: Sendable {
    /// The file's name in the folder of voice packs.
    static let fileName = "wording.json5"

    /// The key of a text for all languages that have none of their own.
    private static let everywhere = "*"

    /// Texts by language range, ``everywhere`` included.
    private typealias Texts = [String: VoicePack.Line]

    private let source: String
    private let json5: String
    private let revision: UInt64
    /// By slot and key.
    private var values: [String: [String: Texts]] = [:]
    /// By name.
    private var phrases: [String: Texts] = [:]
    private var templates: [String: PackField] = [:]

    /// Reads a wording and checks all that can be checked without packs.
    ///
    /// - Throws: ``VoicePackError`` with the line.
    init(json5: String, source: String) throws(VoicePackError) {
        self.json5 = json5
        self.source = source
        let value = try JSON5Value(json5: json5, source: source)
        revision = VoicePack.revision(of: value.compact.utf8)
        do throws(PackViolation) {
            let file = try PackField(value: value, path: []).members(known: ["values", "phrases", "templates"])
            for (slot, field) in try file["values"]?.members() ?? [:] {
                guard VoicePack.Line.isSlot(slot) else {
                    throw field.violation("must be a slot's name: 1 to \(VoicePack.Line.longestSlot) letters")
                }
                for (key, field) in try field.members() {
                    values[slot, default: [:]][key] = try Self.texts(field, VoicePack.value)
                }
            }
            for (name, field) in try file["phrases"]?.members() ?? [:] {
                phrases[name] = try Self.texts(field) { (field) throws(PackViolation) in try VoicePack.Line(field) }
            }
            templates = try file["templates"]?.members() ?? [:]
        } catch {
            throw VoicePackError(error, source: source, json5: json5)
        }
    }

    /// One text for all languages, or an object of texts by language.
    private static func texts(
        _ field: PackField, _ read: (PackField) throws(PackViolation) -> VoicePack.Line
    ) throws(PackViolation) -> Texts {
        guard case .object(let members) = field.value, members["caption"] == nil else {
            return [everywhere: try read(field)]
        }
        var texts: Texts = [:]
        for (range, field) in try field.members() {
            guard range == everywhere || LanguageTag(range)?.description == range else {
                throw field.violation("must be * or a language tag in canonical case, such as ja or pt-BR")
            }
            texts[range] = try read(field)
        }
        return texts
    }

    /// The text for a locale: of the longest range that it begins with (RFC 4647, 3.4), else the one for all.
    private static func text(_ texts: Texts, for locale: LanguageTag) -> VoicePack.Line? {
        var range = locale.description
        while !range.isEmpty {
            if let text = texts[range] { return text }
            range = range.lastIndex(of: "-").map { String(range[..<$0]) } ?? ""
        }
        return texts[everywhere]
    }

    /// A pack with this wording over its own.
    ///
    /// - Throws: ``VoicePackError`` where a template or value cannot be said in the pack's language: it is found at the
    ///   start of a service and not in a caller's night.
    func applied(to pack: VoicePack) throws(VoicePackError) -> VoicePack {
        var pack = pack
        for (name, texts) in phrases { pack.phrases[name] = Self.text(texts, for: pack.locale) ?? pack.phrases[name] }
        do throws(PackViolation) {
            for (slot, keys) in values {
                let isNeeded = pack.phrases.values.contains { $0.slots.contains(slot) }
                for (key, texts) in keys {
                    guard let text = Self.text(texts, for: pack.locale) else {
                        guard isNeeded else { continue }
                        throw PackViolation(
                            path: ["values", slot, key],
                            problem: "has no text for \(pack.locale); give one for it or for *")
                    }
                    pack.values[slot, default: [:]][key] = text
                }
            }
            for (name, field) in templates {
                // A template of phrases that this language was not given is not there in it.
                let own = try field.members(known: ["first", "again", "end"])
                var steps: [String] = []
                for key in ["first", "again", "end"] { steps += try own[key]?.texts() ?? [] }
                if let stranger = steps.first(where: { $0 != "{code}" && phrases[$0] == nil && pack.phrases[$0] == nil }
                ),
                    !pack.isDigitsOnly
                {
                    throw field.violation(
                        "names `\(stranger)`, which is neither in `phrases` nor in the \(pack.locale) pack")
                }
                guard steps.allSatisfy({ $0 == "{code}" || pack.phrases[$0] != nil }) else { continue }
                let template = try VoicePack.Template(field, phrases: pack.phrases)
                try check(template, named: name, in: pack)
                pack.templates[name] = template
            }
        } catch {
            throw VoicePackError(error, source: source, json5: json5)
        }
        pack.operatorsWords = Set(phrases.keys).union(values.keys)
        pack.revision ^= revision
        return pack
    }

    /// Every slot of a template's phrases must have something that can stand in it.
    private func check(_ template: VoicePack.Template, named name: String, in pack: VoicePack) throws(PackViolation) {
        for phrase in template.phrases {
            for slot in pack.phrases[phrase]?.slots ?? [] where pack.values[slot]?.isEmpty ?? true {
                throw PackViolation(
                    path: ["templates", name],
                    problem:
                        "says `\(phrase)`, and nothing is listed in `values` for its slot {\(slot)} in \(pack.locale)"
                )
            }
        }
    }
}
