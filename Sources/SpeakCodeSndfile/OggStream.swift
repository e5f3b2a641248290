// SPDX-License-Identifier: GPL-3.0-or-later

/// An Ogg Opus stream as bytes (RFC 3533, RFC 7845), made anew so that it tells nothing of what is said in it: every packet
/// has one length and every page as many packets.
///
/// libsndfile has no constant bit rate for Opus, and an Ogg stream's size, and each of a live stream's pages, would tell what
/// is said. It also draws serial numbers by chance, and the same announcement must be the same bytes on every replica.
struct OggStream {
    /// How long a packet is made, in bytes.
    private let packetLength: Int
    private let packetsPerPage: Int

    /// What has come of a page that is not whole yet, and of a packet.
    private var bytes: [UInt8] = []
    private var packet: [UInt8] = []
    /// The head and the tags come first.
    private var headers = 0
    private var waiting: [[UInt8]] = []
    private var pageNumber: UInt32 = 0
    /// The samples at 48 kHz behind the last packet.
    private var position: UInt64 = 0
    /// Where the last page says that the audio ends.
    private var end: UInt64?

    private static let serialNumber: UInt32 = 0x5350_4B31

    /// A stream that nothing has come of.
    ///
    /// - Parameters:
    ///   - packetLength: the bytes of a packet; of one that is longer a listener hears nothing.
    ///   - packetsPerPage: so many make a page.
    init(packetLength: Int, packetsPerPage: Int) {
        self.packetLength = packetLength
        self.packetsPerPage = packetsPerPage
    }

    /// Takes bytes of libsndfile's stream.
    ///
    /// - Returns: the pages that are ready.
    /// - Throws: ``SoundFileError`` for what is no Ogg Opus of one channel.
    mutating func take(_ new: [UInt8]) throws(SoundFileError) -> [UInt8] {
        bytes += new
        var made: [UInt8] = []
        var start = 0
        while bytes.count - start >= 27 {
            guard bytes[start..<(start + 4)].elementsEqual("OggS".utf8) else { throw Self.unknown }
            let lacing = start + 27
            guard bytes.count >= lacing + Int(bytes[start + 26]) else { break }
            let segments = bytes[lacing..<(lacing + Int(bytes[start + 26]))]
            var place = segments.endIndex
            guard bytes.count >= place + segments.reduce(0, { $0 + Int($1) }) else { break }
            for length in segments {
                packet += bytes[place..<(place + Int(length))]
                place += Int(length)
                guard length < 255 else { continue }
                try add(packet, to: &made)
                packet = []
            }
            if bytes[start + 5] & Flag.end != 0 {
                end = (0..<8).reduce(0) { $0 | UInt64(bytes[start + 6 + $1]) << UInt64(8 * $1) }
            }
            start = place
        }
        bytes.removeSubrange(..<start)
        return made
    }

    /// The last page.
    mutating func finish() -> [UInt8] {
        page(of: waiting, at: end ?? position, Flag.end)
    }

    private enum Flag {
        static let begin: UInt8 = 2
        static let end: UInt8 = 4
    }

    private static let unknown = SoundFileError(message: "its Ogg Opus has another form than was known")

    private mutating func add(_ packet: [UInt8], to made: inout [UInt8]) throws(SoundFileError) {
        guard headers >= 2 else {
            headers += 1
            made += page(of: [packet], at: 0, headers == 1 ? Flag.begin : 0)
            return
        }
        // The last page is for the end, so a full one waits for the next packet.
        if waiting.count == packetsPerPage {
            made += page(of: waiting, at: position, 0)
            waiting = []
        }
        guard let head = packet.first, head & 3 == 0 else { throw Self.unknown }
        waiting.append(Self.padded(packet, to: packetLength))
        position += Self.samples(in: head)
    }

    /// RFC 6716, section 3.1: the samples at 48 kHz of a packet of one frame.
    private static func samples(in head: UInt8) -> UInt64 {
        let configuration = Int(head >> 3)
        let milliseconds: [Double] =
            switch configuration {
            case ..<12: [10, 20, 40, 60]
            case ..<16: [10, 20, 10, 20]
            default: [2.5, 5, 10, 20]
            }
        return UInt64(milliseconds[configuration & 3] * 48)
    }

    /// RFC 6716, section 3.2.5: a packet of one frame with padding behind it.
    ///
    /// A packet that is longer becomes one without a frame, which decoders conceal: none of the encoder's is (the tests
    /// count), and a longer one would tell more than a gap of 20 ms takes.
    private static func padded(_ packet: [UInt8], to length: Int) -> [UInt8] {
        guard packet.count != length else { return packet }
        let frame = packet.count < length ? packet[1...] : []
        let hasPadding: UInt8 = 1 << 6
        var padded = [packet[0] | 3, 1]
        // What is left for the padding's length and the padding.
        let room = length - 2 - frame.count
        guard room > 0 else { return padded + frame }
        padded[1] |= hasPadding
        // Each byte of 255 stands for 254 bytes and another byte of length.
        let more = (room - 1) / 255
        padded += [UInt8](repeating: 255, count: more)
        padded.append(UInt8(room - 1 - 255 * more))
        padded += frame
        return padded + [UInt8](repeating: 0, count: length - padded.count)
    }

    private mutating func page(of packets: [[UInt8]], at position: UInt64, _ flags: UInt8) -> [UInt8] {
        let lacing = packets.flatMap { packet in
            [UInt8](repeating: 255, count: packet.count / 255) + [UInt8(packet.count % 255)]
        }
        var page = Array("OggS".utf8) + [0, flags]
        page += (0..<8).map { UInt8(truncatingIfNeeded: position >> (8 * UInt64($0))) }
        for number in [Self.serialNumber, pageNumber, 0] {
            page += (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * UInt32($0))) }
        }
        page.append(UInt8(lacing.count))
        page += lacing
        page += packets.joined()
        let sum = Self.checkSum(of: page)
        for byte in 0..<4 { page[22 + byte] = UInt8(truncatingIfNeeded: sum >> (8 * UInt32(byte))) }
        pageNumber += 1
        return page
    }

    /// RFC 3533, section 6: CRC-32 with the polynomial 0x04C11DB7, from zero, neither reflected nor inverted.
    private static func checkSum(of page: [UInt8]) -> UInt32 {
        page.reduce(0) { sum, byte in sum << 8 ^ table[Int(sum >> 24 ^ UInt32(byte))] }
    }

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index) << 24) { sum, _ in sum >> 31 == 1 ? sum << 1 ^ 0x04C1_1DB7 : sum << 1 }
    }
}
