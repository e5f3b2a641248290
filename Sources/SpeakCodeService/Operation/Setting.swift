// SPDX-License-Identifier: GPL-3.0-or-later

internal import Configuration
internal import SpeakCodeGateways
internal import SpeakCodeLinks

/// All that is known of a setting, in one row: `publicURL` in a file, `SPEAKCODE_PUBLIC_URL` in the environment, `--public-url`
/// as a flag.
///
/// What reads and shows settings, the flags of `speakcode serve` with their help, the manual page and the table in
/// docs/operations.md are made of these rows or held to them by tests. A new setting is a property with its default and a row.
public struct Setting: Sendable {
    /// The key in a file.
    public let key: String
    /// What it is for.
    public let help: String
    /// What a value is.
    public let value: Value
    /// The numbers that it may be; nil for what is no number.
    public let range: ClosedRange<Int>?
    /// Whether its value is never shown, and cannot be a flag, which everybody on the machine can see.
    public let isSecret: Bool
    /// Whether it is several texts: with commas between in flags and variables, an array in a file.
    let isList: Bool
    /// Takes its value from where values are.
    let read: @Sendable (ConfigReader, inout ServiceSettings) async throws(SettingsError) -> Void
    /// Its value, as it could be written; empty for none.
    let text: @Sendable (ServiceSettings) -> String

    /// What a value is, by the word that stands for it in help.
    public enum Value: String, Sendable {
        /// An address to listen on.
        case address
        /// Any text.
        case value
        /// A file that is read.
        case file
        /// A folder that is read.
        case folder
        /// A public key.
        case key
        /// A level of the log.
        case level
        /// Several texts.
        case list
        /// The name of a host.
        case name
        /// A number of things.
        case n
        /// A number of a port.
        case port
        /// A number of seconds.
        case seconds
        /// A language tag.
        case tag
        /// An address of the web.
        case url
    }

    /// The variable in the environment: `SPEAKCODE_PUBLIC_URL`.
    public var variable: String {
        var name = "SPEAKCODE_"
        var before: Character = "A"
        for character in key {
            if character.isUppercase, before.isLowercase { name += "_" }
            name += character.uppercased()
            before = character
        }
        return name
    }

    /// The flag behind `speakcode serve`, without its hyphens: `public-url`; nil for a secret.
    public var flag: String? {
        guard !isSecret else { return nil }
        return variable.split(separator: "_").dropFirst().joined(separator: "-").lowercased()
    }

    /// The default, as it could be written; empty where there is none.
    public var fallback: String { text(ServiceSettings()) }

    /// What it is for and what its default is, as a sentence: `The port to listen on; 0 for any. (default: 8080)`.
    public var sentence: String {
        let fallback = fallback
        return help.prefix(1).uppercased() + help.dropFirst() + "."
            + (fallback.isEmpty ? "" : " (default: \(fallback))")
    }

    /// All settings, in the order in which they are shown.
    public static let all = doors + calls + signatures + dialing + identity + limits

