// SPDX-License-Identifier: GPL-3.0-or-later

extension Gateway {
    /// rtpengine 10.5: `play media` with a URL, through libavformat.
    static let rtpengine = Gateway(
        id: "rtpengine",
        plan: [
            Stage(
                .get,
                Request(
                    .get,
                    [
                        "User-Agent: Lavf/59.27.100", "Accept: */*", "Range: bytes=0-", "Connection: close", .host,
                        "Icy-MetaData: 1",
                    ]))
        ],
        rules: [
            .answer, .redirect(because: "libavformat follows them (read in the source)"),
            .status(
                accepting: "200 or 206",
                because: "rtpengine's libavformat asks with a range, and takes 200 too (measured)",
                where: { $0 == 200 || $0 == 206 }),
            .rangeFromZero,
            .wholeBody(because: "rtpengine plays while it downloads, as far as it comes (measured)"),
            .contentEncoding(because: "libavformat asks for none (measured)"),
            .format(goesByType: false, because: "libavformat looks into the body (measured)"),
        ])

    /// Safari's `<audio>`.
    static let safari = Gateway(
        id: "safari",
        plan: [
            Stage(.firstTwoBytes, safariRequest("bytes=0-1")),
            // Safari asks in ranges only; the whole is there to hold them against.
            Stage(.get, safariRequest(nil)),
            Stage(.firstPart) { visit in
                visit.partedLength.map { safariRequest("bytes=0-\($0 / 2 - 1)") }
            },
            Stage(.secondPart) { visit in
                visit.partedLength.map { safariRequest("bytes=\($0 / 2)-\($0 - 1)") }
            },
            Stage(.pastTheEnd) { visit in visit.partedLength.map { safariRequest("bytes=\($0)-") } },
            Stage(.ifRangeSame) { visit in
                visit.partedLength != nil ? visit.strongTag.map { safariRequest("bytes=0-1", if: $0) } : nil
            },
            Stage(.ifRangeOther) { visit in
                visit.partedLength != nil
                    ? visit.strongTag.map { _ in safariRequest("bytes=0-1", if: "\"other\"") } : nil
            },
        ],
        rules: [
            .answer, .redirect(at: .firstTwoBytes, because: "Safari follows them (documented)"),
            .acceptRanges, .rangeFirstBytes, .rangesAssemble, .rangeUnsatisfiable, .ifRange,
        ])

    private static func safariRequest(_ range: String?, if tag: String? = nil) -> Request {
        let agent = "AppleCoreMedia/1.0.0.21F90 (iPhone; U; CPU OS 17_5_1 like Mac OS X; en_us)"
        return Request(
            .get,
            [.host] + (range.map { [Request.Header("Range", $0)] } ?? [])
                + (tag.map { [Request.Header("If-Range", $0)] } ?? [])
                + [
                    "Accept: */*", Request.Header("User-Agent", agent), "Accept-Language: en-US,en;q=0.9",
                    "Accept-Encoding: identity", "Connection: keep-alive",
                ])
    }
}

extension Visit {
    /// The length of the whole, where the server knows ranges and there are parts to ask for.
    fileprivate var partedLength: Int? {
        guard answer(.firstTwoBytes)?.status == 206, let whole = answer(.get), whole.isSuccess, whole.isWhole,
            whole.body.count >= 4
        else { return nil }
        return whole.body.count
    }

    fileprivate var strongTag: String? {
        answer(.get)?.value("ETag").flatMap { $0.hasPrefix("\"") ? $0 : nil }
    }
}
