// SPDX-License-Identifier: GPL-3.0-or-later

internal import Glibc
internal import Synchronization

/// This machine, as it is seen from itself alone.
public enum Loopback {
    /// The ports below those that the kernel gives by itself: nobody is given one between this answer and its use.
    private static let first = 10_000
    private static let windows = 10
    private static let windowLength = 2000
    private static let taken = Mutex(0)

    /// A port that nobody has, by UDP and TCP, and neither the two behind it; another one each time.
    ///
    /// Tests run in several processes at once: each looks in a window of its own.
    ///
    /// - Returns: nil where all are taken.
    public static func freePort() -> Int? {
        let window = first + Int(getpid()) % windows * windowLength
        for _ in 0..<windowLength / 3 {
            let number = taken.withLock { taken in
                defer { taken = (taken + 3) % (windowLength - 2) }
                return taken
            }
            let port = window + number
            if (port..<port + 3).allSatisfy({ isFree($0, SOCK_STREAM) && isFree($0, SOCK_DGRAM) }) { return port }
        }
        return nil
    }

    private static func isFree(_ port: Int, _ type: __socket_type) -> Bool {
        let descriptor = socket(AF_INET, Int32(type.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
