// SPDX-License-Identifier: GPL-3.0-or-later

// Rules about types, formats and WAV headers.
extension Rule {
    /// - Parameters:
    ///   - types: those that the gateway takes; nil for any.
    static func contentType(_ types: Set<String>?, because why: String) -> Rule {
        Rule.ofAnswer(
            .contentType, needs: types == nil ? "a Content-Type" : "a Content-Type that it takes, such as audio/wav",
            because: why, remedy: "Send Content-Type: audio/wav for a WAV file."
        ) { answer, _ in
            guard let type = answer.value("Content-Type").map(MediaType.init) else { return .fail("there is none") }
            return .require(types?.contains(type.essence) ?? true, type.shown)
        }
    }

    static let contentTypeParameters = Rule.ofAnswer(
        .contentTypeParameters, needs: "a Content-Type without parameters",
        because:
            "FreeSWITCH mod_httapi does not know audio/wav with a charset where the URL has no extension (measured)",
        remedy: "Send Content-Type: audio/wav and nothing behind it (nginx: charset off)."
    ) { answer, _ in
        guard let type = answer.value("Content-Type").map(MediaType.init) else {
            return .notApplicable("there is none")
        }
        return type.hasParameters ? .warning("it has parameters") : .pass("none")
    }

    /// - Parameter goesByType: whether the gateway believes the type; others look into the body.
    static func format(goesByType: Bool, because why: String) -> Rule {
        Rule.ofBody(
            .format, needs: goesByType ? "a body that is what its Content-Type says" : "a body that is audio",
            because: why,
            remedy:
                "Send audio, under its own type; where it is a page, the URL leads to something else than the audio."
        ) { answer, _ in
            let kind = BodyKind(answer.body)
            guard kind != .text, kind != .empty else { return .fail("it is \(kind.rawValue)") }
            guard goesByType, let type = answer.value("Content-Type").map(MediaType.init),
                let expected = BodyKind.expected(forType: type.essence)
            else { return .pass(kind.rawValue) }
            return .require(
                expected.contains(kind),
                kind.rawValue + (expected.contains(kind) ? "" : " behind \(type.shown)"))
        }
    }

    /// FreeSWITCH: libsndfile knows files with a header by it, and others by the extension.
    static let freeSWITCHFormat = Rule.ofBody(
        .format, needs: "a body that is what its extension says",
        because: "FreeSWITCH gives it to libsndfile, which looks into it (measured)",
        remedy: "Send audio; where it is a page, the URL leads to something else than the audio."
    ) { answer, visit in
        let kind = BodyKind(answer.body)
        guard kind != .text, kind != .empty else { return .fail("it is \(kind.rawValue)") }
        let expected = visit.url.wholeExtension.flatMap { BodyKind.expected(forExtension: $0) }
        guard kind == .other, let expected, !expected.contains(kind) else { return .pass(kind.rawValue) }
        return .fail(kind.rawValue)
    }

    // MARK: - Asterisk

    static let asteriskFormat = Rule.ofBody(
        .format, needs: "a Content-Type or an extension that it knows, and a body of that format",
        because:
            "Asterisk takes the Content-Type first, the path's extension second, and looks no further: RIFF behind "
            + "audio/basic is played as noise, .WAV is GSM, MP3 is unknown (measured)",
        remedy: "Send audio/wav and end the path in .wav for a WAV file, in lower case."
    ) { answer, visit in
        let kind = BodyKind(answer.body)
        guard kind != .text, kind != .empty else { return .fail("it is \(kind.rawValue)") }
        switch AsteriskFormat(answer, visit.url) {
        case nil: return .fail("neither the type nor the extension is known")
        case .gsmInWave: return .fail("it is taken for GSM in WAV, by .WAV or .wav49")
        case .wave: return .require(kind == .riff, kind == .riff ? "WAV" : "\(kind.rawValue) taken for WAV")
        case .au: return .require(kind == .au, kind == .au ? "AU" : "\(kind.rawValue) taken for AU")
        case .raw(let name):
            let isSamples = BodyKind.samples.contains(kind)
            return .require(isSamples, isSamples ? name : "\(kind.rawValue) taken for samples in \(name)")
        }
    }

    static let wavEncoding = asteriskWave(
        .wavEncoding, needs: "linear PCM (format tag 1), mono, 16 bits",
        because: "Asterisk rejects stereo, 8 bits, µ-law, A-law and WAVE_FORMAT_EXTENSIBLE in WAV (measured)",
        remedy: "Write plain 16-bit mono (ffmpeg: -ac 1 -c:a pcm_s16le; sox: -b 16 -c 1 -t wavpcm)."
    ) { header, _, _ in
        guard let format = header.format else { return .fail("there is no fmt chunk") }
        let tag = format.tag == 0xFFFE ? "WAVE_FORMAT_EXTENSIBLE" : "format tag \(format.tag)"
        return .require(header.isLinear16Mono, "\(tag), channels \(format.channels), bits \(format.bits)")
    }

    static let wavRate = asteriskWave(
        .wavRate, needs: "8,000 Hz",
        because: "Asterisk plays .wav at 8,000 Hz only, .wav16 at 16,000 (measured)",
        remedy: "Resample to 8,000 Hz: eSpeak NG speaks at 22,050."
    ) { header, hertz, _ in
        guard let format = header.format else { return .notApplicable("there is no fmt chunk") }
        return .require(format.hertz == hertz, "\(format.hertz) Hz")
    }

