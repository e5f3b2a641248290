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
    private static let texts = "scripts/test --filter RealTimeText --filter CallTests"
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
            .wcag, "1.4.3", "Contrast (Minimum)", .supports, "axe finds nothing in the demo's pages, light and dark.",
            evidence: demo),
        Criterion(
            .wcag, "1.4.7", "Low or No Background Audio (AAA)", .supports, "There is none: a pause is digital silence.",
            evidence: "scripts/test --filter ReadingTests", .background),
        Criterion(
            .wcag, "1.4.10", "Reflow", .supports, "The demo's pages are no wider than a window of 320 pixels.",
            evidence: demo),
        Criterion(
            .wcag, "2.1.1", "Keyboard", .supports,
            "The demo's story is lived from its beginning to its end by keyboard alone; other pages were not tried.",
            evidence: "scripts/test --filter BrowserTests"),
        Criterion(
            .wcag, "2.2.1", "Timing Adjustable", .partly,
            "A reading comes again until the caller hangs up, and slower by a key. Three limits come without a warning: five requests for the "
                + "gate's key, the longest call (`callSeconds`), and the life of the code, which the site sets.",
            evidence: "speakcode 123456 --pacing slow --repeat", .repetition, .endless, .slower),
        Criterion(
            .wcag, "2.4.7", "Focus Visible", .supports,
            "Each control on the keyboard's way through the demo shows an outline.",
            evidence: "scripts/test --filter BrowserTests"),
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
            .wcag, "4.1.2", "Name, Role, Value", .supports,
            "Native controls with labels; axe finds nothing in the demo's pages. Not tried with a screen reader.",
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
            .section508, "302.5", "With Limited Hearing", .partly,
            "-19 dBm0, nothing behind the voice, one digit at a time. Slower is a key that the call does not name, or is asked for by the "
                + "site. Measured with speech recognisers; no person with hearing loss has listened.",
            evidence: "scripts/intelligibility", .level, .background, .slower),
        Criterion(
            .section508, "302.6", "Without Speech", .supports, "Nobody need speak: keys alone are listened to.",
            evidence: "speakcode rehearse"),
        Criterion(
            .section508, "302.7", "With Limited Manipulation", .partly,
            "One key at most, and none with `\"gate\": \"never\"`. The request for it is spoken five times; then the call ends, without a "
                + "warning, and no setting gives more time.",
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
            .section508, "412.6", "Caller ID", .notApplicable,
            "It shows no caller. Its own calls carry the operator's number or address."),
        Criterion(
            .section508, "412.8.1", "TTY Connectability", .notApplicable,
            "It is no telephone set: text telephones are reached over the line."),
        Criterion(
            .section508, "412.8.2", "Voice and Hearing Carry-Over", .notApplicable,
            "There is no microphone to turn on and off, and nobody is asked to answer. `mixed` speaks and writes in turn."
        ),
        Criterion(
            .section508, "412.8.3", "Signal Compatibility", .partly,
            "Sends Baudot at 45.45 and 50 bit/s, and reads none. minimodem and spandsp read every character, through G.711, G.726 and "
                + "noise as strong as the tones; no real text telephone was tried. Not over mobile codecs or lines that lose packets.",
            evidence: tones, .textTelephone),
        Criterion(
            .section508, "412.8.4", "Voice Mail and Other Messaging Compatibility", .partly,
            "The whole announcement is there in tones. Its keys are those of a telephone, which not each text telephone has: "
                + "`\"gate\": \"never\"` asks for none.",
            evidence: tones, .textTelephone),
        Criterion(
            .section508, "602.2", "Accessibility and Compatibility Features", .supports,
            "docs/accessibility.md names them.",
            evidence: "docs/accessibility.md"),
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
            .en301549, "4.2.5", "Usage with limited hearing", .partly, "As 302.5.",
            evidence: "scripts/intelligibility", .level, .background, .slower),
        Criterion(
            .en301549, "4.2.6", "Usage with no or limited vocal capability", .supports, "As 302.6.",
            evidence: "speakcode rehearse"),
        Criterion(
            .en301549, "4.2.7", "Usage with limited manipulation or strength", .partly, "As 302.7.",
            evidence: "scripts/test --filter CallDocumentTests", .gate),
        Criterion(
            .en301549, "4.2.10", "Usage with limited cognition, language or learning", .partly, "As 302.9.",
            evidence: "speakcode voices", .repetition),
        Criterion(
            .en301549, "4.2.11", "Privacy", .partly,
            "With the gate no voicemail gets the code. Users of some features have less: `\"gate\": \"never\"`, for text telephones without keys, "
                + "leaves the code on a voicemail, and a relay's operator hears it. Real-time text is as little encrypted as the sound.",
            evidence: "speakcode rehearse", .gate),
        Criterion(
            .en301549, "5.2", "Activation of accessibility features", .partly,
            "The keys 2 (slower) and 3 (the other language) work, but the call never names them; a site can ask for both from the start. A text "
                + "telephone needs `rendition` from the site: the person called cannot switch it on.",
            evidence: "speakcode 123456 --pacing slow", .slower),
        Criterion(
            .en301549, "6.1", "Audio bandwidth for speech", .partly,
            "Files and streams at 16 kHz and above; calls of its own over SIP are G.711, up to 3.4 kHz.",
            evidence: "speakcode 123456 --sample-rate 16000 -o code.wav", .wideband),
        Criterion(
            .en301549, "6.2.1.1", "RTT communication", .partly,
            "One way: text is sent in each call over SIP (but with `sipText=false`), and what comes back is thrown away unread. No way for it was "
                + "found at Twilio, Telnyx, Vonage, Plivo and Asterisk's PJSIP.",
            evidence: texts),
        Criterion(
            .en301549, "6.2.1.2", "Concurrent voice and text", .partly,
            "Voice and text are sent together in one call; neither is taken from the person called.", evidence: texts),
        Criterion(
            .en301549, "6.2.2.1 to 6.2.2.4", "Display of RTT", .notApplicable,
            "The telephone shows it; this end reads no text."),
        Criterion(
            .en301549, "6.2.3", "Interoperability", .partly,
            "RFC 4103 over SIP, V.18 annex A over the telephone network. Linphone, minimodem and spandsp read them; no mobile telephone "
                + "and no text telephone of a known maker was tried.",
            evidence: texts, .textTelephone),
        Criterion(
            .en301549, "6.2.4", "RTT responsiveness", .notApplicable,
            "Nobody types here. Text that is made begins a second behind the answer, since who takes a call may not listen yet, and then "
                + "comes at most nine characters each 300 ms."),
        Criterion(
            .en301549, "6.3", "Caller ID", .notApplicable, "As 412.6."),
        Criterion(
            .en301549, "6.4", "Alternatives to voice-based services", .partly,
            "Text telephone and real-time text where the line has them, and an app's code (`--totp-uri`). Elsewhere the site must offer "
                + "another way than a call.",
            evidence: texts, .textTelephone),
        Criterion(
            .en301549, "7.1.2", "Captioning synchronization", .notApplicable,
            "There is no video. Captions of audio: WCAG 1.2.1."),
        Criterion(
            .en301549, "9", "Web", .partly,
            "As the rows of WCAG above, of which 2.2.1 is partly met. The demo's pages were looked at with axe and used by keyboard alone; "
                + "samples/index.html and docs/intelligibility/heard/index.html were not. No screen reader was used.",
            evidence: demo),
        Criterion(
            .en301549, "11", "Software", .not,
            "The command line was not evaluated. It is text in and text out, without colour or movement that is needed."
        ),
        Criterion(
            .en301549, "12.1.1", "Accessibility and compatibility features", .supports, "As 602.2.",
            evidence: "docs/accessibility.md"),
        Criterion(
            .en301549, "12.1.2", "Accessible documentation", .partly, "As 602.3.", evidence: "man docs/speakcode.1"),
        Criterion(
            .en301549, "12.2", "Support services", .partly,
            "Questions are answered in issues, in writing only; docs/accessibility.md lists the features.",
            evidence: "docs/accessibility.md"),
        Criterion(
            .en301549, "13.1", "Relay services requirements", .notApplicable, "It is no relay."),
        Criterion(
            .en301549, "13.2", "Access to relay services", .partly,
            "Nothing in a spoken call stands in a relay's way; none was tried. The operator must press 1 within five requests where the gate is "
                + "asked for, is not told of the keys for again and slower, and hears the code.",
            evidence: "speakcode 123456 --pacing slow", .slower, .repetition),
        Criterion(
            .en301549, "13.3", "Access to emergency services", .notApplicable, "Nobody calls out with it."),
    ]
}
