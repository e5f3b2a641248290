// SPDX-License-Identifier: GPL-3.0-or-later

// An audio without an end, such as the service's `live.mp3`.
extension Gateway {
    /// Those who can play it, and a word about those who cannot.
    ///
    /// - Parameter gateways: those that were asked for.
    static func endless(of gateways: [Gateway]) -> [Gateway] {
        let asked = Set(gateways.map(\.id))
        return ([listener, rtpengineListener] + filePlayers + [safariListener]).filter { asked.contains($0.id) }
    }

    /// What is right for all who play while they fetch.
    private static let listener = Gateway(
        id: every.id,
        plan: [
            Stage(.head, Request(.head, listenerHeaders)),
            Stage(.get, Request(.get, listenerHeaders).listening),
        ],
        rules: [
            .answer, .status(because: "whoever plays while it fetches takes 200"),
            .status(.headStatus, at: .head, because: "HEAD is how a player learns the type without listening"),
            .headBody, .contentTypeParameters, .duplicateHeaders, .goesOn, .sound, .soundFormat,
        ])

    private static let listenerHeaders: [Request.Header] = [
        .host, "User-Agent: speakcode-doctor", "Accept: */*", "Connection: close",
    ]

    private static let rtpengineListener = Gateway(
        id: rtpengine.id,
        plan: [
            Stage(
                .get,
                Request(
                    .get,
                    [
                        "User-Agent: Lavf/59.27.100", "Accept: */*", "Range: bytes=0-", "Connection: close", .host,
                        "Icy-MetaData: 1",
                    ]
                ).listening)
        ],
        rules: [
            .answer,
            .status(because: "libavformat asks with a range, and takes an endless answer as 200 (measured)"), .goesOn,
            .sound,
        ])

    /// They fetch to the end, and play then.
    private static let filePlayers: [Gateway] = [
        (asterisk.id, "Asterisk downloads a file before it plays it: the caller hears nothing for 180 s (measured)"),
        (modHTTAPI.id, "mod_httapi downloads a file before it plays it: nothing is heard for 597 s (measured)"),
        (modHTTPCache.id, "mod_http_cache downloads a file before it plays it, for up to 300 s (read in the source)"),
        (twilio.id, "Twilio fetches a file before it plays it (documented)"),
        (sinch.id, "Sinch takes 1 MB at most (documented)"),
    ].map { id, why in
        Gateway(
            id: id, plan: [],
            rules: [
                .needsEnd(
                    because: why,
                    remedy: "Give it the link to a file, which ends in .wav and not in live.wav, and let it loop.")
            ])
    }

    private static let safariListener = Gateway(
        id: safari.id, plan: [],
        rules: [
            .needsEnd(
                because:
                    "Safari asks for the first two bytes, to learn from the 206 how many there are; an endless audio has "
                    + "no such number (read in RFC 9110, section 14.4; how Safari takes 200 depends on its version)",
                remedy: "Give it the link that ends in .mp3 or .wav, and write <audio loop>.")
        ])
}

extension Rule {
    fileprivate static func needsEnd(because why: String, remedy: String) -> Rule {
        Rule(.endless, needs: "an audio with an end", because: why, remedy: remedy) { _ in .warning("it has none") }
    }

    fileprivate static let goesOn = Rule.ofAnswer(
        .endless, needs: "an audio that goes on until the listener hangs up",
        because: "its headers or its name say so",
        remedy: "Look into the service's log: the request's line says how many readings were sent, and who hung up."
    ) { answer, visit in
        switch answer.ending {
        case .timedOut, .tooLarge: .pass("it goes on after \(visit.limits.listening.milliseconds) ms")
        case .malformed(let problem): .fail(problem)
        case .whole, .cut: .fail("it ended after \(answer.body.count) bytes")
        }
    }

    fileprivate static let sound = Rule.ofAnswer(
        .sound, needs: "sound from the first second on",
        because: "whoever listens hears what has come, and a proxy that buffers holds it back",
        remedy: "Have the proxy pass on what it gets as it comes (nginx: proxy_buffering off)."
    ) { answer, visit in
        guard !answer.body.isEmpty else { return .fail("none in \(visit.limits.listening.milliseconds) ms") }
        let observed = "the first byte after \(answer.firstByte.milliseconds) ms"
        return answer.firstByte > visit.limits.slow ? .warning(observed) : .pass(observed)
    }

    fileprivate static let soundFormat = Rule.ofAnswer(
        .format, needs: "a body that is what its Content-Type says",
        because: "players decode what the type says, or look into the body",
        remedy: "Send audio with its type; where it is a page, the URL leads to something else than the audio."
    ) { answer, _ in
        let kind = BodyKind(answer.body)
        guard kind != .empty else { return .notApplicable("nothing has come") }
        guard kind != .text else { return .fail("it is \(kind.rawValue)") }
        guard let type = answer.value("Content-Type").map(MediaType.init),
            let expected = BodyKind.expected(forType: type.essence)
        else { return .pass(kind.rawValue) }
        return .require(
            expected.contains(kind), kind.rawValue + (expected.contains(kind) ? "" : " behind \(type.shown)"))
    }
}
