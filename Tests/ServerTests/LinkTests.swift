// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCode
import SpeakCodeLinks
import SpeakCodeSndfile
import SpeakCodeTesting
import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

@Suite("A link", .serialized)
struct LinkTests {
    @Test("is the same by GET and HEAD in every finite representation, with all that gateways need")
    func representations() async throws {
        try await TestService.run { service in
            let links = try await service.links(#"{"code":"735198"}"#)
            for representation in Representation.all {
                if case .live = representation.kind { continue }
                let url = try #require(links[representation.name])
                let get = try await service.get(url)
                let head = try await service.send("HEAD", url)
                #expect(get.status == 200 && head.status == 200 && head.body.isEmpty, "\(representation.name)")
                for header in [
                    "content-length", "content-type", "etag", "last-modified", "accept-ranges", "cache-control",
                ] {
                    #expect(get[header] != nil && get[header] == head[header], "\(representation.name): \(header)")
                }
                #expect(get["content-length"] == "\(get.body.count)" && !get.body.isEmpty)
                #expect(
                    get["content-type"] == representation.contentType && get["content-type"]?.contains(";") == false)
                #expect(get["etag"]?.hasPrefix("\"") == true)
                #expect(get["transfer-encoding"] == nil && get["content-encoding"] == nil && get["location"] == nil)
                #expect(get["cache-control"] == "private, no-cache, max-age=0")
                #expect(try await service.get(url).body == get.body, "\(representation.name) is the same each time")
                #expect(url.utf8.count < 500 && !url.dropFirst(service.base.count).contains { "?&,|".contains($0) })
            }
        }
    }

    @Test("is not sent again to who has it", arguments: ["GET", "HEAD"])
    func notModified(method: String) async throws {
        try await TestService.run { service in
            let url = try #require(try await service.links(#"{"code":"735198"}"#)["wav"])
            let tag = try #require(try await service.get(url)["etag"])
            let answer = try await service.send(method, url, headers: ["If-None-Match": tag])
            #expect(answer.status == 304 && answer.body.isEmpty && answer["etag"] == tag)
            #expect(try await service.send(method, url, headers: ["If-None-Match": "\"other\""]).status == 200)
        }
    }

    @Test("comes in ranges that make the whole", arguments: ["wav", "mp3", "vtt", "48000.wav"])
    func ranges(name: String) async throws {
        try await TestService.run { service in
            let url = try #require(try await service.links(#"{"code":"735198"}"#)[name])
            let whole = try await service.get(url).body
            var assembled: [UInt8] = []
            let step = max(1, whole.count / 7)
            while assembled.count < whole.count {
                let range = "bytes=\(assembled.count)-\(assembled.count + step - 1)"
                let part = try await service.get(url, headers: ["Range": range])
                let end = min(whole.count, assembled.count + step)
                #expect(part.status == 206)
                #expect(part["content-range"] == "bytes \(assembled.count)-\(end - 1)/\(whole.count)")
                #expect(part["content-length"] == "\(part.body.count)")
                assembled += part.body
            }
            #expect(assembled == whole)
            let beyond = try await service.get(url, headers: ["Range": "bytes=\(whole.count)-"])
            #expect(beyond.status == 416 && beyond["content-range"] == "bytes */\(whole.count)")
        }
    }

