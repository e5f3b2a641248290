// SPDX-License-Identifier: GPL-3.0-or-later

/// What is said in which order, with which pauses: a code, put into a pack's words.
///
/// A script knows readings, not audio. Like the code, it does not show itself.
public struct Script: Sendable {
    /// One step of a reading.
    public enum Step: Hashable, Sendable {
        /// A unit is spoken; for symbols, `position` counts from 0 through the code.
        case speech(Unit, position: Int?)
        /// Nothing is said.
        case silence(Duration)
    }

    /// The pack whose words are said.
    public let pack: VoicePack
    /// How patiently they are said.
    public let pacing: Pacing

    private let code: VerificationCode?
    private let template: VoicePack.Template
    private let style: String

    /// Puts a code into a pack's words.
    ///
    /// - Parameters:
    ///   - code: the code.
    ///   - pack: the words and the voice.
    ///   - pacing: how patiently; nil is ``Pacing/Preset/normal`` with the pack's pauses.
    ///   - style: how digits and letters are said; where the pack has no such way for a symbol, the standard one.
    ///   - template: the order of phrases and code.
    /// - Throws: ``ScriptError``: a code with letters for a pack without, or a style or template that it does not have.
    public init(
        code: VerificationCode, pack: VoicePack, pacing: Pacing? = nil, style: String = VoicePack.standard,
        template: String = VoicePack.standard
    ) throws(ScriptError) {
        if pack.letters.isEmpty, code.groups.contains(where: { $0.contains { !$0.isDigit } }) {
            throw .noLetters(pack.locale)
        }
        guard pack.digits[style] != nil || pack.letters[style] != nil else {
            throw .unknownStyle(style, known: Set(pack.digits.keys).union(pack.letters.keys).sorted())
        }
        guard let steps = pack.templates[template] else {
            throw .unknownTemplate(template, known: pack.templates.keys.sorted())
        }
        self.code = code
        self.pack = pack
        self.pacing = pacing ?? Pacing(.normal, pauses: pack.pauses)
        self.style = style
        self.template = steps
    }

    /// Asks for a key press before the code is read: the pack's phrase ``VoicePack/gate`` and nothing else.
    ///
    /// A voicemail that answers hears this and never a code.
    ///
    /// - Throws: ``ScriptError/noGate(_:)`` for a pack without the phrase.
    public init(gateOf pack: VoicePack, pacing: Pacing? = nil) throws(ScriptError) {
        guard pack.phrases[VoicePack.gate] != nil else { throw .noGate(pack.locale) }
        let steps = [VoicePack.Template.Step.phrase(VoicePack.gate)]
        code = nil
        self.pack = pack
        self.pacing = pacing ?? Pacing(.normal, pauses: pack.pauses)
        style = VoicePack.standard
        template = VoicePack.Template(first: steps, again: steps, end: [])
    }

    /// The number of symbols in the code; 0 where none is read.
    public var codeLength: Int { code?.length ?? 0 }

    /// Every unit that readings of the script need, each once.
    public var units: [Unit] {
        var seen: Set<Unit> = []
        return [reading(0, isLast: false), reading(1, isLast: true)].joined().compactMap { step in
            guard case .speech(let unit, _) = step, seen.insert(unit).inserted else { return nil }
            return unit
        }
    }

    /// The reading from which on all are alike, but for the last one.
    var firstAlike: Int { max(1, pacing.paces.count - 1) }

    /// The steps of one reading, the pause behind it included.
    ///
    /// - Parameters:
    ///   - index: the reading, from 0.
    ///   - isLast: whether the announcement ends behind it.
    public func reading(_ index: Int, isLast: Bool) -> [Step] {
        var pace = pacing.pace(ofReading: index)
        pace.pauses = pace.pauses.bounded
        let pauses = pace.pauses
        var steps: [Step] = []
        steps.reserveCapacity(2 * codeLength + 8)
        if index == 0 { steps.append(.silence(pauses.lead)) }
        append(index == 0 ? template.first : template.again, to: &steps, pace: pace)
        if isLast, !template.end.isEmpty {
            steps.append(.silence(pauses.reading))
            append(template.end, to: &steps, pace: pace)
        }
        steps.append(.silence(isLast ? max(pauses.tail, Pauses.shortestTail) : pauses.reading))
        return steps
    }

    private func append(_ parts: [VoicePack.Template.Step], to steps: inout [Step], pace: Pacing.Pace) {
        for (index, part) in parts.enumerated() {
            if index > 0 { steps.append(.silence(pace.pauses.phrase)) }
            switch part {
            case .phrase(let name): steps.append(.speech(.phrase(name), position: nil))
            case .code: appendCode(to: &steps, pace: pace)
            }
        }
    }

    private func appendCode(to steps: inout [Step], pace: Pacing.Pace) {
        guard let code else { return }
        let groups = pace.grouping == .always ? code.balancedGroups : code.groups
        let last = code.length - 1
        var position = 0
        for (index, group) in groups.enumerated() {
            if index > 0 { steps.append(.silence(pace.pauses.group)) }
            for (place, symbol) in group.enumerated() {
                if place > 0 { steps.append(.silence(pace.pauses.symbol)) }
                let intonation: Intonation = position == last ? .falling : .continuing
                steps.append(.speech(.symbol(symbol, style: style, intonation), position: position))
                position += 1
            }
        }
    }
}

extension Script: CustomStringConvertible, CustomReflectable {
    /// The locale and the code's length, never the content.
    public var description: String { "Script(\(pack.locale), \(codeLength) symbols)" }

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