    static let wavHeader = asteriskWave(
        .wavHeader, needs: "a header of 44 bytes",
        because:
            "Asterisk format_wav compares the place in the file with the data's length: as many bytes of the end are "
            + "lost as stand before the samples; 4 KB of LIST cost 0.25 s (measured)",
        remedy: "Write no LIST or other chunk before the samples (ffmpeg: -bitexact -map_metadata -1)."
    ) { header, hertz, answer in
        guard let samples = header.samples else { return .notApplicable("there is no data chunk") }
        guard samples.offset != 44 else { return .pass("44 bytes") }
        let lost = Duration.seconds(Double(samples.offset) / 2 / Double(hertz))
        let observed = "\(samples.offset) bytes, \(lost.milliseconds) ms of the end lost"
        return header.tail(of: answer.body).map { $0 >= lost } ?? false
            ? .warning(observed + ", in silence") : .fail(observed)
    }

    static let wavTail = asteriskWave(
        .wavTail, needs: "50 ms of silence at the end",
        because: "Asterisk never plays the last 44 bytes of a WAV file (measured)",
        remedy: "Put 50 ms of silence or more behind the last word."
    ) { header, _, answer in
        guard let tail = header.tail(of: answer.body) else { return .notApplicable("not 16-bit mono") }
        return .require(tail >= .milliseconds(50), "\(tail.milliseconds) ms")
    }

    private static func asteriskWave(
        _ id: RuleID, needs need: String, because why: String, remedy: String,
        judge: @escaping @Sendable (WaveHeader, _ hertz: Int, Answer) -> Verdict
    ) -> Rule {
        ofBody(id, needs: need, because: why, remedy: remedy) { answer, visit in
            guard let header = WaveHeader(answer.body), case .wave(let hertz) = AsteriskFormat(answer, visit.url) else {
                return .notApplicable("not a WAV file, or not taken for one")
            }
            return judge(header, hertz, answer)
        }
    }

    // MARK: - Everybody

    static let wavData = Rule.ofWave(
        .wavData, needs: "a length of the data that is neither 0 nor 0xFFFFFFFF",
        because: "Asterisk rejects both, and FreeSWITCH plays nothing for 0 (measured)",
        remedy: "Write the true length: a file that was streamed through a pipe has none, so write it to a file first."
    ) { header in
        guard let samples = header.samples else { return .fail("there is no data chunk") }
        return .require(samples.declared != 0 && samples.declared != 0xFFFF_FFFF, "\(samples.declared) bytes")
    }

    static let wavSizes = Rule.ofWave(
        .wavSizes, needs: "true sizes in the header",
        because: "players go by the header or by the file, and should find the same",
        remedy: "Write the sizes when all samples are known."
    ) { header in
        guard let samples = header.samples else { return .notApplicable("there is no data chunk") }
        guard samples.declared == samples.present.count else {
            return .fail("the data chunk says \(samples.declared) bytes, \(samples.present.count) are there")
        }
        guard header.endsWithChunk else {
            return .fail("what follows the \(samples.declared) bytes of data is no chunk")
        }
        return .require(
            header.declaredSize + 8 == header.fileSize,
            "RIFF says \(header.declaredSize + 8) bytes, the file has \(header.fileSize)")
    }

    static let duration = Rule.ofWave(
        .duration, needs: "less than 60 s",
        because: "Sinch takes 1 MB, about 62 s (documented); Asterisk and FreeSWITCH play nothing before the "
            + "last byte (measured)",
        remedy: "Have fewer readings in the audio, and let the gateway loop."
    ) { header in
        guard let duration = header.duration else { return .notApplicable("the header is not whole") }
        let observed = "\((duration / .seconds(1)).rounded()) s"
        return duration > .seconds(60) ? .warning(observed) : .pass(observed)
    }
}

/// What Asterisk takes an answer for.
enum AsteriskFormat: Hashable {
    case wave(hertz: Int)
    case gsmInWave
    case au
    case raw(String)

    init?(_ answer: Answer, _ url: AudioURL) {
        let type = answer.value("Content-Type").map(MediaType.init)
        switch type {
        case let type? where type.whole == "audio/x-wav;codec=pcm;bit=16;rate=16000": self = .wave(hertz: 16_000)
        case let type? where ["audio/wav", "audio/x-wav"].contains(type.essence): self = .wave(hertz: 8000)
        case let type? where type.essence == "audio/basic": self = .raw("µ-law")
        case let type? where type.essence == "audio/gsm": self = .raw("GSM")
        case let type? where type.essence == "audio/x-vox": self = .raw("VOX")
        default:
            // Capitals count: .WAV is another format than .wav.
            switch url.pathExtension.map(String.init) {
            case "wav": self = .wave(hertz: 8000)
            case "wav16": self = .wave(hertz: 16_000)
            case "WAV", "wav49": self = .gsmInWave
            case "au": self = .au
            case let name? where Self.raw.contains(name): self = .raw(name)
            default: return nil
            }
        }
    }

    private static let raw: Set = [
        "ulaw", "ul", "mu", "ulw", "pcm", "alaw", "al", "alw", "sln", "slin", "raw", "sln12", "sln16", "sln24", "sln32",
        "sln44",
        "sln48", "sln96", "sln192", "gsm", "g722",
    ]
}
