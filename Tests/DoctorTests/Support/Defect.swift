// SPDX-License-Identifier: GPL-3.0-or-later

import Synchronization
import Testing

@testable import SpeakCodeDoctor

/// A service with one thing wrong, and the checks that find it.
struct Defect: Sendable, CustomTestStringConvertible {
    let name: String
    let fails: Set<String>
    let warnings: Set<String>
    /// A new one, since some count what they are asked.
    let service: @Sendable () -> Service

    init(
        _ name: String, fails: Set<String> = [], warnings: Set<String> = [],
        service change: @escaping @Sendable (inout Service) -> Void
    ) {
        self.name = name
        self.fails = fails
        self.warnings = warnings
        service = {
            var service = Service()
            change(&service)
            return service
        }
    }

    /// A wrong answer.
    static func answers(
        _ name: String, fails: Set<String> = [], warnings: Set<String> = [],
        _ alter: @escaping @Sendable (Ask, inout Reply) -> Void
    ) -> Defect {
        Defect(name, fails: fails, warnings: warnings) { $0.alter = alter }
    }

    /// Headers that are missing, or others, in every answer that should have them.
    static func headers(
        _ name: String, _ headers: [String: String?], at target: String = Service().target, fails: Set<String> = [],
        warnings: Set<String> = []
    ) -> Defect {
        Defect(name, fails: fails, warnings: warnings) { service in
            service.target = target
            service.alter = { _, reply in
                for (name, value) in headers where reply[name] != nil { reply[name] = value }
            }
        }
    }

    static func target(
        _ name: String, _ target: String, fails: Set<String> = [], warnings: Set<String> = []
    ) -> Defect {
        Defect(name, fails: fails, warnings: warnings) { $0.target = target }
    }

    static func wave(_ name: String, _ wave: Wave, fails: Set<String> = [], warnings: Set<String> = []) -> Defect {
        Defect(name, fails: fails, warnings: warnings) { $0.audio = wave.bytes }
    }

    var testDescription: String { name }
}

/// Counts what a service was asked.
private final class Count: Sendable {
    private let count = Atomic(0)
    func next() -> Int { count.add(1, ordering: .relaxed).newValue }
}

/// The check as every gateway has it that has it.
private func everywhere(_ check: RuleID) -> Set<String> {
    Set(Gateway.all.filter { $0.rules.contains { $0.id == check } }.map { "\($0.id)/\(check.rawValue)" })
}

private let html = Array("<!DOCTYPE html><title>Not here</title><p>This is not the page you are looking for.".utf8)

extension Defect {
    static let all = wrongStatuses + wrongBodies + wrongHeaders + wrongURLs + wrongRanges + wrongAudio

    static let wrongStatuses: [Defect] = [
        .answers(
            "an error status",
            fails: everywhere(.status).subtracting(["mod_httapi/status"]).union(["mod_httapi/head-status"])
        ) { _, reply in reply = Reply(status: 503) },
        .answers(
            "a 2xx status other than 200",
            fails: ["mod_httapi/head-status", "rtpengine/status", "twilio/status", "sinch/status", "every/status"]
        ) { ask, reply in
            if reply.status == 200 || ask["Range"] == "bytes=0-" { reply.status = 203 }
        },
        .answers("no content", fails: everywhere(.status).subtracting(["rtpengine/status"])) { ask, reply in
            if reply.status == 200, !ask.isHead { (reply.status, reply.body) = (204, []) }
        },
        .answers("HEAD not allowed", fails: ["mod_httapi/head-status", "asterisk/revalidation"]) { ask, reply in
            if ask.isHead { reply = Reply(status: 405) }
        },
        .answers(
            "redirects", fails: ["sinch/redirect"],
            warnings: everywhere(.redirect).subtracting(["sinch/redirect"])
        ) { _, reply in
            guard reply.status != 404 else { return }
            reply = Reply(status: 302)
            reply["Location"] = "/announcements/other.wav"
        },
        .answers("a page for every path", fails: ["every/unknown-path"]) { _, reply in
            if reply.status == 404 { (reply.status, reply.body) = (200, html) }
        },
        .answers("no 304 for HEAD", fails: ["asterisk/revalidation"]) { ask, reply in
            if ask.isHead, reply.status == 304 { reply.status = 200 }
        },
        .answers("no 304 for GET", fails: ["twilio/not-modified"]) { ask, reply in
            if !ask.isHead, reply.status == 304 { (reply.status, reply.framing) = (200, .contentLength) }
        },
        .answers("304 with a body", fails: ["asterisk/revalidation", "twilio/not-modified"]) { _, reply in
            if reply.status == 304 { reply.surplus = Array("surplus".utf8) }
        },
        .answers("100 Continue before each answer") { _, reply in reply.preface = "HTTP/1.1 100 Continue\r\n\r\n" },
        .answers("hangs up on HEAD", fails: ["asterisk/answer", "mod_httapi/answer", "every/answer"]) { ask, reply in
            reply.isDropped = ask.isHead
        },
        .answers("hangs up on all but Asterisk", fails: everywhere(.answer).subtracting(["asterisk/answer"])) {
            ask, reply in reply.isDropped = ask["User-Agent"]?.hasPrefix("asterisk") != true
        },
        Defect("five fetches a second", fails: ["asterisk/concurrent"]) { service in
            let count = Count()
            service.alter = { ask, reply in
                guard ask["User-Agent"]?.hasPrefix("asterisk") == true, count.next() > 5 else { return }
                reply = Reply(status: 429)
            }
        },
        Defect(
            "a link that its first fetch spends",
            fails: everywhere(.status).subtracting(["asterisk/status", "mod_httapi/status"]).union([
                "mod_httapi/head-status", "asterisk/revalidation", "asterisk/same-bytes", "asterisk/concurrent",
            ])
        ) { service in
            let count = Count()
            service.alter = { _, reply in if count.next() > 1 { reply = Reply(status: 410) } }
        },
    ]

