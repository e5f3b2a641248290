// SPDX-License-Identifier: GPL-3.0-or-later

internal import Glibc

/// A client that asks, and reads nothing until it is told to.
public struct Unread {
    private let descriptor: CInt

    /// Connects to a port of this machine, and sends a request.
    public init?(_ request: String, port: Int) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var size = CInt(4096)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<CInt>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0, request.withCString({ Glibc.send(descriptor, $0, strlen($0), 0) }) > 0 else { return nil }
    }

    /// Reads until the other side closes; the number of bytes, and the beginning of them.
    public func read() -> (count: Int, beginning: String) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var (count, beginning) = (0, "")
        while case let length = recv(descriptor, &buffer, buffer.count, 0), length > 0 {
            if count == 0 { beginning = String(decoding: buffer[..<length], as: UTF8.self) }
            count += length
        }
        return (count, beginning)
    }

    /// Sends more.
    public func send(_ text: String) {
        _ = text.withCString { Glibc.send(descriptor, $0, strlen($0), 0) }
    }

    /// Says that it sends no more, and reads on.
    public func endOutput() { shutdown(descriptor, CInt(SHUT_WR)) }

    /// All that is read until the other side closes.
    public func readText() -> String {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var bytes: [UInt8] = []
        while case let length = recv(descriptor, &buffer, buffer.count, 0), length > 0 { bytes += buffer[..<length] }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Reads so many bytes, or to the end.
    public func readText(_ count: Int) -> String {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while bytes.count < count, recv(descriptor, &byte, 1, 0) == 1 { bytes.append(byte) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Closes the connection.
    public func end() { close(descriptor) }
}
