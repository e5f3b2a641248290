// SPDX-License-Identifier: GPL-3.0-or-later

/// What is said in which order, with which pauses: a code, put into a pack's words.
///
/// A script knows readings, not audio. Like the code, it does not show itself.
public struct Script: Sendable {
    /// One step of a reading.
    public enum Step: Hashable, Sendable {
        /// A unit of one of the script's packs is spoken; for symbols, `position` counts from 0 through the code.
        case speech(SpeechUnit, part: Int, position: Int?)
        /// Nothing is said, for so long by the mean where it follows a symbol: what follows the symbol begins a fixed time
        /// behind its beginning, whichever symbol it is, so that no length tells which.
        case silence(Duration)
        /// The code is written as the tones of a text telephone.
        case typed
    }

    /// What is said in one language.
    struct Part: Sendable {
        let pack: VoicePack
        let pacing: Pacing
        let template: VoicePack.Template
        let wording: Wording
        /// What could stand in the code; nil where none is read.
        let alphabet: Alphabet?

        /// The phrase that says that a code is new; nil where the voice has none, or no sentence is wanted.
        var renewed: String? {
            guard !template.phrases.isEmpty, pack.phrases[VoicePack.renewed]?.slots.isEmpty == true else { return nil }
            let unit = SpeechUnit.phrase(Phrase(VoicePack.renewed))
            guard let recordings = pack.recordings, recordings.fill != .engine else { return VoicePack.renewed }
            return recordings.recording(of: unit, in: pack) == nil ? nil : VoicePack.renewed
        }
    }

    /// What is said in turn in each reading: one part for each language.
    private(set) var parts: [Part]

    private var code: VerificationCode?
    /// Whether other codes may follow this one.
    private var changes = false
    /// Whether the code takes the place of another that was read before.
    private var isRenewed = false
    /// Whether it is read aloud, or written.
    public private(set) var delivery = Delivery.spoken
    /// Units that are said by themselves, for whoever writes a pack.
    private var audition: [SpeechUnit] = []

    /// The pack whose words are said; of several, the first.
    public var pack: VoicePack { parts[0].pack }
    /// How patiently they are said; of several packs, in the first one's language.
    public var pacing: Pacing { parts[0].pacing }
    /// The packs whose words are said, in their order.
    public var packs: [VoicePack] { parts.map(\.pack) }

    /// Puts a code into a pack's words.
    ///
    /// - Parameters:
    ///   - code: the code.
    ///   - pack: the words and the voice.
    ///   - pacing: how patiently; nil is ``Pacing/Preset/normal`` with the pack's pauses.
    ///   - wording: which of the pack's words.
    /// - Throws: ``ScriptError``: a code with letters for a pack without, or a wording that the pack does not have.
    public init(
        code: VerificationCode, pack: VoicePack, pacing: Pacing? = nil, wording: Wording = .usual
    ) throws(ScriptError) {
        let hasLetters = code.groups.contains { $0.contains { !$0.isDigit } }
        if pack.letters.isEmpty, hasLetters { throw ScriptError(.noLetters(pack.locale)) }
        if pack.capital == nil, hasLetters, code.keepsCase { throw ScriptError(.noCapital(pack.locale)) }
        guard let template = pack.templates[wording.template] else {
            throw ScriptError(.unknownTemplate(wording.template, known: pack.templates.keys.sorted()))
        }
        var wording = wording
        let slots = Set(Wording.knownSlots).union(pack.values.keys)
        guard slots.isSuperset(of: wording.values.keys) else { throw ScriptError(.unknownSlot(known: slots.sorted())) }
        if template.phrases.contains(where: {
            pack.line(ofPhrase: $0, in: wording.register)?.slots.contains(Wording.digits) == true
        }) {
            try Self.count(code, hasLetters: hasLetters, &wording, pack)
        }
        let styles = try Self.styles(wording, pack)
        self.code = code
        parts = [
            Part(
                pack: pack, pacing: pacing ?? Pacing(.normal, pauses: pack.pauses), template: template,
                wording: wording,
                alphabet: Alphabet(
                    digits: styles.digits, letters: hasLetters ? styles.letters : nil,
                    hasCase: hasLetters && code.keepsCase))
        ]
        for name in template.phrases { try Self.checkSlots(of: name, wording, pack) }
    }

    /// Asks for a key press before the code is read: the pack's phrase ``VoicePack/gate`` and nothing else.
    ///
    /// A voicemail that answers hears this and never a code.
    ///
    /// - Throws: ``ScriptError`` for a pack without the phrase.
    public init(
        gateOf pack: VoicePack, pacing: Pacing? = nil, register: Register? = nil
    ) throws(ScriptError) {
        guard pack.phrases[VoicePack.gate]?.slots.isEmpty == true else { throw ScriptError(.noGate(pack.locale)) }
        let steps = [VoicePack.Template.Step.phrase(VoicePack.gate)]
        code = nil
        parts = [
            Part(
                pack: pack, pacing: pacing ?? Pacing(.normal, pauses: pack.pauses),
                template: VoicePack.Template(first: steps, again: steps, end: []), wording: Wording(register: register),
                alphabet: nil)
        ]
    }

