// SPDX-License-Identifier: GPL-3.0-or-later

/// The `http` or `https` URL of an audio, as it was written.
///
/// It is a secret, since who has it hears the code: ``description`` shows the scheme, the host and the extension only.
public struct AudioURL: Hashable, Sendable {
    /// The host, without the brackets of an IPv6 address.
    public let host: String
    /// The port; 80 or 443 where none is written.
    public let port: Int
    /// Whether the scheme is `https`.
    public let isSecure: Bool

    /// The URL as it was written.
    let text: String
    /// The scheme as it was written.
    let scheme: String
    /// What stands behind the host, from the first `/` on, with the query.
    let target: String
    /// `user:password` as it was written.
    let credentials: String?
    /// Host and port as they stand in the `Host` header and in ``description``.
    let authority: String

    /// Reads a URL.
    ///
    /// - Throws: ``AudioURLError`` where it cannot be fetched as it stands.
    public init(_ text: String) throws(AudioURLError) {
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { throw AudioURLError(.unsupportedCharacter) }
        guard let colon = text.firstRange(of: "://") else { throw AudioURLError(.noScheme) }
        scheme = String(text[..<colon.lowerBound])
        switch scheme.lowercased() {
        case "http": isSecure = false
        case "https": isSecure = true
        default: throw AudioURLError(.unsupportedScheme)
        }
        guard !text.contains("#") else { throw AudioURLError(.fragment) }
        let rest = text[colon.upperBound...]
        let end = rest.firstIndex { "/?".contains($0) } ?? rest.endIndex
        let behind = rest[end...]
        target = behind.hasPrefix("/") ? String(behind) : "/" + behind

        var place = rest[..<end]
        if let at = place.lastIndex(of: "@") {
            credentials = String(place[..<at])
            place = place[place.index(after: at)...]
        } else {
            credentials = nil
        }
        authority = String(place)
        let standard = isSecure ? 443 : 80
        if place.hasPrefix("[") {
            guard let bracket = place.firstIndex(of: "]") else { throw AudioURLError(.noHost) }
            host = String(place[..<bracket].dropFirst())
            port = try Self.port(place[bracket...].dropFirst(), standard)
        } else {
            let colon = place.firstIndex(of: ":") ?? place.endIndex
            host = String(place[..<colon])
            port = try Self.port(place[colon...], standard)
        }
        guard !host.isEmpty else { throw AudioURLError(.noHost) }
        self.text = text
    }

    private static func port(_ text: Substring, _ standard: Int) throws(AudioURLError) -> Int {
        if text.isEmpty { return standard }
        guard text.hasPrefix(":"), let port = Int(text.dropFirst()), (1...65_535).contains(port) else {
            throw AudioURLError(.port)
        }
        return port
    }
}

extension AudioURL {
    /// The path without the query.
    var path: Substring { target.prefix { $0 != "?" } }

    /// What follows the last `.` in the last segment of the path; nil where there is none.
    var pathExtension: Substring? { Self.lastExtension(of: path) }

    /// What FreeSWITCH takes for the extension: what follows the last `.` after the last `/`, query and all.
    var wholeExtension: Substring? { Self.lastExtension(of: target[...]) }

    private static func lastExtension(of text: Substring) -> Substring? {
        let segment = text.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        return segment.lastIndex(of: ".").map { segment[segment.index(after: $0)...] }
    }

    /// Whether it is named as the service names endless audio: `live.wav`, `live.mp3` and others.
    var seemsEndless: Bool { path.split(separator: "/").last?.hasPrefix("live.") ?? false }

    /// A path beside the audio's, at which no service has one.
    var unknownTarget: String {
        let folder = path.lastIndex(of: "/").map { path[...$0] } ?? "/"
        return folder + "speakcode-doctor-asks-for-nothing" + (pathExtension.map { ".\($0)" } ?? "")
    }

    /// The extension where it is one of an audio file; others might be a part of the secret.
    var shownExtension: String? {
        pathExtension.map { $0.lowercased() }.flatMap { KnownFormats.extensions.contains($0) ? $0 : nil }
    }
}

extension AudioURL: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Scheme, host and extension, such as `https://example.org/….wav`.
    public var description: String {
        "\(scheme.lowercased())://\(authority)/…" + (shownExtension.map { ".\($0)" } ?? "")
    }

    /// As ``description``.
    public var debugDescription: String { description }

    /// Nothing but ``description``.
    public var customMirror: Mirror { Mirror(self, children: ["description": description]) }
}

/// Why a text is no URL that can be fetched; never the text itself.
public struct AudioURLError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong with the URL.
    public enum Reason: CaseIterable, Hashable, Sendable {
        /// There is no `://`.
        case noScheme
        /// The scheme is neither `http` nor `https`.
        case unsupportedScheme
        /// There is no host.
        case noHost
        /// The port is no number from 1 to 65535.
        case port
        /// A space, a control character, or one that is not ASCII.
        case unsupportedCharacter
        /// There is a `#`.
        case fragment
    }

    /// What is wrong with the URL.
    public let reason: Reason

    init(_ reason: Reason) {
        self.reason = reason
    }

    /// A sentence that says what to do.
    public var description: String {
        switch reason {
        case .noScheme: "the URL has no scheme: write it in full, with http:// or https://"
        case .unsupportedScheme: "the URL's scheme is not http or https: no gateway fetches audio by another"
        case .noHost: "the URL has no host: write it in full, as http://host/path"
        case .port: "the URL's port is not a number from 1 to 65535"
        case .unsupportedCharacter: "the URL has a space or a character beyond ASCII: percent-encode it"
        case .fragment: "the URL has a # in it: leave that part out, it is never sent"
        }
    }
}