    private static let doors: [Setting] = [
        Setting("host", \.host, "the address to listen on; one that others reach needs API keys", value: .address),
        Setting("port", \.port, in: 0...65_535, "the port to listen on; 0 for any", value: .n),
        Setting(
            "publicURL", \.publicURL, "the base of links, such as https://codes.example.net; else each request's own",
            value: .url, checked: ServiceSettings.base),
        Setting("locale", \.locale, "the locale for callers who name none", value: .tag),
        Setting("voices", \.voices, "a folder of voice packs over the built-in ones", value: .folder),
        Setting(
            "recordedVoices", \.recordedVoices,
            "voices that somebody has lent, as name=folder; requests choose them by name", value: .list),
        Setting(
            "localeVoices", \.localeVoices, "which of them a locale has where nobody chooses, as locale=name",
            value: .list),
        Setting("linkKeys", \.linkKeys, "link keys, the sealing one first", isSecret: true),
        Setting(
            "linkKeysFile", \.linkKeysFile, "a file with a link key in each line, the sealing one first", value: .file),
        Setting("apiKeys", \.apiKeys, "callers' API keys as name:key", isSecret: true),
        Setting("apiKeysFile", \.apiKeysFile, "a file with a caller's name and API key in each line", value: .file),
        Setting(
            "certificate", \.certificate, "a PEM file with the certificate chain; turns on TLS and HTTP/2", value: .file
        ),
        Setting("privateKey", \.privateKey, "a PEM file with the certificate's private key", value: .file),
        Setting(
            "trustedProxies", \.trustedProxies,
            "addresses and networks of proxies whose Forwarded and X-Forwarded-… are taken", value: .list),
        Setting(
            "cacheControl", \.cacheControl, "the Cache-Control of finite audio; {age} is what is left", value: .value),
        Setting(
            "expiresIn", \.expiresIn, in: AnnouncementRequest.lifetimes, "seconds for which a link is valid by default",
            value: .seconds),
        Setting(
            "longestExpiry", \.longestExpiry, in: AnnouncementRequest.lifetimes,
            "seconds for which a caller may ask a link to be valid", value: .seconds),
        Setting("rate", \.rate, in: 1...1_000_000, "announcements a second for each API key, in the long run"),
        Setting("burst", \.burst, in: 1...1_000_000, "announcements at once for each API key"),
        Setting("daily", \.daily, in: 0...1_000_000_000, "announcements a day for each API key; 0 for any number"),
        Setting("liveCalls", \.liveCalls, in: 0...1_000_000, "listeners of endless audio at a time"),
        Setting(
            "liveSeconds", \.liveSeconds, in: 1...86_400, "seconds for which one listener is read to", value: .seconds),
        Setting("liveCallsPerLink", \.liveCallsPerLink, in: 1...1_000_000, "of those, by one link"),
        Setting(
            "liveCallsPerAddress", \.liveCallsPerAddress, in: 1...1_000_000,
            "of those, from one address or /64 of IPv6; else half of them"),
        Setting(
            "waitingCallsPerCaller", \.waitingCallsPerCaller, in: 1...PendingCalls.most,
            "calls that wait for AudioSocket at a time, for each API key"),
        Setting(
            "audioSocketPort", \.audioSocketPort, in: 0...65_535,
            "the port for Asterisk's AudioSocket; 0 for any, else none", value: .port),
        Setting(
            "agiPort", \.agiPort, in: 0...65_535, "the port for Asterisk's FastAGI, usually 4573; 0 for any, else none",
            value: .port),
        Setting(
            "mediaHost", \.mediaHost, "the name by which gateways reach those two ports of this node; else host",
            value: .name),
    ]

    /// Whom to call, and how often.
    private static let calls: [Setting] = [
        Setting(
            "callPrefixes", \.callPrefixes,
            "beginnings of numbers that may be called, such as +49, and hosts, such as sip:pbx.example.net; else none",
            value: .list),
        Setting("callThrough", \.callThrough, "the gateway for calls that name none; else the first", value: .name),
        Setting(
            "callRoutes", \.callRoutes,
            "gateways by the beginnings of numbers and addresses, as +1=name,sip:=name; the longest counts",
            value: .list),
        Setting(
            "callEvents", \.callEvents, "addresses that calls' events may go to, the usual one first", value: .list),
        Setting(
            "callEventsKey", \.callEventsKey, "what events are signed by, as whsec_ and base64 (Standard Webhooks)",
            isSecret: true),
        Setting(
            "nodeName", \.nodeName, "this replica's name in the names of its calls, for a balancer", value: .name),
        Setting(
            "callSeconds", \.callSeconds, in: 10...3600, "seconds that an answered call may last", value: .seconds),
        Setting(
            "callsFile", \.callsFile, "a file that keeps what was counted of calls, without their numbers", value: .file
        ),
        Setting("callsPerNumber", \.callsPerNumber, in: 1...1000, "calls a day to one number"),
        Setting(
            "callWaits", \.callWaits,
            "seconds before the first, the second … call of a day to a number; else 0,30,60,120,300", value: .list),
        Setting(
            "callsPerRange", \.callsPerRange, in: 0...1_000_000,
            "calls a day to numbers that differ in their last three digits alone; 0 for any number"),
        Setting(
            "callsPerKey", \.callsPerKey, in: 0...1_000_000, "calls a day for each API key; 0 for any number"),
        Setting("callsPerDay", \.callsPerDay, in: 1...1_000_000, "calls a day in all"),
        Setting(
            "quietHours", \.quietHours,
            "when nobody is called, as 21:00-08:00@Europe/Berlin, or +49=21:00-08:00@+01:00 for some", value: .list),
    ]

