// SPDX-License-Identifier: GPL-3.0-or-later

public import Configuration
internal import FoundationEssentials
internal import Logging

/// How a service is set up: flags, over the environment, over a file, over the defaults.
public struct ServiceSettings: Sendable {
    /// The address to listen on.
    public var host = "127.0.0.1"
    /// The port to listen on; 0 for any.
    public var port = 8080
    /// The base of links, such as `https://codes.example.net`; nil to take it from each request.
    public var publicURL: String?
    /// The locale for callers who name none.
    public var locale = "en-US"
    /// A folder of packs over the built-in ones.
    public var voices: String?
    /// Voices that somebody has lent, as `name=folder`.
    public var recordedVoices: [String] = []
    /// Which of them speaks a locale where nobody chooses, as `locale=name`.
    public var localeVoices: [String] = []
    /// Link keys in base64, the sealing one first.
    public var linkKeys: [String] = []
    /// A file with a link key in each line.
    public var linkKeysFile: String?
    /// API keys as `name:key`; with none in either place, who may post is for others to decide.
    public var apiKeys: [String] = []
    /// A file with a name and an API key in each line.
    public var apiKeysFile: String?
    /// PEM files of the certificate chain and its private key.
    package var certificate: String?
    package var privateKey: String?
    /// Addresses and networks of proxies whose `Forwarded` is taken.
    public var trustedProxies: [String] = []
    /// The `Cache-Control` of finite representations.
    public var cacheControl = "private, no-cache, max-age=0"
    /// Seconds for which a link is valid by default.
    public var expiresIn = 600
    /// Seconds for which a link is valid at most.
    public var longestExpiry = 3600
    /// Announcements a second in the long run, for each API key.
    public var rate = 20
    /// Announcements at once, for each API key.
    public var burst = 100
    /// Announcements in a day, for each API key; 0 for any number.
    public var daily = 0
    /// Listeners of endless representations and of calls.
    public var liveCalls = 1000
    /// Seconds for which one may listen.
    public var liveSeconds = 600
    /// Of those listeners, by one link.
    public var liveCallsPerLink = 5
    /// Of those listeners, from one address; nil for half of them.
    public var liveCallsPerAddress: Int?
    /// Calls of one caller that wait for AudioSocket at a time.
    var waitingCallsPerCaller = 10_000
    /// Ports for Asterisk's AudioSocket and FastAGI; 0 for any, nil for none.
    package var audioSocketPort: Int?
    package var agiPort: Int?
    /// The name by which gateways reach those ports of this node; nil for ``host``.
    var mediaHost: String?
    /// What gateways sign their requests with, and what they are dialled with, by its setting; lists with commas.
    public var gatewayValues: [String: String] = [:]
    /// One of those that is a list.
    subscript(gatewayList key: String) -> [String] {
        get { (gatewayValues[key] ?? "").split(separator: ",").map(String.init) }
        set { gatewayValues[key] = newValue.joined(separator: ",") }
    }
    /// Beginnings of numbers, and hosts of SIP, that may be called; nobody where there is none.
    var callPrefixes: [String] = []
    /// The gateway that places calls where nothing else says which, and those that beginnings of numbers lead to, as
    /// `prefix=name`.
    var callThrough: String?
    var callRoutes: [String] = []
    /// Addresses that events may go to, the usual one first.
    var callEvents: [String] = []
    /// What the events are signed by.
    var callEventsKey: String?
    /// The node's name in the names of its calls.
    var nodeName: String?
    /// Seconds that an answered call may last.
    var callSeconds = 600
    /// The file that keeps what was counted of calls.
    var callsFile: String?
    /// Calls a day to a number, to numbers like it, for an API key, and in all; seconds before the first, the second … to one.
    var callsPerNumber = CallBounds().perNumber
    var callWaits: [String] = []
    var callsPerRange = CallBounds().perRange
    var callsPerKey = CallBounds().perCaller
    var callsPerDay = CallBounds().perDay
    /// Calls over SIP at a time, those that ring as well.
    package var sipCalls = 200
    /// When nobody is called.
    var quietHours: [String] = []
    /// The identity servers that may have codes said, by their names.
    var identityServers: [String] = []
    /// Where their text messages are handed on to.
    var identityForward: String?
    /// Connections at a time to each port, nil for as many as the limit of open files allows; and from one address, nil for a
    /// quarter of them.
    package var connections: Int?
    var connectionsPerAddress: Int?
    /// Seconds that an answer may be made, and the engine may speak.
    public var answerSeconds = 10
    /// Megabytes of spoken voices that are kept.
    public var voiceMegabytes = 256
    /// Seconds that an idle connection, or a reader who reads nothing, is waited for.
    package var idleSeconds = 30
    /// Seconds within which what has begun must be whole: a TLS handshake, a request's head, a frame of HTTP/2.
    package var requestSeconds = 10
    /// Seconds that calls may go on when the service is told to end.
    package var graceSeconds = 60
    /// The least severe log lines to write.
    public var logLevel = "info"
    /// The file of settings, where it has secrets.
    var secretsFile: String?

