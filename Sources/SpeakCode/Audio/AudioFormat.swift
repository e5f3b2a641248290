// SPDX-License-Identifier: GPL-3.0-or-later

/// What a rendition is made into: a container, a coding, a sample rate.
///
/// One channel always.
public struct AudioFormat: Hashable, Sendable {
    /// The ways to write audio that SpeakCode knows, by the names that the command line takes.
    public enum Kind: String, CaseIterable, Sendable {
        /// RIFF WAVE, 16-bit linear.
        case wav
        /// RIFF WAVE, G.711 µ-law.
        case wavMuLaw = "wav-ulaw"
        /// RIFF WAVE, G.711 A-law.
        case wavALaw = "wav-alaw"
        /// G.711 µ-law without a header.
        case muLaw = "ulaw"
        /// G.711 A-law without a header.
        case aLaw = "alaw"
        /// 16-bit linear without a header, low byte first, at 8,000 Hz: Asterisk's `sln`.
        case sln
        /// The same at 16,000 Hz.
        case sln16
        /// Sun/NeXT AU: G.711 µ-law at 8,000 Hz (`audio/basic`), 16-bit linear at other rates.
        case au
        /// FLAC, 16 bits.
        case flac
        /// Ogg with Opus.
        case ogg
        /// MPEG audio layer III.
        case mp3
    }

    /// The way to write audio.
    public let kind: Kind
    /// The sample rate.
    public let sampleRate: SampleRate

    /// Combines a kind with a rate.
    ///
    /// - Parameters:
    ///   - kind: the way to write audio.
    ///   - sampleRate: nil for the kind's telephone rate: 16,000 Hz for `sln16`, 8,000 Hz for all others.
    /// - Throws: ``AudioFormatError`` where the kind does not go with the rate.
    public init(_ kind: Kind, sampleRate: SampleRate? = nil) throws(AudioFormatError) {
        let rate = sampleRate ?? (kind.sampleRates.contains(.hz8000) ? .hz8000 : kind.sampleRates[0])
        guard kind.sampleRates.contains(rate) else {
            throw AudioFormatError(kind: kind, sampleRate: rate)
        }
        self.init(kind: kind, sampleRate: rate)
    }

    private init(kind: Kind, sampleRate: SampleRate) {
        self.kind = kind
        self.sampleRate = sampleRate
    }

    /// RIFF WAVE, 16-bit linear: every gateway's format at 8,000 Hz.
    public static func wav(_ sampleRate: SampleRate = .hz8000) -> AudioFormat {
        AudioFormat(kind: .wav, sampleRate: sampleRate)
    }

    /// How each sample is coded, where that can be said: nil for the compressed formats, whose samples hang together.
    public var sampleCoding: SampleCoding? {
        let facts = kind.facts
        return sampleRate == .hz8000 ? facts.telephoneCoding ?? facts.coding : facts.coding
    }
}

extension AudioFormat.Kind {
    /// What is known of a kind.
    struct Facts {
        /// What stands before the samples, and behind them.
        var container: SoundHeader.Container?
        /// How each sample is coded; nil where samples hang together.
        var coding: SampleCoding?
        /// The same at 8,000 Hz, where that is another.
        var telephoneCoding: SampleCoding?
        /// The rates that go with it.
        var rates = SampleRate.allCases
        /// The extensions of files that ask for it.
        var extensions: [String] = []
    }

    /// The one table of formats.
    var facts: Facts {
        switch self {
        case .wav: Facts(container: .wave, coding: .linear16LittleEndian, extensions: ["wav", "wave"])
        case .wavMuLaw: Facts(container: .wave, coding: .muLaw, rates: [.hz8000])
        case .wavALaw: Facts(container: .wave, coding: .aLaw, rates: [.hz8000])
        case .muLaw: Facts(coding: .muLaw, rates: [.hz8000], extensions: ["ulaw", "ul", "mulaw", "pcmu"])
        case .aLaw: Facts(coding: .aLaw, rates: [.hz8000], extensions: ["alaw", "al", "pcma"])
        case .sln: Facts(coding: .linear16LittleEndian, rates: [.hz8000], extensions: ["sln", "slin"])
        case .sln16: Facts(coding: .linear16LittleEndian, rates: [.hz16000], extensions: ["sln16"])
        case .au:
            Facts(container: .au, coding: .linear16BigEndian, telephoneCoding: .muLaw, extensions: ["au", "snd"])
        case .flac: Facts(extensions: ["flac"])
        case .ogg: Facts(rates: [.hz8000, .hz16000, .hz24000, .hz48000], extensions: ["ogg", "oga", "opus"])
        case .mp3: Facts(extensions: ["mp3"])
        }
    }

    /// The rates that go with the kind.
    public var sampleRates: [SampleRate] { facts.rates }

    /// Whether it is of a codec that leaves out what ears do not miss, and other receivers may.
    package var isForEars: Bool { self == .ogg || self == .mp3 }

    /// The kind that a file's name asks for by its extension; nil where none does.
    public init?(fileName: some StringProtocol) {
        guard let dot = fileName.lastIndex(of: "."), !fileName[dot...].contains("/") else { return nil }
        let asked = fileName[fileName.index(after: dot)...].lowercased()
        guard let kind = Self.allCases.first(where: { $0.facts.extensions.contains(asked) }) else { return nil }
        self = kind
    }
}

/// A format that does not go with a sample rate.
public struct AudioFormatError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The format.
    public let kind: AudioFormat.Kind
    /// The rate that does not go with it.
    public let sampleRate: SampleRate

    /// A sentence that names the rates that do.
    public var description: String {
        let rates = kind.sampleRates.map { "\($0.hertz)" }.joined(separator: ", ")
        return "\(kind.rawValue) cannot be made at \(sampleRate.hertz) Hz; its rates are \(rates)"
    }
}