    @Test("that is altered, of another key, or never was, is one and the same 404")
    func unknown() async throws {
        try await TestService.run { service in
            let url = try #require(try await service.links(#"{"code":"735198"}"#)["wav"])
            let start = url.index(url.startIndex, offsetBy: service.base.count + 3)
            let sealed = String(url[start...].dropLast(4))
            let stranger = try LinkKeyring([LinkKey()]).seal(
                try #require(LinkKeyring([TestService.linkKey]).open(sealed)).announcement)
            var altered = Array(sealed)
            altered[60] = altered[60] == "A" ? "B" : "A"
            var answers: Set<String> = []
            for path in [
                "/a/\(stranger).wav", "/a/\(String(altered)).wav", "/a/x.wav", "/a/", "/a/\(sealed)",
                "/a/\(sealed).exe",
                "/a/\(sealed)/9000.wav", "/a/\(sealed.dropLast()).wav", "/a/\(sealed)A.wav", "/a/%00.wav",
                "/a/../a/x.wav",
                "/a/" + String(repeating: "A", count: 3000) + ".wav",
            ] {
                let answer = try await service.get(path)
                var headers = answer.headers
                headers["date"] = nil
                answers.insert("\(answer.status) \(headers.sorted { $0.key < $1.key }) \(answer.text)")
                #expect(answer.status == 404, "\(path.prefix(20))")
            }
            #expect(answers.count == 1)
        }
    }

    @Test("that has expired is gone, in every representation")
    func expired() async throws {
        try await TestService.run { service in
            let now = Int(Date().timeIntervalSince1970)
            let sealed = try LinkKeyring([TestService.linkKey]).seal(
                Announcement(
                    content: .code(try VerificationCode("735198"), .usual),
                    locale: try #require(LanguageTag("en-US")), pacing: RequestedPacing(), readings: 3, longest: 60,
                    issued: now - 600, expires: now))
            for representation in Representation.all {
                let answer = try await service.get("/a/\(sealed)\(representation.suffix)")
                #expect(answer.status == 410 && answer["content-type"] == "application/problem+json")
            }
        }
    }

    @Test("expires in the middle of a call as well")
    func expiresWhileFetched() async throws {
        try await TestService.run { service in
            // Its words are spoken by now.
            _ = try await service.get(try #require(try await service.links(#"{"code":"735198"}"#)["wav"]))
            let now = Int(Date().timeIntervalSince1970)
            let sealed = try LinkKeyring([TestService.linkKey]).seal(
                Announcement(
                    content: .code(try VerificationCode("735198"), .usual),
                    locale: try #require(LanguageTag("en-US")), pacing: RequestedPacing(), readings: 3, longest: 60,
                    issued: now, expires: now + 3))
            var statuses = [try await service.get("/a/\(sealed).wav").status]
            while statuses.last == 200 { statuses.append(try await service.get("/a/\(sealed).wav").status) }
            #expect(statuses.first == 200 && statuses.last == 410)
            #expect(Int(Date().timeIntervalSince1970) >= now + 3)
        }
    }

    @Test("outlives a change of its pack, under a new entity tag")
    func outlives() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "packs-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let source = URL(filePath: #filePath).appending(path: "../../../voices/en-US.json5").standardized
        let pack = try String(contentsOf: source, encoding: .utf8)
        let file = folder.appending(path: "en-US.json5")
        try pack.write(to: file, atomically: true, encoding: .utf8)
        try await TestService.run(["voices": folder.path]) { service in
            let url = try #require(
                try await service.links(#"{"code":"735198","style":"radio","template":"goodbye"}"#)["wav"])
            let before = try await service.get(url)
            // The style and the template that it was made with are gone, and the rest has moved.
            try pack.replacing("radio:", with: "aviation:").replacing("goodbye:", with: "farewell:")
                .write(to: file, atomically: true, encoding: .utf8)
            service.service.reload()
            let after = try await service.get(url)
            #expect(after.status == 200 && after["etag"] != before["etag"] && after.body != before.body)
            #expect(try await service.get(url, headers: ["If-None-Match": before["etag"] ?? ""]).status == 200)
            // A pack that is broken changes nothing.
            try "{".write(to: file, atomically: true, encoding: .utf8)
            service.service.reload()
            #expect(try await service.get(url)["etag"] == after["etag"])
            #expect(service.log.all.contains { $0.contains("voice packs stay as they were") })
        }
    }

    @Test("is the same bytes under the same tag on every replica that has the key")
    func replicas() async throws {
        try await TestService.run { one in
            try await TestService.run { other in
                let links = try await one.links(#"{"code":"735198","locale":"de","pacing":"adaptive"}"#)
                for name in ["wav", "mp3", "ogg", "vtt"] {
                    let url = try #require(links[name])
                    let here = try await one.get(url)
                    let there = try await other.get(other.base + url.dropFirst(one.base.count))
                    #expect(here.body == there.body && here["etag"] == there["etag"])
                    #expect(here["last-modified"] == there["last-modified"])
                }
            }
        }
    }

    @Test("of hundreds at once, in several languages, is always the sound of its own code")
    func crossTalk() async throws {
        try await TestService.run(["burst": "1000"]) { service in
            let reader = CodeReader(engine: FakeEngine(), resampler: PlainResampler(), encoder: SoundFileEncoder())
            let locales = ["en-US", "ja-JP", "de-DE", "fr-FR", "zh-CN"]
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for index in 0..<300 {
                    group.addTask {
                        let code = String(100_000 + index * 2999)
                        let locale = locales[index % locales.count]
                        let url = try #require(
                            try await service.links(#"{"code":"\#(code)","locale":"\#(locale)","readings":1}"#)["ulaw"])
                        let pack = try VoicePackCatalog.builtIn.pack(for: locale)
                        let script = try Script(code: try VerificationCode(code), pack: pack)
                        let own = try await reader.render(
                            script, length: CodeReader.Length(readings: 1), as: try AudioFormat(.muLaw))
                        let expected = own.slices.flatMap { $0 }
                        return try await withThrowingTaskGroup(of: Bool.self) { clients in
                            for _ in 0..<3 { clients.addTask { try await service.get(url).body == expected } }
                            return try await clients.allSatisfy { $0 }
                        }
                    }
                }
                for try await isOwn in group { #expect(isOwn) }
            }
        }
    }
}
