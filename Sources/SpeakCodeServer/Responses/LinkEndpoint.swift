// SPDX-License-Identifier: GPL-3.0-or-later

internal import CoreMetrics
internal import FoundationEssentials
internal import HTTPTypes
internal import NIOCore
internal import SpeakCode

/// What a link gives: GET and HEAD of every representation.
struct LinkEndpoint: Sendable {
    /// What stands before the sealed text in a path.
    static let prefix = "/a/"

    let announcer: Announcer
    let keys: ServiceKeys
    let metrics: ServiceMetrics
    let calls: LiveCalls
    /// The `Cache-Control` of finite representations.
    let cacheControl: CachePolicy
    /// The longest duration of an endless representation.
    let longestLive: Duration

    /// Answers a request for a path behind ``prefix``.
    ///
    /// - Throws: ``Problem``, at once or later.
    func respond(
        to request: Request, _ path: Substring, _ entry: inout AccessLog.Entry, _ log: AccessLog
    ) throws -> Step {
        guard let (sealed, representation) = Representation.parse(path), let opened = keys.now.links.open(sealed) else {
            metrics.fetched("unknown", status: 404)
            throw Problem.noSuchLink
        }
        entry.route = Self.prefix + "*" + representation.suffix
        entry.link = log.digest(of: sealed)
        do {
            switch try respond(to: request, sealed, representation, opened) {
            case .now(let response):
                metrics.fetched(representation.name, status: response.status.code)
                return .now(response)
            case .later(let work):
                return .later {
                    do {
                        let response = try await work()
                        metrics.fetched(representation.name, status: response.status.code)
                        return response
                    } catch let problem as Problem {
                        metrics.fetched(representation.name, status: problem.status.code)
                        throw problem
                    }
                }
            }
        } catch let problem as Problem {
            metrics.fetched(representation.name, status: problem.status.code)
            throw problem
        }
    }

    /// An answer, or what is to be waited for.
    enum Step {
        case now(Response)
        case later(@Sendable () async throws -> Response)
    }

    private static var now: Int { Int(Date().timeIntervalSince1970) }

    private func respond(
        to request: Request, _ sealed: Substring, _ representation: Representation, _ opened: LinkKeyring.Opened
    ) throws -> Step {
        let announcement = opened.announcement
        guard announcement.expires > Self.now else { throw Problem.expired }
        if let script = try announcer.scriptAtHand(for: announcement) {
            return try respond(to: request, sealed, representation, opened, script)
        }
        return .later { [self] in
            let script = try await announcer.script(for: announcement)
            switch try respond(to: request, sealed, representation, opened, script) {
            case .now(let response): return response
            case .later(let response): return try await response()
            }
        }
    }

    private func respond(
        to request: Request, _ sealed: Substring, _ representation: Representation, _ opened: LinkKeyring.Opened,
        _ script: Script
    ) throws -> Step {
        let announcement = opened.announcement
        let tag = announcer.tag(of: sealed, representation, script, key: opened.key)
        let format: AudioFormat
        switch representation.kind {
        case .live(let format): return try live(request, representation, script, format)
        case .finite(let finite): format = finite
        case .captions: format = .wav()
        }
        let answer = { @Sendable (rendition: Rendition) in
            guard case .captions(let captions) = representation.kind else {
                return finite(request, representation, tag, announcement, rendition.byteCount) { range in
                    .slices(FrameBuffers(rendition.slices(in: range)))
                }
            }
            let text = ByteBuffer(string: Captions(of: rendition.timeline).text(as: captions))
            return finite(request, representation, tag, announcement, text.readableBytes) { range in
                .bytes(text.getSlice(at: range.lowerBound, length: range.count) ?? ByteBuffer())
            }
        }
        if let rendition = announcer.renditionAtHand(of: script, announcement, as: format, tag: tag) {
            return .now(answer(rendition))
        }
        return .later {
            answer(try await announcer.rendition(of: script, announcement, as: format, tag: tag))
        }
    }

    // MARK: Finite

    /// RFC 9110's answers to GET and HEAD of bytes whose number is known.
    private func finite(
        _ request: Request, _ representation: Representation, _ tag: String, _ announcement: Announcement,
        _ length: Int, _ body: (Range<Int>) -> Response.Body
    ) -> Response {
        // The bytes are as old as the link, or as the packs are here. A second is taken off, since the clock of the
        // answer's `Date` may lag by one (RFC 9110, section 8.8.2.1).
        let modified = max(announcement.issued, announcer.shelf.read) - 1
        var headers: HTTPFields = [
            .contentType: representation.contentType, .eTag: tag,
            .lastModified: HTTPDate.text(modified), .acceptRanges: "bytes",
            .cacheControl: cacheControl.text(age: announcement.expires - Self.now),
            .xContentTypeOptions: "nosniff",
        ]
        let outcome = Conditions.outcome(
            request.headers, method: request.method, tag: tag, modified: modified, length: length)
        let range: Range<Int>
        let status: HTTPResponse.Status
        switch outcome {
        case .notModified: return Response(status: .notModified, headers: headers)
        case .failed:
            let problem = Problem(
                .preconditionFailed, "precondition-failed", "the bytes are not those that were asked for")
            var response = problem.response
            response.headers[.eTag] = tag
            return response
        case .unsatisfiable:
            let problem = Problem(
                .rangeNotSatisfiable, "range-not-satisfiable", "the range begins behind the last of \(length) bytes")
            var response = problem.response
            response.headers[.contentRange] = "bytes */\(length)"
            response.headers[.eTag] = tag
            return response
        case .whole:
            (status, range) = (.ok, 0..<length)
        case .part(let part):
            (status, range) = (.partialContent, part)
            headers[.contentRange] = "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(length)"
        }
        return Response(status: status, headers: headers, body: body(range), contentLength: range.count)
    }

    // MARK: Live

    /// Readings until the listener hangs up, in real time.
    private func live(
        _ request: Request, _ representation: Representation, _ script: Script, _ format: AudioFormat
    ) throws -> Step {
        let headers: HTTPFields = [
            .contentType: representation.contentType, .cacheControl: "no-store", .acceptRanges: "none",
            .xContentTypeOptions: "nosniff",
        ]
        guard request.method == .get else { return .now(Response(status: .ok, headers: headers)) }
        return .later {
            let sound = try await announcer.sound(of: script, as: format)
            guard let place = calls.takePlace() else {
                throw Problem(
                    .serviceUnavailable, "too-many-listeners", "as many are listening as this service takes",
                    retryAfter: 5)
            }
            let call = LiveCall(sound: sound, longest: longestLive, metrics: metrics, place: place)
            return Response(status: .ok, headers: headers, body: .live(call))
        }
    }
}
