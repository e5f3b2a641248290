// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc

/// A client that asks and never reads.
enum Unread {
    /// Whether the other side closes the connection within a time.
    ///
    /// What is told of a connection without reading from it: whether it was reset, which is what closing with unread
    /// bytes becomes.
    static func isClosed(_ request: String, port: Int, within patience: Duration) async throws -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
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
        guard connected == 0 else { return false }
        _ = request.withCString { send(descriptor, $0, strlen($0), 0) }
        let began = ContinuousClock.now
        while began.duration(to: .now) < patience {
            // States of TCP: what is not established any more is being closed by the other side.
            var info = tcp_info()
            var length = socklen_t(MemoryLayout<tcp_info>.size)
            getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_INFO, &info, &length)
            if Int(info.tcpi_state) != 1 { return true }
            try await Task.sleep(for: .milliseconds(50))
        }
        return false
    }
}
