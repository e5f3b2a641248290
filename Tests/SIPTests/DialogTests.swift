// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCode
import SpeakCodeGateways
import TestSupport
import Testing

/// What a telephone may ask and answer, and what libre and we make of it.
@Suite("A call over SIP", .timeLimit(.minutes(5)))
struct DialogTests {
    // MARK: Within the call

    /// A request of the telephone's, the status of its answer, and the port to which sound goes then; nil for none.
    private struct Question: CustomTestStringConvertible {
        let testDescription: String
        let method: String
        var headers: [String] = []
        var body = ""
        let status: Int
        var port: Int? = 4002
        /// Whether where sound goes was told once more.
        var isTold = false
    }

    private static let questions = [
        Question(
            testDescription: "to be on hold", method: "INVITE",
            body: RingingCall.media("m=audio 4002 RTP/AVP 0", "a=sendonly"), status: 200, port: nil, isTold: true),
        Question(
            testDescription: "to send elsewhere", method: "INVITE", body: RingingCall.media("m=audio 4010 RTP/AVP 0"),
            status: 200, port: 4010, isTold: true),
        Question(
            testDescription: "whether it lives, by the timer of a session (RFC 4028)", method: "INVITE",
            headers: ["Supported: timer", "Session-Expires: 90;refresher=uac", "Min-SE: 90"], body: RingingCall.media,
            status: 200, isTold: true),
        Question(
            testDescription: "for a sound that is not sent", method: "INVITE",
            body: RingingCall.media("m=audio 4010 RTP/AVP 18"), status: 488),
        Question(testDescription: "for nonsense", method: "INVITE", body: "v=", status: 488),
        Question(testDescription: "what it can", method: "OPTIONS", status: 200),
        Question(testDescription: "for an update, which it has not allowed", method: "UPDATE", status: 501),
        Question(testDescription: "for information", method: "INFO", status: 501),
        Question(testDescription: "to call another", method: "REFER", headers: ["Refer-To: <sip:c@h>"], status: 501),
        Question(testDescription: "for what nobody knows", method: "SING", status: 501),
    ]

    @Test("answers what it is asked while it is on, and goes on", arguments: questions)
    private func asked(question: Question) async throws {
        let call = try RingingCall()
        _ = try await call.take()
        call.send(call.request(question.method, 2, headers: question.headers, body: question.body).utf8)
        let answer = try call.phone.message("SIP/2.0 \(question.status)")
        #expect(answer.contains("CSeq: 2 \(question.method)"))
        if question.method == "INVITE" { call.send(call.request("ACK", 2).utf8) }
        if question.isTold {
            #expect(
                await call.events { _ in true }.first.map { $0.word == "moved" && $0.media?.port == question.port }
                    == true)
        }
        // Sound that is sent is what was offered.
        if question.status == 200, question.method == "INVITE" { #expect(answer.contains("m=audio 4000 RTP/AVP 0")) }
        try call.end()
    }

    @Test("offers anew where it is asked without an offer, and sends where the acknowledgement says")
    func offerless() async throws {
        let call = try RingingCall()
        _ = try await call.take()
        call.send(call.request("INVITE", 2).utf8)
        let answer = try call.phone.message("SIP/2.0 200")
        #expect(answer.contains("m=audio 4000 RTP/AVP 0"))
        call.send(call.request("ACK", 2, body: RingingCall.media("m=audio 4012 RTP/AVP 0")).utf8)
        // Taken it is but once: it would be heard twice.
        let events = await call.events { _ in true }
        #expect(events.map(\.word) == ["moved"])
        #expect(events.first?.media?.port == 4012)
        try call.end()
    }

    @Test("answers a request that comes again once more, and does what it asks once")
    func again() async throws {
        let call = try RingingCall()
        _ = try await call.take()
        let request = call.request("INVITE", 2, body: RingingCall.media("m=audio 4010 RTP/AVP 0"))
        for _ in 0..<3 {
            call.send(request.utf8)
            let answer = try call.phone.message("SIP/2.0 ")
            #expect(answer.hasPrefix("SIP/2.0 200"))
        }
        call.send(call.request("ACK", 2).utf8)
        call.send(call.request("INVITE", 3, body: RingingCall.media("m=audio 4012 RTP/AVP 0")).utf8)
        _ = try call.phone.message("SIP/2.0 200")
        call.send(call.request("ACK", 3).utf8)
        let events = await call.events { $0.media?.port == 4012 }
        #expect(events.map(\.media?.port) == [4010, 4012])
        try call.end()
    }

