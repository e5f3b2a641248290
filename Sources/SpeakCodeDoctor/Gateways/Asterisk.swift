// SPDX-License-Identifier: GPL-3.0-or-later

extension Gateway {
    /// Asterisk 22: `Playback(http://…)`, res_http_media_cache.
    static let asterisk = Gateway(
        id: "asterisk",
        plan: [
            Stage(.get, asteriskGet),
            Stage(.revalidate) { visit in
                guard let answer = visit.answer(.get), answer.isSuccess, let tag = answer.value("ETag") else {
                    return nil
                }
                return Request(.head, asteriskGet.headers + [Request.Header("If-None-Match", tag)])
            },
            // What it does with a failing URL, in two languages, and with one that is stale and has no ETag.
            Stage(.getAgain, asteriskGet),
            Stage(.concurrent, count: Rule.concurrentCallers) { visit in
                visit.answer(.get)?.isSuccess == true ? asteriskGet : nil
            },
        ],
        rules: [
            .urlLengthForAsterisk, .urlScheme, .urlCharacters, .answer,
            .redirect(because: "Asterisk follows up to 8, each on a connection of its own (measured)"),
            .status(
                accepting: "200, or another 2xx with a body",
                because: "Asterisk: 201, 203 and 206 play, 204 is an empty file, all else fails (measured)",
                where: { (200...299).contains($0) && $0 != 204 && $0 != 205 }),
            .headerLines,
            .wholeBody(
                because: "Asterisk rejects a body that is shorter than told, or ends without a last chunk (measured)"),
            .contentEncoding(
                because: "Asterisk asks for none, and plays compressed bytes as noise (read in the source)"),
            .asteriskFormat, .wavEncoding, .wavRate, .wavHeader, .wavTail,
            .notModified(
                .revalidation, "HEAD",
                because:
                    "Asterisk asks HEAD with If-None-Match where it had an ETag, and fetches all again for any answer "
                    + "but 304 (measured)"),
            .freshness, .sameBytes, .concurrent, .timeToWhole,
        ])

    private static let asteriskGet = Request(
        .get, [.host, "User-Agent: asterisk-libcurl-agent/1.0", "Accept: */*"])
}