    static let wrongBodies: [Defect] = [
        .answers("a body that ends early", fails: everywhere(.wholeBody).union(["safari/range-first-bytes"])) {
            ask, reply in if !reply.body.isEmpty, !ask.isHead { reply.cut = reply.body.count - 1 }
        },
        .answers("chunked", fails: ["every/chunked", "mod_httapi/head-equals-get"]) { ask, reply in
            if reply.status == 200, !ask.isHead { reply.framing = .chunked }
        },
        .answers(
            "chunked without a last chunk",
            fails: everywhere(.wholeBody).subtracting(["rtpengine/whole-body"]).union([
                "every/chunked", "mod_httapi/head-equals-get",
            ])
        ) { ask, reply in
            guard reply.status == 200, !ask.isHead else { return }
            reply.framing = .chunked
            reply.cut = reply.body.count
        },
        .answers("no Content-Length", fails: ["every/content-length", "mod_httapi/head-equals-get"]) { ask, reply in
            if reply.status == 200, !ask.isHead { reply.framing = .untilClose }
        },
        .answers("two Content-Lengths", fails: ["every/content-length", "mod_httapi/head-equals-get"]) { ask, reply in
            if reply.status == 200, !ask.isHead { reply.headers.append(("Content-Length", "\(reply.body.count)")) }
        },
        .answers("more bytes than Content-Length", fails: ["every/content-length"]) { ask, reply in
            if reply.status == 200, !ask.isHead { reply.surplus = [0, 0] }
        },
        .answers("HEAD without Content-Length", fails: ["mod_httapi/head-equals-get"]) { ask, reply in
            if ask.isHead { reply.framing = .untilClose }
        },
        .answers("HEAD with a body", fails: ["every/head-body"]) { ask, reply in
            if ask.isHead, reply.status == 200 { reply.surplus = Array("surplus".utf8) }
        },
        .answers("compressed", fails: everywhere(.contentEncoding)) { _, reply in
            if (200...206).contains(reply.status) { reply["Content-Encoding"] = "gzip" }
        },
        Defect("other bytes each time", fails: ["asterisk/same-bytes", "safari/ranges-assemble"]) { service in
            let count = Count()
            service.alter = { _, reply in
                if reply.body.count > 1000 { reply.body[100] = UInt8(count.next()) }
            }
        },
        .answers(
            "a page in place of the audio",
            fails: everywhere(.format).union(["twilio/content-type", "safari/range-first-bytes"])
        ) { _, reply in
            guard (200...206).contains(reply.status) else { return }
            (reply.status, reply.body) = (200, html)
            reply["Content-Type"] = "text/html"
            reply["Content-Range"] = nil
        },
        Defect(
            "an empty body",
            fails: everywhere(.format).subtracting(["rtpengine/format"]).union([
                "rtpengine/status", "safari/range-first-bytes",
            ])
        ) { $0.audio = [] },
        Defect("words in place of the audio", fails: everywhere(.format).subtracting(["rtpengine/format"])) {
            $0.audio = Array("no such announcement".utf8)
        },
    ]

