// SPDX-License-Identifier: GPL-3.0-or-later

import Configuration
import Foundation
import SpeakCodeLinks
import SpeakCodeTesting
import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

@Suite("The settings")
struct SettingsTests {
    private static func file(_ json: String) throws -> String {
        let path = FileManager.default.temporaryDirectory.appending(path: "settings-\(UUID().uuidString).json").path
        try Data(json.utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        return path
    }

    @Test("are flags, over the environment, over a file, over the defaults")
    func precedence() async throws {
        let file = try Self.file(
            #"{"port": 1, "host": "127.0.0.1", "locale": "de", "burst": 7, "trustedProxies": ["::1"]}"#)
        defer { try? FileManager.default.removeItem(atPath: file) }
        let settings = try await ServiceSettings(
            flags: ["port": "3"], environment: ["SPEAKCODE_PORT": "2", "SPEAKCODE_LOCALE": "fr"], file: file)
        #expect(settings.port == 3 && settings.locale == "fr" && settings.burst == 7 && settings.daily == 0)
        #expect(settings.trustedProxies == ["::1"])
    }

    @Test(
        "have a variable each",
        arguments: [
            ("publicURL", "SPEAKCODE_PUBLIC_URL"), ("port", "SPEAKCODE_PORT"),
            ("linkKeysFile", "SPEAKCODE_LINK_KEYS_FILE"),
        ])
    func variable(key: String, variable: String) {
        #expect(Setting.all.first { $0.key == key }?.variable == variable)
    }

    @Test("are all taken from the environment, and shown, and no secret is")
    func shown() async throws {
        let values = [
            "host": "127.0.0.9", "port": "81", "publicURL": "https://x.example", "locale": "de", "voices": "/v",
            "recordedVoices": "june=a,kumo=b", "localeVoices": "fr-FR=june,ja-JP=kumo",
            "linkKeys": "KEY1,KEY2", "linkKeysFile": "/l", "apiKeys": "a:KEY3", "apiKeysFile": "/a",
            "certificate": "/c",
            "privateKey": "/k", "trustedProxies": "::1,10.0.0.0/8", "cacheControl": "no-store", "expiresIn": "61",
            "longestExpiry": "62", "rate": "63", "burst": "64", "daily": "65", "liveCalls": "66", "liveSeconds": "67",
            "connections": "68", "idleSeconds": "69", "graceSeconds": "70", "requestSeconds": "73",
            "liveCallsPerLink": "74", "liveCallsPerAddress": "75", "waitingCallsPerCaller": "76",
            "connectionsPerAddress": "77", "logLevel": "trace",
            "audioSocketPort": "71", "agiPort": "72", "mediaHost": "media.example", "twilioAuthToken": "KEY4",
            "plivoAuthToken": "KEY5", "telnyxPublicKey": "public", "vonageSignatureSecret": "KEY6",
            "jambonzSecret": "KEY7", "answerSeconds": "73", "voiceMegabytes": "74",
            // Placing calls.
            "callPrefixes": "+49,sip:pbx.example", "callThrough": "twilio", "callRoutes": "+49=twilio",
            "callEvents": "https://x.example", "callEventsKey": "KEY8", "nodeName": "n1", "callSeconds": "78",
            "callsFile": "/f", "callsPerNumber": "79", "callWaits": "0,1", "callsPerRange": "80", "callsPerKey": "81",
            "callsPerDay": "82", "quietHours": "21:00-08:00@Z",
            // Dialling.
            "twilioAccount": "a", "twilioNumbers": "+4930123456,+4930123457", "twilioURL": "https://x.example",
            "signalwireProject": "a", "signalwireURL": "https://x.example", "signalwireToken": "KEY",
            "signalwireNumbers": "+4930123456,+4930123457", "plivoAccount": "a",
            "plivoNumbers": "+4930123456,+4930123457", "plivoURL": "https://x.example", "telnyxApiKey": "KEY",
            "telnyxAccount": "a", "telnyxApplication": "a", "telnyxConnection": "a",
            "telnyxNumbers": "+4930123456,+4930123457", "telnyxURL": "https://x.example", "vonageApplication": "a",
            "vonagePrivateKey": "KEY", "vonageNumbers": "+4930123456,+4930123457", "vonageURL": "https://x.example",
            "jambonzAccount": "a", "jambonzURL": "https://x.example", "jambonzApiKey": "KEY",
            "jambonzNumbers": "+4930123456,+4930123457", "freeswitchEventSocket": "a", "freeswitchPassword": "KEY",
            "freeswitchDial": "a",
            "freeswitchText": "true", "freeswitchNumbers": "+4930123456,+4930123457", "asteriskDial": "a",
            "asteriskUser": "a", "asteriskPassword": "KEY", "asteriskNumbers": "+4930123456,+4930123457",
            "asteriskURL": "https://x.example/ari", "asteriskApplication": "a", "asteriskContext": "a",
            // SIP of its own.
            "sipFrom": "+4930123456,sip:codes@x.example", "sipProxy": "x.example", "sipRegistrar": "x.example",
            "sipUser": "a", "sipPassword": "KEY", "sipText": "false", "sipCalls": "83",
            // Identity servers.
            "identityServers": "okta,kratos", "identityForward": "https://x.example", "supabaseSecret": "KEY",
            "zitadelSecret": "KEY", "authgearSecret": "KEY", "standardSecret": "KEY",
        ]
        #expect(Set(values.keys) == Set(Setting.all.map(\.key)), "every setting is in this test")
        let settings = try await ServiceSettings(
            flags: [:],
            environment: Dictionary(uniqueKeysWithValues: Setting.all.map { ($0.variable, values[$0.key] ?? "") }),
            file: nil)
        let shown = settings.shown()
        for setting in Setting.all {
            #expect(shown.contains("\(setting.key) = \(setting.isSecret ? "(secret)" : values[setting.key] ?? "")"))
        }
        var described = "\(settings) \(String(reflecting: settings))"
        dump(settings, to: &described)
        #expect(!shown.contains("KEY") && !described.contains("KEY"))
    }

    @Test("have each a property of its own")
    func properties() async throws {
        let usual = ServiceSettings()
        for setting in Setting.all {
            let value = setting.range.map { String($0.upperBound) } ?? "https://x.example"
            var changed = ServiceSettings()
            let reader = ConfigReader(
                provider: EnvironmentVariablesProvider(environmentVariables: [setting.variable: value])
                    .prefixKeys(with: ["speakcode"]))
            try await setting.read(reader, &changed)
            for other in Setting.all {
                #expect(
                    (other.text(changed) == other.text(usual)) == (other.key != setting.key),
                    "\(setting.key) \(other.key)")
            }
        }
    }

    @Test("are all in the table of docs/operations.md and in the manual, as they are in the code")
    func documents() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs").standardized
        func grouped(_ number: Int) -> String {
            guard number >= 10_000 else { return "\(number)" }
            return number.formatted(.number.locale(Locale(identifier: "en_US")))
        }
        let rows = Setting.all.map { setting in
            let flag = setting.flag.map { "`--\($0)`" } ?? "none: everybody can see flags"
            let range = setting.range.map { "; \(grouped($0.lowerBound))–\(grouped($0.upperBound))" } ?? ""
            let fallback = setting.fallback.isEmpty ? "" : "`\(setting.fallback)`"
            return "| `\(setting.key)` | `\(setting.variable)` | \(flag) | \(fallback) | \(setting.help)\(range) |"
        }
        let page = try String(contentsOf: folder.appending(path: "operations.md"), encoding: .utf8)
        let table = page.components(separatedBy: "\n").drop { $0 != "|---|---|---|---|---|" }.dropFirst()
            .prefix { $0.hasPrefix("|") }
        #expect(Array(table) == rows)

        let manual = try String(contentsOf: folder.appending(path: "speakcode.1"), encoding: .utf8)
        for setting in Setting.all {
            guard let flag = setting.flag else { continue }
            #expect(manual.contains(".It Fl -\(flag) Ar \(setting.value.rawValue)\n\(setting.sentence)\n"), "\(flag)")
        }
    }

