// SPDX-License-Identifier: GPL-3.0-or-later

internal import CTimestamps
internal import Glibc

/// Telephones that are called over SIP: they take every call at once, talk, and hang up when their time is over.
///
/// One thread, as ``Load``: signalling is looked at every millisecond, each call's RTP in the middle between two frames of
/// it, and the kernel says when what is there came. What each has heard first is kept, so that it can be compared.
final class SIPLoad {
    private static let frame: Int64 = 20_000_000
    private static let millisecond: Int64 = 1_000_000
    private static let slots = 20
    private static let samples = 160
    private static let head = 12
    /// Bytes of each call that are kept: twelve seconds.
    private static let kept = 96_000
    /// Between two attempts to hang up.
    private static let patience: Int64 = 500_000_000

    private let count: Int
    private let seconds: Int
    private let signalling: CInt
    let port: UInt16
    /// By the number in the address that was called.
    private var calls: [Int: Call] = [:]
    /// The calls to look at in each slot.
    private var looks = [[Int]](repeating: [], count: slots)
    private var buffer = [UInt8](repeating: 0, count: 65_536)
    private var packet = [UInt8](repeating: 0xD5, count: head + samples)
    private var (strange, early, lost, unsent, sent) = (0, 0, 0, 0, 0)
    private var over = 0

    private struct Call {
        let media: CInt
        let caller: sockaddr_in
        /// The answer to the invitation, which is repeated where that comes again.
        let answer: String
        let bye: String
        var peer: sockaddr_in
        var began: Int64 = 0
        var slot: Int
        var isAcknowledged = false
        /// When it was hung up last; 0 before.
        var hungUp: Int64 = 0
        var isOver = false
        var sequence: UInt16?
        var own: UInt16 = 0
        var times: [Int32] = []
        var heard: [UInt8] = []
    }

    init(calls count: Int, seconds: Int) {
        (self.count, self.seconds) = (count, seconds)
        (signalling, port) = Self.bound()
    }

    private static func bound() -> (CInt, UInt16) {
        let descriptor = socket(AF_INET, CInt(SOCK_DGRAM.rawValue), 0)
        var address = loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard descriptor >= 0, isBound else { fail("no port: \(String(cString: strerror(errno)))") }
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    // MARK: The run

    /// Runs until every call is over.
    func run() {
        var tick = nanoseconds()
        let deadline = tick + Int64(seconds + 120) * 1_000_000_000
        var isWhole = false
        while over < count {
            wait(until: tick + Self.millisecond)
            let now = nanoseconds()
            guard now < deadline else { fail("\(count - over) of \(count) calls did not come to an end") }
            signal(now)
            if !isWhole, calls.count == count, calls.values.allSatisfy({ !$0.times.isEmpty }) {
                isWhole = true
                print("whole \(now)")
                fflush(nil)
            }
            while tick + Self.millisecond <= now {
                tick += Self.millisecond
                turn(slot(of: tick), now)
            }
        }
        print("over \(nanoseconds())")
        fflush(nil)
    }

    private func slot(of time: Int64) -> Int { Int(time / Self.millisecond % Int64(Self.slots)) }

    private func turn(_ slot: Int, _ now: Int64) {
        let indices = looks[slot]
        looks[slot].removeAll()
        for index in indices {
            guard var call = calls[index], !call.isOver else { continue }
            receive(&call)
            talk(&call)
            if call.began > 0, now - call.began > Int64(seconds) * 1_000_000_000, now - call.hungUp > Self.patience {
                call.hungUp = now
                send(call.bye, to: call.caller)
            }
            looks[call.slot].append(index)
            calls[index] = call
        }
    }

    // MARK: Sound

    private func receive(_ call: inout Call) {
        while true {
            var when = timespec()
            let length = receive_timed(call.media, &buffer, buffer.count, &when)
            guard length > 0 else { return }
            guard when.tv_sec > 0 else { fail("the kernel does not say when a packet came") }
            // A report for the call that has the port before this one, told by its type (RFC 5761, section 4).
            if length > 1, (192...223).contains(buffer[1]) { continue }
            guard length == Self.head + Self.samples, buffer[0] == 0x80 else {
                strange += 1
                continue
            }
            let now = when.nanoseconds
            let sequence = UInt16(buffer[2]) << 8 | UInt16(buffer[3])
            if call.times.isEmpty {
                call.began = now
                call.slot = slot(of: now + Self.frame / 2)
            } else if let last = call.sequence, sequence != last &+ 1 {
                lost += 1
            }
            call.sequence = sequence
            let due = call.began + Int64(call.times.count) * Self.frame
            call.times.append(Int32(truncatingIfNeeded: (now - due) / 1000))
            if call.heard.count < Self.kept { call.heard += buffer[Self.head..<length] }
        }
    }

    /// Sends a frame, as a telephone does all the time.
    private func talk(_ call: inout Call) {
        guard call.isAcknowledged else { return }
        packet[0] = 0x80
        packet[1] = 0
        packet[2] = UInt8(truncatingIfNeeded: call.own >> 8)
        packet[3] = UInt8(truncatingIfNeeded: call.own)
        let time = UInt32(call.own) &* UInt32(Self.samples)
        for place in 0..<4 { packet[4 + place] = UInt8(truncatingIfNeeded: time >> (24 - 8 * UInt32(place))) }
        call.own &+= 1
        let length = withUnsafePointer(to: &call.peer) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(call.media, packet, packet.count, CInt(MSG_DONTWAIT), $0, Self.addressLength)
            }
        }
        if length == packet.count { sent += 1 } else { unsent += 1 }
    }

    private static let addressLength = socklen_t(MemoryLayout<sockaddr_in>.size)

    // MARK: Signalling

    private func send(_ text: String, to address: sockaddr_in) {
        var address = address
        _ = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { place in
                text.withCString { sendto(signalling, $0, strlen($0), 0, place, Self.addressLength) }
            }
        }
    }

    private func signal(_ now: Int64) {
        while true {
            var address = sockaddr_in()
            var length = Self.addressLength
            let received = withUnsafeMutablePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    recvfrom(signalling, &buffer, buffer.count, 0, $0, &length)
                }
            }
            guard received > 0 else { return }
            take(SIPMessage(String(decoding: buffer[..<received], as: UTF8.self)), from: address, now)
        }
    }

    private func take(_ message: SIPMessage, from address: sockaddr_in, _ now: Int64) {
        guard let index = message.called else { return }
        switch message.method {
        case "INVITE":
            if calls[index] == nil { begin(index, message, address) }
            if let call = calls[index] { send(call.answer, to: address) }
        case "ACK": calls[index]?.isAcknowledged = true
        case "BYE":
            send(message.answer("200 OK"), to: address)
            if calls[index]?.isOver == false {
                early += 1
                end(index)
            }
        case "SIP/2.0":
            // To our BYE.
            if calls[index]?.isOver == false, message.first.hasPrefix("SIP/2.0 200") { end(index) }
        default: send(message.answer("501 Not Implemented"), to: address)
        }
    }

    private func begin(_ index: Int, _ message: SIPMessage, _ address: sockaddr_in) {
        let (media, mediaPort) = Self.bound()
        var one: CInt = 1
        setsockopt(media, SOL_SOCKET, SO_TIMESTAMPNS, &one, socklen_t(MemoryLayout<CInt>.size))
        let description = [
            "v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0", "m=audio \(mediaPort) RTP/AVP 0",
        ].map { $0 + "\r\n" }.joined()
        let contact = "Contact: <sip:c\(index)@127.0.0.1:\(port)>"
        let bye = [
            "BYE \(message.contact) SIP/2.0", "Via: SIP/2.0/UDP 127.0.0.1:\(port);branch=z9hG4bKbye\(index)",
            "From: \(message.value("To"));tag=c\(index)", "To: \(message.value("From"))",
            "Call-ID: \(message.value("Call-ID"))", "CSeq: 1 BYE", "Max-Forwards: 70", "Content-Length: 0", "",
        ].map { $0 + "\r\n" }.joined()
        let slot = index % Self.slots
        looks[slot].append(index)
        calls[index] = Call(
            media: media, caller: address,
            answer: message.answer("200 OK", tag: "c\(index)", [contact], body: description), bye: bye,
            peer: Self.loopback(message.mediaPort), slot: slot)
        calls[index]?.times.reserveCapacity(seconds * 50 + 200)
    }

    private func end(_ index: Int) {
        guard let media = calls[index]?.media else { return }
        close(media)
        calls[index]?.isOver = true
        over += 1
    }

    // MARK: What came of it

    /// As JSON.
    func summary() -> String {
        let expected = calls.count * seconds * 50
        return """
            {"calls": \(calls.count), "expected": \(expected), "strange": \(strange), "early": \(early), "lost": \(lost), \
            "sent": \(sent), "unsent": \(unsent), \(Lateness.summary(of: calls.values.map(\.times)))}
            """
    }

    /// Writes what each call has heard first, as files of µ-law.
    func keep(in folder: String) {
        for (index, call) in calls {
            guard let file = fopen("\(folder)/\(index).ulaw", "w") else { fail("nothing can be written to \(folder)") }
            fwrite(call.heard, 1, call.heard.count, file)
            fclose(file)
        }
    }
}

