// SPDX-License-Identifier: GPL-3.0-or-later

/// What a body is, by its first bytes.
enum BodyKind: String, Sendable {
    case empty = "empty"
    case riff = "RIFF/WAVE"
    case au = "AU"
    case mp3 = "MP3"
    case ogg = "Ogg"
    case flac = "FLAC"
    case text = "HTML, XML or JSON text"
    case other = "without a known header"

    init(_ bytes: some Collection<UInt8>) {
        let start = Array(bytes.prefix(64))
        func begins(_ text: String) -> Bool { start.starts(with: Array(text.utf8)) }
        self =
            if start.isEmpty {
                .empty
            } else if begins("RIFF"), start.dropFirst(8).starts(with: Array("WAVE".utf8)) {
                .riff
            } else if begins(".snd") {
                .au
            } else if begins("ID3") || (start[0] == 0xFF && start.count > 1 && start[1] & 0xE6 == 0xE2) {
                .mp3
            } else if begins("OggS") {
                .ogg
            } else if begins("fLaC") {
                .flac
            } else if Self.isText(start) {
                .text
            } else {
                .other
            }
    }

    /// Whether it begins as HTML, XML or JSON; the first byte alone may be a sample.
    private static func isText(_ start: [UInt8]) -> Bool {
        let text = start.starts(with: [0xEF, 0xBB, 0xBF]) ? start.dropFirst(3) : start[...]
        let first = text.first { !Character(Unicode.Scalar($0)).isWhitespace }
        return (first == UInt8(ascii: "<") || first == UInt8(ascii: "{"))
            && text.allSatisfy { (0x20...0x7E).contains($0) || [0x09, 0x0A, 0x0D].contains($0) }
    }

    /// Samples without a header; a quiet start in µ-law may look like a frame of MP3.
    static let samples: Set<BodyKind> = [.other, .mp3]

    /// What a file with an extension, or a body of a type, has to be; nil where nothing is known of it.
    static func expected(forExtension name: some StringProtocol) -> Set<BodyKind>? {
        switch name.lowercased() {
        case "wav", "wave", "wav16", "wav49": [.riff]
        case "au": [.au]
        case "mp3": [.mp3]
        case "ogg", "opus", "oga": [.ogg]
        case "flac": [.flac]
        case let name where KnownFormats.raw.contains(name): samples
        default: nil
        }
    }

    static func expected(forType type: String) -> Set<BodyKind>? {
        switch type {
        case "audio/wav", "audio/x-wav", "audio/wave", "audio/x-wave", "audio/vnd.wave": [.riff]
        // By RFC 2046 the samples alone; files with the AU header are served so as well.
        case "audio/basic": samples.union([.au])
        case "audio/mpeg", "audio/mp3": [.mp3]
        case "audio/ogg", "application/ogg", "audio/opus": [.ogg]
        case "audio/flac", "audio/x-flac": [.flac]
        case "audio/ulaw", "audio/x-ulaw", "audio/x-mulaw", "audio/pcmu", "audio/pcma", "audio/l16", "audio/gsm",
            "audio/x-gsm":
            samples
        default: nil
        }
    }
}

/// The names of audio formats.
enum KnownFormats {
    /// Extensions of files that are samples and nothing else.
    static let raw: Set<String> = [
        "ulaw", "ul", "mu", "ulw", "pcm", "pcmu", "alaw", "al", "alw", "pcma", "sln", "slin", "raw", "sln12", "sln16",
        "sln24",
        "sln32", "sln44", "sln48", "sln96", "sln192", "gsm", "g722", "r8", "r16", "r24", "r32", "vox",
    ]

    /// All that are shown.
    static let extensions = raw.union([
        "wav", "wave", "wav16", "wav49", "au", "snd", "mp3", "ogg", "oga", "opus", "flac", "aif", "aiff",
    ])
}

/// A `Content-Type`.
struct MediaType: Hashable, Sendable {
    /// Type and subtype in lower case.
    let essence: String
    /// As it was sent, spaces removed, in lower case.
    let whole: String

    init(_ text: String) {
        whole = text.lowercased().filter { $0 != " " }
        essence = String(whole.prefix { $0 != ";" })
    }

    var hasParameters: Bool { whole.contains(";") }

    /// The essence where it is a known one; others may say anything.
    var shown: String {
        if essence.isEmpty { return "an empty Content-Type" }
        let isKnown = BodyKind.expected(forType: essence) != nil || Self.otherKnown.contains(essence)
        return isKnown ? essence : "an unknown type"
    }

    private static let otherKnown: Set = [
        "text/html", "text/plain", "text/xml", "application/json", "application/xml", "application/octet-stream",
        "application/problem+json", "binary/octet-stream", "audio/aiff", "audio/x-aiff", "audio/x-vox", "audio/mp4",
        "audio/webm",
    ]
}