    @Test("leave room in the memory and the files that the unit of docs/deployment has, with all ports and by default")
    func unit() throws {
        let unit = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../docs/deployment/speakcode.service").standardized
        let text = try String(contentsOf: unit, encoding: .utf8)
        let gigabytes = try #require(text.firstMatch(of: /(?m)^MemoryMax=(\d+)G$/).flatMap { Int($0.1) })
        let voices = try #require(Setting.all.first { $0.key == "voiceMegabytes" }.flatMap { Int($0.fallback) })
        // The process itself, encoded files, the log and buffers, as docs/operations.md has them, and 60,000 connections.
        #expect(voices + 60 + 32 + 1 + 32 + 600 < 1024 * gigabytes)
        let limit = try #require(text.firstMatch(of: /(?m)^LimitNOFILE=(\d+)$/).flatMap { Int($0.1) })
        #expect(try OpenFiles(limit: limit, inUse: 16, cores: 96).connections(nil, toEachOf: 4) == 20_000)
    }

    @Test(
        "that cannot be taken are named, and secrets are not repeated",
        arguments: [
            ("port", "70000"), ("port", "x"), ("publicURL", "codes.example.net"), ("publicURL", "https://x/?a=1"),
            ("rate", "0"), ("expiresIn", "5"), ("expiresIn", "7200"), ("logLevel", "loud"), ("certificate", "/c"),
            ("privateKey", "/k"), ("cacheControl", "a\nb"), ("audioSocketPort", "x"), ("agiPort", "-1"),
        ])
    func wrong(key: String, value: String) async throws {
        let error = try await #require(throws: SettingsError.self) {
            _ = try await ServiceSettings(flags: [key: value], environment: [:], file: nil)
        }
        #expect(error.key == key || Set([error.key, key]) == ["certificate", "privateKey"])
    }

    @Test(
        "of a file that is misspelt or no settings at all are refused",
        arguments: [
            (#"{"prot": 1}"#, "has `prot`, which is no setting"), ("[]", "must be a JSON object"),
            ("", "is not JSON5 in line 1, column 1"),
            ("{\n  port: 1\n  host: 'x'}", "is not JSON5 in line 3, column 3"),
            ("{port: 1,\n port: 2}", "has `port` twice, in line 2 again"), (#"{"port": 1.5}"#, "must be"),
            (#"{"port": true}"#, "must be"), (#"{"trustedProxies": [1]}"#, "must be a list of texts"),
        ])
    func file(json: String, problem: String) async throws {
        let file = try Self.file(json)
        defer { try? FileManager.default.removeItem(atPath: file) }
        let error = await #expect(throws: SettingsError.self) {
            _ = try await ServiceSettings(flags: [:], environment: [:], file: file)
        }
        #expect(error?.problem.contains(problem) == true, "\(error?.problem ?? "")")
    }

    @Test(
        "need an API key to listen on an address that others reach",
        arguments: ["0.0.0.0", "::", "192.0.2.1", "127.evil.example"])
    func open(host: String) async throws {
        let settings = try await ServiceSettings(flags: ["host": host], environment: [:], file: nil)
        let error = #expect(throws: SettingsError.self) {
            _ = try AnnouncementServer(
                settings, engine: FakeEngine(), resampler: PlainResampler(), encoder: PlainEncoder(), origin: "",
                logger: LogLines().logger)
        }
        #expect(error?.key == "apiKeysFile")
    }

    @Test(
        "need an API key where a proxy on this machine hands on what the world asks for",
        arguments: [
            (["publicURL": "https://codes.example.net"], true), (["publicURL": "http://10.0.0.7:8080"], true),
            (["trustedProxies": "127.0.0.1"], true), (["publicURL": "http://localhost.evil.example"], true),
            (["publicURL": "http://localhost:8080"], false), (["publicURL": "http://[::1]:8080/x"], false),
            (["publicURL": "http://127.0.0.1"], false), ([:], false),
        ] as [([String: String], Bool)])
    func openByAccident(flags: [String: String], isRefused: Bool) async throws {
        let settings = try await ServiceSettings(flags: flags, environment: [:], file: nil)
        var refusal: SettingsError?
        do throws(any Error) {
            _ = try AnnouncementServer(
                settings, engine: FakeEngine(), resampler: PlainResampler(), encoder: PlainEncoder(), origin: "",
                logger: LogLines().logger)
        } catch let error as SettingsError {
            refusal = error
        }
        #expect(refusal?.key == (isRefused ? "apiKeysFile" : nil))
    }

    @Test("name where gateways connect to, which is never all addresses", arguments: ["0.0.0.0", "::"])
    func mediaHost(host: String) async throws {
        for port in ["agiPort", "audioSocketPort"] {
            let error = await #expect(throws: SettingsError.self) {
                _ = try await ServiceSettings(flags: ["host": host, port: "0"], environment: [:], file: nil)
            }
            #expect(error?.key == "mediaHost")
            _ = try await ServiceSettings(
                flags: ["host": host, port: "0", "mediaHost": "node7.example"], environment: [:], file: nil)
        }
    }

    @Test(
        "have bad keys named by their line, without the key",
        arguments: [
            ("linkKeysFile", "# old\nSECRETSECRET\n", "line 2"), ("linkKeysFile", "\n\n", "no key"),
            ("apiKeysFile", "bank\n", "line 1"), ("apiKeysFile", "bank SECRETSECRET\n", "line 1"),
            ("apiKeysFile", "# c\nbank SECRETSECRET   \n", "line 2"),
            ("apiKeysFile", "bank SECRETSECRETSECRETSECRET\n", "line 1"),
            ("apiKeysFile", "bank aaaabbbbccccddddSECRETSECRET\u{E9}\n", "line 1"),
            ("apiKeysFile", "SECRETSECRETSECRETS bank\n", "line 1"),
            ("linkKeysFile", String(repeating: "A", count: 43) + "=\n", "line 1"),
            ("apiKeysFile", "", "no caller"), ("apiKeysFile", "\nbank SECRET SECRETSECRET\n", "line 2"),
        ])
    func keys(key: String, contents: String, named: String) async throws {
        let file = try Self.file(contents)
        defer { try? FileManager.default.removeItem(atPath: file) }
        let settings = try await ServiceSettings(flags: [key: file], environment: [:], file: nil)
        let error = try #require(throws: SettingsError.self) {
            _ = key == "linkKeysFile" ? try settings.readLinkKeys().count : try settings.readCallers().count
        }
        #expect(error.key == key && "\(error)".contains(named) && !"\(error)".contains("SECRETSECRET"))
    }

    @Test(
        "take a key with blanks around it for the key",
        arguments: ["bank 0123456789abcdef \t", "  bank:\t0123456789abcdef", "bank  0123456789abcdef\r"])
    func blanks(line: String) async throws {
        let file = try Self.file("\(line)\n")
        defer { try? FileManager.default.removeItem(atPath: file) }
        let settings = try await ServiceSettings(
            flags: ["apiKeysFile": file],
            environment: ["SPEAKCODE_API_KEYS": "shop:fedcba9876543210 , x:0123456789abcde! "], file: nil)
        let callers = try settings.readCallers()
        for (key, name) in [("0123456789abcdef", "bank"), ("fedcba9876543210", "shop"), ("0123456789abcde!", "x")] {
            #expect(Caller.presenting(key, among: callers)?.name == name)
        }
        let secrets = try await ServiceSettings(
            flags: [:], environment: ["SPEAKCODE_TWILIO_AUTH_TOKEN": "token \n"], file: nil)
        #expect(secrets.gatewayValues["twilioAuthToken"] == "token")
    }

    @Test(
        "have API keys that cannot be guessed",
        arguments: [
            ("0123456789abcdef", true), ("0123456789abcde", false), ("aaaaaaaaaaaaaaaaaaaaaaaa", false),
            ("abcdabcdabcdabcdabcd", false), ("passwordpassword", false), ("0123456789abcdef0123456789abcdef", true),
            ("1112131112131415", true),
        ])
    func weak(key: String, isTaken: Bool) {
        #expect(((try? Caller(line: "bank \(key)")) != nil) == isTaken)
    }

    @Test(
        "name files with keys that nobody else may read, as OpenSSH has it",
        arguments: [
            (0o600, true, FileExposure.none), (0o400, true, .none), (0o640, true, .byItsOwner),
            (0o604, true, .byItsOwner), (0o620, true, .byItsOwner), (0o666, true, .byItsOwner),
            // What systemd gives a service by an access list, and what its administrator gives a group.
            (0o440, false, .none), (0o640, false, .none), (0o444, false, .byAnother), (0o602, false, .byAnother),
        ] as [(UInt32, Bool, FileExposure)])
    func exposure(mode: UInt32, isOwn: Bool, exposure: FileExposure) {
        #expect(FileExposure(mode: 0o100000 | mode, owner: 1000, user: isOwn ? 1000 : 999) == exposure)
        #expect(FileExposure(mode: 0o010000 | mode, owner: 1000, user: isOwn ? 1000 : 999) == .none, "a pipe")
    }

    @Test(
        "refuse a file of keys that others may read, and say what to do", arguments: ["linkKeysFile", "apiKeysFile"],
        [0o644, 0o660])
    func exposed(setting: String, mode: Int) async throws {
        let file = try Self.file(setting == "linkKeysFile" ? LinkKey().text : "bank 0123456789abcdef")
        defer { try? FileManager.default.removeItem(atPath: file) }
        let settings = try await ServiceSettings(flags: [setting: file], environment: [:], file: nil)
        func read() throws -> Int { try settings.readLinkKeys().count + settings.readCallers().count }
        #expect(try read() == 1 && settings.exposedFiles().isEmpty)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
        let error = #expect(throws: SettingsError.self) { _ = try read() }
        #expect(error?.key == setting && error?.problem.contains("chmod 600") == true)
    }

    @Test(
        "say of a file that cannot be read which it is, and why",
        arguments: ["linkKeysFile", "apiKeysFile", "certificate", "config"],
        [("/nowhere/at/all", "is not there"), ("/etc", "directory")])
    func unreadable(setting: String, file: (path: String, why: String)) async throws {
        let sound = try Self.file("x")
        defer { try? FileManager.default.removeItem(atPath: sound) }
        func read() async throws {
            switch setting {
            case "certificate": _ = try Certificates(certificate: file.path, privateKey: sound)
            case "config": _ = try await ServiceSettings(flags: [:], environment: [:], file: file.path)
            default:
                let settings = try await ServiceSettings(flags: [setting: file.path], environment: [:], file: nil)
                _ = (try settings.readLinkKeys(), try settings.readCallers())
            }
        }
        let error = await #expect(throws: SettingsError.self) { try await read() }
        #expect(error?.key == setting)
        #expect(error?.problem.contains(file.path) == true)
        #expect(error?.problem.lowercased().contains(file.why) == true, "\(error?.problem ?? "")")
    }

    @Test(
        "warn of other files with secrets that others may read",
        arguments: [#"{"twilioAuthToken": "KEY"}"#, #"{"apiKeys": ["a:KEY"]}"#])
    func exposedSettings(json: String) async throws {
        let file = try Self.file(json)
        defer { try? FileManager.default.removeItem(atPath: file) }
        #expect(try await ServiceSettings(flags: [:], environment: [:], file: file).exposedFiles().isEmpty)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file)
        let warnings = try await ServiceSettings(flags: [:], environment: [:], file: file).exposedFiles()
        #expect(warnings.count == 1 && warnings[0].hasPrefix("config ") && !warnings[0].contains("KEY"))
        let plain = try Self.file(#"{"port": 1}"#)
        defer { try? FileManager.default.removeItem(atPath: plain) }
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: plain)
        #expect(try await ServiceSettings(flags: [:], environment: [:], file: plain).exposedFiles().isEmpty)
    }

    @Test(
        "are shown without the password of an address",
        arguments: [
            ("https://user:KEY@codes.example.net", "https://(secret)@codes.example.net"),
            ("https://KEY@codes.example.net:8443/a/b", "https://(secret)@codes.example.net:8443/a/b"),
            ("https://us@er:KEY@codes.example.net/@x", "https://(secret)@codes.example.net/@x"),
            ("https://codes.example.net/@x", "https://codes.example.net/@x"),
        ])
    func password(url: String, shown: String) async throws {
        let settings = try await ServiceSettings(flags: ["publicURL": url], environment: [:], file: nil)
        #expect(settings.publicURL == url && settings.shown().contains("publicURL = \(shown)\n"))
        #expect(!settings.shown().contains("KEY"))
    }
}

@Suite("A caller's bucket")
struct TokenBucketsTests {
    @Test("holds its burst, fills at its rate, and is nobody else's")
    func bucket() {
        let clock = ManualClock()
        let buckets = TokenBuckets(.init(rate: 2, burst: 3, daily: nil), time: SteadyTime(clock))
        #expect((0..<4).map { _ in buckets.take(for: "a") } == [nil, nil, nil, 1])
        #expect(buckets.take(for: "b") == nil)
        clock.advance(by: .milliseconds(500))
        #expect([buckets.take(for: "a"), buckets.take(for: "a")] == [nil, 1])
        clock.advance(by: .seconds(3600))
        #expect((0..<4).map { _ in buckets.take(for: "a") == nil } == [true, true, true, false])
    }

    @Test("has a quota for a day, and says when the next begins")
    func quota() {
        let clock = ManualClock()
        let buckets = TokenBuckets(.init(rate: 100, burst: 100, daily: 2), time: SteadyTime(clock))
        #expect((0..<3).map { _ in buckets.take(for: "a") } == [nil, nil, 86_400])
        clock.advance(by: .seconds(86_399))
        #expect(buckets.take(for: "a") == 1)
        clock.advance(by: .seconds(1))
        #expect(buckets.take(for: "a") == nil)
    }
}
