// SPDX-License-Identifier: GPL-3.0-or-later

internal import NIOCore
internal import SpeakCodeGateways

/// A call over SIP and RTP: it rings, is taken, frames go out at its pace, keys come in, and it ends once.
///
/// It lives on one event loop, to which signalling's events are brought.
final class RTPCall: FrameSender {
    private let order: CallOrder
    /// What will be heard in it; let go when it is over.
    private var local: (any LocalCall)?
    private let ticker: FrameTicker
    private let report: @Sendable (CallProgress) -> Void
    /// Told when it is over.
    private let onEnd: () -> Void
    private let loop: any EventLoop

    private var sockets: RTPSockets?
    /// nil where none was offered.
    private var text: TextStream?
    /// That of RTP, past its channel.
    private var socket: CallSocket?
    /// What ends it at the peer's; nil before it was asked for.
    private var signalling: (any SIPCall)?
    private var hasRung = false
    private var isOver = false

    private var talk: Talk?
    private var sender = RTPSender()
    private let reports = RTCPReport()
    private var keys = RTPKeys()
    private var packet = ByteBuffer()
    private var arrived = ByteBuffer()
    /// How many frames were due.
    private var frameCount = 0
    private var nextReport: Scheduled<Void>?
    private var limit: Scheduled<Void>?

    /// What there is once it was taken.
    private struct Talk {
        let sound: any CallSound
        let place: FrameTicker.Place
        let began: NIODeadline
        var media: SIPMedia
        /// Where sound goes: where the answer says, and where the peer's comes from once it does; nil on hold.
        var peer: SocketAddress?
        var reportsTo: SocketAddress?
        var hasHeardPeer = false
    }

    /// Samples of 20 ms at 8,000 Hz.
    private static let samplesPerFrame = 160
    /// What has come is looked at once for so many frames: a key is heard a tenth of a second later at most.
    private static let framesPerLook = 5
    /// More than come in that time from any telephone; what a flood brings besides is left to the kernel, which drops it.
    private static let mostAtOnce = 64
    /// What is left to a call for the end of its reading when its time is over.
    private static let patienceForReading = TimeAmount.seconds(60)

    init(
        _ order: CallOrder, _ local: any LocalCall, ticker: FrameTicker, on loop: any EventLoop,
        report: @escaping @Sendable (CallProgress) -> Void, onEnd: @escaping () -> Void
    ) {
        (self.order, self.local, self.ticker, self.loop) = (order, local, ticker, loop)
        (self.report, self.onEnd) = (report, onEnd)
    }

    // MARK: Signalling

    /// Has its sockets, and those for its text where that is to be offered.
    ///
    /// - Returns: whether it is to go on: not where it was taken back.
    func begin(on sockets: RTPSockets, textOn textSockets: RTPSockets?) throws -> Bool {
        guard !isOver else {
            sockets.close()
            textSockets?.close()
            return false
        }
        self.sockets = sockets
        text = try textSockets.map { try TextStream(on: $0) }
        socket = CallSocket(of: sockets.rtp)
        try sockets.rtp.syncOptions?.setOption(.autoRead, value: false)
        return true
    }

    /// Knows what ends it.
    func invited(_ signalling: any SIPCall) {
        self.signalling = signalling
        if isOver { signalling.end() }
    }

    func take(_ event: SIPEvent) {
        guard !isOver else { return }
        switch event {
        case .ringing:
            guard !hasRung else { return }
            hasRung = true
            report(.ringing)
        case .answered(let media): answer(media)
        case .moved(let media): move(media)
        case .ended(let end): finish(end.end)
        }
    }

    private func answer(_ media: SIPMedia) {
        report(.answered)
        guard let sound = local?.sound(as: media.coding, on: loop) else {
            signalling?.end()
            return finish(CallEnd(.failed, cause: "nothing can be heard"))
        }
        talk = Talk(sound: sound, place: ticker.add(self), began: loop.now, media: media)
        move(media)
        scheduleReport(in: RTCPReport.interval / 2)
        limit = loop.assumeIsolated().scheduleTask(
            in: .seconds(Int64(order.longest)) + Self.patienceForReading
        ) { [self] in hangUp() }
    }

    private func move(_ media: SIPMedia) {
        if talk?.media.host != media.host { text?.soundHost = nil }
        talk?.media = media
        talk?.peer = media.port.flatMap { try? SocketAddress(ipAddress: media.host, port: $0) }
        talk?.reportsTo = media.rtcpPort.flatMap { try? SocketAddress(ipAddress: media.host, port: $0) }
        talk?.hasHeardPeer = false
        // What was sent before, by another perhaps, tells nothing of where sound goes now.
        var left = Self.mostAtOnce * 16
        while left > 0, socket?.readDatagram(into: &arrived) != nil { left -= 1 }
        // Who reads along from here on has what is being read from its beginning.
        if text?.move(media.text, at: loop.now) == true, let writing = talk?.sound.writing { text?.write(writing) }
    }