    /// The settings where nothing is set.
    public init() {}

    /// Reads settings.
    ///
    /// - Parameter reader: where they are, the weightiest provider first.
    /// - Throws: ``SettingsError`` that names the setting and never a secret's value.
    public init(_ reader: ConfigReader) async throws(SettingsError) {
        self.init()
        for setting in Setting.all { try await setting.read(reader, &self) }
        try check()
    }

    /// What no setting shows alone.
    func check() throws(SettingsError) {
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
        guard audioSocketPort == nil && agiPort == nil || NetworkAddress(reachedHost)?.isUnspecified != true else {
            throw SettingsError(
                "mediaHost", "must be the name by which gateways reach this node: nobody can connect to \(reachedHost)")
        }
        guard cacheControl.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else {
            throw SettingsError("cacheControl", "must be printable ASCII")
        }
    }

    /// The host by which gateways reach the ports of this node.
    var reachedHost: String { mediaHost ?? host }
    /// Listeners of endless representations from one address.
    var mostLiveCallsPerAddress: Int { liveCallsPerAddress ?? max(1, (liveCalls + 1) / 2) }

    /// Connections from one address.
    ///
    /// - Parameter all: the connections to each port.
    package func mostConnectionsPerAddress(of all: Int) -> Int { connectionsPerAddress ?? (all + 3) / 4 }

    /// Whether only this machine can reach the service.
    public var isLoopback: Bool {
        host == "localhost" || NetworkAddress(host)?.isLoopback ?? false
    }

    /// What lets others than this machine reach the service, as it stands behind "must be given"; nil where nothing does.
    ///
    /// A proxy on this machine is reached by the world, and hands on what it gets.
    package var opening: String? {
        if !isLoopback { return "to listen on \(host)" }
        if !trustedProxies.isEmpty { return "behind trustedProxies" }
        guard let publicURL, !Self.isLoopback(publicURL) else { return nil }
        return "with a publicURL that others reach"
    }

    /// The host of an address, without brackets.
    static func host(of base: String) -> Substring {
        let authority = base.drop { $0 != ":" }.dropFirst(3).prefix { $0 != "/" }
        return authority.first == "[" ? authority.dropFirst().prefix { $0 != "]" } : authority.prefix { $0 != ":" }
    }

    /// Whether a base of links is of this machine.
    private static func isLoopback(_ base: String) -> Bool {
        let host = host(of: base)
        return host == "localhost" || NetworkAddress(host)?.isLoopback ?? false
    }

    /// A base of links, without a slash at its end.
    static func base(_ text: String) throws(SettingsError) -> String {
        let rest = ["https://", "http://"].first(where: text.hasPrefix).map { text.dropFirst($0.count) }
        guard let rest, !rest.isEmpty, rest.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
            !rest.contains(where: "?#&,|\"<>\\^`{}".contains)
        else { throw SettingsError("publicURL", "must be such as https://codes.example.net or …/prefix") }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }

    // MARK: Showing

    /// The settings as they came out, one a line, secrets masked.
    public func shown() -> String {
        var settings = self
        // What others decide is shown as it came out.
        settings.mediaHost = reachedHost
        settings.liveCallsPerAddress = mostLiveCallsPerAddress
        settings.connectionsPerAddress = connections.map(mostConnectionsPerAddress) ?? connectionsPerAddress
        return Setting.all.map { setting in
            let value = Self.withoutPassword(setting.text(settings))
            return "\(setting.key) = \(setting.isSecret && !value.isEmpty ? "(secret)" : value)"
        }.joined(separator: "\n")
    }

    /// An address without the name and password that may stand before its host.
    package static func withoutPassword(_ address: String) -> String {
        guard let scheme = address.firstRange(of: "://"),
            let end = address[scheme.upperBound...].prefix(while: { $0 != "/" }).lastIndex(of: "@")
        else { return address }
        return address[..<scheme.upperBound] + "(secret)" + address[end...]
    }
}

/// A setting that cannot be taken; its value is not repeated.
public struct SettingsError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The setting's key.
    public let key: String
    /// What to do.
    public let problem: String

    package init(_ key: String, _ problem: String) {
        self.key = key
        self.problem = problem
    }

    /// The setting, and what to do.
    public var description: String { "\(key) \(problem)" }
}

extension ServiceSettings: CustomStringConvertible, CustomReflectable {
    /// The address; ``shown()`` has the rest, secrets masked.
    public var description: String { "ServiceSettings(\(host):\(port))" }

    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
