// SPDX-License-Identifier: GPL-3.0-or-later

/// The frames of FreeSWITCH's event socket: lines of a head, and a body where `Content-Length` says so.
///
/// Source: mod_event_socket.c of github.com/signalwire/freeswitch, and FreeSWITCH's page of the inbound event socket.
struct EventSocketFrames: Sendable {
    struct Frame: Hashable, Sendable {
        var head: [String: String] = [:]
        var body: [UInt8] = []

        var type: String { head["Content-Type"] ?? "" }
    }

    /// The longest head and the longest body; an event with all variables of its channel has some tens of kilobytes.
    static let longestHead = 16_384
    static let longestBody = 1_048_576

    private var bytes: [UInt8] = []
    private var pending: Frame?
    private var missing = 0

    /// The frames that are whole with these bytes.
    mutating func append(_ more: [UInt8]) throws(DialingViolation) -> [Frame] {
        bytes += more
        var frames: [Frame] = []
        while let frame = try next() { frames.append(frame) }
        return frames
    }

    private mutating func next() throws(DialingViolation) -> Frame? {
        if pending == nil {
            // Empty lines in front are nothing.
            bytes.removeSubrange(..<(bytes.firstIndex { $0 != 0x0A } ?? bytes.endIndex))
            guard let end = bytes.firstRange(of: [0x0A, 0x0A]) else {
                guard bytes.count <= Self.longestHead else { throw DialingViolation("a head of a frame has no end") }
                return nil
            }
            guard end.lowerBound <= Self.longestHead else { throw DialingViolation("a head of a frame is too long") }
            var frame = Frame()
            frame.head = Self.head(bytes[..<end.lowerBound])
            missing = 0
            if let length = frame.head["Content-Length"] {
                guard let count = Int(length), (0...Self.longestBody).contains(count) else {
                    throw DialingViolation("a body of a frame is too long, or its length is no number")
                }
                missing = count
            }
            bytes.removeSubrange(..<end.upperBound)
            pending = frame
        }
        guard var frame = pending, bytes.count >= missing else { return nil }
        frame.body = Array(bytes.prefix(missing))
        bytes.removeFirst(missing)
        pending = nil
        return frame
    }

    private static func head(_ bytes: ArraySlice<UInt8>) -> [String: String] {
        var head: [String: String] = [:]
        for line in bytes.split(separator: 0x0A) {
            let name = line.prefix { $0 != UInt8(ascii: ":") }
            guard name.count < line.count else { continue }
            let value = line.dropFirst(name.count + 1).drop { $0 == 0x20 }
            head[String(decoding: name, as: UTF8.self)] = String(decoding: value, as: UTF8.self)
        }
        return head
    }
}
