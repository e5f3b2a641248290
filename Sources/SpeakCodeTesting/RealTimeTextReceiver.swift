// SPDX-License-Identifier: GPL-3.0-or-later

/// Who reads real-time text (RFC 4103): takes packets of RTP as they come, and puts the text together from what they say again.
///
/// It shares nothing with what writes.
public struct RealTimeTextReceiver: Sendable {
    private let text: UInt8
    private let redundant: UInt8?
    private var expected: UInt16?
    /// What was read, with T.140's signs; U+FFFD stands where something is missing.
    public private(set) var written = ""
    /// The packets that were none of these, or were no packets.
    public private(set) var faults = 0
    /// The marks of the packets, in their order.
    public private(set) var marks: [Bool] = []
    /// The one whose packets they are.
    public private(set) var source: UInt32?

    /// Begins to read.
    ///
    /// - Parameters:
    ///   - text: the payload type of t140.
    ///   - redundant: that of red; nil where each text comes but once.
    public init(text: UInt8 = 98, redundant: UInt8? = 100) {
        (self.text, self.redundant) = (text, redundant)
    }

    /// The text as a person sees it.
    public var shown: String {
        written.replacing("\u{FEFF}", with: "").replacing("\u{2028}", with: "\n")
    }

    /// Takes a packet.
    public mutating func take(_ packet: [UInt8]) {
        guard packet.count >= 12, packet[0] == 0x80, packet[1] & 0x7F == redundant ?? text else {
            faults += 1
            return
        }
        func number(_ range: Range<Int>) -> UInt32 { packet[range].reduce(0) { $0 << 8 | UInt32($1) } }
        let sequence = UInt16(number(2..<4))
        if let source, source != number(8..<12) { faults += 1 }
        source = number(8..<12)
        marks.append(packet[1] & 0x80 != 0)
        guard let blocks = redundant == nil ? [packet[12...]] : Self.blocks(packet[12...], of: text) else {
            faults += 1
            return
        }
        let missing = Int(sequence &- (expected ?? sequence))
        // It came before, or was put together from one that did.
        guard missing < 0x8000 else { return }
        if missing >= blocks.count { written += "\u{FFFD}" }
        for block in blocks.suffix(missing + 1) { written += String(decoding: block, as: UTF8.self) }
        expected = sequence &+ 1
    }

    /// The texts of a packet with redundancy, the oldest first (RFC 2198, section 3); nil for nonsense.
    private static func blocks(_ payload: ArraySlice<UInt8>, of text: UInt8) -> [ArraySlice<UInt8>]? {
        var rest = payload
        var lengths: [Int] = []
        while let first = rest.first, first & 0x80 != 0 {
            guard rest.count >= 4, first & 0x7F == text else { return nil }
            let head = Array(rest.prefix(4))
            lengths.append(Int(head[2] & 3) << 8 | Int(head[3]))
            rest = rest.dropFirst(4)
        }
        guard rest.popFirst() == text, lengths.reduce(0, +) <= rest.count else { return nil }
        var blocks: [ArraySlice<UInt8>] = []
        for length in lengths {
            blocks.append(rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        return blocks + [rest]
    }
}
