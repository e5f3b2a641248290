// SPDX-License-Identifier: GPL-3.0-or-later

internal import CoreMetrics
internal import FoundationEssentials
internal import HTTPTypes
internal import HummingbirdCore
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
    /// - Throws: ``Problem``.
    func respond(
        to request: Request, _ path: Substring, _ entry: inout AccessLog.Entry, _ log: AccessLog
    ) async throws -> Response {
        guard let (sealed, representation) = Representation.parse(path), let opened = keys.now.links.open(sealed) else {
            metrics.fetched("unknown", status: 404)
            throw Problem.noSuchLink
        }
        entry.route = Self.prefix + "*" + representation.suffix
        entry.link = log.digest(of: sealed)
        do {
            let response = try await respond(to: request, sealed, representation, opened, entry, log)
            metrics.fetched(representation.name, status: response.status.code)
            return response
        } catch let problem as Problem {
            metrics.fetched(representation.name, status: problem.status.code)
            throw problem
        }
    }

    private static var now: Int { Int(Date().timeIntervalSince1970) }

    private func respond(
        to request: Request, _ sealed: Substring, _ representation: Representation, _ opened: LinkKeyring.Opened,
        _ entry: AccessLog.Entry, _ log: AccessLog
    ) async throws -> Response {
        let announcement = opened.announcement
        guard announcement.expires > Self.now else { throw Problem.expired }
        let script = try await announcer.script(for: announcement)
        let tag = announcer.tag(of: sealed, representation, script, key: opened.key)
        switch representation.kind {
        case .live(let format):
            return try await live(request, representation, script, format, entry, log)
        case .finite(let format):
            let rendition = try await announcer.rendition(of: script, announcement, as: format, tag: tag)
            return finite(
                request, representation, tag, announcement, rendition.byteCount, entry, log
            ) { range in FrameBuffers(rendition.slices(in: range)) }
        case .captions(let captions):
            let rendition = try await announcer.rendition(of: script, announcement, as: .wav(), tag: tag)
            let text = ByteBuffer(string: Captions(of: rendition.timeline).text(as: captions))
            return finite(request, representation, tag, announcement, text.readableBytes, entry, log) { range in
                [text.getSlice(at: range.lowerBound, length: range.count) ?? ByteBuffer()]
            }
        }
    }

    // MARK: Finite

    /// RFC 9110's answers to GET and HEAD of bytes whose number is known.
    private func finite<Buffers: Sequence<ByteBuffer> & SendableMetatype>(
        _ request: Request, _ representation: Representation, _ tag: String, _ announcement: Announcement,
        _ length: Int, _ entry: AccessLog.Entry, _ log: AccessLog,
        _ bytes: @escaping @Sendable (Range<Int>) -> Buffers
    ) -> Response {
        var entry = entry
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
        case .notModified:
            entry.status = 304
            log.write(entry)
            return Response(status: .notModified, headers: headers)
        case .failed, .unsatisfiable:
            let problem =
                outcome == .failed
                ? Problem(.preconditionFailed, "precondition-failed", "the bytes are not those that were asked for")
                : Problem(
                    .rangeNotSatisfiable, "range-not-satisfiable", "the range begins behind the last of \(length) bytes"
                )
            var response = problem.response
            if outcome == .unsatisfiable { response.headers[.contentRange] = "bytes */\(length)" }
            response.headers[.eTag] = tag
            if request.method == .head { response = response.createHeadResponse() }
            entry.status = problem.status.code
            entry.bytes = response.body.contentLength ?? 0
            log.write(entry)
            return response
        case .whole:
            (status, range) = (.ok, 0..<length)
        case .part(let part):
            (status, range) = (.partialContent, part)
            headers[.contentRange] = "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(length)"
        }
        headers[.contentLength] = String(range.count)
        entry.status = status.code
        guard request.method == .get else {
            log.write(entry)
            return Response(status: status, headers: headers)
        }
        entry.bytes = range.count
        let body = ResponseBody(contentLength: range.count) { [entry] writer in
            var entry = entry
            defer { log.write(entry) }
            do {
                try await writer.write(batchesOf: bytes(range))
            } catch {
                entry.hungUp = true
                throw error
            }
            try await writer.finish(nil)
        }
        return Response(status: status, headers: headers, body: body)
    }

    // MARK: Live

    /// Readings until the listener hangs up, in real time.
    private func live(
        _ request: Request, _ representation: Representation, _ script: Script, _ format: AudioFormat,
        _ entry: AccessLog.Entry, _ log: AccessLog
    ) async throws -> Response {
        let headers: HTTPFields = [
            .contentType: representation.contentType, .cacheControl: "no-store", .acceptRanges: "none",
            .xContentTypeOptions: "nosniff",
        ]
        var entry = entry
        entry.status = 200
        guard request.method == .get else {
            log.write(entry)
            var response = Response(status: .ok, headers: headers)
            // What GET sends has no length that a HEAD could tell.
            response.headers[.contentLength] = nil
            return response
        }
        let sound = try await announcer.sound(of: script, as: format)
        guard let place = calls.takePlace() else {
            throw Problem(
                .serviceUnavailable, "too-many-listeners", "as many are listening as this service takes", retryAfter: 5)
        }
        let call = LiveCall(sound: sound, longest: longestLive, metrics: metrics)
        let body = ResponseBody { [entry, place, metrics] writer in
            let outcome = await call.send(to: &writer)
            withExtendedLifetime(place) {}
            var entry = entry
            entry.readings = outcome.readings
            entry.bytes = outcome.bytes
            entry.hungUp = outcome.failure != nil
            log.write(entry)
            if let failure = outcome.failure {
                metrics.hangUps.increment()
                throw failure
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: headers, body: body)
    }
}

extension ResponseBodyWriter {
    /// Writes buffers in batches, each with one call of the kernel where the listener keeps up.
    ///
    /// A telephone's announcement is one batch. What waits to be read is clips that all calls share, and no memory of this
    /// call's.
    mutating func write(batchesOf buffers: some Sequence<ByteBuffer>) async throws {
        var batch: [ByteBuffer] = []
        var bytes = 0
        for buffer in buffers {
            batch.append(buffer)
            bytes += buffer.readableBytes
            if bytes >= 1 << 20 {
                try await write(contentsOf: batch)
                batch.removeAll(keepingCapacity: true)
                bytes = 0
            }
        }
        if !batch.isEmpty { try await write(contentsOf: batch) }
    }
}
