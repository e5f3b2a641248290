// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import NIOCore
import SpeakCode
import SpeakCodeTesting
import TestSupport
import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

@Suite("Whoever sees how much the service sends does not learn the code", .serialized)
struct LengthTests {
    private func codes(_ count: Int, withLetters: Bool) -> [String] {
        let symbols = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        var random = SeededGenerator(seed: 5)
        return (0..<count).map { _ in
            // The first is a letter, so that all are of one shape.
            let first = withLetters ? String(symbols[Int.random(in: 10..<36, using: &random)]) : ""
            return first
                + String(
                    (0..<(6 - first.count)).map { _ in
                        symbols[Int.random(in: 0..<(withLetters ? 36 : 10), using: &random)]
                    })
        }
    }

    @Test(
        "by an answer, a header, a link or a document",
        arguments: [("en-US", false), ("ar-SA", true), ("ja-JP", false)])
    func answers(locale: String, withLetters: Bool) async throws {
        try await TestService.run(["burst": "1000"]) { service in
            var seen: [String: Set<String>] = [:]
            for code in codes(20, withLetters: withLetters) {
                let answer = try await service.post(
                    #"{"code":"\#(code)","locale":"\#(locale)","pacing":"adaptive","gate":true}"#)
                #expect(answer.status == 201)
                seen["answer", default: []].insert("\(answer.body.count)")
                for field in ["duration", "byteLength", "readings"] {
                    seen[field, default: []].insert("\(try answer.field(field, as: NSNumber.self))")
                }
                let links = try answer.field("links", as: [String: String].self)
                let calls = try answer.field("calls", as: [String: Any].self)
                let documents = try #require(calls["documents"] as? [String: String])
                for (name, link) in links.merging(documents, uniquingKeysWith: { $1 }) {
                    seen["link to \(name)", default: []].insert("\(link.count)")
                    guard !name.hasPrefix("live.") else { continue }
                    let got = try await service.get(link)
                    seen[name, default: []].insert("\(got.status) \(got.body.count)")
                    for (header, value) in got.headers where !["etag", "date", "last-modified"].contains(header) {
                        seen["\(name) \(header)", default: []].insert(value)
                    }
                }
            }
            #expect(seen.filter { $0.value.count > 1 }.map { "\($0.key): \($0.value.sorted())" } == [])
            #expect(seen.count > 150)
        }
    }

    @Test("by where a piece ends, which TLS shows")
    func pieces() async throws {
        let reader = CodeReader(engine: FakeEngine(), resampler: PlainResampler(), encoder: PlainEncoder())
        let pack = try VoicePackCatalog.builtIn.pack(for: "en-US")
        var seen: Set<[Int]> = []
        var slices: Set<[Int]> = []
        for code in codes(20, withLetters: false) {
            let rendition = try await reader.render(Script(code: VerificationCode(code), pack: pack))
            let pieces = Array(FrameBuffers(rendition.slices).inEvenPieces())
            #expect(pieces.dropLast().allSatisfy { $0.readableBytes == FrameBuffers.evenLength })
            #expect(pieces.flatMap { Array($0.readableBytesView) } == rendition.slices.flatMap { Array($0) })
            seen.insert(pieces.map(\.readableBytes))
            slices.insert(FrameBuffers(rendition.slices).map(\.readableBytes))
        }
        #expect(seen.count == 1)
        #expect(slices.count > 10, "the slices themselves would tell")
    }

    @Test("by the records of TLS")
    func records() async throws {
        try await withTemporaryFolder { folder in
            let (certificate, key) = (folder.appending(path: "c.pem").path, folder.appending(path: "k.pem").path)
            try ProcessTests.makeCertificate("one.example", certificate, key)
            try await TestService.run(["certificate": certificate, "privateKey": key]) { service in
                var seen: Set<[String]> = []
                for code in codes(4, withLetters: false) {
                    let url = try #require(try await service.links(#"{"code":"\#(code)"}"#)["wav"])
                    let authority = service.base.dropFirst("https://".count)
                    let request =
                        "GET \(url.dropFirst(service.base.count)) HTTP/1.1\r\nHost: \(authority)\r\n"
                        + "Connection: close\r\n\r\n"
                    // In TLS 1.3 the handshake's signature, whose length is chance, has records of the same kind.
                    let run = try await TestSupport.run(
                        "/usr/bin/openssl", ["s_client", "-connect", String(authority), "-tls1_2", "-msg", "-ign_eof"],
                        input: Data(request.utf8))
                    let lines = String(decoding: run.output, as: Unicode.ASCII.self).split(separator: "\n")
                    // A record's head: application data, 0x0303, and its length.
                    let records = lines.compactMap { line -> String? in
                        let words = line.split(separator: " ")
                        return words.count == 5 && words.prefix(3) == ["17", "03", "03"] ? words[3...].joined() : nil
                    }
                    #expect(records.count > 10)
                    seen.insert(records)
                }
                #expect(seen.count == 1)
            }
        }
    }
}