    /// Says units of a pack one after another, for whoever writes it.
    ///
    /// - Parameters:
    ///   - places: where they stand in the pack, such as `phrases.opening`, `digits.telephone` or `letters`; none for all.
    ///   - pack: the pack.
    /// - Throws: ``ScriptError`` where the pack has nothing there.
    public init(hearing places: [String], of pack: VoicePack) throws(ScriptError) {
        self.init(hearing: pack)
        let units = pack.units.filter { unit in
            if let recordings = pack.recordings {
                // Of a voice that somebody has lent, what was recorded.
                guard recordings.recording(of: unit, in: pack) != nil else { return false }
            } else if case .symbol(_, _, .continuing) = unit {
                // The form that continues is heard before another symbol only.
                return false
            }
            let path = unit.path
            return places.isEmpty || places.contains { path == $0 || path.hasPrefix($0 + ".") }
        }
        guard !units.isEmpty else { throw ScriptError(.nothingThere(pack.locale)) }
        audition = units
    }

    private init(hearing pack: VoicePack) {
        code = nil
        parts = [
            Part(
                pack: pack, pacing: Pacing(.normal, pauses: pack.pauses),
                template: VoicePack.Template(first: [], again: [], end: []), wording: .usual, alphabet: nil)
        ]
    }

    /// The same announcement in several languages: each reading has this script's words, then the other's.
    ///
    /// - Parameter next: the same code in another language.
    public func inTurn(with next: Script) -> Script {
        var script = self
        script.parts += next.parts
        return script
    }

    /// The same announcement brought otherwise: written as the tones of a text telephone, or so behind each second reading.
    ///
    /// - Parameter delivery: how it is brought.
    public func delivered(_ delivery: Delivery) -> Script {
        var script = self
        script.delivery = delivery
        return script
    }

    /// What is written; nil where all is read aloud.
    var burst: TextTelephone.Burst? {
        switch delivery {
        case .spoken: nil
        case .typed(let speed): TextTelephone.Burst(code, speed)
        case .mixed(let speed): TextTelephone.Burst(code, speed, isBesideVoice: true)
        }
    }

    /// The same announcement, whose code may change from one reading to the next.
    ///
    /// What says that it has is to be spoken as well.
    func changing() -> Script {
        var script = self
        script.changes = true
        return script
    }

    /// The same announcement with another code of the same shape.
    ///
    /// - Parameter isRenewed: whether it takes the place of another that was read before, which is said.
    func saying(_ code: VerificationCode, isRenewed: Bool) -> Script {
        var script = self
        (script.code, script.isRenewed) = (code, isRenewed)
        return script
    }

    /// The styles that a pack has for what is asked; what another pack may have and this one does not, it says as usual.
    private static func styles(
        _ wording: Wording, _ pack: VoicePack
    ) throws(ScriptError) -> (digits: String, letters: String) {
        let known = Set(VoicePack.knownStyles).union(pack.digits.keys).union(pack.letters.keys)
        for style in [wording.style, wording.letterStyle].compactMap(\.self) where !known.contains(style) {
            throw ScriptError(.unknownStyle(style, known: Set(pack.digits.keys).union(pack.letters.keys).sorted()))
        }
        func style(_ asked: String?, _ own: [String: [CodeSymbol: VoicePack.Line]]) -> String? {
            asked.flatMap { own[$0] == nil ? nil : $0 }
        }
        return (
            style(wording.style, pack.digits) ?? pack.usualStyles.digits,
            style(wording.letterStyle, pack.letters) ?? style(wording.style, pack.letters) ?? pack.usualStyles.letters
        )
    }

    /// Fills the slot of the code's length, whose words must be true of the code.
    private static func count(
        _ code: VerificationCode, hasLetters: Bool, _ wording: inout Wording, _ pack: VoicePack
    ) throws(ScriptError) {
        if let given = wording.values[Wording.digits], given != "\(code.length)" {
            // An operator may have listed words that are no number.
            guard Int(given) != nil else { return }
            throw ScriptError(.wrongCount)
        }
        guard let key = pack.count(of: code.length, hasLetters: hasLetters) else {
            let known = pack.values[hasLetters ? Wording.characters : Wording.digits]?.keys.compactMap { Int($0) } ?? []
            throw ScriptError(.noCount(pack.locale, ofLetters: hasLetters, known: known.sorted()))
        }
        wording.values[Wording.digits] = key
    }

