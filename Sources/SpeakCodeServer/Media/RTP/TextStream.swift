// SPDX-License-Identifier: GPL-3.0-or-later

internal import NIOCore
internal import SpeakCode
internal import SpeakCodeGateways

/// The real-time text of a call (RFC 4103): what is read goes out in writing, and what is written back is thrown away.
///
/// It lives on the call's event loop, and sends when the call's frames are due.
final class TextStream: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias OutboundOut = AddressedEnvelope<ByteBuffer>

    /// Where it goes.
    private struct Talk {
        /// What the answer says.
        let media: SIPMedia.Text
        /// The host that it names, as the system writes it.
        let host: String?
        /// Where the answer says, and where the peer's text comes from once it does.
        var peer: SocketAddress
        let reportsTo: SocketAddress?
        var hasHeardPeer = false

        init?(_ media: SIPMedia.Text) {
            guard let peer = try? SocketAddress(ipAddress: media.host, port: media.port) else { return nil }
            (self.media, self.peer, host) = (media, peer, peer.ipAddress)
            reportsTo = try? SocketAddress(ipAddress: media.host, port: media.rtcpPort)
        }
    }

    private let sockets: RTPSockets
    private let reports = RTCPReport()
    private var began: NIODeadline?
    private var talk: Talk?
    private var text: RealTimeText
    private var sent: RTPCount
    /// Packets that are not due yet, the next one last.
    private var packets: [RealTimeText.Packet] = []
    /// What is to be written behind them; of several the last.
    private var next: String?
    /// How much later than they are due packets go out, since there was a time in which none were asked for.
    private var lag: Duration = .zero
    /// The host that the call's sound comes from, in numbers; nil before any has come.
    var soundHost: String?

    /// How late a packet may be: what is due is asked for as often.
    private static let frame: Duration = .milliseconds(20)

    init(on sockets: RTPSockets) throws {
        self.sockets = sockets
        // It begins anywhere (RFC 3550, section 5.1).
        let origin = UInt32.random(in: 0 ... .max)
        text = RealTimeText(
            RealTimeText.Format(), source: .random(in: 0 ... .max), sequence: .random(in: 0 ... .max),
            timestamp: origin)
        sent = RTPCount(source: text.source, timestamp: origin)
        try sockets.rtp.pipeline.syncOperations.addHandler(self)
    }

    var port: Int { sockets.port }

    /// Whether anybody reads it.
    var isOn: Bool { talk != nil }

    /// Goes elsewhere from now on, or, by nil, nowhere.
    ///
    /// - Returns: whether somebody reads it who did not before, or by other numbers.
    func move(_ media: SIPMedia.Text?, at now: NIODeadline) -> Bool {
        let old = talk
        // Who refreshes a session (RFC 4028) says again what was said, and has not moved.
        guard media != old?.media else { return false }
        talk = media.flatMap { Talk($0) }
        if let old, let media, old.media.host == media.host, old.media.port == media.port {
            talk?.peer = old.peer
            talk?.hasHeardPeer = old.hasHeardPeer
        }
        guard let format = talk?.media.format else {
            takeBack(at: now)
            return false
        }
        guard format != old?.media.format else { return false }
        takeBack(at: now)
        text.format = format
        return true
    }

    /// Leaves out what was not sent, and has its numbers given to what comes next: they would be missed.
    private func takeBack(at now: NIODeadline) {
        text.takeBack(packets.count, at: sent.packets == 0 ? nil : time(of: now))
        (packets, next, lag) = ([], nil, .zero)
    }

    private func time(of now: NIODeadline) -> Duration { .nanoseconds((now - (began ?? now)).nanoseconds) }

    /// Writes a text, once what is being written is through; what waits then and was not begun is left out.
    func write(_ line: String) {
        if isOn { next = line }
    }

    /// Sends what is due.
    func send(at now: NIODeadline) {
        guard let talk, next != nil || !packets.isEmpty else { return }
        began = began ?? now
        let time = time(of: now)
        if packets.isEmpty, let line = next {
            packets = text.packets(for: line, at: time).reversed()
            (next, lag) = (nil, .zero)
        }
        guard let packet = packets.last, packet.time + lag <= time else { return }
        // Behind a pause those that are overdue go at their pace too: the receiver takes so many characters in a second.
        if time - packet.time - lag > Self.frame { lag = time - packet.time }
        packets.removeLast()
        sent.add(packet)
        let data = ByteBuffer(bytes: packet.bytes)
        sockets.rtp.writeAndFlush(AddressedEnvelope(remoteAddress: talk.peer, data: data), promise: nil)
    }

    /// Tells how much was sent, and says farewell with the last report.
    func sendReport(at now: NIODeadline, isLast: Bool) {
        guard let address = talk?.reportsTo, let began else { return }
        let data = reports.packet(of: sent, elapsed: now - began, isLast: isLast)
        sockets.rtcp.writeAndFlush(AddressedEnvelope(remoteAddress: address, data: data), promise: nil)
    }

    func close() { sockets.close() }

    // MARK: What comes

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        guard let talk, !talk.hasHeardPeer, let packet = RTPPacket(envelope.data),
            packet.payloadType == talk.media.format.text || packet.payloadType == talk.media.format.redundant
        else { return }
        // Behind a translator of addresses the description names one that nobody reaches; the first packet tells. What is in it is
        // for nobody, and from a host that has no part in the call it is for nothing: who sprays ports would be sent the code.
        let host = envelope.remoteAddress.ipAddress
        guard host == talk.host || host == soundHost else { return }
        self.talk?.hasHeardPeer = true
        self.talk?.peer = envelope.remoteAddress
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A peer that has closed its port says so by the network; the call goes on.
    }
}

extension RTPCount {
    /// Counts a packet, whose head says when it was written.
    fileprivate mutating func add(_ packet: RealTimeText.Packet) {
        packets &+= 1
        octets &+= UInt32(truncatingIfNeeded: packet.bytes.count - RTPPacket.headLength)
        timestamp = packet.bytes[4..<8].reduce(0) { $0 << 8 | UInt32($1) }
    }
}
