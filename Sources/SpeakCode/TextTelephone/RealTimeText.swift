// SPDX-License-Identifier: GPL-3.0-or-later

/// Real-time text: what somebody reads beside a call, in packets of RTP that say again what those before them said, so that a lost
/// one loses nothing (ITU-T T.140 by RFC 4103, with the redundancy of RFC 2198).
public struct RealTimeText: Sendable {
    /// What both sides have agreed on.
    public struct Format: Hashable, Sendable {
        /// The payload type of `t140/1000`.
        public var text: UInt8
        /// The payload type of `red/1000`; nil where each text is sent but once.
        public var redundant: UInt8?
        /// How many of the packets before it each packet says again.
        public private(set) var generations: Int
        /// The most characters in a second that the receiver takes (`cps`).
        public private(set) var charactersPerSecond: Int

        /// What a receiver takes that says nothing of it (RFC 4103, section 6).
        public static let usualCharactersPerSecond = 30
        /// More is taken for as many.
        static let (mostGenerations, mostCharactersPerSecond) = (10, 10_000)
        /// What RFC 4103 recommends (section 4).
        public static let usualGenerations = 2

        /// Describes a format.
        public init(
            text: UInt8 = 98, redundant: UInt8? = 100, generations: Int = usualGenerations,
            charactersPerSecond: Int = usualCharactersPerSecond
        ) {
            (self.text, self.redundant) = (text, redundant)
            // Another's wish, so that no packet is without end.
            self.generations = min(max(0, generations), Self.mostGenerations)
            self.charactersPerSecond = min(max(1, charactersPerSecond), Self.mostCharactersPerSecond)
        }
    }

    /// A packet, and when it is due.
    public struct Packet: Hashable, Sendable {
        /// When it is to be sent, by the clock that ``RealTimeText/packets(for:at:)`` was given.
        public let time: Duration
        /// The packet of RTP.
        public let bytes: [UInt8]
    }

    /// A text that was sent, for the packets behind it.
    private struct Sent {
        let timestamp: UInt32
        let text: [UInt8]
    }

    /// What is agreed on; it may change within a call.
    public var format: Format
    /// The name of the sender among those of the call.
    public let source: UInt32
    private var sequence: UInt16
    /// The time stamp of time zero.
    private let origin: UInt32
    private var sent: [Sent] = []
    /// When the next packet may be sent; nil before the first.
    private var free: Duration?

    /// The most that a text waits before it is sent (RFC 4103, section 5.1).
    private static let interval: Duration = .milliseconds(300)
    private static let lineSeparator = "\u{2028}"
    /// A mark at the beginning of a session (T.140, section 8), and how long nothing follows it: who has just taken a call may not
    /// listen yet, and what comes before the first packet that is heard is not said again (seen with Linphone 5.1).
    private static let (byteOrderMark, opening) = (Array("\u{FEFF}".utf8), Duration.seconds(1))
    /// What the length and the offset of a redundant text have room for: 10 and 14 bits.
    private static let (mostBytes, mostOffset) = (1023, UInt32(16_383))

    /// Begins a session.
    ///
    /// - Parameters:
    ///   - format: what is agreed on.
    ///   - source: the name of the sender, which nobody can guess (RFC 3550, section 5.1), as little as the next two.
    ///   - sequence: the number of the first packet.
    ///   - timestamp: the time stamp of time zero, in milliseconds.
    public init(_ format: Format, source: UInt32, sequence: UInt16, timestamp: UInt32) {
        (self.format, self.source, self.sequence, origin) = (format, source, sequence, timestamp)
    }

