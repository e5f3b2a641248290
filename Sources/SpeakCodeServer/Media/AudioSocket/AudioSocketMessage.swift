// SPDX-License-Identifier: GPL-3.0-or-later

internal import FoundationEssentials
internal import NIOCore
internal import SpeakCode

/// What Asterisk says over AudioSocket: a kind in one byte, the payload's length in two, high byte first, and the payload
/// (Asterisk 22, `res_audiosocket.h`).
enum AudioSocketMessage: Hashable, Sendable {
    /// The call is over; Asterisk closes the connection instead.
    case hangUp
    /// The call's name, as the dialplan has it; comes first, and once.
    case uuid(UUID)
    /// A key, told when it is released; since Asterisk 22.4.
    case key(Character)
    /// The beginning of sound, which is not kept.
    case sound(AudioSocketSound, byteCount: Int)
    /// Something failed in the gateway.
    case failure

    /// What comes before each payload.
    static let headLength = 3
    /// All that says that a call is over.
    static let over: [UInt8] = [Kind.hangUp, 0, 0]

    enum Kind {
        static let hangUp: UInt8 = 0x00
        static let uuid: UInt8 = 0x01
        static let key: UInt8 = 0x03
        static let failure: UInt8 = 0xFF
    }
}

/// The kinds of messages with 16-bit samples of one channel, low byte first.
///
/// The dialplan's `AudioSocket()` knows 8 kHz alone before Asterisk 22.7; a channel of `Dial(AudioSocket/…/c(slin16))` sends
/// its own rate, and 8 kHz is also the kind of whatever is not linear, such as µ-law.
enum AudioSocketSound: UInt8, CaseIterable, Sendable {
    case hz8000 = 0x10
    case hz12000 = 0x11
    case hz16000 = 0x12
    case hz24000 = 0x13
    case hz32000 = 0x14
    case hz44100 = 0x15
    case hz48000 = 0x16
    case hz96000 = 0x17
    case hz192000 = 0x18

    /// Samples a second.
    var hertz: Int {
        switch self {
        case .hz8000: 8000
        case .hz12000: 12_000
        case .hz16000: 16_000
        case .hz24000: 24_000
        case .hz32000: 32_000
        case .hz44100: 44_100
        case .hz48000: 48_000
        case .hz96000: 96_000
        case .hz192000: 192_000
        }
    }

    /// The rate at which it is answered; nil for 12, 32, 96 and 192 kHz, in which SpeakCode does not speak: such a channel is
    /// read to at 8 kHz, which Asterisk takes from every server and converts.
    var sampleRate: SampleRate? { SampleRate(rawValue: hertz) }

    /// Writes a frame, so that header and payload go out together: Asterisk ends the call 5 ms after a lone header.
    func write(_ frame: ArraySlice<UInt8>, to buffer: inout ByteBuffer) {
        buffer.clear(minimumCapacity: AudioSocketMessage.headLength + frame.count)
        buffer.writeInteger(rawValue)
        buffer.writeInteger(UInt16(truncatingIfNeeded: frame.count))
        buffer.writeBytes(frame)
    }
}

/// Takes messages out of what is received, and keeps nothing of the sound.
struct AudioSocketReader {
    /// What is no message of the protocol.
    struct Malformed: Error {}

    /// How many messages have begun.
    private(set) var count = 0
    private var head: (kind: UInt8, high: UInt8) = (0, 0)
    private var headLength = 0
    /// The bytes of the payload that are still to come.
    private var rest = 0
    private var uuid: [UInt8] = []

    private static let uuidLength = 16

    /// Whether a message has begun whose end has not come.
    var isWithinMessage: Bool { headLength > 0 }

    /// The next message; nil when more is to be received before it is there.
    ///
    /// - Throws: ``Malformed``, behind which nothing can be read.
    mutating func next(from buffer: inout ByteBuffer) throws(Malformed) -> AudioSocketMessage? {
        while true {
            guard headLength == AudioSocketMessage.headLength else {
                guard let byte = buffer.readInteger(as: UInt8.self) else { return nil }
                if let message = try takeHead(byte) { return message }
                continue
            }
            switch head.kind {
            case AudioSocketMessage.Kind.uuid:
                guard let bytes = buffer.readBytes(length: min(rest, buffer.readableBytes)), !bytes.isEmpty else {
                    return nil
                }
                uuid += bytes
                rest -= bytes.count
                guard rest == 0 else { return nil }
                defer { end() }
                return .uuid(UUID(uuid: uuid.withUnsafeBytes { $0.loadUnaligned(as: uuid_t.self) }))
            case AudioSocketMessage.Kind.key:
                guard let byte = buffer.readInteger(as: UInt8.self) else { return nil }
                guard byte > 0x20, byte < 0x7F else { throw Malformed() }
                end()
                return .key(Character(Unicode.Scalar(byte)))
            default:
                let skipped = min(rest, buffer.readableBytes)
                buffer.moveReaderIndex(forwardBy: skipped)
                rest -= skipped
                guard rest == 0 else { return nil }
                end()
            }
        }
    }

    /// Takes a byte of a header; gives the message where it is known with its last.
    private mutating func takeHead(_ byte: UInt8) throws(Malformed) -> AudioSocketMessage? {
        headLength += 1
        switch headLength {
        case 1:
            count += 1
            head.kind = byte
            return nil
        case 2:
            head.high = byte
            return nil
        default:
            rest = Int(head.high) << 8 | Int(byte)
        }
        switch head.kind {
        case AudioSocketMessage.Kind.hangUp: return .hangUp
        case AudioSocketMessage.Kind.failure: return .failure
        case AudioSocketMessage.Kind.uuid:
            guard rest == Self.uuidLength else { throw Malformed() }
            return nil
        case AudioSocketMessage.Kind.key:
            guard rest == 1 else { throw Malformed() }
            return nil
        default:
            guard let sound = AudioSocketSound(rawValue: head.kind) else { throw Malformed() }
            return .sound(sound, byteCount: rest)
        }
    }

    private mutating func end() {
        headLength = 0
        uuid = []
    }
}
