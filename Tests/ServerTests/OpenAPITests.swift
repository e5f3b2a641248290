// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCodeGateways
import SpeakCodeLinks
import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

@Suite("The OpenAPI document")
struct OpenAPITests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized

    /// All of the service's code.
    private static func sources() throws -> String {
        try ["SpeakCodeServer", "SpeakCodeService"].flatMap { module in
            let folder = root.appending(path: "Sources/\(module)")
            return try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
                .compactMap { $0 as? URL }
        }
        .filter { $0.pathExtension == "swift" }
        .map { try String(contentsOf: $0, encoding: .utf8) }.joined(separator: "\n")
    }

    private static let statuses = [
        "badRequest": 400, "unauthorized": 401, "forbidden": 403, "notFound": 404, "methodNotAllowed": 405,
        "notAcceptable": 406, "requestTimeout": 408, "gone": 410, "preconditionFailed": 412, "contentTooLarge": 413,
        "unsupportedMediaType": 415, "rangeNotSatisfiable": 416, "misdirectedRequest": 421, "unprocessableContent": 422,
        "upgradeRequired": 426,
        "tooManyRequests": 429, "requestHeaderFieldsTooLarge": 431, "internalServerError": 500, "notImplemented": 501,
        "serviceUnavailable": 503,
    ]

    /// Each problem that the code has, by its word.
    private static func problems() throws -> [String: Set<Int>] {
        var problems: [String: Set<Int>] = [:]
        for match in try sources().matches(of: /Problem\(\s*\.(\w+),\s*"([a-z-]+)"/) {
            let status = try #require(statuses[String(match.1)], "\(match.1) is a status that this test does not know")
            problems[String(match.2), default: []].insert(status)
        }
        return problems
    }

    /// The rows of the table of problems.
    private static func table() throws -> [String: Set<Int>] {
        var table: [String: Set<Int>] = [:]
        for match in OpenAPIDocument.text.matches(of: /\| (`[a-z-]+`(?:, `[a-z-]+`)*) \| (\d+(?:, \d+)*) \|/) {
            let words = match.1.split(separator: ", ").map { String($0.dropFirst().dropLast()) }
            for word in words {
                #expect(table[word] == nil, "\(word) stands twice")
                table[word] = Set(match.2.split(separator: ", ").compactMap { Int($0) })
            }
        }
        return table
    }

    @Test("tells of each problem that the service answers with, of its status, and of no other")
    func problems() throws {
        let problems = try Self.problems()
        #expect(problems.count > 20)
        #expect(try Self.table() == problems)
        let enumerated = OpenAPIDocument.text.matches(of: /- urn:speakcode:problem:([a-z-]+)/).map { String($0.1) }
        #expect(Set(enumerated) == Set(problems.keys) && enumerated.count == problems.count)
    }

    @Test("has what is repeated in it filled in for each row, and two operations for each representation")
    func repeated() {
        #expect(!OpenAPIDocument.text.contains("# repeat") && !OpenAPIDocument.text.contains("# end"))
        #expect(
            OpenAPIDocument.text.firstMatch(of: /<(Name|path|summary|Response|Kind|kind|type|said|content|part)>/)
                == nil)
        let names = Set(Self.operations.map(\.name))
        for representation in Representation.all {
            let isOther = representation.name.wholeMatch(of: /(\d+|ulaw|alaw)\.wav/) != nil
            let words = representation.name.split(separator: ".").map { $0.prefix(1).uppercased() + $0.dropFirst() }
            let name = isOther ? "OtherWav" : words.joined()
            #expect(names.isSuperset(of: ["get\(name)", "head\(name)"]), "\(name)")
        }
    }

    /// The operations by their names, each with its lines.
    private static var operations: [(name: String, lines: Substring)] {
        let ends = OpenAPIDocument.text.firstRange(of: "\ncomponents:")?.lowerBound ?? OpenAPIDocument.text.endIndex
        return OpenAPIDocument.text[..<ends].split(separator: "operationId: ").dropFirst().map { part in
            (String(part.prefix { $0 != "\n" }), part)
        }
    }

    @Test("tells of each operation what every request may be answered with")
    func everywhere() {
        #expect(Self.operations.count > 40)
        for (name, lines) in Self.operations {
            for status in [400, 431, 500] { #expect(lines.contains("\"\(status)\":"), "\(name) has no \(status)") }
        }
    }

    @Test("tells of each status somewhere, and of none that no problem has")
    func allStatuses() throws {
        let told = Set(Self.operations.flatMap { $0.lines.matches(of: /\n +"(\d+)":/).compactMap { Int($0.1) } })
        // What a method that an address does not take is answered with belongs to no operation.
        let had = Set(try Self.problems().values.joined()).subtracting([405, 501])
        #expect(told.filter { $0 >= 400 } == had)
    }

    @Test(
        "has the bounds of the code",
        arguments: [
            ("expiresIn", AnnouncementRequest.lifetimes), ("readings", AnnouncementRequest.readings),
            ("maxDuration", AnnouncementRequest.durations),
        ])
    func bounds(field: String, range: ClosedRange<Int>) throws {
        let schema = try #require(OpenAPIDocument.text.firstRange(of: "AnnouncementRequest:\n    "))
        let rest = OpenAPIDocument.text[schema.upperBound...]
        let start = try #require(rest.firstRange(of: "\n        \(field):")).upperBound
        let lines = rest[start...].prefix(700)
        let minimum = try #require(lines.firstMatch(of: /minimum: (\d+)/)).1
        let maximum = try #require(lines.firstMatch(of: /maximum: (\d+)/)).1
        #expect(Int(minimum) == range.lowerBound && Int(maximum) == range.upperBound)
    }

    @Test("has all fields of a request, and no other")
    func fields() throws {
        let schema = try #require(OpenAPIDocument.text.firstRange(of: "\n    AnnouncementRequest:\n"))
        let end = try #require(OpenAPIDocument.text[schema.upperBound...].firstRange(of: "\n    Preset:")).lowerBound
        let fields = OpenAPIDocument.text[schema.upperBound..<end].matches(of: /\n        (\w+):/).map { String($0.1) }
        #expect(Set(fields) == Set(AnnouncementRequest.known) && fields.count == AnnouncementRequest.known.count)
    }

    @Test("has all fields of a request for a call, and no other, and the states and outcomes of calls")
    func calls() throws {
        let text = OpenAPIDocument.text
        let start = try #require(text.firstRange(of: "\n    CallRequest:\n")).upperBound
        let end = try #require(text[start...].firstRange(of: "\n    Call:\n")).lowerBound
        let fields = text[start..<end].matches(of: /\n        (\w+):/).map { String($0.1) }
        #expect(Set(fields) == Set(CallRequest.known) && fields.count == CallRequest.known.count)
        func list(_ words: [String]) -> String { "enum: [\(words.joined(separator: ", "))" }
        let (call, request) = (text[end...], text[start..<end])
        #expect(
            call.contains(list(CallRecord.statusNames)) && call.contains(list(CallOutcome.allCases.map(\.rawValue))))
        #expect(request.contains(list(CallRequest.Gate.allCases.map(\.rawValue))))
        let timeouts = try #require(request.firstRange(of: "timeout:")).upperBound
        #expect(request[timeouts...].contains("minimum: \(CallRequest.timeouts.lowerBound)\n"))
        #expect(request[timeouts...].contains("maximum: \(CallRequest.timeouts.upperBound)\n"))
    }

    @Test("has the formats, documents and representations of the code, and no other")
    func formats() throws {
        func list(_ pattern: some RegexComponent<(Substring, Substring)>) throws -> Set<String> {
            let match = try #require(OpenAPIDocument.text.firstMatch(of: pattern))
            let names = match.output.1.split { ",- \n[]".contains($0) }.map(String.init)
            #expect(!names.isEmpty && Set(names).count == names.count)
            return Set(names)
        }
        let documents = try list(/\n    Document: \{ enum: (\[[^\]]+\])/)
        #expect(documents == Set(Gateways.documents.map(\.name)))
        #expect(try list(/\n +required: (\[twiml[^\]]+\])/) == documents)
        let representations = try list(/\n    Representation:\n      enum:\n((?:        - .+\n)+)/)
        #expect(representations == Set(Representation.all.map(\.name)))
        #expect(try list(/\n +items: \{ enum: (\[again[^\]]+\])/) == Set(CallKey.all.map(\.name)))
        let media = try list(/\n        - enum: (\[websocket[^\]]+\])/)
        #expect(documents.union(representations).union(media) == Set(LinkKind.names))
    }

    @Test("has a pattern for links that all real ones match, from the shortest to the longest")
    func sealed() throws {
        let written = try #require(OpenAPIDocument.text.firstMatch(of: /pattern: "(\^\[A-Za-z0-9_-\]\{\d+,\d+\}\$)"/)).1
        let pattern = try Regex(String(written))
        let (least, most) = (LinkKeyring.lengths.lowerBound, LinkKeyring.lengths.upperBound)
        #expect(written.hasSuffix("{\(least),\(most)}$"), "the bounds that the service looks at")
        for announcement in [try LinkAddressTests.shortest(), try LinkAddressTests.longest()] {
            let ring = LinkKeyring([LinkKey()])
            let sealed = try ring.seal(announcement)
            #expect(sealed.contains(pattern) && ring.open(sealed)?.announcement == announcement)
        }
    }
}

