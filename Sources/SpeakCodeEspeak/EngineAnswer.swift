// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCode

/// What an engine's process answers on its standard output.
///
/// Little-endian words: the magic number, a status (0 for speech), then for each utterance its rate in Hz, the number of
/// samples, the samples, the length of the phonemes, the phonemes in UTF-8; or, with another status, a message.
enum EngineAnswer {
    /// The most bytes of an answer: some minutes of speech.
    static let maximumLength = 64 << 20

    /// The rates that make sense: the telephone's half to four times a video's.
    private static let rates: ClosedRange<UInt32> = 4000...192_000

    /// `SPK` and the version.
    private static let magic = 0x5350_4B30 + UInt32(EngineRequest.version)

    static func encode(_ speech: [Speech]) -> [UInt8] {
        var bytes: [UInt8] = []
        append(magic, to: &bytes)
        append(0, to: &bytes)
        for said in speech {
            append(UInt32(said.audio.hertz), to: &bytes)
            append(UInt32(said.audio.samples.count), to: &bytes)
            for sample in said.audio.samples {
                bytes.append(UInt8(truncatingIfNeeded: sample))
                bytes.append(UInt8(truncatingIfNeeded: sample >> 8))
            }
            append(said.phonemes, to: &bytes)
        }
        return bytes
    }

    /// Voices: a status of 0, their number, then identifier, name and language of each.
    static func encode(_ voices: [ListedVoice]) -> [UInt8] {
        var bytes: [UInt8] = []
        append(magic, to: &bytes)
        append(0, to: &bytes)
        append(UInt32(voices.count), to: &bytes)
        for voice in voices {
            append(voice.identifier, to: &bytes)
            append(voice.name, to: &bytes)
            append("\(voice.locale)", to: &bytes)
        }
        return bytes
    }

    /// Takes a list of voices apart.
    static func decodeVoices(_ bytes: [UInt8]) throws(EngineError) -> [ListedVoice] {
        var bytes = bytes[...]
        try takeStatus(&bytes)
        guard let count = word(&bytes) else { throw nonsense }
        var voices: [ListedVoice] = []
        for _ in 0..<count {
            guard let identifier = text(&bytes), let name = text(&bytes),
                let locale = text(&bytes).flatMap({ LanguageTag($0) })
            else { throw nonsense }
            voices.append(ListedVoice(identifier: identifier, name: name, locale: locale))
        }
        return voices
    }

    static func encode(_ error: EngineError) -> [UInt8] {
        var bytes: [UInt8] = []
        append(magic, to: &bytes)
        append(status(of: error.reason), to: &bytes)
        append(error.message, to: &bytes)
        return bytes
    }

    /// Takes an answer apart.
    ///
    /// - Throws: `EngineError`: the one that was answered, or that the answer makes no sense.
    static func decode(_ bytes: [UInt8], count: Int) throws(EngineError) -> [Speech] {
        var bytes = bytes[...]
        try takeStatus(&bytes)
        var speech: [Speech] = []
        for _ in 0..<count {
            guard let hertz = word(&bytes), rates.contains(hertz), let length = word(&bytes).map({ Int($0) }),
                bytes.count / 2 >= length
            else { throw nonsense }
            var samples: [Int16] = []
            samples.reserveCapacity(length)
            let start = bytes.startIndex
            for index in 0..<length {
                let low = UInt16(bytes[start + 2 * index])
                samples.append(Int16(bitPattern: low | UInt16(bytes[start + 2 * index + 1]) << 8))
            }
            bytes = bytes.dropFirst(2 * length)
            guard let phonemes = text(&bytes) else { throw nonsense }
            speech.append(Speech(audio: PCM(samples: samples, hertz: Int(hertz)), phonemes: phonemes))
        }
        return speech
    }

    /// Takes what every answer begins with.
    private static func takeStatus(_ bytes: inout ArraySlice<UInt8>) throws(EngineError) {
        let first = word(&bytes)
        guard first == magic else {
            throw first.map { $0 >> 8 == magic >> 8 } ?? false ? EngineRequest.otherVersion : nonsense
        }
        guard let status = word(&bytes) else { throw nonsense }
        guard status == 0 else {
            guard let reason = reasons[status], let message = text(&bytes) else { throw nonsense }
            throw EngineError(reason, message)
        }
    }

    private static let nonsense = EngineError(.failed, "the engine's process answered what makes no sense")

    private static let reasons: [UInt32: EngineError.Reason] = [
        1: .missing, 2: .unknownVoice, 3: .crashed, 4: .hung, 5: .failed, 6: .exhausted,
    ]

    private static func status(of reason: EngineError.Reason) -> UInt32 {
        reasons.first { $0.value == reason }?.key ?? 5
    }

    static func append(_ value: UInt32, to bytes: inout [UInt8]) {
        for shift in stride(from: 0, to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
    }

    static func append(_ text: String, to bytes: inout [UInt8]) {
        append(UInt32(text.utf8.count), to: &bytes)
        bytes += text.utf8
    }

    static func word(_ bytes: inout ArraySlice<UInt8>) -> UInt32? {
        guard bytes.count >= 4 else { return nil }
        defer { bytes = bytes.dropFirst(4) }
        return bytes.prefix(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }

    static func text(_ bytes: inout ArraySlice<UInt8>) -> String? {
        guard let length = word(&bytes).map({ Int($0) }), bytes.count >= length else { return nil }
        defer { bytes = bytes.dropFirst(length) }
        return String(decoding: bytes.prefix(length), as: UTF8.self)
    }
}
