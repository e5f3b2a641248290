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
        var format: RealTimeText.Format
        /// Where the answer says, and where the peer's text comes from once it does.
        var peer: SocketAddress
        var reportsTo: SocketAddress?
        var hasHeardPeer = false
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
    /// - Returns: whether somebody reads it who did not before.
    func move(_ media: SIPMedia.Text?) -> Bool {
        let wasOn = isOn
        talk = media.flatMap { media in
            (try? SocketAddress(ipAddress: media.host, port: media.port)).map { peer in
                Talk(
                    format: media.format, peer: peer,
                    reportsTo: try? SocketAddress(ipAddress: media.host, port: media.rtcpPort))
            }
        }
        if let talk { text.format = talk.format }
        if !isOn { (packets, next) = ([], nil) }
        return isOn && !wasOn
    }

    /// Writes a text, once what is being written is through; what waits then and was not begun is left out.
    func write(_ line: String) {
        if isOn { next = line }
    }

    /// Sends what is due.
    func send(at now: NIODeadline) {
        guard let talk, next != nil || !packets.isEmpty else { return }
        let began = began ?? now
        self.began = began
        let time = Duration.nanoseconds((now - began).nanoseconds)
        if packets.isEmpty, let line = next {
            packets = text.packets(for: line, at: time).reversed()
            next = nil
        }
        while let packet = packets.last, packet.time <= time {
            packets.removeLast()
            sent.add(packet)
            let data = ByteBuffer(bytes: packet.bytes)
            sockets.rtp.writeAndFlush(AddressedEnvelope(remoteAddress: talk.peer, data: data), promise: nil)
        }
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
            packet.payloadType == talk.format.text || packet.payloadType == talk.format.redundant
        else { return }
        // Behind a translator of addresses the description names one that nobody reaches; the first packet tells. What is in it is
        // for nobody.
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