    /// What gateways' requests are known by.
    private static let signatures = Gateways.signings.map(signature)

    private static func signature(_ signing: GatewaySigning) -> Setting {
        Setting(
            signing.setting, \.gatewayValues[signing.setting], signing.help, value: signing.isSecret ? .value : .key,
            isSecret: signing.isSecret)
    }

    /// Identity servers, and what their requests are known by.
    private static let identity =
        [
            Setting(
                "identityServers", \.identityServers,
                "identity servers that may have codes said, such as okta; else none", value: .list),
            Setting(
                "identityForward", \.identityForward, "where their text messages are handed on to, as they came",
                value: .url),
        ] + IdentityServers.signings.map(signature)

    /// What gateways are asked to place calls with.
    private static let dialing =
        Gateways.dialingSettings.map { setting in
            switch setting.kind {
            case .list: Setting(setting.key, \.[gatewayList: setting.key], setting.help)
            case .text, .secret, .url:
                Setting(
                    setting.key, \.gatewayValues[setting.key], setting.help,
                    value: setting.kind == .url ? .url : .value,
                    isSecret: setting.kind == .secret)
            }
        } + [
            Setting("sipCalls", \.sipCalls, in: 1...10_000, "calls over SIP at a time, those that ring as well")
        ]

    private static let limits: [Setting] = [
        Setting(
            "connections", \.connections, in: 1...1_000_000,
            "connections at a time to each port; else as many as files may be open, at most 20,000"),
        Setting(
            "connectionsPerAddress", \.connectionsPerAddress, in: 1...1_000_000,
            "of those, from one address or /64 of IPv6 that is no trusted proxy's; else a quarter of them"),
        Setting(
            "answerSeconds", \.answerSeconds, in: 1...300,
            "seconds that an answer may be made; less than proxies and gateways wait", value: .seconds),
        Setting(
            "voiceMegabytes", \.voiceMegabytes, in: 1...1_000_000,
            "megabytes of spoken voices to keep, the least used let go"),
        Setting(
            "idleSeconds", \.idleSeconds, in: 1...3600, "seconds that a silent client is waited for", value: .seconds),
        Setting(
            "requestSeconds", \.requestSeconds, in: 1...3600,
            "seconds within which a TLS handshake, a request's head and a frame of HTTP/2 must be whole",
            value: .seconds),
        Setting(
            "graceSeconds", \.graceSeconds, in: 0...3600,
            "seconds that calls may go on when the service is told to end", value: .seconds),
        Setting("logLevel", \.logLevel, "the least severe log lines to write", value: .level),
    ]
}

// MARK: - Kinds of values

extension Setting {
    private typealias Path<Value> = any WritableKeyPath<ServiceSettings, Value> & Sendable

    /// A text that has a default.
    private init(_ key: String, _ path: Path<String>, _ help: String, value: Value = .value) {
        self.init(key, help, value) { reader, settings throws(SettingsError) in
            if let text = try await reader.text(of: key) { settings[keyPath: path] = text }
        } text: {
            $0[keyPath: path]
        }
    }

