// SPDX-License-Identifier: GPL-3.0-or-later

/// A row of the conformance report: what a standard asks for, and how far it is met.
package struct Criterion: Hashable, Sendable {
    /// The standards, in the order and by the names of the VPAT 2.5 INT.
    package enum Standard: String, CaseIterable, Sendable {
        case wcag = "WCAG 2.2"
        case section508 = "Section 508 (36 CFR 1194, appendix C)"
        case en301549 = "EN 301 549 V3.2.1"
    }

    /// How far it is met, in the words of the VPAT.
    package enum Level: String, Sendable, Encodable {
        case supports = "Supports"
        case partly = "Partially Supports"
        case not = "Does Not Support"
        case notApplicable = "Not Applicable"
    }

    /// What can be measured on a running service.
    package enum Measure: String, CaseIterable, Sendable {
        case captions, captionLanguage = "caption-language", secondLanguage = "second-language"
        case repetition, endless, slower, gate, wideband, level, background, textTelephone = "text-telephone"
    }

    package let standard: Standard
    package let number: String
    package let title: String
    package let level: Level
    package let remark: String
    /// A command that shows it; empty where there is nothing to show.
    package let evidence: String
    package let measures: [Measure]

    init(
        _ standard: Standard, _ number: String, _ title: String, _ level: Level, _ remark: String,
        evidence: String = "", _ measures: Measure...
    ) {
        (self.standard, self.number, self.title) = (standard, number, title)
        (self.level, self.remark, self.evidence, self.measures) = (level, remark, evidence, measures)
    }
}

extension Criterion {
    private static let tones = "scripts/test --filter TextTelephone"
    private static let texts = "scripts/test --filter \"RealTimeText|CallTests\""
    private static let demo = "scripts/check-demo"

    /// Every row: those in which a service that reads a code over the telephone has a part.
    package static let all = wcag + section508 + en301549

    private static let wcag = [
        Criterion(
            .wcag, "1.1.1", "Non-text Content", .supports,
            "What is spoken is there in writing: captions of each link, and the pages of the demo.", evidence: demo,
            .captions),
        Criterion(
            .wcag, "1.2.1", "Audio-only (Prerecorded)", .supports,
            "Each link has its words as WebVTT, SubRip and JSON, exact to the sample.",
            evidence: "scripts/test --filter Captions", .captions),
        Criterion(
            .wcag, "1.4.2", "Audio Control", .supports,
            "Nothing sounds by itself: a call is hung up at any moment, and the demo's page plays when asked.",
            evidence: demo),
        Criterion(
            .wcag, "1.4.7", "Low or No Background Audio (AAA)", .supports, "There is none: a pause is digital silence.",
            evidence: "scripts/test --filter UnitConditioner", .background),
        Criterion(
            .wcag, "2.1.1", "Keyboard", .supports, "The demo's pages, the only ones there are.", evidence: demo),
        Criterion(
            .wcag, "2.2.1", "Timing Adjustable", .partly,
            "A reading comes again until the caller hangs up, and slower by a key; but a call has a longest time (`callSeconds`), and a code "
                + "one that the site sets, of which nobody is warned.",
            evidence: "speakcode 123456 --pacing slow --repeat", .repetition, .endless, .slower),
        Criterion(
            .wcag, "3.1.1", "Language of Page", .supports, "Captions name their language, as do the demo's pages.",
            evidence: demo, .captionLanguage),
        Criterion(
            .wcag, "3.1.2", "Language of Parts", .supports, "Words of a second language are marked in WebVTT.",
            evidence: "speakcode 123456 --second-locale de --captions code.vtt -o code.wav", .secondLanguage),
        Criterion(
            .wcag, "3.3.8", "Accessible Authentication (Minimum)", .not,
            "To type a code that was heard is a cognitive function test. The site that asks for it must offer another way, such as "
                + "a passkey, or a code that can be pasted."),
        Criterion(
            .wcag, "4.1.2", "Name, Role, Value", .supports, "The demo's pages: axe finds nothing in them.",
            evidence: demo),
    ]

    private static let section508 = [
        Criterion(
            .section508, "302.1", "Without Vision", .supports, "The code is heard; nothing need be looked at.",
            evidence: "speakcode 123456"),
        Criterion(
            .section508, "302.2", "With Limited Vision", .supports, "As without vision.", evidence: "speakcode 123456"),
        Criterion(
            .section508, "302.4", "Without Hearing", .partly,
            "Tones of a text telephone, and real-time text in calls over SIP. Neither reaches a mobile telephone through a gateway that "
                + "has no real-time text: there another way than a call is needed.",
            evidence: texts, .textTelephone),
        Criterion(
            .section508, "302.5", "With Limited Hearing", .supports,
            "-19 dBm0, nothing behind the voice, one digit at a time, slower and again by keys.",
            evidence: "scripts/intelligibility", .level, .background, .slower),
        Criterion(.section508, "302.6", "Without Speech", .supports, "Nobody need speak: keys alone are listened to."),
        Criterion(
            .section508, "302.7", "With Limited Manipulation", .supports,
            "At most one key, with no time for it but the call's; none with `\"gate\": \"never\"`.",
            evidence: "scripts/test --filter CallDocumentTests", .gate),
        Criterion(
            .section508, "302.9", "With Limited Language, Cognitive, and Learning Abilities", .partly,
            "86 locales, digit by digit, as often as wanted. That the code must be kept in mind and typed stays.",
            evidence: "speakcode voices", .repetition),
        Criterion(
            .section508, "412.4", "Digital Encoding of Speech", .not,
            "Calls of its own over SIP are G.711; G.722.2 and Opus are not sent. Files at 16 kHz are there for gateways that have them.",
            evidence: "speakcode 123456 --sample-rate 16000 -o code.wav", .wideband),
        Criterion(
            .section508, "412.6", "Caller ID", .supports, "The operator's number or address goes with each call.",
            evidence: "scripts/test --filter SIPAccountTests"),
        Criterion(
            .section508, "412.8.2", "Voice and Hearing Carry-Over", .partly,
            "`mixed` speaks and writes in turn. What is typed or spoken back is listened to by nobody.", evidence: tones
        ),
        Criterion(
            .section508, "412.8.3", "Signal Compatibility (TIA-825-A)", .supports,
            "minimodem and spandsp read every character, through G.711, G.726 and as much noise as there is signal.",
            evidence: tones, .textTelephone),
        Criterion(
            .section508, "412.8.4", "Voice Mail and Other Messaging Compatibility", .partly,
            "The whole announcement is there in tones. Its keys are those of a telephone, which not each text telephone has: "
                + "`\"gate\": \"never\"` asks for none.",
            evidence: tones, .textTelephone),
        Criterion(
            .section508, "602.2", "Accessibility and Compatibility Features", .supports,
            "docs/accessibility.md names them.",
            evidence: "speakcode doctor --acr"),
        Criterion(
            .section508, "602.3", "Electronic Support Documentation", .partly,
            "Markdown and a manual page, read by any screen reader; not looked at criterion by criterion.",
            evidence: "man docs/speakcode.1"),
    ]