/// A message of SIP, as far as these telephones read one.
private struct SIPMessage {
    let first: Substring
    private let headers: [Substring]
    private let body: Substring

    init(_ text: String) {
        let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        let lines = (parts.first ?? "").split(separator: "\r\n")
        first = lines.first ?? ""
        headers = Array(lines.dropFirst())
        body = parts.count > 1 ? parts[1] : ""
    }

    var method: Substring { first.prefix { $0 != " " } }

    func value(_ name: String) -> Substring {
        headers.first { $0.hasPrefix(name + ":") }.map { $0.dropFirst(name.count + 1).drop { $0 == " " } } ?? ""
    }

    /// The number in `sip:c17@…`, which is theirs in requests and ours in answers.
    var called: Int? {
        let address = value(method == "SIP/2.0" ? "From" : "To")
        guard let start = address.firstRange(of: "sip:c") else { return nil }
        return Int(address[start.upperBound...].prefix { $0.isNumber })
    }

    var contact: Substring {
        let text = value("Contact")
        guard let start = text.firstIndex(of: "<"), let end = text.firstIndex(of: ">") else { return text }
        return text[text.index(after: start)..<end]
    }

    var mediaPort: UInt16 {
        guard let start = body.firstRange(of: "m=audio ") else { return 0 }
        return UInt16(body[start.upperBound...].prefix { $0.isNumber }) ?? 0
    }

    func answer(_ status: String, tag: String? = nil, _ more: [String] = [], body: String = "") -> String {
        let kept = headers.filter { line in
            ["Via:", "From:", "Call-ID:", "CSeq:"].contains { line.hasPrefix($0) }
        }
        let to = "To: \(value("To"))" + (tag.map { ";tag=\($0)" } ?? "")
        return
            (["SIP/2.0 \(status)"] + kept.map(String.init) + [to] + more
            + (body.isEmpty ? [] : ["Content-Type: application/sdp"]) + ["Content-Length: \(body.utf8.count)", ""])
            .map { $0 + "\r\n" }.joined() + body
    }
}
