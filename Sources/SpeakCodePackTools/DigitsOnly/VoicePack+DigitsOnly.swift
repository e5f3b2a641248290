// SPDX-License-Identifier: GPL-3.0-or-later

public import SpeakCode
internal import JSON5

extension VoicePack {
    /// Makes a pack of a voice for which nobody has written one: figures, as the voice reads them, and nothing else.
    ///
    /// Whether they are understood is for `PackChecker` to say. Every usual template is the code alone.
    ///
    /// - Returns: nil for a voice whose name no engine takes.
    public init?(digitsOnly voice: ListedVoice) {
        let digits = Dictionary(uniqueKeysWithValues: (0...9).map { ("\($0)", JSON5Value.text("\($0)")) })
        let code = JSON5Value.object(["first": .list([.text("{code}")]), "again": .list([.text("{code}")])])
        let templates = Self.usualTemplates.map { ($0.name, code) }
        let spoken = EngineVoice.telephone(voice.identifier)
        let value = JSON5Value.object([
            "locale": .text(voice.locale.description),
            "name": .text(voice.name),
            "checkedBy": .text("no native speaker; the voice's own digits"),
            "engine": .object([
                "voice": .text(spoken.name), "variant": .text(spoken.variant ?? ""),
                "rate": .number(Double(spoken.rate)), "pitch": .number(Double(spoken.pitch)),
                "range": .number(Double(spoken.range)),
            ]),
            "phrases": .object([:]),
            "templates": .object(Dictionary(uniqueKeysWithValues: templates)),
            "digits": .object(["standard": .object(digits)]),
        ])
        guard let pack = try? VoicePack(value, source: "\(voice.locale).json5") else { return nil }
        self = pack
    }
}
