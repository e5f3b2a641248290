// SPDX-License-Identifier: GPL-3.0-or-later

internal import NIOCore

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The socket of a channel, for a call whose messages are small and many: each is one system call.
///
/// A channel's own way takes a message through its pipeline and its queue, and asks the kernel twice to be told before it
/// reads once. A call sends 50 frames a second and looks for keys every tenth of one, so that with a thousand calls those ways
/// were half of what the service did (docs/benchmarks.md). Who reads here has the channel's `autoRead` off.
///
/// Used on the channel's event loop, where nothing closes the socket in between.
struct CallSocket {
    private let channel: any Channel
    private let descriptor: CInt

    #if canImport(Glibc)
        private static let flags = CInt(MSG_DONTWAIT | MSG_NOSIGNAL)
    #else
        /// SwiftNIO has set `SO_NOSIGPIPE`.
        private static let flags = MSG_DONTWAIT
    #endif
    /// More than a tenth of a second of any rate that is answered.
    private static let capacity = 16_384
    /// A packet of a call has some 200 bytes.
    private static let datagramLength = 2048

    /// - Returns: nil for a channel that has no socket, such as a test's.
    init?(of channel: any Channel) {
        let found = try? channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) {
            $0
        }
        guard let descriptor = found ?? nil else { return nil }
        self.channel = channel
        self.descriptor = descriptor
    }

    /// Gives bytes to the kernel.
    ///
    /// - Returns: how many of them it took; none where there is no room for them or the connection is lost, which the
    ///   channel finds out when it is given them.
    func write(_ bytes: ByteBuffer) -> Int {
        guard channel.isActive else { return 0 }
        let count = bytes.withUnsafeReadableBytes { bytes in
            send(descriptor, bytes.baseAddress, bytes.count, Self.flags)
        }
        return max(0, count)
    }

    /// Gives a datagram to the kernel.
    ///
    /// - Returns: whether the kernel took it; of one that it did not the channel finds out why.
    func write(_ bytes: ByteBuffer, to address: SocketAddress) -> Bool {
        guard channel.isActive else { return false }
        let count = bytes.withUnsafeReadableBytes { bytes in
            address.withSockAddr { address, size in
                sendto(descriptor, bytes.baseAddress, bytes.count, Self.flags, address, socklen_t(size))
            }
        }
        return count == bytes.readableBytes
    }

    /// Who sent a datagram.
    struct Sender {
        fileprivate var storage = sockaddr_storage()
        fileprivate var size = socklen_t(MemoryLayout<sockaddr_storage>.size)

        /// The address; nil where it is of no family that calls are made over.
        var address: SocketAddress? {
            withUnsafeBytes(of: storage) { bytes in
                switch CInt(storage.ss_family) {
                case AF_INET: SocketAddress(bytes.loadUnaligned(as: sockaddr_in.self))
                case AF_INET6: SocketAddress(bytes.loadUnaligned(as: sockaddr_in6.self))
                default: nil
                }
            }
        }
    }

    /// Takes a datagram that has come; of a longer one the beginning.
    ///
    /// - Returns: who sent it; nil where there is none.
    func readDatagram(into buffer: inout ByteBuffer) -> Sender? {
        guard channel.isActive else { return nil }
        var sender = Sender()
        var count = -1
        buffer.clear(minimumCapacity: Self.datagramLength)
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.datagramLength) { bytes in
            count = withUnsafeMutableBytes(of: &sender.storage) { address in
                recvfrom(
                    descriptor, bytes.baseAddress, bytes.count, Self.flags,
                    address.baseAddress?.assumingMemoryBound(to: sockaddr.self), &sender.size)
            }
            return max(0, count)
        }
        return count < 0 ? nil : sender
    }

    /// Takes what has come.
    ///
    /// - Returns: nil where there is nothing, or the connection is at its end, which the channel is told by itself.
    func read() -> ByteBuffer? {
        guard channel.isActive else { return nil }
        var buffer = channel.allocator.buffer(capacity: Self.capacity)
        let count = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.capacity) { bytes in
            max(0, recv(descriptor, bytes.baseAddress, bytes.count, Self.flags))
        }
        return count > 0 ? buffer : nil
    }
}
