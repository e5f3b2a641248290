// SPDX-License-Identifier: GPL-3.0-or-later

import HTTPTypes
import NIOCore
import SpeakCode
import SpeakCodeCorpus
import SpeakCodeLinks
import SpeakCodeSIP

@testable import JSON5
@testable import SpeakCode
@testable import SpeakCodeDoctor
@testable import SpeakCodeGateways
@testable import SpeakCodeRehearsal
@testable import SpeakCodeServer
@testable import SpeakCodeService

/// What reads bytes of others: each takes any bytes, and neither stops the process nor takes long.
struct Reader: Sendable {
    let name: String
    /// Reads; what it refuses it may throw.
    let read: @Sendable ([UInt8]) throws -> Void

    /// All of them: one line each.
    ///
    /// The seeds of each, and whatever ever stopped it, are in `Tests/Corpora` by its name.
    static let all: [Reader] = [
        Reader("sdp") { _ = SIPAnswer.media(of: $0) },
        Reader("rtp", readPackets),
        Reader("sip-address") { _ = try SIPAddress(text($0), field: "to") },
        Reader("audiosocket", readMessages),
        Reader("fastagi", readLines),
        Reader("websocket-media", readMedia),
        Reader("http2-frames", readFrames),
        Reader("http-answer", readAnswer),
        Reader("event-socket", readSession("freeswitch")),
        Reader("ari", readSession("asterisk")),
        Reader("gateway-reports", readReports),
        Reader("gateway-signatures", readSignatures),
        Reader("identity-servers", readIdentity),
        Reader("call-request") { _ = try CallRequest(json: $0) },
        Reader("announcement-request") { _ = try AnnouncementRequest(json: $0) },
        Reader("links") { _ = LinkKeyring([LinkKey()]).open(text($0)) },
        Reader("api-keys") { _ = try Caller(line: text($0)) },
        Reader("host") { _ = HostName(text($0)) },
        Reader("code") { _ = try VerificationCode(text($0), keepingCase: true) },
        Reader("telephone-number") { _ = try PhoneNumber(text($0)) },
        Reader("language-tag") { _ = LanguageTag(text($0)) },
        Reader("json5") { _ = JSON5Document(text($0), findsLines: true) },
        Reader("voice-pack") { _ = try VoicePack(json5: text($0), source: "et-EE.json5") },
        Reader("wording") { _ = try OperatorWording(json5: text($0), source: "wording.json5") },
        Reader("form") { _ = FormFields(body: $0) },
        Reader("captions") { _ = try Announced(captions: $0) },
        Reader("line") { _ = try Line(text($0)) },
        Reader("wave") { _ = WaveHeader($0) },
    ]

