// SPDX-License-Identifier: GPL-3.0-or-later

internal import Glibc

/// A call over AudioSocket: 16-bit samples at 8 kHz, as Asterisk sends and takes them.
struct AudioSocketWire: CallWire {
    static let format = "audiosocket"
    static let lead = 0
    private static let head: [UInt8] = [0x10, 0x01, 0x40]
    static let callersFrame = head + (0..<160).flatMap { [UInt8(truncatingIfNeeded: $0 &* 37), 0] }

    let port: UInt16
    private let uuid: [UInt8]

    /// From `uuid,host:port`.
    init?(_ answer: String) {
        let parts = answer.split(separator: ",")
        let hex = parts.first.map { Array($0.utf8.filter { $0 != 0x2D }) } ?? []
        guard parts.count == 2, hex.count == 32, let port = parts[1].split(separator: ":").last.flatMap({ UInt16($0) })
        else { return nil }
        self.port = port
        uuid = stride(from: 0, to: 32, by: 2).map { index in
            UInt8(String(decoding: hex[index..<(index + 2)], as: UTF8.self), radix: 16) ?? 0
        }
    }

    func begin(over descriptor: CInt) {
        say([0x01, 0x00, 0x10] + uuid, over: descriptor)
    }

    static func length(ofFirst bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Int? {
        bytes.count >= callersFrame.count ? callersFrame.count : nil
    }

    static func kind(of message: Slice<UnsafeBufferPointer<UInt8>>) -> MessageKind {
        guard message.starts(with: head) else { return .strange }
        return .frame(isSilent: message.dropFirst(head.count).allSatisfy { $0 == 0 })
    }
}
