// SPDX-License-Identifier: GPL-3.0-or-later

internal import CoreMetrics
internal import HTTPTypes
internal import SpeakCode
internal import SpeakCodeLinks

/// What a link gives: GET and HEAD of every representation.
package struct LinkEndpoint: Sendable {
    /// What stands before the sealed text in a path.
    package static let prefix = "/a/"

    let announcer: Announcer
    let keys: ServiceKeys
    let metrics: ServiceMetrics
    let calls: LiveCalls
    /// The `Cache-Control` of finite representations.
    let cacheControl: CachePolicy
    /// The longest duration of an endless representation.
    let longestLive: Duration
    let recent: ResponseCache
    let time: CalendarTime
    let steady: SteadyTime

    /// Answers a request for a path behind ``prefix``.
    ///
    /// - Throws: ``Problem``, at once or later.
    func respond(
        to request: Request, _ path: Substring, _ entry: inout AccessLog.Entry, _ log: AccessLog
    ) throws -> Answer {
        let name = String(path)
        if let fetch = recent[name], fetch.announcement.expires > time.now {
            (entry.route, entry.link) = (fetch.route, fetch.digest)
            return .now(counted(finite(request, fetch), fetch.representation))
        }
        let epoch = recent.epoch
        guard let (sealed, representation) = Representation.parse(path),
            let opened = keys.now.links.open(sealed, for: .audio),
            representation.isLive || !opened.announcement.changes
        else {
            metrics.fetched("unknown", status: 404)
            throw Problem.noSuchLink
        }
        let link = Link(
            path: name, sealed: sealed, representation: representation, opened: opened, epoch: epoch,
            route: Self.prefix + "*" + representation.suffix, digest: log.digest(of: sealed))
        (entry.route, entry.link) = (link.route, link.digest)
        do {
            switch try respond(to: request, link, client: entry.client) {
            case .now(let response): return .now(counted(response, representation))
            case .later(let work):
                return .later {
                    do { return counted(try await work(), representation) } catch let problem as Problem {
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

    /// A link that could be opened.
    private struct Link: Sendable {
        let path: String
        let sealed: Substring
        let representation: Representation
        let opened: LinkKeyring.Opened
        let epoch: ResponseCache.Epoch
        let route: String
        let digest: String

        var announcement: Announcement { opened.announcement }
    }

    private func counted(_ response: Response, _ representation: Representation) -> Response {
        metrics.fetched(representation.name, status: response.status.code)
        return response
    }

    typealias Answer = Eventual<Response, any Error>

    private func respond(to request: Request, _ link: Link, client: String?) throws -> Answer {
        guard link.announcement.expires > time.now else { throw Problem.expired }
        switch try announcer.script(for: link.announcement) {
        case .now(let script): return try respond(to: request, link, script, client: client)
        case .later(let find):
            return .later { [self] in try await respond(to: request, link, try await find(), client: client).get() }
        }
    }

    private func respond(to request: Request, _ link: Link, _ script: Script, client: String?) throws -> Answer {
        let tag = announcer.tag(of: link.sealed, link.representation, script, key: link.opened.key)
        if case .now(let tag) = tag { return try respond(to: request, link, script, tag: tag, client: client) }
        return .later { [self] in
            try await respond(to: request, link, script, tag: await tag.get(), client: client).get()
        }
    }

    private func respond(
        to request: Request, _ link: Link, _ script: Script, tag: String, client: String?
    ) throws -> Answer {
        let representation = link.representation
        let format: AudioFormat
        switch representation.kind {
        case .live(let format): return try live(request, link, script, format, client: client)
        case .finite(let finite): format = finite
        case .captions: format = .wav()
        }
        // The bytes are as old as the link, or as the packs are here. A second is taken off, since the clock of the
        // answer's `Date` may lag by one (RFC 9110, section 8.8.2.1).
        let validators = ResponseCache.Validators(
            representation, tag: tag, modified: max(link.announcement.issued, announcer.shelf.read) - 1)
        let answer = { @Sendable (rendition: Rendition) in
            guard case .captions(let captions, let style) = representation.kind else {
                let fetch = ResponseCache.Fetch(
                    representation: representation, announcement: link.announcement, rendition: rendition,
                    validators: validators, route: link.route, digest: link.digest)
                // Encoded files are large, and kept elsewhere.
                if format.sampleCoding != nil { recent.keep(fetch, for: link.path, of: link.epoch) }
                return finite(request, fetch)
            }
            let text = Array(Captions(of: rendition.timeline, style: style).text(as: captions).utf8)
            return finite(request, validators, link.announcement, text.count) { range in
                .bytes(Array(text[range]))
            }
        }
        switch announcer.rendition(of: script, link.announcement, as: format, tag: tag, for: client ?? "") {
        case .now(let rendition): return .now(answer(rendition))
        case .later(let make): return .later { answer(try await Self.ofLink(make)) }
        }
    }

    /// What a field of the request is blamed for where an announcement is made, is here a voice that has changed since.
    private static func ofLink<Made>(_ make: () async throws(Problem) -> Made) async throws(Problem) -> Made {
        do { return try await make() } catch { throw error.field == nil ? error : Announcer.withdrawn }
    }

    // MARK: Finite

    private func finite(_ request: Request, _ fetch: ResponseCache.Fetch) -> Response {
        finite(request, fetch.validators, fetch.announcement, fetch.rendition.byteCount) { range in
            .slices(fetch.rendition.slices(in: range))
        }
    }

    /// RFC 9110's answers to GET and HEAD of bytes whose number is known.
    private func finite(
        _ request: Request, _ validators: ResponseCache.Validators, _ announcement: Announcement,
        _ length: Int, _ body: (Range<Int>) -> Response.Body
    ) -> Response {
        var headers = validators.headers
        headers.append(
            HTTPField(name: .cacheControl, value: cacheControl.text(age: announcement.expires - time.now)))
        let tag = validators.tag
        let outcome = Conditions.outcome(
            request.headers, method: request.method, tag: tag, modified: validators.modified, length: length)
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

    /// How the `User-Agent` of those begins who fetch a whole file before they play it.
    ///
    /// They are Asterisk's `Playback`, mod_httapi and mod_http_cache. Of an endless file nothing is heard, and it holds the call for
    /// minutes (measured: 180 s and 597 s). mod_shout, which plays what it fetches, says something else.
    static let filePlayers = ["asterisk-libcurl-agent/", "mod_httapi/", "freeswitch-http-cache/"]

    /// Readings until the listener hangs up, in real time.
    private func live(
        _ request: Request, _ link: Link, _ script: Script, _ format: AudioFormat, client: String?
    ) throws -> Answer {
        let headers: HTTPFields = [
            .contentType: link.representation.contentType, .cacheControl: "no-store", .acceptRanges: "none",
            .xContentTypeOptions: "nosniff",
        ]
        let agent = request.headers[.userAgent] ?? ""
        guard !Self.filePlayers.contains(where: agent.hasPrefix) else { throw Problem.endless }
        guard request.method == .get else { return .now(Response(status: .ok, headers: headers)) }
        return .later {
            let sound = try await Self.ofLink { () async throws(Problem) in
                try await announcer.sound(
                    of: script, as: format,
                    codes: link.announcement.codes(at: { time.sinceTheEpoch }, ahead: Announcer.lead))
            }
            let place = try calls.takePlace(link: link.digest, client: client)
            let call = LiveCall(sound: sound, longest: longestLive, time: steady, metrics: metrics, place: place)
            return Response(status: .ok, headers: headers, body: .live(call))
        }
    }
}