    init(_ name: String, _ read: @escaping @Sendable ([UInt8]) throws -> Void) {
        (self.name, self.read) = (name, read)
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    // MARK: Those that need more than a line

    /// Packets of RTP, the length of each before it.
    private static func readPackets(_ bytes: [UInt8]) {
        var (rest, keys) = (bytes[...], RTPKeys())
        while let count = rest.popFirst() {
            guard let packet = RTPPacket(ByteBuffer(bytes: rest.prefix(Int(count)))) else { return }
            _ = keys.key(in: packet)
            rest = rest.dropFirst(Int(count))
        }
    }

    /// In two pieces, as a socket may cut them; the first byte says where.
    private static func pieces(_ bytes: [UInt8]) -> [[UInt8]] {
        guard let first = bytes.first else { return [] }
        let rest = bytes.dropFirst()
        return [Array(rest.prefix(Int(first))), Array(rest.dropFirst(Int(first)))]
    }

    private static func readMessages(_ bytes: [UInt8]) throws {
        var (reader, buffer) = (AudioSocketReader(), ByteBuffer())
        for piece in pieces(bytes) {
            buffer.writeBytes(piece)
            while try reader.next(from: &buffer) != nil {}
        }
    }

    private static func readLines(_ bytes: [UInt8]) {
        var (environment, replies) = (FastAGIEnvironment(), FastAGIReplyParser())
        for line in text(bytes).split(separator: "\n", omittingEmptySubsequences: false) {
            _ = environment.take(line)
            _ = replies.reply(in: line)
        }
        _ = environment.candidates
    }

    /// Messages in lines, of the dialect that the first one is of, or of each that is named by a subprotocol.
    private static func readMedia(_ bytes: [UInt8]) {
        let lines = bytes.split(separator: UInt8(ascii: "\n")).map(Array.init)
        guard let first = lines.first else { return }
        let dialects =
            [Gateways.dialect(beginning: first)] + Gateways.subprotocols.map { Gateways.dialect(of: $0) }
        for case var dialect? in dialects {
            for line in lines { _ = try? dialect.read(line) }
        }
    }

    private static func readFrames(_ bytes: [UInt8]) {
        for isClient in [true, false] {
            var scanner = HTTP2FrameScanner(ofClient: isClient)
            for piece in pieces(bytes) where !scanner.take(ByteBuffer(bytes: piece), { _ in }) { break }
        }
    }

    private static func readAnswer(_ bytes: [UInt8]) {
        var parser = AnswerParser(for: .get, bodyLimit: 1 << 16)
        for piece in pieces(bytes) { parser.take(piece) }
        parser.end(timedOut: false)
    }

    /// The name of the call that is in the air.
    private static let call = "0b0c5a52-7a6e-4d55-9c0f-0a8a1d0d7f11"

    /// What the gateway says over its own socket, in a call that it is asked for.
    private static func readSession(_ name: String) -> @Sendable ([UInt8]) throws -> Void {
        { bytes in
            let values = [
                "asteriskUser": "u", "asteriskPassword": "0123456789", "asteriskNumbers": "+491",
                "asteriskDial": "PJSIP/{number}@trunk",
            ].merging(Switchboard.settings(calling: "+491")) { $1 }
            let gateway = Gateways.all.first { $0.name == name }
            guard var session = try gateway?.socketDialing?.dialing(with: values, now: { 0 })?.session else {
                preconditionFailure("It dials over a socket.")
            }
            _ = session.opened()
            _ = try session.dial(
                CallOrder(
                    id: call, to: .number("+491"), from: nil, timeout: 30, longest: 60,
                    heard: name == "asterisk"
                        ? .fastAGI("agi://127.0.0.1/x") : .document("http://127.0.0.1/c/x.httapi")))
            // WebSocket has messages, and the event socket a stream of bytes.
            let parts = name == "asterisk" ? bytes.split(separator: UInt8(ascii: "\n")).map(Array.init) : pieces(bytes)
            for part in parts { _ = try session.received(part) }
            _ = session.closed()
        }
    }

    /// Of every gateway that dials, as a query and as a body.
    private static func readReports(_ bytes: [UInt8]) {
        for dialing in dialings {
            _ = dialing.report(query: "", body: bytes)
            _ = dialing.report(query: text(bytes), body: [])
        }
    }

    private static let dialings: [any Dialing] = FakeGateway.Kind.allCases.map { kind in
        let values = (try? GatewaySigner(kind: kind).settings(calling: "+491")) ?? [:]
        let all = Gateways.all.lazy.compactMap { try? $0.dialing?.dialing(with: values, now: { 0 }) }
        guard let dialing = all.first else { preconditionFailure("\(kind) dials.") }
        return dialing
    }

    /// A line for each header, an empty one, and a body.
    private static func readSignatures(_ bytes: [UInt8]) {
        let values = text(bytes).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let names = [
            "X-Twilio-Signature", "Authorization", "X-Plivo-Signature-V3", "X-Plivo-Signature-V3-Nonce",
            "telnyx-signature-ed25519", "telnyx-timestamp", "Jambonz-Signature", "webhook-id", "webhook-timestamp",
            "webhook-signature",
        ]
        var headers: HTTPFields = [.contentType: "application/x-www-form-urlencoded"]
        for (index, name) in names.enumerated() {
            if let name = HTTPField.Name(name) { headers[name] = values[index % values.count] }
        }
        let request = SignedRequest(
            method: .post, url: "https://codes.example.net/r?" + (values.last ?? ""), headers: headers, body: bytes,
            now: 1_796_025_600)
        for signing in Gateways.signings + IdentityServers.signings {
            for key in ["0123456789abcdef", "whsec_" + String(repeating: "AAAA", count: 8)] {
                _ = signing.checking(with: key)?.isGenuine(request)
            }
        }
    }

    private static func readIdentity(_ bytes: [UInt8]) {
        for type in ["application/json", "application/x-www-form-urlencoded"] {
            let request = IdentityRequest(headers: [.contentType: type], body: bytes)
            for server in IdentityServers.all { _ = try? server.message(in: request) }
        }
    }
}
