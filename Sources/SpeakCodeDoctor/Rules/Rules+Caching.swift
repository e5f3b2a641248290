// SPDX-License-Identifier: GPL-3.0-or-later

// Rules about validators, freshness and caches.
extension Rule {
    static let etag = Rule.ofAnswer(
        .etag, needs: "a strong ETag",
        because:
            "Asterisk asks HEAD in place of the whole file only where there was one (measured); If-Range takes no weak "
            + "one (RFC 9110, section 13.1.5)",
        remedy: "Send ETag: \"…\", the same for the same bytes, never made of the code (nginx: gzip makes it weak)."
    ) { answer, _ in
        guard let tag = answer.value("ETag") else { return .fail("there is none") }
        if tag.hasPrefix("W/") { return .fail("it is weak") }
        let isQuoted = tag.utf8.count > 2 && tag.hasPrefix("\"") && tag.hasSuffix("\"")
        return .require(isQuoted, isQuoted ? "strong" : "it has no quotation marks")
    }

    /// - Parameter method: how the gateway asks whether its copy is still right.
    static func notModified(_ id: RuleID, _ method: String, because why: String) -> Rule {
        Rule(
            id, needs: "304 for \(method) with If-None-Match", because: why,
            remedy: "Compare If-None-Match with the ETag for GET and for HEAD, and answer 304 without a body."
        ) { visit in
            guard let answer = visit.answer(.revalidate) else { return .notApplicable("there was no ETag to ask with") }
            guard answer.surplus == 0 else { return .fail("\(answer.status) with a body") }
            return .require(answer.status == 304, "\(answer.status)")
        }
    }

    static let validators = Rule.ofAnswer(
        .validators, needs: "an ETag or Last-Modified",
        because: "FreeSWITCH mod_httapi: without either, another audio of the same length is taken for the old one "
            + "(measured)",
        remedy: "Send a strong ETag."
    ) { answer, _ in
        let found = ["ETag", "Last-Modified"].filter { answer.value($0) != nil }
        return .require(!found.isEmpty, found.isEmpty ? "neither" : found.joined(separator: ", "))
    }

    static let freshness = Rule.ofAnswer(
        .freshness, needs: "max-age of a call or more, or an ETag that HEAD answers with 304",
        because: "Asterisk: callers who fetch one stale URL at the same time, 3 of 6 of them heard nothing (measured); "
            + "no-store and private are ignored, no-cache asks each time",
        remedy: "Send Cache-Control: max-age=60 or more, and a strong ETag."
    ) { answer, visit in
        let control = CacheControl(answer)
        if let age = control.age, age >= 60, !control.alwaysAsks { return .pass("fresh for \(age) s") }
        let isRevalidated = visit.answer(.revalidate)?.status == 304
        let observed =
            if control.alwaysAsks {
                "it is asked for each time"
            } else if let age = control.age {
                "it is fresh for \(age) s"
            } else if answer.value("Expires") != nil {
                "only Expires, which was not looked at"
            } else {
                "nothing says how long it is fresh"
            }
        return .require(
            isRevalidated, observed + (isRevalidated ? ", and HEAD says 304" : ", and then fetched whole"))
    }

    static let maxAge = Rule.ofAnswer(
        .maxAge, needs: "max-age of at most an hour in Cache-Control",
        because:
            "FreeSWITCH mod_http_cache honours max-age alone, neither no-store nor ETag, and keeps a URL for 86,400 s "
            + "without it (measured)",
        remedy: "Send Cache-Control: max-age=600, say, as long as the link is valid."
    ) { answer, _ in
        guard let age = CacheControl(answer).maxAge else {
            return .fail(answer.value("Cache-Control") == nil ? "no Cache-Control" : "Cache-Control without max-age")
        }
        return age > 3600 ? .warning("it is kept for \(age) s") : .pass("\(age) s")
    }
}

/// `Cache-Control` as gateways read it: they look for words.
private struct CacheControl {
    private let text: String

    init(_ answer: Answer) { text = answer.values("Cache-Control").joined(separator: ", ").lowercased() }

    var maxAge: Int? {
        // s-maxage has no hyphen before "age".
        number(behind: "max-age=")
    }

    /// Asterisk's: s-maxage first.
    var age: Int? { number(behind: "s-maxage=") ?? maxAge }

    var alwaysAsks: Bool { text.contains("no-cache") || text.contains("must-revalidate") }

    private func number(behind name: String) -> Int? {
        text.firstRange(of: name).flatMap { Int(text[$0.upperBound...].prefix { $0.isNumber }) }
    }
}
