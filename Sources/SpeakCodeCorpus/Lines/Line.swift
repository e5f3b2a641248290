// SPDX-License-Identifier: GPL-3.0-or-later

public import SpeakCode

/// What a telephone line does to speech: effects one after another, named such as `babble5+ulaw`.
public struct Line: Hashable, Sendable {
    /// The name, as it was given.
    public let name: String
    /// What is done, in order.
    let effects: [Effect]

    /// One thing that is done.
    enum Effect: Hashable, Sendable {
        case codec(TelephoneCodec)
        /// Noise so many dB below the active level of the speech.
        case noise(Noise, snr: Double)
        /// So many per cent of the packets are lost, by so many in a row on the mean.
        case loss(Double, run: Double)
        case band
        /// An echo that is so many dB softer.
        case echo(Double)
        /// What is more than so many dB above the active level is cut off.
        case clip(Double)
        /// An active level in dBov.
        case level(Double)
    }

    /// What noises there are.
    enum Noise: Hashable, Sendable {
        case white, ownSpectrum, babble
    }

    /// Reads a name.
    ///
    /// - Throws: ``LineError``, which says what there is.
    public init(_ name: String) throws(LineError) {
        guard name.utf8.count <= Self.longestName else { throw LineError(.long) }
        self.name = name
        var effects: [Effect] = []
        let words = name.split(separator: "+", omittingEmptySubsequences: false)
        for word in words where !(word == "clean" && words.count == 1) {
            effects.append(try Self.effect(word))
        }
        self.effects = effects
    }

    private static func effect(_ word: Substring) throws(LineError) -> Effect {
        if let codec = TelephoneCodec(rawValue: String(word)) { return .codec(codec) }
        let letters = word.prefix { $0.isLetter }
        guard let kind = kinds.first(where: { $0.name == letters }) else { throw LineError(.unknown) }
        let rest = word[letters.endIndex...]
        guard let range = kind.range else {
            guard rest.isEmpty else { throw LineError(.number(kind)) }
            return kind.make(0)
        }
        // `Double` reads more than numbers as people write them.
        guard !rest.isEmpty, rest.allSatisfy({ $0.isASCII && ($0.isNumber || "-.".contains($0)) }),
            let value = Double(rest), range.contains(value)
        else { throw LineError(.number(kind)) }
        return kind.make(value)
    }

    /// An effect that has a name of its own: all but the codecs.
    public struct Kind: Sendable {
        /// The name, before the number.
        public let name: String
        /// What the number may be; nil where there is none.
        public let range: ClosedRange<Double>?
        /// What it does.
        public let says: String
        let make: @Sendable (Double) -> Effect
    }

    /// Files have the name in theirs, and most file systems allow 255 bytes.
    static let longestName = 100

    /// The one table of effects.
    public static let kinds: [Kind] = [
        Kind(name: "white", range: -20...60, says: "white noise, so many dB below the active speech level") {
            .noise(.white, snr: $0)
        },
        Kind(name: "noise", range: -20...60, says: "noise with the voice's own spectrum, so many dB below it") {
            .noise(.ownSpectrum, snr: $0)
        },
        Kind(name: "babble", range: -20...60, says: "six other voices of the language, so many dB below it") {
            .noise(.babble, snr: $0)
        },
        Kind(
            name: "loss", range: 0.1...90, says: "so many per cent of the packets of 20 ms are silence, each by chance"
        ) {
            .loss($0, run: 1)
        },
        Kind(
            name: "burst", range: 0.1...75, says: "the same, three in a row on the mean (Gilbert and Elliott's model)"
        ) { .loss($0, run: 3) },
        Kind(name: "band", range: nil, says: "300 to 3400 Hz alone") { _ in .band },
        Kind(name: "echo", range: 0...60, says: "an echo behind 150 ms, so many dB softer") { .echo($0) },
        Kind(name: "clip", range: 0...20, says: "what is more than so many dB above the active speech level is cut off")
        {
            .clip($0)
        },
        Kind(name: "level", range: -60 ... -20, says: "an active speech level of so many dBov, such as level-30") {
            .level($0)
        },
    ]

    /// Every name, with N for a number.
    public static let names =
        ["clean"] + TelephoneCodec.allCases.map(\.rawValue) + kinds.map { $0.range == nil ? $0.name : "\($0.name)N" }

    /// The codecs that it goes through.
    public var codecs: [TelephoneCodec] {
        effects.compactMap { if case .codec(let codec) = $0 { codec } else { nil } }
    }

    /// Whether other voices are heard in it.
    package var hasBabble: Bool {
        effects.contains { if case .noise(.babble, _) = $0 { true } else { false } }
    }
}

extension Line.Kind: Hashable {
    /// By the name.
    public static func == (a: Line.Kind, b: Line.Kind) -> Bool { a.name == b.name }

    /// By the name.
    public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

/// What is wrong with a line's name.
public struct LineError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of what can be wrong.
    public enum Reason: Hashable, Sendable {
        /// No effect is called so.
        case unknown
        /// The number is missing, too many, or outside what can be.
        case number(Line.Kind)
        /// The name is too long for a file's.
        case long
    }

    /// What is wrong.
    public let reason: Reason

    init(_ reason: Reason) { self.reason = reason }

    /// What there is in its place.
    public var description: String {
        switch reason {
        case .unknown: return "there is no such line; there are \(Line.names.joined(separator: ", "))"
        case .long: return "a line's name has at most \(Line.longestName) bytes; take fewer effects"
        case .number(let kind):
            guard let range = kind.range else { return "\(kind.name) has no number behind it" }
            let (least, most) = (Self.plain(range.lowerBound), Self.plain(range.upperBound))
            return "\(kind.name) has a number from \(least) to \(most) behind it, such as \(kind.name)\(most)"
        }
    }

    private static func plain(_ value: Double) -> String {
        value == value.rounded() ? "\(Int(value))" : "\(value)"
    }
}
