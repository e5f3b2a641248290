// SPDX-License-Identifier: GPL-3.0-or-later

public import HTTPTypes
internal import SpeakCodeGateways

/// What is wrong with a request, as problem details (RFC 9457).
///
/// A detail names the field and says what to do; it never repeats a value, which may be a code.
public struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
    /// The status of an answer that tells of it.
    public let status: HTTPResponse.Status
    /// A stable word for programs; the type is `urn:speakcode:problem:` and this.
    public let kind: String
    /// What is wrong, and what to do.
    public let detail: String
    /// The field of the request's body, such as `pacing.rate`.
    public private(set) var field: String?
    /// Seconds after which the request may do better.
    public private(set) var retryAfter: Int?
    /// The methods that the address takes.
    var allowed: [HTTPRequest.Method] = []

    init(
        _ status: HTTPResponse.Status, _ kind: String, _ detail: String, field: String? = nil, retryAfter: Int? = nil,
        allowed: [HTTPRequest.Method] = []
    ) {
        self.allowed = allowed
        self.status = status
        self.kind = kind
        self.detail = detail
        self.field = field
        self.retryAfter = retryAfter
    }

    /// The field, and what is wrong with it.
    public var description: String { field.map { "\($0) \(detail)" } ?? detail }

    /// A field that cannot be taken.
    static func field(_ field: String, _ detail: String) -> Problem {
        Problem(.unprocessableContent, "invalid-field", detail, field: field)
    }

    /// Every link that no key of ours has sealed, whatever is wrong with it.
    static let noSuchLink = Problem(.notFound, "no-such-link", "there is nothing at this address")
    static let noSuchRoute = Problem(
        .notFound, "no-such-route", "there is nothing at this address; /openapi.yaml lists what there is")
    static let failed = Problem(.internalServerError, "failed", "the service failed; its log says more")
    static let expired = Problem(.gone, "link-expired", "the link has expired; ask for a new announcement")

    static let tooSlow = Problem(
        .serviceUnavailable, "too-slow", "the answer could not be made in time; try again", retryAfter: 2)
    static let tooManyListeners = Problem(
        .serviceUnavailable, "too-many-listeners", "as many are listening as this service takes", retryAfter: 5)

    static let tooManyOfOne = Problem(
        .tooManyRequests, "too-many-of-one",
        "as many are listening by this link, or from this address, as this service takes of one", retryAfter: 5)
    static let tooManyWaiting = Problem(
        .tooManyRequests, "too-many-waiting",
        "as many calls of this caller wait for AudioSocket as may; they wait until they expire", retryAfter: 60)
    static let ending = Problem(
        .serviceUnavailable, "ending", "the service ends and takes nothing new; ask again, of another replica",
        retryAfter: 1)

    /// Endless audio for who plays nothing before the last byte: the call would be silent for minutes.
    static let endless = Problem(
        .notAcceptable, "endless",
        "this audio has no end, and what asks fetches all of it before it plays it: take the link that ends in .wav")

    /// What the parser of requests cannot read.
    package static let noHTTP = Problem(.badRequest, "no-http", "what was sent is no request of HTTP/1.1")
    /// A method that is none of HTTP's, or is written in small letters, as mod_httapi sends `method=post`.
    package static let unknownMethod = Problem(
        .notImplemented, "unknown-method",
        "there is no such method; methods are written in capital letters: POST and not post")
    package static let noHost = Problem(.badRequest, "no-host", "a request of HTTP/1.1 has one Host header")
    static let unknownHost = Problem(
        .badRequest, "no-host",
        "the request names no host that a link could begin with: send the service's own in Host, as an A-label where its name has other letters than ASCII"
    )
    package static let longHead = Problem(
        .requestHeaderFieldsTooLarge, "head-too-long",
        "a request's head must have at most 100 fields, 8 KiB in one and 16 KiB in all")

    private struct Details: Encodable {
        let type: String
        let title: String
        let status: Int
        let detail: String
        let field: String?
    }

    var response: Response {
        let details = Details(
            type: "urn:speakcode:problem:\(kind)", title: status.reasonPhrase, status: status.code, detail: detail,
            field: field)
        // Texts and numbers always encode.
        let body = (try? JSONDocument.encode(details)) ?? []
        var headers: HTTPFields = [.contentType: "application/problem+json", .cacheControl: "no-store"]
        if let retryAfter { headers[.retryAfter] = String(retryAfter) }
        if !allowed.isEmpty { headers[.allow] = allowed.map(\.rawValue).joined(separator: ", ") }
        if status == .unauthorized { headers[.wwwAuthenticate] = "Bearer" }
        // RFC 9110, section 15.5.22; RFC 6455, section 4.4.
        if status == .upgradeRequired {
            headers[.upgrade] = "websocket"
            headers[.secWebSocketVersion] = "13"
        }
        return Response(status: status, headers: headers, bytes: body)
    }
}
