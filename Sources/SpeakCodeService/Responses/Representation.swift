// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCode

/// One of the ways in which an announcement can be fetched, by the last part of its link's path.
///
/// `<sealed>.wav` is what every gateway plays; `<sealed>/16000.wav` is the same for a wide band; `<sealed>/live.wav` goes on
/// until the listener hangs up; `<sealed>.vtt` are captions, and `<sealed>/cumulative.vtt` those that keep the code on screen.
package struct Representation: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        /// A file of a known length.
        case finite(AudioFormat)
        /// Readings until the listener hangs up.
        case live(AudioFormat)
        /// What is said when.
        case captions(Captions.Format, Captions.Style)
    }

    let kind: Kind
    /// The path behind the sealed text, such as `.wav` or `/live.wav`.
    package let suffix: String
    /// The name in answers and metrics, such as `wav`, `16000.wav` or `live.wav`.
    var name: String { String(suffix.dropFirst()) }

    /// The media type, always without parameters: mod_httapi takes no others.
    let contentType: String
    /// What it is, and the name of its responses, in the OpenAPI document.
    let summary: String
    let response: String

    /// Every representation there is, the default one first.
    package static let all: [Representation] = {
        var all: [Representation] = []
        for row in AudioRow.all {
            guard let format = try? AudioFormat(row.kind) else { continue }
            all.append(row.representation(.finite(format), ".\(row.name)", row.title + row.detail + "."))
        }
        let wave = AudioRow.all[0]
        let others = "WAVE of another rate or with G.711 inside."
        for rate in SampleRate.allCases where rate != .hz8000 {
            all.append(wave.representation(.finite(.wav(rate)), "/\(rate.hertz).wav", others))
        }
        for kind in [AudioFormat.Kind.muLaw, .aLaw] {
            // G.711 in a WAVE container, which some gateways want: Ytel, Vonage.
            guard let format = try? AudioFormat(kind == .muLaw ? .wavMuLaw : .wavALaw) else { continue }
            all.append(wave.representation(.finite(format), "/\(kind.rawValue).wav", others))
        }
        for row in AudioRow.all where row.isLive {
            guard let format = try? AudioFormat(row.kind) else { continue }
            all.append(row.representation(.live(format), "/live.\(row.name)", "Endless \(row.title)."))
        }
        for format in Captions.Format.allCases { all += captions(format) }
        return all
    }()

    private static func captions(_ format: Captions.Format) -> [Representation] {
        let (type, response, title, plain) =
            switch format {
            case .webVTT: ("text/vtt", "WebVTT", "WebVTT captions", "WebVTT captions.")
            case .subRip: ("application/x-subrip", "SubRip", "SubRip captions", "SubRip captions.")
            case .json: ("application/json", "Cues", "Cues", "Captions as JSON, in seconds and in samples.")
            }
        return [
            Representation(
                kind: .captions(format, .words), suffix: ".\(format.rawValue)", contentType: type, summary: plain,
                response: response),
            Representation(
                kind: .captions(format, .cumulative), suffix: "/cumulative.\(format.rawValue)", contentType: type,
                summary: title + " that show the code as far as it is read, whole at its end.", response: response),
        ]
    }

    private static let bySuffix = Dictionary(uniqueKeysWithValues: all.map { ($0.suffix, $0) })

    /// The representation of a name, such as `wav` or `live.wav`.
    static func named(_ name: some StringProtocol) -> Representation? {
        bySuffix["." + name] ?? bySuffix["/" + name]
    }

    /// Takes a path apart: the sealed text, and what is asked of it.
    static func parse(_ path: Substring) -> (sealed: Substring, representation: Representation)? {
        guard let end = path.utf8.firstIndex(where: { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "/") }),
            let representation = bySuffix[String(path[end...])]
        else { return nil }
        return (path[..<end], representation)
    }
}

/// A format that telephony gateways play: all that links, answers and the OpenAPI document know of it.
private struct AudioRow {
    let kind: AudioFormat.Kind
    /// The last part of its links' names.
    let name: String
    /// The media type by which gateways know it, where they look at it before the path's extension.
    ///
    /// Asterisk takes `audio/basic` for G.711 µ-law without a header, and so does RFC 2046; AU files have a header, so they
    /// must not be called so. Where Asterisk knows no type it goes by the extension.
    let contentType: String
    let response: String
    let title: String
    var detail = ""
    /// Whether it can be had without an end.
    var isLive = false

    /// The default one first.
    static let all = [
        AudioRow(
            kind: .wav, name: "wav", contentType: "audio/wav", response: "Wave", title: "WAVE, 8 kHz",
            detail: ", 16 bit, mono: what every gateway plays", isLive: true),
        AudioRow(
            kind: .muLaw, name: "ulaw", contentType: "audio/basic", response: "MuLaw", title: "G.711 µ-law",
            detail: ", 8 kHz, no header", isLive: true),
        AudioRow(
            kind: .aLaw, name: "alaw", contentType: "audio/PCMA", response: "ALaw", title: "G.711 A-law",
            detail: ", 8 kHz, no header"),
        AudioRow(
            kind: .sln, name: "sln", contentType: "application/octet-stream", response: "Samples",
            title: "16-bit little-endian samples", detail: ", 8 kHz, no header"),
        AudioRow(
            kind: .sln16, name: "sln16", contentType: "application/octet-stream", response: "Samples",
            title: "16-bit little-endian samples", detail: ", 16 kHz, no header"),
        AudioRow(kind: .au, name: "au", contentType: "audio/x-au", response: "Au", title: "Sun/NeXT audio"),
        AudioRow(kind: .mp3, name: "mp3", contentType: "audio/mpeg", response: "Mp3", title: "MP3", isLive: true),
        AudioRow(
            kind: .ogg, name: "ogg", contentType: "audio/ogg", response: "Ogg", title: "Opus in Ogg", isLive: true),
        AudioRow(kind: .flac, name: "flac", contentType: "audio/flac", response: "Flac", title: "FLAC"),
    ]

    func representation(_ kind: Representation.Kind, _ suffix: String, _ summary: String) -> Representation {
        Representation(kind: kind, suffix: suffix, contentType: contentType, summary: summary, response: response)
    }
}
