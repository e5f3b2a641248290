// SPDX-License-Identifier: GPL-3.0-or-later

public import Configuration
internal import FoundationEssentials
internal import Logging
internal import SpeakCodeLinks

/// How a service is set up: flags, over the environment, over a file, over the defaults.
public struct ServiceSettings: Sendable {
    /// The address to listen on.
    public var host: String
    /// The port to listen on; 0 for any.
    public var port: Int
    /// The base of links, such as `https://codes.example.net`; nil to take it from each request.
    public var publicURL: String?
    /// The locale for callers who name none.
    public var locale: String
    /// A folder of packs over the built-in ones.
    public var voices: String?
    /// Voices that somebody has lent, as `name=folder`, and which of them locales have, as `locale=name`.
    var recordedVoices: [String]
    var localeVoices: [String]
    /// Link keys in base64, the sealing one first.
    var linkKeys: [String]
    /// A file with a link key in each line.
    var linkKeysFile: String?
    /// API keys as `name:key`.
    var apiKeys: [String]
    /// A file with a name and an API key in each line.
    var apiKeysFile: String?
    /// PEM files of the certificate chain and its private key.
    var certificate: String?
    var privateKey: String?
    /// Addresses and networks of proxies whose `Forwarded` is taken.
    var trustedProxies: [String]
    /// The `Cache-Control` of finite representations.
    var cacheControl: String
    /// Seconds for which a link is valid, by default and at most.
    var expiresIn: Int
    var longestExpiry: Int
    /// Announcements a second, at once, and in a day (0 for any number), for each API key.
    var rate: Double
    var burst: Int
    var daily: Int
    /// Listeners of endless representations, and seconds for which one may listen.
    var liveCalls: Int
    var liveSeconds: Int
    /// Of those listeners, by one link and from one address.
    var liveCallsPerLink: Int
    var liveCallsPerAddress: Int
    /// Calls of one caller that wait for AudioSocket at a time.
    var waitingCallsPerCaller: Int
    /// Ports for Asterisk's AudioSocket and FastAGI; 0 for any, nil for none.
    var audioSocketPort: Int?
    var agiPort: Int?
    /// The name by which gateways reach those ports of this node.
    var mediaHost: String
    /// What the gateways sign their requests with; nil where requests need no signature.
    var twilioAuthToken: String?
    var plivoAuthToken: String?
    var telnyxPublicKey: String?
    var vonageSignatureSecret: String?
    var jambonzSecret: String?
    /// Connections at a time to each port, nil for as many as the limit of open files allows; and from one address.
    var connections: Int?
    var connectionsPerAddress: Int?
    /// Seconds that an answer may be made, and the engine may speak.
    public var answerSeconds: Int
    /// Megabytes of spoken voices that are kept.
    var voiceMegabytes: Int
    /// Seconds that an idle connection, or a reader who reads nothing, is waited for.
    var idleSeconds: Int
    /// Seconds within which what has begun must be whole: a TLS handshake, a request's head, a frame of HTTP/2.
    var requestSeconds: Int
    /// Seconds that calls may go on when the service is told to end.
    var graceSeconds: Int
    /// The least severe log lines to write.
    public var logLevel: String
    /// The file of settings, where it has secrets.
    var secretsFile: String?

    /// One setting, by its key: `publicURL` in a file, `SPEAKCODE_PUBLIC_URL` in the environment, `--public-url` as a flag.
    public struct Key: Hashable, Sendable {
        /// The key in a file.
        public let name: String
        /// What the default is, in words or as the value itself.
        public let fallback: String
        /// What it is for.
        public let help: String
        /// Whether its value is never shown.
        public let isSecret: Bool

        init(_ name: String, _ fallback: String, _ help: String, secret: Bool = false) {
            self.name = name
            self.fallback = fallback
            self.help = help
            isSecret = secret
        }
    }