    /// A text that may be missing.
    private init(
        _ key: String, _ path: Path<String?>, _ help: String, value: Value = .value, isSecret: Bool = false,
        checked: @escaping @Sendable (String) throws(SettingsError) -> String = { $0 }
    ) {
        self.init(key, help, value, isSecret: isSecret) { reader, settings throws(SettingsError) in
            guard let text = try await reader.text(of: key, isSecret: isSecret) else { return }
            settings[keyPath: path] = try checked(text)
        } text: {
            $0[keyPath: path] ?? ""
        }
    }

    /// Several texts.
    private init(
        _ key: String, _ path: Path<[String]>, _ help: String, value: Value = .list, isSecret: Bool = false
    ) {
        self.init(key, help, value, isSecret: isSecret, isList: true) { reader, settings throws(SettingsError) in
            settings[keyPath: path] = try await reader.texts(of: key, isSecret: isSecret)
        } text: {
            $0[keyPath: path].joined(separator: ",")
        }
    }

    /// A number that has a default.
    private init(
        _ key: String, _ path: Path<Int>, in range: ClosedRange<Int>, _ help: String, value: Value = .n
    ) {
        self.init(key, help, value, in: range) { reader, settings throws(SettingsError) in
            if let number = try await reader.number(of: key, in: range) { settings[keyPath: path] = number }
        } text: {
            "\($0[keyPath: path])"
        }
    }

    /// A number that may be missing.
    private init(
        _ key: String, _ path: Path<Int?>, in range: ClosedRange<Int>, _ help: String, value: Value = .n
    ) {
        self.init(key, help, value, in: range) { reader, settings throws(SettingsError) in
            if let number = try await reader.number(of: key, in: range) { settings[keyPath: path] = number }
        } text: {
            $0[keyPath: path].map(String.init) ?? ""
        }
    }

    private init(
        _ key: String, _ help: String, _ value: Value, in range: ClosedRange<Int>? = nil, isSecret: Bool = false,
        isList: Bool = false,
        read: @escaping @Sendable (ConfigReader, inout ServiceSettings) async throws(SettingsError) -> Void,
        text: @escaping @Sendable (ServiceSettings) -> String
    ) {
        self.key = key
        self.help = help
        self.value = value
        self.range = range
        self.isSecret = isSecret
        self.isList = isList
        self.read = read
        self.text = text
    }
}

/// Numbers and lists may be written as text, as the environment has to.
extension ConfigReader {
    /// Nil where there is none, or an empty one.
    fileprivate func text(of key: String, isSecret: Bool = false) async throws(SettingsError) -> String? {
        do {
            let text = try await fetchString(forKey: ConfigKey(key), isSecret: isSecret)
            // A blank behind a secret that was pasted is none of it.
            return text.map { isSecret ? String($0.withoutBlanks) : $0 }.flatMap { $0.isEmpty ? nil : $0 }
        } catch {
            throw SettingsError(key, "must be a text")
        }
    }

    /// Nil where there is none.
    fileprivate func number(of key: String, in range: ClosedRange<Int>) async throws(SettingsError) -> Int? {
        let value: Int?
        // A file has numbers as numbers; whoever writes them as text is understood too.
        if let number = try? await fetchInt(forKey: ConfigKey(key)) {
            value = number
        } else {
            guard let text = try await text(of: key) else { return nil }
            value = Int(text)
        }
        guard let value, range.contains(value) else {
            throw SettingsError(key, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    fileprivate func texts(of key: String, isSecret: Bool) async throws(SettingsError) -> [String] {
        do {
            let list = try await fetchStringArray(forKey: ConfigKey(key), isSecret: isSecret) ?? []
            return list.map { String($0.withoutBlanks) }.filter { !$0.isEmpty }
        } catch {
            throw SettingsError(key, "must be a list of texts")
        }
    }
}
