// SPDX-License-Identifier: GPL-3.0-or-later

import NIOCore
import NIOPosix
import Testing

@testable import SpeakCodeDoctor

/// What the client says where nothing comes, and what it reads where something does.
@Suite
struct WireTests {
    @Test func whereNobodyListensTheConnectionIsRefused() async throws {
        // A port that was free a moment ago.
        let port = try await Server.run(Service()) { $0.port }
        let report = await Doctor().examine(try AudioURL("http://127.0.0.1:\(port)/announcements/audio.wav"))
        #expect(report.failure == FetchError(.refused))
        #expect(report.findings.isEmpty)
        #expect(!report.isGood)
    }

    @Test func aNameThatThereIsNotIsSaidToBeNone() async throws {
        // RFC 6761: never a name of anything.
        let report = await Doctor().examine(try AudioURL("http://service.invalid/announcements/audio.wav"))
        #expect(report.failure == FetchError(.nameNotFound))
    }

    @Test func aServiceThatSaysNothingIsNotWaitedForForever() async throws {
        let failure = try await failure(limit: .milliseconds(300)) { _, reply in reply.isSilent = true }
        #expect(failure == FetchError(.silent))
    }

    @Test func aServiceThatHangsUpIsSaidToHaveClosed() async throws {
        #expect(try await failure { _, reply in reply.isDropped = true } == FetchError(.closed))
    }

    @Test func whatIsNotHTTPIsSaidNotToBe() async throws {
        #expect(try await failure { _, reply in reply.preface = "220 mail.example ESMTP\r\n" } == FetchError(.notHTTP))
    }

    @Test func aSelfSignedCertificateIsTakenOnlyWhereAskedFor() async throws {
        let service = Service()
        let reports = try await Server.run(service, isSecure: true) { server in
            let url = try server.url(service, scheme: "https")
            return [
                await Doctor(gateways: [.sinch]).examine(url),
                await Doctor(trustsAnyCertificate: true).examine(url),
            ]
        }
        #expect(reports[0].failure == FetchError(.certificateNotTrusted))
        #expect(reports[1].isGood, "\(reports[1].table())")
    }

    @Test func httpsAtAPortOfPlainHTTPIsAFailedHandshake() async throws {
        let service = Service()
        let report = try await Server.run(service) { server in
            await Doctor().examine(try server.url(service, scheme: "https"))
        }
        #expect(report.failure == FetchError(.handshakeFailed))
    }

    @Test func eachGatewaySendsItsOwnHeadersInItsOwnOrder() async throws {
        let service = Service()
        let heads = try await Server.run(service) { server in
            _ = await Doctor(gateways: [.modHTTAPI, .rtpengine, .asterisk]).examine(try server.url(service))
            return server.log.heads.map { $0.replacing(":\(server.port)", with: "") }
        }
        let target = service.target
        #expect(
            heads.prefix(5) == [
                "HEAD \(target) HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: mod_httapi/1.0\r\nAccept: */*\r\nCookie: ",
                "GET \(target) HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: mod_httapi/1.0\r\nAccept: */*\r\nCookie: ",
                "GET \(target) HTTP/1.1\r\nUser-Agent: Lavf/59.27.100\r\nAccept: */*\r\nRange: bytes=0-\r\n"
                    + "Connection: close\r\nHost: 127.0.0.1\r\nIcy-MetaData: 1",
                "GET \(target) HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: asterisk-libcurl-agent/1.0\r\nAccept: */*",
                "HEAD \(target) HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: asterisk-libcurl-agent/1.0\r\nAccept: */*\r\n"
                    + "If-None-Match: \(service.tag)",
            ])
        // The second GET, and six at once.
        #expect(heads.dropFirst(5) == Array(repeating: heads[3], count: 7)[...])
    }

    @Test func namesAndPasswordsGoAsBasicAuthorization() async throws {
        let service = Service()
        let heads = try await Server.run(service) { server in
            let url = try AudioURL("http://Aladdin:open%20sesame@127.0.0.1:\(server.port)\(service.target)")
            let report = await Doctor(gateways: [.sinch]).examine(url)
            #expect(!report.table(showsAll: true).contains("sesame"))
            return server.log.heads
        }
        // RFC 7617's own example.
        #expect(heads[0].contains("\r\nAuthorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"))
    }

    private func failure(
        limit: Duration = .seconds(60), _ alter: @escaping @Sendable (Ask, inout Reply) -> Void
    ) async throws -> FetchError? {
        var service = Service()
        service.alter = alter
        var limits = FetchLimits()
        limits.request = limit
        return try await Server.run(service) { [service, limits] server in
            await Doctor(limits: limits).examine(try server.url(service)).failure
        }
    }
}

/// What is made of the bytes, however they are cut.
@Suite
struct AnswerParserTests {
    @Test(arguments: [1, 2, 7, 1000])
    func theSameIsReadHoweverTheBytesCome(_ count: Int) {
        let text =
            "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 200 OK\r\nETag: \"a\"\r\nX-Empty:\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n10\r\n0123456789abcdef\r\n0\r\nX: y\r\n\r\nmore"
        let answer = parse(text, by: count)
        #expect(answer.interim == [103])
        #expect(answer.status == 200)
        #expect(answer.lines.map(\.name) == ["ETag", "X-Empty", "Transfer-Encoding"])
        #expect(answer.lines.map(\.byteCount) == [11, 10, 28])
        #expect(answer.longestLine == 28)
        #expect(answer.framing == .chunked)
        #expect(String(decoding: answer.body, as: UTF8.self) == "abc0123456789abcdef")
        #expect(answer.surplus == 4)
        #expect(answer.isWhole)
    }

    @Test func anEndBeforeTheEndIsSeen() {
        #expect(parse("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc").ending == .cut(missing: 6))
        #expect(parse("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n").ending == .cut(missing: nil))
        #expect(parse("HTTP/1.1 200 OK\r\n\r\nabc").ending == .whole)
    }

    @Test func whatCannotBeReadIsSeen() {
        for length in ["nine", "-1", "+3", "3, 3", ""] {
            let answer = parse("HTTP/1.1 200 OK\r\nContent-Length: \(length)\r\n\r\nabc")
            #expect(answer.ending == .malformed("a Content-Length that is no number"))
        }
        let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        #expect(parse(chunked + "xyz\r\n").ending == .malformed("a chunk without a size"))
        #expect(parse(chunked + "3\r\nabcdef\r\n").ending == .malformed("a chunk longer than its size"))
        #expect(!parser("SSH-2.0-OpenSSH\r\n\r\n").isHTTP)
        #expect(!parser("HTTP/1.1 OK\r\n\r\n").isHTTP)
    }

    @Test(arguments: ["", "Content-Length: 100\r\n", "Transfer-Encoding: chunked\r\n"])
    func aBodyThatIsTooLargeIsNotReadOn(_ framing: String) {
        var parser = AnswerParser(for: .get, bodyLimit: 10)
        let size = framing.contains("chunked") ? "64\r\n" : ""
        parser.take("HTTP/1.1 200 OK\r\n\(framing)\r\n\(size)0123456789a".utf8)
        #expect(parser.isFinished)
        #expect(parser.answer.ending == .tooLarge)
    }

    private func parser(_ text: String, by count: Int = 1000) -> AnswerParser {
        var parser = AnswerParser(for: .get, bodyLimit: 1000)
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: count) {
            parser.take(bytes[start..<min(start + count, bytes.count)])
        }
        parser.end(timedOut: false)
        return parser
    }

    private func parse(_ text: String, by count: Int = 1000) -> Answer { parser(text, by: count).answer }
}