    /// All settings.
    public static let keys = [
        Key("host", "127.0.0.1", "the address to listen on"),
        Key("port", "8080", "the port to listen on; 0 for any"),
        Key("publicURL", "", "the base of links, such as https://codes.example.net; else each request's own"),
        Key("locale", "en-US", "the locale for callers who name none"),
        Key("voices", "", "a folder of voice packs over the built-in ones"),
        Key("recordedVoices", "", "voices that somebody has lent, as name=folder; requests choose them by name"),
        Key("localeVoices", "", "which of them a locale has where nobody chooses, as locale=name"),
        Key("linkKeys", "", "link keys, the sealing one first", secret: true),
        Key("linkKeysFile", "", "a file with a link key in each line, the sealing one first"),
        Key("apiKeys", "", "callers' API keys as name:key", secret: true),
        Key("apiKeysFile", "", "a file with a caller's name and API key in each line"),
        Key("certificate", "", "a PEM file with the certificate chain; turns on TLS and HTTP/2"),
        Key("privateKey", "", "a PEM file with the certificate's private key"),
        Key("trustedProxies", "", "addresses and networks of proxies whose Forwarded and X-Forwarded-… are taken"),
        Key("cacheControl", "private, no-cache, max-age=0", "the Cache-Control of finite audio; {age} is what is left"),
        Key("expiresIn", "600", "seconds for which a link is valid by default"),
        Key("longestExpiry", "3600", "seconds for which a caller may ask a link to be valid"),
        Key("rate", "20", "announcements a second for each API key, in the long run"),
        Key("burst", "100", "announcements at once for each API key"),
        Key("daily", "0", "announcements a day for each API key; 0 for any number"),
        Key("liveCalls", "1000", "listeners of endless audio at a time"),
        Key("liveSeconds", "600", "seconds for which one listener is read to"),
        Key("liveCallsPerLink", "5", "of those, by one link"),
        Key("liveCallsPerAddress", "", "of those, from one address or /64 of IPv6; else half of them"),
        Key("waitingCallsPerCaller", "10000", "calls that wait for AudioSocket at a time, for each API key"),
        Key("audioSocketPort", "", "the port for Asterisk's AudioSocket; 0 for any, else none"),
        Key("agiPort", "", "the port for Asterisk's FastAGI, usually 4573; 0 for any, else none"),
        Key("mediaHost", "", "the name by which gateways reach those two ports of this node; else host"),
        Key("twilioAuthToken", "", "what Twilio signs requests for documents with", secret: true),
        Key("plivoAuthToken", "", "what Plivo signs requests for documents with", secret: true),
        Key("telnyxPublicKey", "", "the public key of Telnyx's signatures, in base64"),
        Key("vonageSignatureSecret", "", "what Vonage signs webhooks with", secret: true),
        Key("jambonzSecret", "", "what jambonz signs webhooks with", secret: true),
        Key("connections", "", "connections at a time to each port; else as many as files may be open, at most 20,000"),
        Key(
            "connectionsPerAddress", "",
            "of those, from one address or /64 of IPv6 that is no trusted proxy's; else a quarter of them"),
        Key("answerSeconds", "10", "seconds that an answer may be made; less than proxies and gateways wait"),
        Key("voiceMegabytes", "256", "megabytes of spoken voices to keep, the least used let go"),
        Key("idleSeconds", "30", "seconds that a silent client is waited for"),
        Key(
            "requestSeconds", "10",
            "seconds within which a TLS handshake, a request's head and a frame of HTTP/2 must be whole"),
        Key("graceSeconds", "60", "seconds that calls may go on when the service is told to end"),
        Key("logLevel", "info", "the least severe log lines to write"),
    ]

