// SPDX-License-Identifier: GPL-3.0-or-later

internal import NIOCore
internal import NIOPosix

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The two ports of a call's media on one address of this machine: an even one for RTP, the next for RTCP
/// (RFC 3550, section 11).
struct RTPSockets: Sendable {
    let rtp: any Channel
    let rtcp: any Channel
    /// The address in numbers.
    let local: String

    /// No two neighbours are free.
    struct NoPorts: Error {}

    private static let attempts = 50
    private static let expedited: ChannelOptions.Types.SocketOption.Value = 46 << 2
    /// Where SIP listens where nothing else is said (RFC 3261, section 19.1.2).
    private static let usualPort = 5060

    var port: Int { rtp.localAddress?.port ?? 0 }

    /// Takes two ports where a peer is reached from; nothing is sent to it.
    ///
    /// - Throws: what the system says of the peer's name, or of a port.
    static func open(toward host: String, port: Int?, on loop: any EventLoop) async throws -> RTPSockets {
        try await open(at: try await source(toward: host, port: port ?? usualPort, on: loop), on: loop)
    }

    /// Takes two ports of an address of this machine.
    static func open(at local: String, on loop: any EventLoop) async throws -> RTPSockets {
        for _ in 0..<attempts {
            let rtp = try await bind(local, port: 0, on: loop)
            if let port = rtp.localAddress?.port, port.isMultiple(of: 2),
                let rtcp = try? await bind(local, port: port + 1, on: loop)
            {
                return RTPSockets(rtp: rtp, rtcp: rtcp, local: local)
            }
            try? await rtp.close()
        }
        throw NoPorts()
    }

    private static func source(toward host: String, port: Int, on loop: any EventLoop) async throws -> String {
        let bootstrap = DatagramBootstrap(group: loop)
        let channel = try await bootstrap.connect(host: host, port: port, channelInitializer: itself)
        let address = channel.localAddress?.ipAddress
        try? await channel.close()
        guard let address else { throw NoPorts() }
        return address
    }

    private static func bind(_ host: String, port: Int, on loop: any EventLoop) async throws -> any Channel {
        try await DatagramBootstrap(group: loop)
            // Expedited forwarding, as voice is marked (RFC 4594, section 4.1).
            .channelOption(
                host.contains(":")
                    ? ChannelOptions.Types.SocketOption(level: .ipv6, name: .init(rawValue: IPV6_TCLASS))
                    : ChannelOptions.Types.SocketOption(level: .ip, name: .init(rawValue: IP_TOS)), value: expedited
            )
            .bind(host: host, port: port, channelInitializer: itself)
    }

    /// With an initializer that makes something NIO closes a socket for which there is no port; without one it stays open.
    @Sendable private static func itself(_ channel: any Channel) -> EventLoopFuture<any Channel> {
        channel.eventLoop.makeSucceededFuture(channel)
    }

    func close() {
        rtp.close(promise: nil)
        rtcp.close(promise: nil)
    }
}
