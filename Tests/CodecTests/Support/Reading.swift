// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCode
import SpeakCodeSndfile
import SpeakCodeSoxr
import SpeakCodeTesting

/// An announcement of tones through the real codecs: what the tests ask other programs about.
enum Reading {
    private static let reader = CodeReader(
        engine: FakeEngine(), resampler: SoxrResampler(), encoder: SoundFileEncoder(), retry: .none)

    static func render(_ format: AudioFormat, code: String = "735198") async throws -> Rendition {
        let script = try Script(
            code: VerificationCode(code), pack: VoicePackCatalog.builtIn.pack(for: "en-US"))
        return try await reader.render(script, length: .init(readings: 1), as: format)
    }

    /// The samples that the announcement has at a rate, before any codec.
    static func samples(at rate: SampleRate, code: String = "735198") async throws -> PCM {
        let file = Bytes(joining: try await render(.wav(rate), code: code).slices)
        return PCM(littleEndian: file[44...].bytes, hertz: rate.hertz)
    }
}

extension AudioFormat {
    /// Every kind at every rate that goes with it.
    static let all = AudioFormat.Kind.allCases.flatMap { kind in
        kind.sampleRates.compactMap { try? AudioFormat(kind, sampleRate: $0) }
    }

    /// The ending of a file of it.
    var fileExtension: String {
        switch kind {
        case .wav, .wavMuLaw, .wavALaw: "wav"
        case .muLaw: "ul"
        case .aLaw: "al"
        case .sln, .sln16: "sln"
        case .au: "au"
        case .flac: "flac"
        case .ogg: "opus"
        case .mp3: "mp3"
        }
    }

    /// Whether the file itself says what it is.
    var hasHeader: Bool {
        switch kind {
        case .muLaw, .aLaw, .sln, .sln16: false
        default: true
        }
    }
}