    static let wrongHeaders: [Defect] = [
        .headers("no ETag", ["ETag": nil], fails: ["every/etag"]),
        Defect("a weak ETag", fails: ["every/etag"]) { $0.tag = "W/\"5f3a\"" },
        Defect("an ETag without quotation marks", fails: ["every/etag"]) { $0.tag = "5f3a" },
        .headers(
            "neither ETag nor Last-Modified", ["ETag": nil, "Last-Modified": nil],
            fails: ["every/etag", "mod_httapi/validators"]),
        .answers("another ETag for HEAD", fails: ["mod_httapi/head-equals-get"]) { ask, reply in
            if ask.isHead { reply["ETag"] = "\"other\"" }
        },
        .headers("no Cache-Control", ["Cache-Control": nil], fails: ["mod_http_cache/max-age"]),
        .headers("no-store alone", ["Cache-Control": "no-store"], fails: ["mod_http_cache/max-age"]),
        .headers("kept for a week", ["Cache-Control": "max-age=604800"], warnings: ["mod_http_cache/max-age"]),
        .headers(
            "nothing to go by for a cache", ["Cache-Control": nil, "ETag": nil],
            fails: ["mod_http_cache/max-age", "every/etag", "asterisk/freshness"]),
        .headers(
            "asked for each time without an ETag", ["Cache-Control": "no-cache, max-age=0", "ETag": nil],
            fails: ["every/etag", "asterisk/freshness"]),
        .headers(
            "stale after a second without an ETag", ["Cache-Control": "max-age=1", "ETag": nil],
            fails: ["every/etag", "asterisk/freshness"]),
        .headers("asked for each time with an ETag", ["Cache-Control": "private, no-cache, max-age=0"]),
        .headers("no Content-Type", ["Content-Type": nil], fails: ["twilio/content-type", "sinch/content-type"]),
        .headers(
            "a Content-Type of no audio", ["Content-Type": "application/octet-stream"], fails: ["twilio/content-type"]),
        .headers(
            "a Content-Type with parameters", ["Content-Type": "audio/wav; charset=utf-8"],
            warnings: ["every/content-type-parameters"]),
        .headers(
            "a Content-Type with parameters alone", ["Content-Type": "audio/wav; charset=utf-8"],
            at: "/announcements/nothing-behind-it", fails: ["mod_httapi/extension"],
            warnings: ["every/content-type-parameters"]),
        .headers(
            "RIFF behind audio/basic", ["Content-Type": "audio/basic"],
            fails: ["asterisk/format", "twilio/content-type", "twilio/format"]),
        .answers("a header line of 1,024 bytes", fails: ["asterisk/header-lines"]) { _, reply in
            reply["X-Long"] = String(repeating: "x", count: 1014)
        },
        .answers("a header line of 1,023 bytes") { _, reply in reply["X-Long"] = String(repeating: "x", count: 1013) },
        .answers("two ETags", fails: ["every/duplicate-headers"]) { _, reply in
            if reply["ETag"] != nil { reply.headers.append(("etag", "\"other\"")) }
        },
    ]

    static let wrongURLs: [Defect] = [
        .target("no extension but a right type", "/announcements/\(Service.secret)"),
        .headers(
            "no extension and a type that Asterisk does not know", ["Content-Type": "audio/wave"],
            at: "/announcements/nothing-behind-it", fails: ["asterisk/format"]),
        .headers(
            "neither extension nor type", ["Content-Type": nil], at: "/announcements/nothing-behind-it",
            fails: everywhere(.extension).union(everywhere(.contentType)).union(["asterisk/format"])),
        .target("an extension in capitals", "/announcements/\(Service.secret).WAV", fails: everywhere(.extension)),
        .headers(
            "an extension in capitals alone", ["Content-Type": "application/octet-stream"],
            at: "/announcements/something.WAV",
            fails: everywhere(.extension).union(["asterisk/format", "twilio/content-type"])),
        .target(
            "a query behind the extension", "/announcements/audio.wav?name=\(Service.secret)",
            fails: everywhere(.extension), warnings: ["every/url-query"]),
        .target(
            "a dot in the query", "/announcements/audio?v=1.5", fails: everywhere(.extension),
            warnings: ["every/url-query"]),
        .target(
            "an ampersand", "/announcements/audio?a=1&b=2", fails: ["asterisk/url-characters"],
            warnings: ["every/url-query"]),
        .target("a comma", "/announcements/a,b.wav", fails: ["asterisk/url-characters"]),
        .target("a bar", "/announcements/a|b.wav", fails: ["asterisk/url-characters"]),
        .target("dots in the name", "/announcements/a.b.wav", warnings: ["every/url-dots"]),
        .target(
            "a URL of 1,000 characters", "/" + String(repeating: "a", count: 1000) + ".wav", fails: ["every/url-length"]
        ),
    ]