    private static let en301549 = [
        Criterion(
            .en301549, "4.2.1", "Usage without vision", .supports, "As 302.1.", evidence: "speakcode 123456"),
        Criterion(.en301549, "4.2.4", "Usage without hearing", .partly, "As 302.4.", evidence: texts, .textTelephone),
        Criterion(
            .en301549, "4.2.5", "Usage with limited hearing", .supports, "As 302.5.",
            evidence: "scripts/intelligibility", .level, .background, .slower),
        Criterion(.en301549, "4.2.6", "Usage with no or limited vocal capability", .supports, "As 302.6."),
        Criterion(
            .en301549, "4.2.7", "Usage with limited manipulation or strength", .supports, "As 302.7.",
            evidence: "scripts/test --filter CallDocumentTests", .gate),
        Criterion(
            .en301549, "4.2.10", "Usage with limited cognition, language or learning", .partly, "As 302.9.",
            evidence: "speakcode voices", .repetition),
        Criterion(
            .en301549, "4.2.11", "Privacy", .partly,
            "The code waits for a key, so that no voicemail and nobody else hears it by itself; who turns a loudspeaker on is overheard.",
            evidence: "speakcode rehearse", .gate),
        Criterion(
            .en301549, "5.2", "Activation of accessibility features", .partly,
            "Slower and the other language are keys, of which no sentence tells; a request can have them from the beginning.",
            evidence: "speakcode 123456 --pacing slow", .slower),
        Criterion(
            .en301549, "6.1", "Audio bandwidth for speech", .partly,
            "Files and streams at 16 kHz and above; calls of its own over SIP are G.711, up to 3.4 kHz.",
            evidence: "speakcode 123456 --sample-rate 16000 -o code.wav", .wideband),
        Criterion(
            .en301549, "6.2.1.1", "RTT communication", .partly,
            "Offered in each call over SIP. No way for it was found at Twilio, Telnyx, Vonage, Plivo and Asterisk's PJSIP.",
            evidence: texts),
        Criterion(
            .en301549, "6.2.1.2", "Concurrent voice and text", .supports, "Text goes beside the voice, in one call.",
            evidence: texts),
        Criterion(
            .en301549, "6.2.2", "Display of RTT", .notApplicable, "The telephone shows it; this end reads no text."),
        Criterion(
            .en301549, "6.2.3", "Interoperability", .partly,
            "RFC 4103 over SIP, V.18 annex A over the telephone network. Linphone, minimodem and spandsp read them; no mobile telephone "
                + "and no text telephone of a known maker was tried.",
            evidence: texts, .textTelephone),
        Criterion(
            .en301549, "6.2.4", "RTT responsiveness", .partly,
            "The first text goes out a second behind the answer, since who takes a call may not listen yet, and then at the pace that "
                + "the other end takes, each 300 ms; 500 ms may pass.", evidence: texts),
        Criterion(
            .en301549, "6.3", "Caller ID", .supports, "As 412.6.", evidence: "scripts/test --filter SIPAccountTests"),
        Criterion(
            .en301549, "6.4", "Alternatives to voice-based services", .partly,
            "Text telephone and real-time text where the line has them, and an app's code (`--totp-uri`). Elsewhere the site must offer "
                + "another way than a call.",
            evidence: texts, .textTelephone),
        Criterion(
            .en301549, "7.1.2", "Captioning synchronization", .supports,
            "Captions and audio are read off one timeline, exact to the sample.",
            evidence: "scripts/test --filter Captions", .captions),
        Criterion(
            .en301549, "9", "Web", .supports,
            "The demo's pages, the only ones there are: the rows of WCAG 2.2 above that concern pages; axe finds nothing.",
            evidence: demo),
        Criterion(
            .en301549, "12.1.1", "Accessibility and compatibility features", .supports, "As 602.2.",
            evidence: "speakcode doctor --acr"),
        Criterion(
            .en301549, "12.1.2", "Accessible documentation", .partly, "As 602.3.", evidence: "man docs/speakcode.1"),
        Criterion(
            .en301549, "12.2", "Support services", .notApplicable, "There is no support desk; issues are written to."),
        Criterion(
            .en301549, "13.2", "Access to relay services", .supports,
            "A relay's operator types what is said: digit by digit, again by a key, slower by another.",
            evidence: "speakcode 123456 --pacing slow", .slower, .repetition),
    ]
}