    /// Reads settings.
    ///
    /// - Parameter reader: where they are, the weightiest provider first.
    /// - Throws: ``SettingsError`` that names the setting and never a secret's value.
    public init(_ reader: ConfigReader) async throws(SettingsError) {
        let source = Source(reader: reader)
        host = try await source.text("host")
        port = try await source.integer("port", in: 0...65_535)
        publicURL = try await Self.base(source.text("publicURL"))
        locale = try await source.text("locale")
        voices = try await source.optional("voices")
        recordedVoices = try await source.list("recordedVoices")
        localeVoices = try await source.list("localeVoices")
        linkKeys = try await source.list("linkKeys")
        linkKeysFile = try await source.optional("linkKeysFile")
        apiKeys = try await source.list("apiKeys")
        apiKeysFile = try await source.optional("apiKeysFile")
        certificate = try await source.optional("certificate")
        privateKey = try await source.optional("privateKey")
        trustedProxies = try await source.list("trustedProxies")
        cacheControl = try await source.text("cacheControl")
        expiresIn = try await source.integer("expiresIn", in: AnnouncementRequest.lifetimes)
        longestExpiry = try await source.integer("longestExpiry", in: AnnouncementRequest.lifetimes)
        rate = Double(try await source.integer("rate", in: 1...1_000_000))
        burst = try await source.integer("burst", in: 1...1_000_000)
        daily = try await source.integer("daily", in: 0...1_000_000_000)
        liveCalls = try await source.integer("liveCalls", in: 0...1_000_000)
        liveSeconds = try await source.integer("liveSeconds", in: 1...86_400)
        liveCallsPerLink = try await source.integer("liveCallsPerLink", in: 1...1_000_000)
        liveCallsPerAddress =
            try await source.given("liveCallsPerAddress", in: 1...1_000_000) ?? max(1, (liveCalls + 1) / 2)
        waitingCallsPerCaller = try await source.integer(
            "waitingCallsPerCaller", in: 1...WaitingCalls.most)
        audioSocketPort = try await source.given("audioSocketPort", in: 0...65_535)
        agiPort = try await source.given("agiPort", in: 0...65_535)
        mediaHost = try await source.optional("mediaHost") ?? host
        twilioAuthToken = try await source.optional("twilioAuthToken")
        plivoAuthToken = try await source.optional("plivoAuthToken")
        telnyxPublicKey = try await source.optional("telnyxPublicKey")
        vonageSignatureSecret = try await source.optional("vonageSignatureSecret")
        jambonzSecret = try await source.optional("jambonzSecret")
        connections = try await source.given("connections", in: 1...1_000_000)
        connectionsPerAddress =
            try await source.given("connectionsPerAddress", in: 1...1_000_000) ?? connections.map { ($0 + 3) / 4 }
        answerSeconds = try await source.integer("answerSeconds", in: 1...300)
        voiceMegabytes = try await source.integer("voiceMegabytes", in: 1...1_000_000)
        idleSeconds = try await source.integer("idleSeconds", in: 1...3600)
        requestSeconds = try await source.integer("requestSeconds", in: 1...3600)
        graceSeconds = try await source.integer("graceSeconds", in: 0...3600)
        logLevel = try await source.text("logLevel")
        guard Logger.Level(rawValue: logLevel) != nil else {
            let levels = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw SettingsError("logLevel", "must be one of \(levels)")
        }
        guard expiresIn <= longestExpiry else {
            throw SettingsError("expiresIn", "must not be above longestExpiry")
        }
        guard (certificate == nil) == (privateKey == nil) else {
            throw SettingsError(
                certificate == nil ? "certificate" : "privateKey", "must be given as well: TLS needs both files")
        }
        guard audioSocketPort == nil && agiPort == nil || NetworkAddress(mediaHost)?.isUnspecified != true else {
            throw SettingsError(
                "mediaHost", "must be the name by which gateways reach this node: nobody can connect to \(mediaHost)")
        }
        guard cacheControl.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else {
            throw SettingsError("cacheControl", "must be printable ASCII")
        }
    }

    /// Whether only this machine can reach the service.
    public var isLoopback: Bool {
        host == "localhost" || NetworkAddress(host)?.isLoopback ?? false
    }

    /// What lets others than this machine reach the service, as it stands behind "must be given"; nil where nothing does.
    ///
    /// A proxy on this machine is reached by the world, and hands on what it gets.
    var opening: String? {
        if !isLoopback { return "to listen on \(host)" }
        if !trustedProxies.isEmpty { return "behind trustedProxies" }
        guard let publicURL, !Self.isLoopback(publicURL) else { return nil }
        return "with a publicURL that others reach"
    }

    /// Whether a base of links is of this machine.
    private static func isLoopback(_ base: String) -> Bool {
        let authority = base.drop { $0 != ":" }.dropFirst(3).prefix { $0 != "/" }
        let host = authority.first == "[" ? authority.dropFirst().prefix { $0 != "]" } : authority.prefix { $0 != ":" }
        return host == "localhost" || NetworkAddress(host)?.isLoopback ?? false
    }

    private static func base(_ text: String) throws(SettingsError) -> String? {
        guard !text.isEmpty else { return nil }
        let rest = ["https://", "http://"].first(where: text.hasPrefix).map { text.dropFirst($0.count) }
        guard let rest, !rest.isEmpty, rest.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
            !rest.contains(where: "?#&,|\"<>\\^`{}".contains)
        else { throw SettingsError("publicURL", "must be such as https://codes.example.net or …/prefix") }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }

    // MARK: Showing

    /// The settings as they came out, one a line, secrets masked.
    public func shown() -> String {
        Self.keys.map { key in
            let value = Self.withoutPassword(value(of: key.name))
            return "\(key.name) = \(key.isSecret && !value.isEmpty ? "(secret)" : value)"
        }.joined(separator: "\n")
    }

    /// An address without the name and password that may stand before its host.
    static func withoutPassword(_ address: String) -> String {
        guard let scheme = address.firstRange(of: "://"),
            let end = address[scheme.upperBound...].prefix(while: { $0 != "/" }).lastIndex(of: "@")
        else { return address }
        return address[..<scheme.upperBound] + "(secret)" + address[end...]
    }

