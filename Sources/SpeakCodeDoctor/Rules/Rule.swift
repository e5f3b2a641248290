// SPDX-License-Identifier: GPL-3.0-or-later

/// One thing that a gateway needs from a URL.
struct Rule: Sendable {
    let id: RuleID
    /// What is needed.
    let need: String
    /// Why, with how that is known: measured, read in the source, or documented.
    let why: String
    /// What to do where it fails.
    let remedy: String
    let judge: @Sendable (Visit) -> Verdict

    init(
        _ id: RuleID, needs need: String, because why: String, remedy: String,
        judge: @escaping @Sendable (Visit) -> Verdict
    ) {
        self.id = id
        self.need = need
        self.why = why
        self.remedy = remedy
        self.judge = judge
    }

    /// A rule that looks at the answer to the gateway's GET, where its status is 2xx.
    static func ofAnswer(
        _ id: RuleID, needs need: String, because why: String, remedy: String,
        judge: @escaping @Sendable (Answer, Visit) -> Verdict
    ) -> Rule {
        Rule(id, needs: need, because: why, remedy: remedy) { visit in
            guard let answer = visit.answer(.get) else { return .notApplicable("it was not asked, or not answered") }
            guard answer.isSuccess else { return .notApplicable("the status is \(answer.status)") }
            return judge(answer, visit)
        }
    }

    /// A rule that looks at a body that is there whole.
    static func ofBody(
        _ id: RuleID, needs need: String, because why: String, remedy: String,
        judge: @escaping @Sendable (Answer, Visit) -> Verdict
    ) -> Rule {
        ofAnswer(id, needs: need, because: why, remedy: remedy) { answer, visit in
            answer.isWhole ? judge(answer, visit) : .notApplicable("the body is not whole")
        }
    }

    /// A rule that looks at the header of a WAV file.
    static func ofWave(
        _ id: RuleID, needs need: String, because why: String, remedy: String,
        judge: @escaping @Sendable (WaveHeader) -> Verdict
    ) -> Rule {
        ofBody(id, needs: need, because: why, remedy: remedy) { answer, _ in
            WaveHeader(answer.body).map(judge) ?? .notApplicable("not a WAV file")
        }
    }
}

/// What a rule found, in words without a secret.
enum Verdict: Sendable, Hashable {
    case pass(String)
    case warning(String)
    case fail(String)
    case notApplicable(String)

    static func require(_ isMet: Bool, _ observed: String) -> Verdict { isMet ? .pass(observed) : .fail(observed) }
}

/// The names of the checks: they stay as they are, for those who read them from JSON.
enum RuleID: String, Sendable {
    case answer
    case redirect
    case status
    case headStatus = "head-status"
    case wholeBody = "whole-body"
    case contentEncoding = "content-encoding"
    case urlLength = "url-length"
    case urlScheme = "url-scheme"
    case urlCharacters = "url-characters"
    case urlQuery = "url-query"
    case urlDots = "url-dots"
    case `extension`
    case contentType = "content-type"
    case contentTypeParameters = "content-type-parameters"
    case format
    case headerLines = "header-lines"
    case duplicateHeaders = "duplicate-headers"
    case contentLength = "content-length"
    case chunked
    case headBody = "head-body"
    case headEqualsGet = "head-equals-get"
    case etag
    case notModified = "not-modified"
    case revalidation
    case validators
    case freshness
    case maxAge = "max-age"
    case acceptRanges = "accept-ranges"
    case rangeFromZero = "range-from-zero"
    case rangeFirstBytes = "range-first-bytes"
    case rangesAssemble = "ranges-assemble"
    case rangeUnsatisfiable = "range-unsatisfiable"
    case ifRange = "if-range"
    case sameBytes = "same-bytes"
    case concurrent
    case size
    case duration
    case timeToWhole = "time-to-whole"
    case unknownPath = "unknown-path"
    case wavEncoding = "wav-encoding"
    case wavRate = "wav-rate"
    case wavHeader = "wav-header"
    case wavSizes = "wav-sizes"
    case wavData = "wav-data"
    case wavTail = "wav-tail"
    case endless
    case sound
}
