// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCodeGateways
import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

@Suite("The pages of docs/gateways")
struct GatewayPagesTests {
    /// The pages of the table of contents, and the gateways of each.
    static let table = ((try? page("README").text) ?? "").matches(of: /\| \[([^\]]+)\]\((\w+)\.md\) \|/).map { row in
        (page: String(row.2), gateways: row.1.lowercased().components(separatedBy: ", "))
    }
    static let gateways = table.map(\.page)
    static let sections = [
        "What the caller hears", "How it ends", "What stays on its disk", "If something is wrong",
    ]

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../docs/gateways")

    static func page(_ name: String) throws -> GatewayPage {
        let file = folder.appending(path: "\(name).md")
        return GatewayPage(name: name, text: try String(contentsOf: file, encoding: .utf8))
    }

    @Test("are one for each gateway and one for none, and the table of contents has them all")
    func contents() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
        #expect(files.sorted() == (["README.md", "sip.md"] + Self.gateways.map { "\($0).md" }).sorted())
        #expect(Self.table.flatMap(\.gateways).sorted() == Gateways.all.map(\.name).sorted())
    }

    @Test("say what is heard, how it ends, what stays, and what to do", arguments: gateways)
    func says(_ name: String) throws {
        let page = try Self.page(name)
        #expect(page.headings.filter(Self.sections.contains) == Self.sections)
        #expect(!page.announcements.isEmpty, "it asks the service for something")
    }

    @Test("have configurations that can be pasted", arguments: gateways + ["README"])
    func configurations(_ name: String) async throws {
        let page = try Self.page(name)
        let globals = page.blocks(of: "asterisk").reduce(into: Set<String>()) {
            $0.formUnion(GatewayConfiguration.globals(in: $1.text))
        }
        #expect(!page.blocks.isEmpty)
        for block in page.blocks {
            let problems = try await GatewayConfiguration.problems(in: block.text, block.language, globals: globals)
            #expect(problems.isEmpty, "\(block.testDescription): \(problems)")
        }
    }

    /// What was found with real gateways, by the words under which an administrator looks for it.
    @Test(
        "tell what was found with real gateways",
        arguments: [
            ("freeswitch", "one more copy for each round"), ("freeswitch", "some are cut off"),
            ("freeswitch", "`Received HTTP response: 501`"), ("freeswitch", "12 dB softer"), ("freeswitch", "597 s"),
            ("freeswitch", "ssl-cacert-file"), ("asterisk", "180 s"), ("asterisk", "ca_list_file"),
            ("asterisk", "Failed to read header from AudioSocket because: Connection reset by peer"),
            ("asterisk", "core restart now"), ("asterisk", "`server returned 406`"),
            ("README", "all\nproviders"),
        ])
    func found(name: String, words: String) throws {
        #expect(try Self.page(name).text.contains(words))
    }

    /// Each provider's page is the only one that its users read.
    @Test(
        "warn of endless links where files are played", arguments: ["plivo", "telnyx", "twilio", "vonage", "jambonz"])
    func endless(_ name: String) throws {
        #expect(try Self.page(name).text.contains("endless link"))
    }

    @Test("name every reason for which a call ends")
    func reasons() throws {
        let page = try String(
            contentsOf: Self.folder.appending(path: "../operations.md"), encoding: .utf8)
        let ends = CallSession.End.allCases.map(\.rawValue) + CallSession.Refusal.allCases.map(\.rawValue)
        for end in ends { #expect(page.contains("| `\(end)` |"), "\(end)") }
    }

    @Test("name only what the service has, and post what it takes", arguments: gateways + ["README"])
    func names(_ name: String) throws {
        let unknown = try Self.page(name).unknownNames
        #expect(unknown.isEmpty, "\(unknown)")
    }

    @Test("name the setting of each gateway that signs")
    func settings() throws {
        let table = try Self.page("README").text
        for setting in Setting.all where Gateways.signings.contains(where: { $0.setting == setting.key }) {
            #expect(table.contains("| `\(setting.variable)` |"), "\(setting.key)")
        }
    }

    @Test("show a way for each document and each kind of media")
    func ways() throws {
        let bodies = try Self.gateways.flatMap { try Self.page($0).announcements }
        let formats = Set(bodies.map { $0.firstMatch(of: /"format": "(\w+)"/).map { String($0.output.1) } ?? "wav" })
        let media = ["wav", "websocket", "agi", "audiosocket"]
        #expect(formats == Set(Gateways.documents.map(\.name) + media))
    }

    /// Neither the context's name is counted nor what tidies up behind a call.
    @Test("need five lines of a dialplan, and one more where it repeats by itself")
    func length() throws {
        for block in try Self.page("asterisk").blocks(of: "asterisk") where block.text.contains("exten => s") {
            let lines = block.text.split(separator: "\n").filter { !$0.hasPrefix("[") && !$0.hasPrefix("exten => h") }
            #expect(lines.count <= (block.text.contains("(again)") ? 6 : 5), "\(block.testDescription)")
        }
    }
}

