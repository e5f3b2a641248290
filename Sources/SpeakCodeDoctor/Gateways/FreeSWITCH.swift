// SPDX-License-Identifier: GPL-3.0-or-later

extension Gateway {
    /// FreeSWITCH 1.10: `playback(http://…)`, mod_httapi.
    static let modHTTAPI = Gateway(
        id: "mod_httapi",
        plan: [
            Stage(.head, Request(.head, httapiHeaders)),
            Stage(.get) { visit in
                // For any other answer to HEAD it says "unreachable" and does not ask on.
                visit.answer(.head)?.status == 200 ? Request(.get, httapiHeaders) : nil
            },
        ],
        rules: [
            .answer,
            .redirect(at: .head, because: "mod_httapi follows them, for HEAD and once more for GET (measured)"),
            .status(
                .headStatus, at: .head,
                because: "mod_httapi asks HEAD first, and plays nothing for 405, 501, 404, 201 or 206 (measured)"),
            .status(because: "mod_httapi plays nothing for another status (measured)"),
            .wholeBody(because: "mod_httapi plays a body that ends early as far as it goes (measured)"),
            .contentEncoding(because: "mod_httapi asks for none (measured)"),
            .freeSWITCHExtension(stripsParameters: false), .freeSWITCHFormat, .headEqualsGet, .validators,
        ])

    private static let httapiHeaders: [Request.Header] = [
        .host, "User-Agent: mod_httapi/1.0", "Accept: */*", "Cookie:",
    ]

    /// FreeSWITCH 1.10: `playback(http_cache://http://…)`, mod_http_cache.
    static let modHTTPCache = Gateway(
        id: "mod_http_cache",
        plan: [
            Stage(.get, Request(.get, [.host, "User-Agent: freeswitch-http-cache/1.0", "Accept: */*"]))
        ],
        rules: [
            .answer, .redirect(because: "mod_http_cache follows them (read in the source)"),
            .status(
                accepting: "200, or another 2xx", because: "mod_http_cache fails from 400 on (measured)",
                where: { (200...299).contains($0) && $0 != 204 && $0 != 205 }),
            .wholeBody(because: "mod_http_cache rejects bodies that end early (measured)"),
            .contentEncoding(because: "mod_http_cache asks for none (measured)"),
            .freeSWITCHExtension(stripsParameters: true), .freeSWITCHFormat, .maxAge,
        ])
}