    private func value(of name: String) -> String {
        switch name {
        case "host": host
        case "port": "\(port)"
        case "publicURL": publicURL ?? ""
        case "locale": locale
        case "voices": voices ?? ""
        case "recordedVoices": recordedVoices.joined(separator: ",")
        case "localeVoices": localeVoices.joined(separator: ",")
        case "linkKeys": linkKeys.joined(separator: ",")
        case "linkKeysFile": linkKeysFile ?? ""
        case "apiKeys": apiKeys.joined(separator: ",")
        case "apiKeysFile": apiKeysFile ?? ""
        case "certificate": certificate ?? ""
        case "privateKey": privateKey ?? ""
        case "trustedProxies": trustedProxies.joined(separator: ",")
        case "cacheControl": cacheControl
        case "expiresIn": "\(expiresIn)"
        case "longestExpiry": "\(longestExpiry)"
        case "rate": "\(Int(rate))"
        case "burst": "\(burst)"
        case "daily": "\(daily)"
        case "liveCalls": "\(liveCalls)"
        case "liveSeconds": "\(liveSeconds)"
        case "liveCallsPerLink": "\(liveCallsPerLink)"
        case "liveCallsPerAddress": "\(liveCallsPerAddress)"
        case "waitingCallsPerCaller": "\(waitingCallsPerCaller)"
        case "audioSocketPort": audioSocketPort.map(String.init) ?? ""
        case "agiPort": agiPort.map(String.init) ?? ""
        case "mediaHost": mediaHost
        case "twilioAuthToken": twilioAuthToken ?? ""
        case "plivoAuthToken": plivoAuthToken ?? ""
        case "telnyxPublicKey": telnyxPublicKey ?? ""
        case "vonageSignatureSecret": vonageSignatureSecret ?? ""
        case "jambonzSecret": jambonzSecret ?? ""
        case "connections": connections.map(String.init) ?? ""
        case "connectionsPerAddress": connectionsPerAddress.map(String.init) ?? ""
        case "answerSeconds": "\(answerSeconds)"
        case "voiceMegabytes": "\(voiceMegabytes)"
        case "idleSeconds": "\(idleSeconds)"
        case "requestSeconds": "\(requestSeconds)"
        case "graceSeconds": "\(graceSeconds)"
        case "logLevel": logLevel
        default: ""
        }
    }
}

/// A setting that cannot be taken; its value is not repeated.
public struct SettingsError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The setting's key.
    public let key: String
    /// What to do.
    public let problem: String

    init(_ key: String, _ problem: String) {
        self.key = key
        self.problem = problem
    }

    /// The setting, and what to do.
    public var description: String { "\(key) \(problem)" }
}

/// Reads settings by their keys: numbers and lists may be written as text, as the environment has to.
private struct Source {
    let reader: ConfigReader

    func text(_ key: String) async throws(SettingsError) -> String {
        try await optional(key) ?? ServiceSettings.keys.first { $0.name == key }?.fallback ?? ""
    }

    func optional(_ key: String) async throws(SettingsError) -> String? {
        do {
            let isSecret = ServiceSettings.keys.contains { $0.name == key && $0.isSecret }
            let text = try await reader.fetchString(forKey: ConfigKey(key), isSecret: isSecret)
            // A blank behind a secret that was pasted is none of it.
            return text.map { isSecret ? String($0.withoutBlanks) : $0 }.flatMap { $0.isEmpty ? nil : $0 }
        } catch {
            throw SettingsError(key, "must be a text")
        }
    }

    func integer(_ key: String, in range: ClosedRange<Int>) async throws(SettingsError) -> Int {
        var value: Int?
        // A file has numbers as numbers; whoever writes them as text is understood too.
        if let number = try? await reader.fetchInt(forKey: ConfigKey(key)) {
            value = number
        } else {
            value = Int(try await text(key))
        }
        guard let value, range.contains(value) else {
            throw SettingsError(key, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// A number that has no default; nil where none is given.
    func given(_ key: String, in range: ClosedRange<Int>) async throws(SettingsError) -> Int? {
        let number = try? await reader.fetchInt(forKey: ConfigKey(key))
        if number == nil, try await text(key).isEmpty { return nil }
        return try await integer(key, in: range)
    }

    func list(_ key: String) async throws(SettingsError) -> [String] {
        let isSecret = ServiceSettings.keys.contains { $0.name == key && $0.isSecret }
        do {
            let list = try await reader.fetchStringArray(forKey: ConfigKey(key), isSecret: isSecret) ?? []
            return list.map { String($0.withoutBlanks) }.filter { !$0.isEmpty }
        } catch {
            throw SettingsError(key, "must be a list of texts")
        }
    }
}

extension ServiceSettings: CustomStringConvertible, CustomReflectable {
    /// The address; ``shown()`` has the rest, secrets masked.
    public var description: String { "ServiceSettings(\(host):\(port))" }

    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
