// SPDX-License-Identifier: GPL-3.0-or-later

internal import Glibc

/// The other side of a call: a port of UDP on the loopback, which waits for what is sent to it.
public final class UDPPeer {
    /// Nothing came.
    public struct Nothing: Error {}

    /// Its own port.
    public let port: Int
    private let descriptor: CInt
    /// Where the last packet came from.
    public private(set) var sender = 0

    /// Takes a port.
    ///
    /// - Parameter host: the last of the four numbers of its address on the loopback.
    public init(host: UInt8 = 1) throws {
        descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        var address = Self.address(0, host: host)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard isBound else { throw Nothing() }
        port = Int(UInt16(bigEndian: address.sin_port))
        // Longer than any machine needs.
        var patience = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    private static func address(_ port: Int, host: UInt8 = 1) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = (0x7F00_0000 | UInt32(host)).bigEndian
        return address
    }

    /// Sends a packet to another port.
    public func send(_ bytes: some Sequence<UInt8>, to port: Int) {
        let bytes = Array(bytes)
        var address = Self.address(port)
        _ = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, bytes, bytes.count, 0, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    /// Whether something was sent to it that was not received yet.
    public var hasPacket: Bool {
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) >= 0
    }

    /// Waits for the next packet.
    public func receive() throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let count = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                recvfrom(descriptor, &buffer, buffer.count, 0, $0, &length)
            }
        }
        guard count >= 0 else { throw Nothing() }
        sender = Int(UInt16(bigEndian: address.sin_port))
        return Array(buffer[..<count])
    }

    /// The next message that begins so; what comes before it is passed over.
    public func message(_ beginning: String) throws -> String {
        while true {
            let text = String(decoding: try receive(), as: UTF8.self)
            if text.hasPrefix(beginning) { return text }
        }
    }
}