    /// The packets that bring a text: some characters each 300 ms, no more than the receiver takes, and behind them empty ones that say
    /// the last of them again.
    ///
    /// They follow those that were asked for before, so that they may be due later than now. Those of the first text begin a second
    /// behind the mark that begins the session.
    ///
    /// - Parameters:
    ///   - text: the text; the ends of its lines become T.140's, and other control characters are left out.
    ///   - time: now, by a clock that never goes back.
    /// - Returns: in their order; none for no text.
    public mutating func packets(for text: String, at time: Duration) -> [Packet] {
        let blocks = blocks(of: text)
        guard !blocks.isEmpty else { return [] }
        var due = max(time, free ?? time)
        var packets: [Packet] = []
        let begins = free == nil
        if begins {
            packets.append(Packet(time: due, bytes: packet(Self.byteOrderMark, at: due, isMarked: true)))
            due += Self.opening
        }
        for (place, block) in blocks.enumerated() {
            packets.append(Packet(time: due, bytes: packet(block.bytes, at: due, isMarked: place == 0 && !begins)))
            due += max(Self.interval, .seconds(1) * block.count / format.charactersPerSecond)
        }
        for _ in 0..<repeats {
            packets.append(Packet(time: due, bytes: packet([], at: due, isMarked: false)))
            due += Self.interval
        }
        free = due
        return packets
    }

    /// How many texts each packet says again.
    private var repeats: Int { format.redundant == nil ? 0 : max(0, format.generations) }

    /// What goes into each packet, whole characters, and how many code points it has, which are T.140's characters (ISO 10646).
    private func blocks(of text: String) -> [(bytes: [UInt8], count: Int)] {
        let most = max(1, format.charactersPerSecond * 3 / 10)
        var blocks: [(bytes: [UInt8], count: Int)] = []
        var (block, count) = ([UInt8](), 0)
        for character in text {
            let bytes = Self.bytes(of: character)
            guard !bytes.isEmpty else { continue }
            let size = character.unicodeScalars.count
            if count > 0, count + size > most || block.count + bytes.count > Self.mostBytes {
                blocks.append((block, count))
                (block, count) = ([], 0)
            }
            block += bytes
            count += size
        }
        if count > 0 { blocks.append((block, count)) }
        return blocks
    }

    /// A character in UTF-8; none of one that is not shown.
    private static func bytes(of character: Character) -> [UInt8] {
        if character.isNewline { return Array(lineSeparator.utf8) }
        let isControl = character.unicodeScalars.contains { $0.properties.generalCategory == .control }
        let bytes = Array(String(character).utf8)
        return isControl || bytes.count > mostBytes ? [] : bytes
    }

    /// One packet (RFC 3550, section 5.1; RFC 2198, section 3).
    private mutating func packet(_ text: [UInt8], at time: Duration, isMarked: Bool) -> [UInt8] {
        let (seconds, attoseconds) = time.components
        let timestamp = origin &+ UInt32(truncatingIfNeeded: seconds * 1000 + attoseconds / 1_000_000_000_000_000)
        let old = Array(sent.suffix(repeats))
        // At the beginning there is nothing yet that could be said again.
        let before = [Sent](repeating: Sent(timestamp: timestamp, text: []), count: repeats - old.count) + old
        var bytes: [UInt8] = [0x80, (isMarked ? 0x80 : 0) | (format.redundant ?? format.text)]
        bytes += Self.bytes(sequence) + Self.bytes(timestamp) + Self.bytes(source)
        for generation in before {
            let offset = min(timestamp &- generation.timestamp, Self.mostOffset)
            bytes.append(0x80 | format.text)
            bytes += Self.bytes(offset << 10 | UInt32(generation.text.count)).dropFirst()
        }
        if format.redundant != nil { bytes.append(format.text) }
        for generation in before { bytes += generation.text }
        sequence &+= 1
        sent = before.suffix(max(0, repeats - 1)) + [Sent(timestamp: timestamp, text: text)]
        return bytes + text
    }

    private static func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian) { Array($0) }
    }

    /// Takes back the last packets, which were not sent: what comes next has their numbers, and says nothing of them again.
    ///
    /// - Parameters:
    ///   - count: how many.
    ///   - time: now; nil where nothing was sent yet, so that the session has yet to begin.
    package mutating func takeBack(_ count: Int, at time: Duration?) {
        sequence &-= UInt16(truncatingIfNeeded: count)
        (sent, free) = ([], time)
    }
}

extension RealTimeText: CustomStringConvertible, CustomReflectable {
    /// Nothing of the text.
    public var description: String { "RealTimeText" }

    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension RealTimeText.Packet: CustomStringConvertible, CustomReflectable {
    /// When it is due, and nothing of the text.
    public var description: String { "RealTimeText.Packet(\(time))" }

    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
