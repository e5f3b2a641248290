// SPDX-License-Identifier: GPL-3.0-or-later

internal import Crypto
internal import FoundationEssentials
internal import SpeakCodeLinks

/// Somebody who may ask for announcements: a name for logs, and the digest of an API key.
public struct Caller: Sendable {
    /// The name that stands in logs; the key never does.
    public let name: String
    private let digest: SHA256Digest

    /// The fewest characters of an API key.
    public static let shortestKey = 16

    /// The fewest characters of an API key that differ.
    static let fewestCharacters = 5

    /// Reads a caller as a keys file has it: a name, white space or a colon, the key; blanks around them are none of it.
    ///
    /// - Throws: ``CallerError``.
    public init(line: some StringProtocol) throws(CallerError) {
        let (name, key) = try Self.parts(of: line)
        guard key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { throw CallerError(.unspeakable) }
        guard key.utf8.count >= Self.shortestKey, !Self.canBeGuessed(Array(key.utf8)) else { throw CallerError(.weak) }
        self.name = name
        digest = SHA256.hash(data: Data(key.utf8))
    }

    /// The name and the key of a line.
    ///
    /// - Throws: ``CallerError`` where these two are not there.
    static func parts(of line: some StringProtocol) throws(CallerError) -> (name: String, key: String) {
        let parts = line.withoutBlanks.split(maxSplits: 1) { $0 == ":" || $0.isWhitespace }
        guard parts.count == 2, parts[0].utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), parts[0].utf8.count <= 64 else {
            throw CallerError(.malformed)
        }
        return (String(parts[0]), String(parts[1].drop(while: \.isWhitespace)))
    }

    /// Whether a key has hardly any characters, or repeats a text that would be too short itself.
    private static func canBeGuessed(_ key: [UInt8]) -> Bool {
        guard Set(key).count >= fewestCharacters else { return true }
        return (1..<shortestKey).contains { length in
            length < key.count && key.count.isMultiple(of: length)
                && zip(key, key.dropFirst(length)).allSatisfy { $0 == $1 }
        }
    }

    /// The caller that presents a key, found in a time that does not depend on the key or on who it is.
    static func presenting(_ key: some StringProtocol, among callers: [Caller]) -> Caller? {
        let presented = SHA256.hash(data: Data(key.utf8))
        var found: Caller?
        // Digests are compared in constant time, and all of them always.
        for caller in callers where caller.digest == presented { found = found ?? caller }
        return found
    }
}

extension Caller: CustomStringConvertible, CustomReflectable {
    /// The name, never the key.
    public var description: String { "Caller(\(name))" }

    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Why a line of an API keys file cannot be taken; nothing of it is repeated, since its parts may have changed places.
public struct CallerError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong with the line.
    public enum Reason: Hashable, Sendable {
        /// Not a name and a key.
        case malformed
        /// The key is too short, or can be guessed.
        case weak
        /// The key has characters that no header can carry.
        case unspeakable
    }

    /// What is wrong with the line.
    public let reason: Reason

    init(_ reason: Reason) {
        self.reason = reason
    }

    /// What to write instead.
    public var description: String {
        switch reason {
        case .malformed: "must be a name, a space and a key; `speakcode keys caller NAME` makes one"
        case .weak:
            "the key must have at least \(Caller.shortestKey) characters, and none that repeat a few; "
                + "`speakcode keys caller NAME` makes one"
        case .unspeakable:
            "the key must be printable ASCII characters without a blank; `speakcode keys caller NAME` makes one"
        }
    }
}
