// SPDX-License-Identifier: GPL-3.0-or-later

// Rules about whether an audio comes at all, and whole.
extension Rule {
    static let answer = Rule(
        .answer, needs: "an answer to every request",
        because: "what has no answer is not played",
        remedy: "Look into the service's log: it, or a proxy before it, refuses or drops some of the requests."
    ) { visit in
        guard let error = visit.failures.first else { return .pass("every request was answered") }
        return .fail("\(visit.failures.count) without an answer: \(error)")
    }

    static func redirect(at step: Step = .get, isFatal: Bool = false, because why: String) -> Rule {
        Rule(
            .redirect, needs: "no redirect", because: why,
            remedy: "Give the gateway the URL that answers 200 itself, and run the doctor on that one."
        ) { visit in
            guard let answer = visit.answer(step) else { return .notApplicable("it was not asked") }
            guard answer.isRedirect else { return .pass("none") }
            let observed = "\(answer.status), not followed here, so the rest was not looked at"
            return isFatal ? .fail(observed) : .warning(observed)
        }
    }

    /// - Parameter accepted: the statuses that the gateway takes, in words.
    static func status(
        _ id: RuleID = .status, at step: Step = .get, accepting accepted: String = "200", because why: String,
        where isAccepted: @escaping @Sendable (Int) -> Bool = { $0 == 200 }
    ) -> Rule {
        let method = id == .headStatus ? "HEAD" : "GET"
        return Rule(
            id, needs: "status \(accepted) for \(method)", because: why,
            remedy: "Answer \(method) with 200 where there is an audio; where the status is 401, 403, 404 or 410, "
                + "the link is wrong or has expired."
        ) { visit in
            guard let answer = visit.answer(step) else { return .notApplicable("it was not asked") }
            guard !answer.isRedirect else { return .notApplicable("a redirect") }
            return .require(isAccepted(answer.status), "\(answer.status)")
        }
    }

    static func wholeBody(because why: String) -> Rule {
        Rule.ofAnswer(
            .wholeBody, needs: "a body that is there to its end", because: why,
            remedy:
                "Send as many bytes as Content-Length says, or the last chunk; look for a worker or a proxy that ends "
                + "responses early."
        ) { answer, _ in
            switch answer.ending {
            case .whole: .pass("\(answer.body.count) bytes")
            case .cut(let missing?): .fail("it ended \(missing) bytes too early")
            case .cut(missing: nil): .fail("it ended before the last chunk")
            case .timedOut: .fail("it did not end in time, after \(answer.body.count) bytes")
            case .tooLarge: .fail("it is larger than \(answer.body.count) bytes")
            case .malformed(let problem): .fail(problem)
            }
        }
    }

    static func contentEncoding(because why: String) -> Rule {
        Rule.ofAnswer(
            .contentEncoding, needs: "no Content-Encoding", because: why,
            remedy: "Turn compression off for audio (nginx: gzip off; or leave audio types out of gzip_types)."
        ) { answer, _ in
            let encodings = answer.values("Content-Encoding").filter { $0.lowercased() != "identity" }
            return .require(encodings.isEmpty, encodings.isEmpty ? "none" : "it is encoded, though nobody asked for it")
        }
    }

    static let contentLength = Rule.ofBody(
        .contentLength, needs: "one Content-Length, and a body of that length",
        because: "Asterisk and mod_http_cache reject a body of another length, and mod_httapi compares it before it "
            + "plays an old file again (measured)",
        remedy: "Send Content-Length: an announcement's length is known before its first byte."
    ) { answer, _ in
        switch answer.framing {
        case _ where answer.values("Content-Length").count > 1: .fail("there are several")
        case .contentLength(let length):
            .require(
                answer.surplus == 0, answer.surplus == 0 ? "\(length)" : "\(answer.surplus) bytes follow behind it")
        case .chunked: .notApplicable("chunked")
        case .untilClose, .none: .fail("there is none; the end is the end of the connection")
        }
    }

    static let chunked = Rule.ofAnswer(
        .chunked, needs: "no chunked body",
        because:
            "Asterisk plays chunked bodies (measured); of Twilio it is not known; a length that is told beforehand "
            + "is right for all",
        remedy:
            "Send Content-Length in place of Transfer-Encoding (nginx: proxy_buffering on, or a service that sets it)."
    ) { answer, _ in
        .require(answer.framing != .chunked, answer.framing == .chunked ? "it is chunked" : "it is not")
    }

    static let headerLines = Rule(
        .headerLines, needs: "header lines of at most 1,023 bytes",
        because: "Asterisk 22 res_http_media_cache: more than 1,023 bytes in a header line abort the fetch (measured)",
        remedy:
            "Shorten the line: cookies, Content-Security-Policy and Link are the usual ones; leave them out for audio."
    ) { visit in
        let longest = (visit.answers(.get) + visit.answers(.revalidate)).map(\.longestLine).max()
        guard let longest else { return .notApplicable("it was not asked") }
        return .require(longest <= 1023, "the longest has \(longest) bytes")
    }

