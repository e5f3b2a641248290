// SPDX-License-Identifier: GPL-3.0-or-later

internal import Glibc

/// A connection to a port of this machine.
func connected(to port: UInt16) -> CInt {
    let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { fail("no socket: \(String(cString: strerror(errno)))") }
    var one: CInt = 1
    setsockopt(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<CInt>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let status = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
    guard status == 0 else { fail("cannot connect to port \(port): \(String(cString: strerror(errno)))") }
    return descriptor
}

/// Says all of something over a connection that waits.
func say(_ bytes: [UInt8], over descriptor: CInt) {
    guard send(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL)) == bytes.count else {
        fail("the service takes no call")
    }
}

/// Asks for announcements, one after the other over one connection, each answered by where its call waits.
func calls<Wire: CallWire>(_ count: Int, of service: UInt16) -> [Wire] {
    let descriptor = connected(to: service)
    defer { close(descriptor) }
    return (0..<count).map { index in
        let body = #"{"code":"\#(100_000 + index % 900_000)","format":"\#(Wire.format)","expiresIn":3600}"#
        let request =
            "POST /v1/announcements HTTP/1.1\r\nHost: 127.0.0.1:\(service)\r\nAccept: text/plain\r\n"
            + "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        guard request.withCString({ send(descriptor, $0, strlen($0), 0) }) == request.utf8.count else {
            fail("the service takes no request")
        }
        let answer = receiveAnswer(from: descriptor)
        guard let call = Wire(answer) else { fail("no call waits: \(answer.prefix(300))") }
        return call
    }
}

/// An answer's body.
private func receiveAnswer(from descriptor: CInt) -> String {
    var text = ""
    var buffer = [UInt8](repeating: 0, count: 16_384)
    while true {
        let length = recv(descriptor, &buffer, buffer.count, 0)
        guard length > 0 else { fail("the service closed the connection: \(text.prefix(300))") }
        text += String(decoding: buffer[..<length], as: UTF8.self)
        // In bytes: one character of Swift's is CR and LF.
        let bytes = Array(text.utf8)
        guard let end = bytes.indices.first(where: { bytes[$0...].starts(with: [13, 10, 13, 10]) }) else { continue }
        let head = String(decoding: bytes[..<end], as: UTF8.self).lowercased()
        let length2 = head.split(whereSeparator: \.isNewline).first { $0.hasPrefix("content-length:") }
            .flatMap { Int($0.dropFirst("content-length:".count).filter(\.isNumber)) }
        guard let length2, bytes.count >= end + 4 + length2 else { continue }
        return String(decoding: bytes[(end + 4)...], as: UTF8.self)
    }
}