@Suite("What checks the pages of docs/gateways")
struct GatewayPageCheckTests {
    /// A language, a configuration with one mistake, and what is to be said of it.
    static let mistakes: [(String, String, String)] = [
        ("sh", "if true; then echo", "syntax error"),
        ("sh", "curl -d '{\"a\": 1,}' x", "no JSON"),
        ("sh", "curl -d \"{\\\"to\\\": $NUMBER \\\"from\\\": 1}\" x", "no JSON"),
        ("crontab", "17 * * * asterisk /bin/true", "five fields"),
        ("crontab", "17 * * * * asterisk /bin/true | (", "syntax error"),
        ("crontab", "17 * * * * asterisk /bin/date +%s", "percent"),
        ("json", "[{\"verb\": \"answer\"},]", "no JSON"),
        ("json", "[{\"verb\" \"answer\"}]", "no JSON"),
        ("json", "{\"verb\": \"answer\", \"verb\": \"play\"}", "no JSON"),
        ("xml", "<Response><Connect></Response>", "no XML"),
        ("xml", "<Response></Response><Response/>", "no XML"),
        ("xml", "<Response><Connect/></Response", "no XML"),
        ("xml", "<action application=answer/>", "no XML"),
        ("xml", "", "no XML"),
        ("xml", "<Response><Start/></Response>", "a Start in Response"),
        ("xml", "<action applicaton=\"answer\"/>", "an attribute applicaton"),
        ("xml", "<action application=\"awnser\"/>", "an application awnser"),
        ("ini", "uri = ws://x", "in front of all sections"),
        ("ini", "[a]\nuri ws://x", "no section and no setting"),
        ("ini", "[a]\nb = 1\nb = 2", "set twice"),
        ("asterisk", "exten => s,1,Answer()", "in front of all contexts"),
        ("asterisk", "[a]\n same => n,Answer()", "no extension before it"),
        ("asterisk", "[a]\nexten => s,2,Answer()", "no line of a dialplan"),
        ("asterisk", "[a]\nexten => s,1,Answer()\nsame -> n,Hangup()", "no line of a dialplan"),
        ("asterisk", "[a]\nexten => s,1,Answer", "no application with its arguments"),
        ("asterisk", "[a]\nexten => s,1,Awnser()", "no application Awnser"),
        ("asterisk", "[a]\nexten => s,1,Playback(${CULR(http://x)})", "no function CULR"),
        ("asterisk", "[a]\nexten => s,1,Playback(${URL})", "no variable URL"),
        ("asterisk", "[a]\nexten => s,1,NoOp(${CUT(URL,/,5)})", "no variable URL"),
        ("asterisk", "[a]\nexten => s,1,NoOp(${CODE)})", "a bracket or a quotation mark"),
        ("asterisk", "[a]\nexten => s,1,NoOp(\"${CODE})", "a bracket or a quotation mark"),
        ("asterisk", "[a]\nexten => s,1(again),GotoIf($[1 = 1]?agian)", "no label agian"),
        ("asterisk", "[a]\nexten => s,1,GotoIf($[1 = 1])", "goes nowhere"),
        ("asterisk", "[a]\nexten => s,1,Set(${CODE})", "nothing is set"),
        ("asterisk", "[globals]\nAPI_KEY", "no variable: API_KEY"),
        ("", "Channel: Local/s", "a block without a language"),
    ]

    @Test("sees a mistake in a configuration", arguments: mistakes)
    func mistake(language: String, text: String, said: String) async throws {
        let problems = try await GatewayConfiguration.problems(in: text, language)
        #expect(problems.contains { $0.contains(said) }, "said: \(problems)")
    }

    @Test(
        "takes what is right",
        arguments: [
            (
                "asterisk",
                "[globals]\nKEY=x\n[a]\nexten => s,1,Set(A=${KEY})\n same => n(top),NoOp(${A})\n same => n,Goto(top)"
            ),
            ("ini", "; a file\n[a]\nb = 1\n[c]\nb = 1"), ("json", "[1, \"a,]\"]"),
            ("sh", "curl -d \"{\\\"to\\\": \\\"$NUMBER\\\"}\" x # with a comment"),
            ("xml", "<include><extension name=\"a\"/></include>"),
        ])
    func right(language: String, text: String) async throws {
        #expect(try await GatewayConfiguration.problems(in: text, language).isEmpty)
    }

    @Test("sees a fence that is not closed")
    func fence() async throws {
        let block = try #require(GatewayPage(name: "x", text: "text\n```sh\ntrue\n").blocks.first)
        #expect(try await !GatewayConfiguration.problems(in: block.text, block.language).isEmpty)
    }

    /// A page with one name that the service does not have, and the part of it that is to be said.
    @Test(
        "sees a name that the service does not have",
        arguments: [
            ("Set SPEAKCODE_TWILIO_TOKEN.", "SPEAKCODE_TWILIO_TOKEN"), ("Set `publicUrl`.", "publicUrl"),
            ("Set `--audiosocket-port`.", "--audiosocket-port"),
            ("```sh\nspeakcode serve \\\n  --agi 4573\n```", "--agi"),
            ("```sh\nspeakcode serve --twilio-auth-token x\n```", "--twilio-auth-token"),
            ("Ask for `\"format\": \"audioSocket\"`.", "audioSocket"), ("Add `\"local\": \"ja\"`.", "local"),
            ("```sh\ncurl $S/v1/announcements -d '{\"code\": \"123456\", \"format\": \"twilml\"}'\n```", "format"),
            ("```sh\ncurl $S/v1/announcements -d '{\"code\": \"123456\", \"gates\": true}'\n```", "gates"),
            ("```sh\ncurl $S/v1/announcements -d '{\"code\": \"735198\"}'\n```", "one of its own"),
            ("```sh\ncurl $S/v1/announcements\n```", "no code"),
        ])
    func name(text: String, said: String) {
        let unknown = GatewayPage(name: "x", text: text).unknownNames
        #expect(unknown.count == 1 && unknown[0].contains(said), "said: \(unknown)")
    }
}