@Suite("The metrics")
struct MetricsTests {
    @Test("each have a line of help and one of their type, and a row in the documentation")
    func help() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
        let folder = root.appending(path: "Sources/SpeakCodeService")
        let files = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
        var names: Set<String> = []
        for case let file as URL in files where file.pathExtension == "swift" {
            for match in try String(contentsOf: file, encoding: .utf8).matches(of: /label:\s*"(speakcode_\w+)"/) {
                names.insert(String(match.1))
            }
        }
        #expect(names.count >= 11)
        #expect(Set(PrometheusRegistry.help.keys) == names)
        let documentation = try String(contentsOf: root.appending(path: "docs/operations.md"), encoding: .utf8)
        let rows = documentation.matches(of: /\n\| `(speakcode_\w+)` \|/).map { String($0.1) }
        #expect(Set(rows) == names && rows.count == names.count)
    }

    @Test("are told with their help and type before their first line")
    func exposition() async throws {
        try await TestService.run { service in
            for url in try await service.links(#"{"code":"735198"}"#).values where !url.contains("/live.") {
                _ = try await service.get(url)
            }
            _ = try await service.get("/c/x.twiml")
            var known: Set<Substring> = []
            for line in try await service.get("/metrics").text.split(separator: "\n") {
                let words = line.split(separator: " ", maxSplits: 3)
                if line.hasPrefix("# HELP") { known.insert(words[2]) }
                if line.hasPrefix("#") { #expect(words.count == 4 && known.contains(words[2]), "\(line)") }
                guard !line.hasPrefix("#") else { continue }
                let name = line.prefix { $0 != "{" && $0 != " " }
                let family = ["_bucket", "_sum", "_count"].first(where: name.hasSuffix).map { name.dropLast($0.count) }
                #expect(known.contains(name) || known.contains(family ?? ""), "\(line)")
            }
            #expect(known.contains("speakcode_documents_total"))
        }
    }
}
