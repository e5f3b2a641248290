// SPDX-License-Identifier: GPL-3.0-or-later

internal import Crypto

/// The keys of a service: the first seals new links, all of them open links.
///
/// A sealed link is, in base64url without padding: a version, the key's identifier, a random nonce of 12 bytes, the record
/// under AES-256-GCM with version and identifier as associated data, the tag of 16 bytes. Random nonces of 96 bits bound a
/// key to 2³² texts (NIST SP 800-38D, section 8.3); ``SealCount`` counts them, and `docs/operations.md` says how to rotate
/// long before.
package struct LinkKeyring: Sendable {
    private let keys: [LinkKey]
    private let seals: SealCount?
    /// Opened in place of an unknown key, so that both are refused by the same work.
    private let stranger = LinkKey()

    /// What a sealed text is of, by its first byte: under another, nothing opens.
    private enum Version: UInt8 {
        case announcement = 1
        case call = 2
    }
    private static let headLength = 5
    /// The shortest and longest sealed texts that are looked at.
    package static let lengths = 60...440

    /// A ring of keys, the sealing one first.
    ///
    /// - Parameters:
    ///   - keys: at least one.
    ///   - seals: counts what is sealed.
    package init(_ keys: [LinkKey], seals: SealCount? = nil) {
        self.keys = keys.isEmpty ? [LinkKey()] : keys
        self.seals = seals
    }

    /// What is left of a link once it has been opened.
    package struct Opened: Sendable {
        package let announcement: Announcement
        /// The key that sealed it.
        package let key: LinkKey
    }

    /// Seals an announcement.
    ///
    /// - Returns: text of letters, digits, `-` and `_` only, safe in a path for every fetcher.
    /// - Throws: what AES-GCM throws, which it does not for keys of the right size.
    package func seal(_ announcement: Announcement) throws -> String {
        try seal(AnnouncementRecord.encode(announcement), .announcement, nonce: AES.GCM.Nonce())
    }

    /// Seals an announcement that follows from a sealed one, as audio follows from a call: the same again each time, so that
    /// gateways can keep what they have fetched.
    ///
    /// Its nonce is a keyed digest of both, which differs for announcements that differ.
    package func seal(_ announcement: Announcement, within sealed: String) throws -> String {
        var digest = keys[0].tagging
        let record = AnnouncementRecord.encode(announcement)
        digest.update(data: Array("within ".utf8) + Array(sealed.utf8) + record)
        return try seal(record, .announcement, nonce: AES.GCM.Nonce(data: Array(digest.finalize().prefix(12))))
    }

    /// Seals what names a call that is placed: the same each time, so that every replica gives a call the same name.
    ///
    /// - Returns: text as of a link, which no link opens.
    /// - Throws: as ``seal(_:)``.
    package func seal(_ ticket: CallTicket) throws -> String {
        var digest = keys[0].tagging
        digest.update(data: Array("ticket ".utf8) + ticket.record)
        return try seal(ticket.record, .call, nonce: AES.GCM.Nonce(data: Array(digest.finalize().prefix(12))))
    }

    private func seal(_ record: [UInt8], _ version: Version, nonce: AES.GCM.Nonce) throws -> String {
        seals?.count(keys[0])
        let head = Self.head(version, of: keys[0])
        let box = try AES.GCM.seal(record, using: keys[0].sealing, nonce: nonce, authenticating: head)
        return Base64URL.encode(head + Array(box.nonce) + box.ciphertext + box.tag)
    }

    /// Opens what names a call.
    ///
    /// - Returns: nil for anything that none of the keys has sealed for this use.
    package func open(_ sealed: some StringProtocol, for use: CallTicket.Use) -> CallTicket? {
        guard let opened = open(sealed, .call), let ticket = CallTicket(record: opened.record), ticket.use == use
        else { return nil }
        return ticket
    }

    /// A message's tags under each of the keys, the sealing one's first: names for what must not be named in clear, which
    /// replicas agree on.
    package func tags(of message: [UInt8]) -> [[UInt8]] { keys.map { $0.tag(of: message) } }

    /// Opens a sealed text that was made for an audience.
    ///
    /// - Returns: nil where ``open(_:)`` is nil, and for what was made for another.
    package func open(_ sealed: some StringProtocol, for audience: LinkAudience) -> Opened? {
        guard let opened = open(sealed), opened.announcement.audience == audience else { return nil }
        return opened
    }

    /// Opens a sealed text, whatever it was made for; who answers for it asks with ``open(_:for:)``.
    ///
    /// - Returns: nil for anything that none of the keys has sealed; the same work is done for an unknown key as for an
    ///   altered text.
    package func open(_ sealed: some StringProtocol) -> Opened? {
        guard let opened = open(sealed, .announcement), let announcement = AnnouncementRecord.decode(opened.record)
        else { return nil }
        return Opened(announcement: announcement, key: opened.key)
    }

    private func open(_ sealed: some StringProtocol, _ version: Version) -> (record: [UInt8], key: LinkKey)? {
        guard Self.lengths.contains(sealed.utf8.count), let bytes = Base64URL.decode(sealed),
            bytes.count > Self.headLength + 12 + 16, bytes[0] == version.rawValue
        else { return nil }
        let head = bytes.prefix(Self.headLength)
        let identifier = head.dropFirst().withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }
        let known = keys.first { $0.identifier == identifier }
        guard let box = try? AES.GCM.SealedBox(combined: bytes.dropFirst(Self.headLength)),
            let record = try? AES.GCM.open(box, using: (known ?? stranger).sealing, authenticating: head),
            let known
        else { return nil }
        return (Array(record), known)
    }

    private static func head(_ version: Version, of key: LinkKey) -> [UInt8] {
        [version.rawValue] + withUnsafeBytes(of: key.identifier) { Array($0) }
    }
}
