// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCode

/// One of the ways in which an announcement can be fetched, by the last part of its link's path.
///
/// `<sealed>.wav` is what every gateway plays; `<sealed>/16000.wav` is the same for a wide band; `<sealed>/live.wav` goes on
/// until the listener hangs up; `<sealed>.vtt` are captions, and `<sealed>/cumulative.vtt` those that keep the code on screen.
struct Representation: Hashable, Sendable {
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
    let suffix: String
    /// The name in answers and metrics, such as `wav`, `16000.wav` or `live.wav`.
    var name: String { String(suffix.dropFirst()) }

    /// The media type, always without parameters: mod_httapi takes no others.
    var contentType: String {
        switch kind {
        case .finite(let format), .live(let format): format.kind.contentType
        case .captions(.webVTT, _): "text/vtt"
        case .captions(.subRip, _): "application/x-subrip"
        case .captions(.json, _): "application/json"
        }
    }

    /// Every representation there is, the default one first.
    static let all: [Representation] = {
        var all: [Representation] = []
        func add(_ kind: Kind, _ suffix: String) { all.append(Representation(kind: kind, suffix: suffix)) }
        let telephone: [(AudioFormat.Kind, String)] = [
            (.wav, "wav"), (.muLaw, "ulaw"), (.aLaw, "alaw"), (.sln, "sln"), (.sln16, "sln16"), (.au, "au"),
            (.mp3, "mp3"), (.ogg, "ogg"), (.flac, "flac"),
        ]
        for (kind, name) in telephone {
            if let format = try? AudioFormat(kind) { add(.finite(format), ".\(name)") }
        }
        for rate in SampleRate.allCases where rate != .hz8000 { add(.finite(.wav(rate)), "/\(rate.hertz).wav") }
        for kind in [AudioFormat.Kind.muLaw, .aLaw] {
            // G.711 in a WAVE container, which some gateways want: Ytel, Vonage.
            let container: AudioFormat.Kind = kind == .muLaw ? .wavMuLaw : .wavALaw
            if let format = try? AudioFormat(container) { add(.finite(format), "/\(kind.rawValue).wav") }
        }
        for (kind, name) in telephone where ["wav", "ulaw", "mp3", "ogg"].contains(name) {
            if let format = try? AudioFormat(kind) { add(.live(format), "/live.\(name)") }
        }
        for format in Captions.Format.allCases {
            add(.captions(format, .words), ".\(format.rawValue)")
            add(.captions(format, .cumulative), "/cumulative.\(format.rawValue)")
        }
        return all
    }()

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

extension AudioFormat.Kind {
    /// The media type by which gateways know the format, where they look at it before the path's extension.
    ///
    /// Asterisk takes `audio/basic` for G.711 µ-law without a header, and so does RFC 2046; AU files have a header, so they
    /// must not be called so. Where Asterisk knows no type it goes by the extension.
    fileprivate var contentType: String {
        switch self {
        case .wav, .wavMuLaw, .wavALaw: "audio/wav"
        case .muLaw: "audio/basic"
        case .aLaw: "audio/PCMA"
        case .sln, .sln16: "application/octet-stream"
        case .au: "audio/x-au"
        case .flac: "audio/flac"
        case .ogg: "audio/ogg"
        case .mp3: "audio/mpeg"
        }
    }
}