    // MARK: The end

    /// Hangs up, or takes the call back.
    func hangUp() { leave(CallEnd(talk == nil ? .canceled : .completed)) }

    /// Hangs up since this process ends, or takes the call back.
    ///
    /// - Parameter isRinging: whether only one that nobody has taken is to end.
    func cut(onlyRinging isRinging: Bool) {
        guard talk == nil || !isRinging else { return }
        leave(CallEnd(talk == nil ? .canceled : .completed, cause: CallEnd.serviceEnded), isCut: true)
    }

    private func leave(_ end: CallEnd, isCut: Bool = false) {
        guard !isOver else { return }
        signalling?.end()
        finish(end, isCut: isCut)
    }

    /// Ends what was never asked for.
    func refuse() {
        isOver = true
        local = nil
        socket = nil
        sockets?.close()
        text?.close()
        onEnd()
    }

    private func finish(_ end: CallEnd, isCut: Bool = false) {
        guard !isOver else { return }
        isOver = true
        var end = end
        if let talk {
            talk.sound.hangUp(isCut: isCut)
            ticker.remove(self, from: talk.place)
            end.answeredSeconds = Int((loop.now - talk.began).nanoseconds / 1_000_000_000)
            sendReport(isLast: true)
        }
        nextReport?.cancel()
        limit?.cancel()
        talk = nil
        local = nil
        sockets?.close()
        text?.close()
        // Who is told may ask for the next one at once.
        onEnd()
        report(.ended(end))
    }

    // MARK: What is sent

    func sendFrame() {
        frameCount &+= 1
        if frameCount.isMultiple(of: Self.framesPerLook) { receive() }
        guard let talk, let sockets else { return }
        // Who takes no sound may read along all the same.
        guard talk.peer != nil || text?.isOn == true else { return sender.pause(Self.samplesPerFrame) }
        guard var frame = talk.sound.nextFrame() else { return leave(talk.sound.end) }
        sendText(of: talk.sound)
        guard let peer = talk.peer else { return sender.pause(Self.samplesPerFrame) }
        if frame.count < Self.samplesPerFrame {
            frame += repeatElement(talk.media.coding.silence, count: Self.samplesPerFrame - frame.count)
        }
        sender.write(frame, as: talk.media.coding.rawValue, to: &packet)
        guard socket?.write(packet, to: peer) != true else { return }
        sockets.rtp.writeAndFlush(AddressedEnvelope(remoteAddress: peer, data: packet), promise: nil)
    }

    private func sendText(of sound: any CallSound) {
        guard let text, text.isOn else { return }
        if sound.beginsReading, let writing = sound.writing { text.write(writing) }
        text.send(at: loop.now)
    }

    private func scheduleReport(in seconds: Double) {
        // So that those of many calls do not go together (RFC 3550, section 6.2).
        let pause = seconds * Double.random(in: 0.5...1.5)
        nextReport = loop.assumeIsolated().scheduleTask(in: .milliseconds(Int64(pause * 1000))) { [self] in
            sendReport(isLast: false)
            scheduleReport(in: RTCPReport.interval)
        }
    }

    private func sendReport(isLast: Bool) {
        text?.sendReport(at: loop.now, isLast: isLast)
        guard let talk, let sockets, let address = talk.reportsTo else { return }
        let data = reports.packet(of: sender.sent, elapsed: loop.now - talk.began, isLast: isLast)
        sockets.rtcp.writeAndFlush(AddressedEnvelope(remoteAddress: address, data: data), promise: nil)
    }

    // MARK: What comes

    private func receive() {
        for _ in 0..<Self.mostAtOnce {
            // A key may end the call.
            guard let talk, let sender = socket?.readDatagram(into: &arrived) else { return }
            take(arrived, from: sender, talk)
        }
    }

    private func take(_ datagram: ByteBuffer, from sender: CallSocket.Sender, _ talk: Talk) {
        guard let packet = RTPPacket(datagram), isOfCall(packet, talk.media) else { return }
        if !talk.hasHeardPeer, let address = sender.address {
            // Behind a translator of addresses the description names one that nobody reaches; the first packet tells.
            self.talk?.hasHeardPeer = true
            text?.soundHost = address.ipAddress
            if talk.peer != nil { self.talk?.peer = address }
        }
        guard packet.payloadType == talk.media.keys, let address = sender.address, address == self.talk?.peer,
            let key = keys.key(in: packet)
        else { return }
        // Who is told of a key may look at once what it has done.
        talk.sound.press(key)
        report(.key(key))
    }

    private func isOfCall(_ packet: RTPPacket, _ media: SIPMedia) -> Bool {
        packet.payloadType == media.keys || SIPMedia.Coding(rawValue: packet.payloadType) != nil
    }
}