    static let duplicateHeaders = Rule.ofAnswer(
        .duplicateHeaders, needs: "each header once",
        because: "which of two is taken differs between libcurl, libavformat and proxies",
        remedy: "Set the header in one place: the service or the proxy (nginx: proxy_hide_header)."
    ) { answer, _ in
        let doubled = ["Content-Type", "Content-Range", "ETag", "Last-Modified", "Expires", "Accept-Ranges"].filter {
            answer.values($0).count > 1
        }
        return .require(doubled.isEmpty, doubled.isEmpty ? "none is doubled" : doubled.joined(separator: ", "))
    }

    static let headBody = Rule(
        .headBody, needs: "no body behind the answer to HEAD",
        because:
            "RFC 9110, section 9.3.2: mod_httapi asks HEAD first, and what follows would be read as another answer",
        remedy: "Send the headers of GET and nothing else."
    ) { visit in
        guard let answer = visit.answer(.head) else { return .notApplicable("it was not asked") }
        return .require(answer.surplus == 0, answer.surplus == 0 ? "none" : "\(answer.surplus) bytes")
    }

    static let headEqualsGet = Rule.ofAnswer(
        .headEqualsGet, needs: "the same ETag, Last-Modified, Content-Length and Content-Type for HEAD and GET",
        because: "FreeSWITCH mod_httapi: it plays the old file again where those of HEAD are unchanged (measured)",
        remedy: "Make the headers in one place for both methods (many frameworks leave Content-Length out of HEAD)."
    ) { answer, visit in
        guard let head = visit.answer(.head), head.isSuccess else { return .notApplicable("HEAD has no 2xx status") }
        let different = ["ETag", "Last-Modified", "Content-Length", "Content-Type"].filter {
            head.values($0) != answer.values($0)
        }
        return .require(
            different.isEmpty, different.isEmpty ? "the same" : "different: " + different.joined(separator: ", "))
    }

    static let sameBytes = Rule.ofAnswer(
        .sameBytes, needs: "the same bytes each time",
        because: "Asterisk asks twice where the first answer fails, and again when it is stale (measured)",
        remedy:
            "Make the audio deterministic, and let a link be fetched several times: a link that is spent by its first "
            + "fetch fails."
    ) { answer, visit in
        guard let again = visit.answer(.getAgain) else { return .notApplicable("it was not asked") }
        guard again.status == answer.status else { return .fail("the second status is \(again.status)") }
        guard again.isWhole, answer.isWhole else { return .notApplicable("the body is not whole") }
        return .require(
            again.body == answer.body, again.body == answer.body ? "the same" : "the second body is another")
    }

    static let concurrent = Rule.ofAnswer(
        .concurrent, needs: "six callers at the same time",
        because: "Asterisk fetches a stale URL once for each caller, at the same time (measured with six)",
        remedy:
            "Raise the limit of connections or requests for each client: all calls come from the gateway's one address."
    ) { answer, visit in
        let answers = visit.answers(.concurrent)
        guard answer.isWhole else { return .notApplicable("the body is not whole") }
        let good = answers.count { $0.status == answer.status && $0.isWhole }
        let statuses = Set(answers.map(\.status)).subtracting([answer.status]).sorted().map { "\($0)" }
        return .require(
            good == concurrentCallers,
            "\(good) of \(concurrentCallers) got it"
                + (statuses.isEmpty ? "" : "; others \(statuses.joined(separator: ", "))"))
    }

    static let concurrentCallers = 6

    static let unknownPath = Rule(
        .unknownPath, needs: "an error status for a path that there is not",
        because: "what comes with 200 is taken for audio and kept: the caller hears noise, or nothing, for as long",
        remedy: "Answer 404 without a body of HTML (nginx: no try_files to index.html for this location)."
    ) { visit in
        guard let answer = visit.answer(.unknownPath) else { return .notApplicable("it was not asked") }
        return .require((400...599).contains(answer.status), "\(answer.status)")
    }

    static let size = Rule.ofBody(
        .size, needs: "less than 1 MB",
        because: "Sinch: 1 MB at most, about 62 s at 8 kHz and 16 bits; Entra: 1 MB (documented)",
        remedy: "Have fewer readings in the audio, and let the gateway loop."
    ) { answer, _ in
        .require(answer.body.count < 1_000_000, "\(answer.body.count) bytes")
    }

    static let timeToWhole = Rule.ofBody(
        .timeToWhole, needs: "the last byte soon",
        because: "Asterisk plays nothing before the last byte: a body sent over 3 s is heard after 2.86 s (measured)",
        remedy: "Send the body as fast as the connection takes it, never in real time; stand near the gateway."
    ) { answer, visit in
        let observed = "\(answer.lastByte.milliseconds) ms, the first byte after \(answer.firstByte.milliseconds) ms"
        return answer.lastByte > visit.limits.slow ? .warning(observed) : .pass(observed)
    }
}

extension Duration {
    var milliseconds: Int { Int((self / .milliseconds(1)).rounded()) }
}