    @Test("is over once, however often the telephone hangs up")
    func over() async throws {
        let call = try RingingCall()
        _ = try await call.take()
        for _ in 0..<2 {
            call.send(call.request("BYE", 2).utf8)
            _ = try call.phone.message("SIP/2.0 200")
        }
        call.send(call.request("INVITE", 3, body: RingingCall.media).utf8)
        _ = try call.phone.message("SIP/2.0 481")
        #expect(await call.events { _ in true }.map(\.word) == ["ended"])
    }

    // MARK: Text

    private static let text = [
        "m=text 4100 RTP/AVP 97 96", "a=rtpmap:96 t140/1000", "a=rtpmap:97 red/1000", "a=fmtp:97 96/96/96",
    ]

    private static func media(_ lines: [String], sound port: Int = 4002) -> String {
        RingingCall.media("m=audio \(port) RTP/AVP 0") + lines.map { $0 + "\r\n" }.joined()
    }

    /// What the lines of media are of (RFC 3264, section 6: an answer has those of the offer).
    private static func kinds(_ description: String) -> [Substring] {
        description.split(separator: "\r\n").filter { $0.hasPrefix("m=") }.map { $0.dropFirst(2).prefix { $0 != " " } }
    }

    @Test("offers text beside the sound, with two generations of what was said before")
    func offersText() async throws {
        let call = try RingingCall(textPort: 4020)
        for line in [
            "m=audio 4000 RTP/AVP 0 8 101", "m=text 4020 RTP/AVP 100 98", "a=rtpmap:100 red/1000",
            "a=fmtp:100 98/98/98", "a=rtpmap:98 t140/1000", "a=fmtp:98 cps=30",
        ] {
            #expect(call.invite.contains(line + "\r\n"), "\(line)")
        }
        let media = try await call.take(Self.media(Self.text)).last?.media
        #expect(media?.port == 4002)
        #expect(media?.text?.port == 4100 && media?.text?.format == .init(text: 96, redundant: 97))
        try call.end()
    }

    @Test(
        "has sound alone where text is refused, not answered, or not understood",
        arguments: [
            [], ["m=text 0 RTP/AVP 98"], ["m=text 4100 RTP/AVP 99"],
        ])
    func withoutText(lines: [String]) async throws {
        let call = try RingingCall(textPort: 4020)
        let media = try await call.take(Self.media(lines)).last?.media
        #expect(media?.port == 4002 && media?.text == nil)
        try call.end()
    }

    @Test("is asked for once more, without text, by who refuses the description", arguments: [415, 488, 606])
    func refusedText(status: Int) async throws {
        let call = try RingingCall(textPort: 4020)
        try call.refuse(status)
        #expect(call.invite.contains("m=audio 4000") && !call.invite.contains("m=text"))
        #expect(try await call.finish().map(\.word) == ["ringing", "answered"])
    }

    @Test("is asked for once more though it goes on, as long as it has not rung", arguments: [181, 182, 183, 199])
    func refusedTextInProgress(status: Int) async throws {
        let call = try RingingCall(textPort: 4020)
        call.send(call.answer(status).utf8)
        try call.refuse(488)
        #expect(call.invite.contains("m=audio 4000") && !call.invite.contains("m=text"))
        #expect(try await call.finish().map(\.word) == ["ringing", "ringing", "answered"])
    }

    @Test("is refused once where it rang, or had no text", arguments: [true, false])
    func refused(rings: Bool) async throws {
        let call = try RingingCall(textPort: rings ? 4020 : nil)
        if rings { call.send(call.answer(180).utf8) }
        call.send(call.answer(488).utf8)
        _ = try call.phone.message("ACK")
        guard case .ended(let end) = await call.events(until: { $0.word == "ended" }).last else { return }
        #expect(end == .refused(488))
        #expect(!call.phone.hasPacket)
    }

