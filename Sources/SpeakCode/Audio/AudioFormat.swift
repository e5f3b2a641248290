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
        let rate = sampleRate ?? (kind == .sln16 ? .hz16000 : .hz8000)
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
        switch kind {
        case .wav, .sln, .sln16: .linear16LittleEndian
        case .wavMuLaw, .muLaw: .muLaw
        case .wavALaw, .aLaw: .aLaw
        case .au: sampleRate == .hz8000 ? .muLaw : .linear16BigEndian
        case .flac, .ogg, .mp3: nil
        }
    }
}

extension AudioFormat.Kind {
    /// The rates that go with the kind.
    public var sampleRates: [SampleRate] {
        switch self {
        case .wav, .au, .flac, .mp3: SampleRate.allCases
        case .wavMuLaw, .wavALaw, .muLaw, .aLaw, .sln: [.hz8000]
        case .sln16: [.hz16000]
        case .ogg: [.hz8000, .hz16000, .hz24000, .hz48000]
        }
    }

    /// The kind that a file's name asks for by its extension; nil where none does.
    public init?(fileName: some StringProtocol) {
        guard let dot = fileName.lastIndex(of: "."), !fileName[dot...].contains("/") else { return nil }
        switch fileName[fileName.index(after: dot)...].lowercased() {
        case "wav", "wave": self = .wav
        case "ulaw", "ul", "mulaw", "pcmu": self = .muLaw
        case "alaw", "al", "pcma": self = .aLaw
        case "sln", "slin": self = .sln
        case "sln16": self = .sln16
        case "au", "snd": self = .au
        case "flac": self = .flac
        case "ogg", "oga", "opus": self = .ogg
        case "mp3": self = .mp3
        default: return nil
        }
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
