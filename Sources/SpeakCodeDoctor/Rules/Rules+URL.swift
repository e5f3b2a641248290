// SPDX-License-Identifier: GPL-3.0-or-later

// Rules about the URL as it is written.
extension Rule {
    static let urlLengthForAsterisk = Rule(
        .urlLength, needs: "a URL of 28 characters or more, better 34",
        because: "Asterisk main/file.c: a URL shorter than astcachedir's name and 9 characters is never played; with "
            + "/var/cache/asterisk these are 28 (measured)",
        remedy: "Make the URL longer: a longer host name or path, such as /announcements/NAME.wav."
    ) { visit in
        let length = visit.url.text.utf8.count
        let observed = "\(length) characters"
        return length < 28 ? .fail(observed) : length < 34 ? .warning(observed) : .pass(observed)
    }

    static let urlLength = Rule(
        .urlLength, needs: "a URL of less than 1,000 characters",
        because: "a shorter one is taken by every gateway that is known of (recommended)",
        remedy: "Shorten the path or the query."
    ) { visit in
        .require(visit.url.text.utf8.count < 1000, "\(visit.url.text.utf8.count) characters")
    }

    static let urlScheme = Rule(
        .urlScheme, needs: "http:// or https:// in lower case",
        because: "Asterisk takes a scheme with capitals for the name of a sound file (measured)",
        remedy: "Write the scheme in lower case."
    ) { visit in
        .require(visit.url.scheme == visit.url.scheme.lowercased(), visit.url.scheme)
    }

    static let urlCharacters = Rule(
        .urlCharacters, needs: "no comma, & or | in the URL",
        because: "Asterisk's dialplan: a comma ends the URL, & splits it into two files, | is never fetched (measured)",
        remedy: "Put what the query says into the path, or percent-encode these characters (%2C, %26, %7C)."
    ) { visit in
        let found = [",": "a comma", "&": "&", "|": "|"].filter { visit.url.target.contains($0.key) }.map(\.value)
        return .require(found.isEmpty, found.isEmpty ? "none" : "it has " + found.sorted().joined(separator: " and "))
    }

    static let urlQuery = Rule(
        .urlQuery, needs: "no query",
        because: "FreeSWITCH takes a dot in the query for the extension's, and Twilio's <Stream url> takes no query "
            + "(measured, documented)",
        remedy: "Put what the query says into the path."
    ) { visit in
        visit.url.target.contains("?") ? .warning("there is one") : .pass("none")
    }

    static let urlDots = Rule(
        .urlDots, needs: "no dot in the path but the extension's",
        because: "gateways differ in which dot begins the extension: Asterisk's last of the path, FreeSWITCH's last of "
            + "the URL (measured)",
        remedy: "Write names in base64url or hexadecimal figures, without dots."
    ) { visit in
        let dots = visit.url.path.count { $0 == "." }
        return dots > 1 ? .warning("\(dots) dots") : .pass(dots == 1 ? "one dot" : "none")
    }

    /// FreeSWITCH: the extension first, the type only where there is none.
    static func freeSWITCHExtension(stripsParameters: Bool) -> Rule {
        Rule.ofAnswer(
            .extension, needs: "a known extension at the end of the URL, or none and a known Content-Type",
            because: "FreeSWITCH takes what follows the URL's last dot, query and capitals included, and the type only "
                + "where there is no dot (measured"
                + (stripsParameters ? ")" : "; mod_httapi then takes no type with parameters)"),
            remedy: "End the URL in .wav, in lower case, with nothing behind it."
        ) { answer, visit in
            if let name = visit.url.wholeExtension {
                if freeSWITCHExtensions.contains(String(name)) { return .pass(".\(name)") }
                if name == "mp3" { return .warning(".mp3 needs mod_shout") }
                let shown = visit.url.wholeExtension == visit.url.pathExtension ? visit.url.shownExtension : nil
                return .fail(
                    shown.map { "it does not know .\($0), spelled so" } ?? "what follows the last dot is unknown")
            }
            guard let type = answer.value("Content-Type").map(MediaType.init) else {
                return .fail("neither an extension nor a Content-Type")
            }
            let name = stripsParameters ? type.essence : type.whole
            return .require(
                freeSWITCHTypes.contains(name), type.shown + (type.hasParameters ? " with parameters" : ""))
        }
    }

    private static let freeSWITCHExtensions: Set = [
        "wav", "au", "snd", "raw", "r8", "r16", "r24", "r32", "ulaw", "ul", "alaw", "al", "PCMU", "PCMA", "gsm", "flac",
        "ogg",
        "oga", "aif", "aiff",
    ]
    private static let freeSWITCHTypes: Set = [
        "audio/wav", "audio/x-wav", "audio/wave", "audio/x-wave", "audio/basic",
    ]
}