    static let wrongRanges: [Defect] = [
        .headers("no Accept-Ranges", ["Accept-Ranges": nil], fails: ["safari/accept-ranges"]),
        Defect("no ranges", fails: ["safari/accept-ranges", "safari/range-first-bytes"]) { service in
            let audio = service.audio
            service.alter = { _, reply in
                reply["Accept-Ranges"] = nil
                reply["Content-Range"] = nil
                if reply.status == 206 || reply.status == 416 { (reply.status, reply.body) = (200, audio) }
            }
        },
        .headers(
            "206 without Content-Range", ["Content-Range": nil],
            fails: [
                "rtpengine/range-from-zero", "safari/range-first-bytes", "safari/ranges-assemble",
                "safari/range-unsatisfiable",
            ]),
        .answers(
            "a byte too few",
            fails: ["rtpengine/range-from-zero", "safari/range-first-bytes", "safari/ranges-assemble"]
        ) { _, reply in if reply.status == 206 { reply.body.removeLast() } },
        .answers("other bytes in parts", fails: ["safari/ranges-assemble"]) { ask, reply in
            if reply.status == 206, ask["Range"] != "bytes=0-1" { reply.body[60] ^= 1 }
        },
        .answers("200 behind the end", fails: ["safari/range-unsatisfiable"]) { _, reply in
            if reply.status == 416 { reply.status = 200 }
        },
        .answers("416 without the length", fails: ["safari/range-unsatisfiable"]) { _, reply in
            if reply.status == 416 { reply["Content-Range"] = nil }
        },
        Defect("If-Range is not looked at", fails: ["safari/if-range"]) { service in
            let audio = service.audio
            service.alter = { ask, reply in
                guard ask["If-Range"] != nil else { return }
                (reply.status, reply.body) = (206, Array(audio.prefix(2)))
                reply["Content-Range"] = "bytes 0-1/\(audio.count)"
            }
        },
        .answers("If-Range turns ranges off", fails: ["safari/if-range"]) { ask, reply in
            if ask["If-Range"] != nil { reply.status = 200 }
        },
    ]

    static let wrongAudio: [Defect] = [
        .wave("16,000 Hz", Wave(hertz: 16_000), fails: ["asterisk/wav-rate"]),
        .wave("stereo", Wave(channels: 2), fails: ["asterisk/wav-encoding"]),
        .wave("8 bits", Wave(bits: 8), fails: ["asterisk/wav-encoding"]),
        .wave("µ-law in WAV", Wave(tag: 7, bits: 8), fails: ["asterisk/wav-encoding"]),
        .wave("WAVE_FORMAT_EXTENSIBLE", Wave(tag: 0xFFFE), fails: ["asterisk/wav-encoding"]),
        .wave(
            "4 KB of LIST before the samples",
            Wave(extra: Array("LIST".utf8) + [0, 16, 0, 0] + [UInt8](repeating: 0, count: 4096)),
            fails: ["asterisk/wav-header"]),
        .wave(
            "a short LIST before the samples",
            Wave(extra: Array("LIST".utf8) + [4, 0, 0, 0] + Array("INFO".utf8)), warnings: ["asterisk/wav-header"]),
        .wave("no silence at the end", Wave(tail: 0), fails: ["asterisk/wav-tail"]),
        .wave("40 ms of silence at the end", Wave(tail: 0.04), fails: ["asterisk/wav-tail"]),
        .wave("a data length of 0", Wave(declared: 0), fails: ["every/wav-data", "every/wav-sizes"]),
        .wave(
            "a data length of 0xFFFFFFFF", Wave(declared: 0xFFFF_FFFF), fails: ["every/wav-data", "every/wav-sizes"]),
        .wave("more data than declared", Wave(declared: 4000), fails: ["every/wav-sizes", "asterisk/wav-tail"]),
        .wave("less data than declared", Wave(declared: 20_000), fails: ["every/wav-sizes"]),
        .wave("a RIFF size of 0", Wave(riff: 0), fails: ["every/wav-sizes"]),
        Defect("a header without data", fails: ["every/wav-data"]) { $0.audio = Array(Wave().bytes.prefix(36)) },
        .wave("70 s", Wave(seconds: 70), fails: ["sinch/size"], warnings: ["every/duration"]),
        Defect("raw µ-law", fails: ["twilio/content-type"]) { service in
            service.target = "/announcements/\(Service.secret).ulaw"
            service.audio = [UInt8](repeating: 0x7B, count: 4) + [UInt8](repeating: 0xFF, count: 4000)
            service.alter = { _, reply in if reply["Content-Type"] != nil { reply["Content-Type"] = "audio/basic" } }
        },
        Defect("MP3", fails: ["asterisk/format"], warnings: everywhere(.extension)) { service in
            service.target = "/announcements/\(Service.secret).mp3"
            service.audio = Array("ID3".utf8) + [UInt8](repeating: 0, count: 4000)
            service.alter = { _, reply in if reply["Content-Type"] != nil { reply["Content-Type"] = "audio/mpeg" } }
        },
    ]
}