    @Test("has text from when the telephone asks for it, and no more when it is left out")
    func laterText() async throws {
        let call = try RingingCall(textPort: 4020)
        #expect(try await call.take(Self.media([])).last?.media?.text == nil)
        let fax = "m=image 4300 udptl t38"
        let offers = [
            Self.text, ["m=text 0 RTP/AVP 97"], Self.text, [], [fax], [fax] + Self.text, Self.text + [fax], [fax, fax],
            [],
            Self.text,
        ]
        for (number, lines) in offers.enumerated() {
            call.send(call.request("INVITE", number + 2, body: Self.media(lines)).utf8)
            let answer = try call.phone.message("SIP/2.0 200")
            call.send(call.request("ACK", number + 2).utf8)
            let media = await call.events { _ in true }.last?.media
            #expect(media?.port == 4002)
            #expect(Self.kinds(answer) == ["audio"] + Self.kinds(lines.joined(separator: "\r\n")), "\(number)")
            #expect((media?.text != nil) == lines.contains(Self.text[0]), "\(number)")
            #expect(media?.text.map { $0.port == 4100 && $0.format == .init(text: 96, redundant: 97) } != false)
            #expect(!answer.contains("m=image ") || answer.contains("m=image 0 "))
            if media?.text != nil {
                #expect(answer.contains("m=text 4020 RTP/AVP 97 96\r\n") && answer.contains("a=fmtp:97 96/96/96\r\n"))
            }
        }
        try call.end()
    }

    // MARK: Before it

    @Test("is not made to anybody else than who was asked for", arguments: [300, 301, 302, 305, 380])
    func redirected(status: Int) async throws {
        let (call, other) = (try RingingCall(), try UDPPeer())
        // The first address is the one that libre would call.
        let text = call.answer(status, headers: ["Contact: <sip:premium@127.0.0.1:\(other.port)>"])
        call.send(text.utf8)
        _ = try call.phone.message("ACK")
        let events = await call.events { $0.word == "ended" }
        guard case .ended(let end) = events.last else { return }
        #expect(end == .refused(status))
        #expect(!other.hasPacket)
    }

    private static func challenge(_ realm: String, _ nonce: String, _ algorithm: String?) -> String {
        "Proxy-Authenticate: Digest realm=\"\(realm)\", nonce=\"\(nonce)\""
            + (algorithm.map { ", algorithm=\($0)" } ?? "")
    }

    @Test(
        "meets of the challenges of a realm the topmost that it can (RFC 8760, section 2.4)",
        arguments: [
            ([challenge("a", "1", nil)], ["1"]),
            ([challenge("a", "1", "SHA-512-256"), challenge("a", "2", "MD5")], ["2"]),
            ([challenge("a", "1", "MD5"), challenge("a", "2", "SHA-512-256")], ["1"]),
            ([challenge("a", "1", "MD5"), challenge("a", "2", "MD5")], ["1"]),
            ([challenge("a", "1", "x"), challenge("b", "2", "MD5"), challenge("a", "3", "MD5")], ["2", "3"]),
        ])
    func challenged(headers: [String], nonces: [String]) async throws {
        let call = try RingingCall(user: "me")
        try call.challenge(407, headers: headers)
        let answers = call.invite.split(separator: "\r\n").filter { $0.hasPrefix("Proxy-Authorization:") }
        #expect(answers.count == nonces.count)
        for (answer, nonce) in zip(answers, nonces) { #expect(answer.contains("nonce=\"\(nonce)\"")) }
        #expect(try await call.finish().last?.word == "answered")
    }

    @Test("says that it cannot meet a challenge of which it knows no algorithm")
    func strange() async throws {
        let call = try RingingCall(user: "me")
        call.send(
            call.answer(407, headers: [Self.challenge("a", "1", "SHA-512-256"), Self.challenge("a", "2", "x")]).utf8)
        let events = await call.events { $0.word == "ended" }
        guard case .ended(let end) = events.last else { return }
        #expect(end == .askedStrangely(407))
    }

    @Test("of which nothing is heard is given up in time")
    func silence() async throws {
        let call = try RingingCall(timeout: 1)
        let events = await call.events { $0.word == "ended" }
        guard case .ended(.notReached) = events.last else {
            Issue.record("it was reached")
            return
        }
        #expect(events.count == 1)
    }
}