    private static func checkSlots(
        of name: String, _ wording: Wording, _ pack: VoicePack
    ) throws(ScriptError) {
        for slot in pack.line(ofPhrase: name, in: wording.register)?.slots ?? [] {
            let known = pack.values[slot]?.keys.sorted() ?? []
            guard let value = wording.values[slot] else { throw ScriptError(.missingValue(slot: slot, known: known)) }
            guard pack.word(in: slot, value) != nil else { throw ScriptError(.unknownValue(slot: slot, known: known)) }
        }
    }

    /// The number of symbols in the code; 0 where none is read.
    public var codeLength: Int { code?.length ?? 0 }

    /// What is to be spoken of one of ``packs``.
    struct Need: Sendable {
        /// Phrases, and units that are said by themselves; each once.
        let units: [SpeechUnit]
        /// What could stand in the code; nil where none is read.
        let alphabet: Alphabet?
    }

    /// What is to be spoken of each of ``packs``.
    var needs: [Need] {
        if case .typed = delivery { return parts.map { _ in Need(units: [], alphabet: nil) } }
        return parts.map { part in
            var seen: Set<String> = []
            let renewed = (changes ? part.renewed : nil).map { [$0] } ?? []
            let phrases = (part.template.phrases + renewed).filter { seen.insert($0).inserted }.map {
                SpeechUnit.phrase(phrase($0, part))
            }
            return Need(units: phrases + audition, alphabet: part.alphabet)
        }
    }

    /// Every unit that readings of a script like this one need of each of ``packs``, each once.
    ///
    /// Of symbols these are all that could stand in a code of the same shape: which ones do stand in it is a secret.
    public var units: [[SpeechUnit]] {
        zip(needs, packs).map { need, pack in need.units + (need.alphabet.map(pack.units(of:)) ?? []) }
    }

    /// The reading from which on all are alike, but for the last one.
    var firstAlike: Int {
        switch delivery {
        case .spoken: max(1, parts.map { $0.pacing.paces.count - 1 }.max() ?? 1)
        case .typed: 1
        // Each second one is written as well.
        case .mixed: .max
        }
    }

    /// The steps of one reading, the pause behind it included.
    ///
    /// - Parameters:
    ///   - index: the reading, from 0.
    ///   - isLast: whether the announcement ends behind it.
    public func reading(_ index: Int, isLast: Bool) -> [Step] {
        switch delivery {
        case .spoken: spokenReading(index, isLast: isLast)
        case .typed: (index == 0 ? [.silence(Self.silenceBeforeTones)] : []) + typedReading(isLast: isLast)
        case .mixed:
            spokenReading(index, isLast: isLast) + (index.isMultiple(of: 2) ? [] : typedReading(isLast: isLast))
        }
    }

    /// While a telephone's audio path opens.
    private static let silenceBeforeTones: Duration = .milliseconds(200)
    /// Behind what is written, until it is written again: a person who writes back is not talked over at once.
    private static let silenceBehindTones: Duration = .seconds(2)
    /// At the end: receivers give out their last characters once the carrier has been gone for a while.
    private static let silenceAtEnd: Duration = .seconds(1)

    private func typedReading(isLast: Bool) -> [Step] {
        [.typed, .silence(isLast ? Self.silenceAtEnd : Self.silenceBehindTones)]
    }

    private func spokenReading(_ index: Int, isLast: Bool) -> [Step] {
        var steps: [Step] = []
        steps.reserveCapacity(parts.count * (2 * codeLength + 8))
        for (number, part) in parts.enumerated() {
            var pace = part.pacing.pace(ofReading: index)
            pace.pauses = pace.pauses.bounded
            let pauses = pace.pauses
            if index == 0, number == 0 { steps.append(.silence(pauses.lead)) }
            append(template(of: part, index), of: number, to: &steps, pace: pace)
            for (index, unit) in audition.enumerated() {
                if index > 0 { steps.append(.silence(pauses.phrase)) }
                steps.append(.speech(unit, part: number, position: nil))
            }
            if isLast, !part.template.end.isEmpty {
                steps.append(.silence(pauses.reading))
                append(part.template.end, of: number, to: &steps, pace: pace)
            }
            let isEnd = isLast && number == parts.count - 1
            steps.append(.silence(isEnd ? max(pauses.tail, Pauses.shortestTail) : pauses.reading))
        }
        return steps
    }

    /// The order of phrases and code in a reading.
    private func template(of part: Part, _ index: Int) -> [VoicePack.Template.Step] {
        guard index > 0, isRenewed else { return index == 0 ? part.template.first : part.template.again }
        // What is new is not repeated: it has a word of its own, or is opened as the first was.
        guard let renewed = part.renewed else { return part.template.first }
        return [.phrase(renewed)] + part.template.again.drop { $0 != .code }
    }

