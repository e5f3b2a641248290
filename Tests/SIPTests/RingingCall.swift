// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCodeGateways
import SpeakCodeSIP
import TestSupport
import Testing

/// A call over libre that rings a telephone which the test is, and what was told of it.
final class RingingCall {
    let phone: UDPPeer
    let port: Int
    private(set) var invite: String
    let call: any SIPCall
    let told: AsyncStream<SIPEvent>
    private let stack: SIPStack

    /// - Parameters:
    ///   - user: who calls, for a digest; nil for nobody.
    ///   - textPort: where text is offered.
    init(user: String? = nil, timeout: Int = 60, textPort: Int? = nil) throws {
        phone = try UDPPeer()
        port = try #require(Loopback.freePort())
        stack = SIPStack(.init(user: user, password: user.map { _ in "word" }, port: port), software: "test")
        let (told, tell) = AsyncStream.makeStream(of: SIPEvent.self)
        call = try stack.invite(
            SIPInvitation(
                to: SIPAddress(user: "anna", host: "127.0.0.1", port: phone.port), from: nil, local: "127.0.0.1",
                mediaPort: 4000, textPort: textPort, timeout: timeout)
        ) { tell.yield($0) }
        invite = try phone.message("INVITE")
        self.told = told
    }

    deinit { stack.close(within: .zero) {} }

    static let media = media("m=audio 4002 RTP/AVP 0")

    /// A description of media.
    static func media(_ lines: String...) -> String {
        (["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0"] + lines)
            .map { $0 + "\r\n" }.joined()
    }

    func send(_ text: some Sequence<UInt8>) { phone.send(text, to: port) }

    /// The header of the invitation, name and all.
    private func header(_ name: String) -> String {
        invite.split(separator: "\r\n").first { $0.hasPrefix(name) }.map(String.init) ?? ""
    }

    private func message(_ lines: [String], _ body: String) -> String {
        let contact = "Contact: <sip:127.0.0.1:\(phone.port)>"
        return
            (lines + [contact] + (body.isEmpty ? [] : ["Content-Type: application/sdp"])
            + ["Content-Length: \(body.utf8.count)", ""])
            .map { $0 + "\r\n" }.joined() + body
    }

    /// An answer to the invitation.
    func answer(_ status: Int, headers: [String] = [], body: String = "") -> String {
        message(
            [
                "SIP/2.0 \(status) Answer", header("Via:"), header("From:"), header("To:") + ";tag=1",
                header("Call-ID:"), header("CSeq:"),
            ] + headers, body)
    }

    /// A request of the telephone's own within the call.
    func request(_ method: String, _ number: Int, headers: [String] = [], body: String = "") -> String {
        message(
            [
                "\(method) sip:speakcode@127.0.0.1:\(port) SIP/2.0",
                "Via: SIP/2.0/UDP 127.0.0.1:\(phone.port);branch=z9hG4bK\(method)\(number)",
                "From:" + header("To:").dropFirst(3) + ";tag=1", "To:" + header("From:").dropFirst(5),
                header("Call-ID:"), "CSeq: \(number) \(method)", "Max-Forwards: 70",
            ] + headers, body)
    }

    /// Answers the invitation, and has the next one.
    func challenge(_ status: Int, headers: [String]) throws {
        send(answer(status, headers: headers).utf8)
        invite = try phone.message("INVITE")
    }

    /// Answers the invitation, acknowledged, and has the one that is sent in its place.
    func refuse(_ status: Int) throws {
        send(answer(status).utf8)
        _ = try phone.message("ACK")
        invite = try phone.message("INVITE")
    }

    /// What was told until something that a test waits for.
    func events(until isLast: (SIPEvent) -> Bool) async -> [SIPEvent] {
        var heard: [SIPEvent] = []
        for await event in told {
            heard.append(event)
            if isLast(event) { break }
        }
        return heard
    }

    /// Takes the call, and hears the acknowledgement.
    ///
    /// - Returns: what was told until it was taken.
    func take(_ media: String = RingingCall.media) async throws -> [SIPEvent] {
        send(answer(180).utf8)
        send(answer(200, body: media).utf8)
        _ = try phone.message("ACK")
        return await events { $0.word == "answered" }
    }

    /// Has it taken back by the caller.
    func cancel() throws {
        call.end()
        _ = try phone.message("CANCEL")
    }

    /// Has it ended by the caller.
    func end() throws {
        call.end()
        let bye = try phone.message("BYE")
        #expect(bye.contains("CSeq:"))
    }

    /// Takes the call, hears the acknowledgement, and is hung up on.
    func finish() async throws -> [SIPEvent] {
        let heard = try await take()
        try end()
        return heard
    }
}

extension SIPEvent {
    /// What kind it is.
    var word: String {
        switch self {
        case .ringing: "ringing"
        case .answered: "answered"
        case .moved: "moved"
        case .ended: "ended"
        }
    }

    var media: SIPMedia? {
        switch self {
        case .answered(let media), .moved(let media): media
        case .ringing, .ended: nil
        }
    }
}
