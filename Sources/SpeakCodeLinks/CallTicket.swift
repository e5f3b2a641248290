// SPDX-License-Identifier: GPL-3.0-or-later

/// What the sealed name of a placed call carries, so that any replica knows whose it is, and on which node it lives.
///
/// Neither the number that is called nor the code is in it.
package struct CallTicket: Hashable, Sendable {
    /// What it is good for: who has the address that a gateway reports to cannot look at the call, and cannot end it.
    package enum Use: UInt8, CaseIterable, Sendable {
        /// The call, for who has asked for it.
        case call = 1
        /// The address to which its gateway reports.
        case report = 2
    }

    package var use: Use
    package let id: CallID
    /// The node that has placed it; empty where nodes have no names.
    package let node: String
    /// The operator's name of the gateway.
    package let gateway: String
    /// Names the caller who asked for it; eight bytes of a keyed digest.
    package let owner: [UInt8]
    /// Names the address that its events go to; zero for none.
    package let webhook: UInt32
    /// In seconds since 1970.
    package let issued: Int
    /// When nobody reports of it any more.
    package let expires: Int

    /// The bytes of ``owner``.
    package static let ownerLength = 8

    package init(
        _ use: Use, id: CallID, node: String, gateway: String, owner: [UInt8], webhook: UInt32, issued: Int,
        expires: Int
    ) {
        (self.use, self.id, self.node, self.gateway) = (use, id, node, gateway)
        self.owner = Array((owner + [UInt8](repeating: 0, count: Self.ownerLength)).prefix(Self.ownerLength))
        (self.webhook, self.issued, self.expires) = (webhook, issued, expires)
    }

    // MARK: The record

    private static let version: UInt8 = 1

    var record: [UInt8] {
        var bytes: [UInt8] = [Self.version, use.rawValue]
        bytes += id.bytes
        bytes.append(number: UInt32(clamping: issued))
        bytes.append(number: UInt32(clamping: expires))
        bytes += owner
        bytes.append(number: webhook)
        bytes.append(text: node)
        bytes.append(text: gateway)
        bytes.fillRecord()
        return bytes
    }

    init?(record: [UInt8]) {
        var rest = RecordReader(record)
        guard rest.byte() == Self.version, let use = rest.byte().flatMap(Use.init(rawValue:)),
            let id = rest.bytes(CallID.length).flatMap({ CallID(Array($0)) }),
            let issued = rest.number(of: 4), let expires = rest.number(of: 4),
            let owner = rest.bytes(Self.ownerLength), let webhook = rest.number(of: 4),
            let node = rest.text(), let gateway = rest.text()
        else { return nil }
        self.init(
            use, id: id, node: node, gateway: gateway, owner: Array(owner), webhook: UInt32(webhook), issued: issued,
            expires: expires)
    }
}

/// Our name of a placed call: a UUID of version 8, whose bytes are of our own making (RFC 9562, section 5.8).
package struct CallID: Hashable, Sendable {
    package let bytes: [UInt8]

    package static let length = 16

    /// The name that follows from a digest.
    ///
    /// - Parameter digest: at least sixteen bytes that nobody can guess.
    package init?(digest: [UInt8]) {
        guard digest.count >= Self.length else { return nil }
        var bytes = Array(digest.prefix(Self.length))
        bytes[6] = bytes[6] & 0x0F | 0x80
        bytes[8] = bytes[8] & 0x3F | 0x80
        self.bytes = bytes
    }

    /// A name in the text that ``description`` makes.
    package init?(_ text: String) {
        let figures = text.utf8.filter { $0 != UInt8(ascii: "-") }
        let bytes = stride(from: 0, to: figures.count, by: 2).compactMap { index in
            UInt8(String(decoding: figures[index..<min(index + 2, figures.count)], as: UTF8.self), radix: 16)
        }
        guard figures.count == 2 * Self.length else { return nil }
        self.init(bytes)
    }

    /// A name as it was written.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.length else { return nil }
        self.bytes = bytes
    }
}

extension CallID: CustomStringConvertible {
    /// In small letters, with hyphens.
    package var description: String {
        var text = ""
        for (index, byte) in bytes.enumerated() {
            if [4, 6, 8, 10].contains(index) { text += "-" }
            let figures = String(byte, radix: 16)
            text += figures.utf8.count == 1 ? "0" + figures : figures
        }
        return text
    }
}