    /// The positions in the code, from 0, at which a group begins as a reading has it.
    func groupStarts(ofReading index: Int, part: Int) -> Set<Int> {
        guard let code else { return [] }
        var position = 0
        return Set(
            groups(of: code, parts[part].pacing.pace(ofReading: index)).map { group in
                defer { position += group.count }
                return position
            })
    }

    /// A reading as somebody reads it who does not hear it: its phrases, and the code on a line of its own.
    ///
    /// It is the same however it is delivered.
    ///
    /// - Parameter index: the reading, from 0.
    package func writing(ofReading index: Int) -> String {
        var lines = ""
        var last: (part: Int, position: Int?)?
        for case .speech(let unit, let part, let position) in spokenReading(index, isLast: false) {
            // A symbol may be said by several units, and is written once.
            if position != nil, last?.part == part, last?.position == position { continue }
            defer { last = (part, position) }
            guard let position, let code else {
                lines += last.map { $0.position == nil && $0.part == part ? " " : "\n" } ?? ""
                lines += parts[part].pack.line(for: unit)?.caption ?? ""
                continue
            }
            if position > 0 {
                lines += groupStarts(ofReading: index, part: part).contains(position) ? " " : ""
            } else {
                lines += last == nil ? "" : "\n"
                // A code runs from left to right, also where it has no letter.
                lines += parts[part].pack.isRightToLeft ? "\u{200E}" : ""
            }
            lines.append(code.written(code.symbols[position], at: position))
        }
        return lines
    }

    /// A symbol of the code as it was written.
    func written(_ symbol: CodeSymbol, at position: Int?) -> Character {
        guard let code, let position else { return symbol.character }
        return code.written(symbol, at: position)
    }

    /// The code's symbols as they were written; none where no code is read.
    var written: [Character] {
        guard let code else { return [] }
        return code.symbols.enumerated().map { code.written($1, at: $0) }
    }

    private func groups(of code: VerificationCode, _ pace: Pacing.Pace) -> [[CodeSymbol]] {
        pace.grouping == .always ? code.balancedGroups : code.groups
    }

    private func append(
        _ template: [VoicePack.Template.Step], of part: Int, to steps: inout [Step], pace: Pacing.Pace
    ) {
        for (index, step) in template.enumerated() {
            if index > 0 { steps.append(.silence(pace.pauses.phrase)) }
            switch step {
            case .phrase(let name): steps.append(.speech(.phrase(phrase(name, parts[part])), part: part, position: nil))
            case .code: appendCode(of: part, to: &steps, pace: pace)
            }
        }
    }

    private func phrase(_ name: String, _ part: Part) -> Phrase {
        let (pack, wording) = (part.pack, part.wording)
        let register = pack.spokenRegister(wording.register, of: name)
        guard let slots = pack.line(ofPhrase: name, in: register)?.slots, !slots.isEmpty else {
            return Phrase(name, register: register)
        }
        return Phrase(name, register: register, values: wording.values.filter { slots.contains($0.key) })
    }

    private func appendCode(of part: Int, to steps: inout [Step], pace: Pacing.Pace) {
        guard let code, let alphabet = parts[part].alphabet else { return }
        let pack = parts[part].pack
        let last = code.length - 1
        var position = 0
        for (index, group) in groups(of: code, pace).enumerated() {
            if index > 0 { steps.append(.silence(pace.pauses.group)) }
            for (place, symbol) in group.enumerated() {
                if place > 0 { steps.append(.silence(pace.pauses.symbol)) }
                let intonation: Intonation = position == last ? .falling : .continuing
                let isCapital = alphabet.hasCase && code.written(symbol, at: position).isUppercase
                for unit in pack.units(saying: symbol, asCapital: isCapital, of: alphabet, intonation) {
                    steps.append(.speech(unit, part: part, position: position))
                }
                position += 1
            }
        }
    }
}

extension Script: CustomStringConvertible, CustomReflectable {
    /// The locales and the code's length, never the content.
    public var description: String {
        "Script(\(packs.map { "\($0.locale)" }.joined(separator: ", ")), \(codeLength) symbols)"
    }

    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension VerificationCode {
    /// The groups as written, or, where it was written without, groups of two to four of nearly one length.
    ///
    /// People hold three or four digits at a time: 6 is 3+3, 8 is 4+4, 10 is 4+3+3.
    var balancedGroups: [[CodeSymbol]] {
        let symbols = symbols
        guard !isGrouped, symbols.count > 3 else { return groups }
        let count = symbols.count == 4 ? 2 : (symbols.count + 3) / 4
        let (size, longer) = symbols.count.quotientAndRemainder(dividingBy: count)
        var rest = symbols[...]
        return (0..<count).map { index in
            let group = rest.prefix(size + (index < longer ? 1 : 0))
            rest = rest.dropFirst(group.count)
            return Array(group)
        }
    }
}
