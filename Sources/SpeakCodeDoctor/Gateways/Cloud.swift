// SPDX-License-Identifier: GPL-3.0-or-later

extension Gateway {
    /// Twilio's `<Play>`; its headers beside the type are not known, so it asks without.
    static let twilio = Gateway(
        id: "twilio",
        plan: [
            Stage(.get, twilioGet),
            Stage(.revalidate) { visit in
                guard let answer = visit.answer(.get), answer.isSuccess, let tag = answer.value("ETag") else {
                    return nil
                }
                return Request(.get, twilioGet.headers + [Request.Header("If-None-Match", tag)])
            },
        ],
        rules: [
            .answer, .redirect(because: "whether Twilio follows them is not known"),
            .status(because: "Twilio: other statuses end the call with an error (documented)"),
            .wholeBody(because: "a body that ends early is heard in part, or not at all"),
            .contentEncoding(because: "Twilio takes audio as it stands"),
            .contentType(
                [
                    "audio/mpeg", "audio/wav", "audio/wave", "audio/x-wav", "audio/aiff", "audio/x-aifc",
                    "audio/x-aiff",
                    "audio/gsm", "audio/x-gsm", "audio/ulaw",
                ],
                because:
                    "Twilio: a type that is not on its list is error 12300 or 13420, none at all 502 (documented); "
                    + "audio/basic and audio/L16 are not on it"),
            .format(goesByType: true, because: "Twilio decodes what the type says (documented)"),
            .notModified(
                .notModified, "GET", because: "Twilio keeps audio by ETag, and asks again with it (documented)"),
        ])

    private static let twilioGet = Request(.get, [.host, "User-Agent: TwilioProxy/1.1", "Accept: */*"])

    /// Sinch, whose limits are the narrowest of the cloud's.
    static let sinch = Gateway(
        id: "sinch",
        plan: [Stage(.get, Request(.get, [.host, "User-Agent: speakcode-doctor", "Accept: */*"]))],
        rules: [
            .answer, .redirect(isFatal: true, because: "Sinch follows none (documented)"),
            .status(because: "what has no audio is not played"),
            .wholeBody(because: "a body that ends early is heard in part, or not at all"),
            .contentEncoding(because: "Sinch takes audio as it stands"),
            .contentType(nil, because: "Sinch, as Bandwidth, goes by the Content-Type (documented)"), .size,
        ])

    /// What is right for all of them; it asks as none of them does, for the server to close, to see all that it sends.
    static let every = Gateway(
        id: "every",
        plan: [
            Stage(.head, Request(.head, everyHeaders)),
            Stage(.get, Request(.get, everyHeaders)),
            Stage(.unknownPath) { visit in
                Request(.get, target: visit.url.unknownTarget, everyHeaders)
            },
        ],
        rules: [
            .urlLength, .urlQuery, .urlDots, .answer,
            .status(because: "mod_httapi takes no other (measured), and whoever takes more takes 200 as well"),
            .duplicateHeaders, .contentLength, .chunked, .headBody, .contentTypeParameters, .etag, .wavData, .wavSizes,
            .duration, .unknownPath,
        ])

    private static let everyHeaders: [Request.Header] = [
        .host, "User-Agent: speakcode-doctor", "Accept: */*", "Connection: close",
    ]
}
