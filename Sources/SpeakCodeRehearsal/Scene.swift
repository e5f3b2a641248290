// SPDX-License-Identifier: GPL-3.0-or-later

internal import JSON5
internal import Crypto
internal import FoundationEssentials
internal import HTTPTypes
internal import SpeakCodeGateways
internal import SpeakCodeService
internal import Synchronization

/// All that is around the service in a rehearsal: who asks it, who is asked by it, and what was said.
final class Scene: HTTPSender {
    /// Who takes part, beside the gateway.
    static let (service, backEnd, telephone) = ("speakcode", "your back end", "telephone")
    static let base = "https://codes.example.net"
    static let events = "https://shop.example.net/calls"

    private struct State {
        var transcript = Transcript()
        var gateway: FakeGateway
        var service: AnnouncementService?
        /// How many requests are on their way, and how many have been.
        var underWay = 0
        var count = 0
        /// How many of the requests to the service have no answer yet, or none that was shown.
        var asking = 0
        /// How often the gateway was asked for anything.
        var orders = 0
        /// Whether the gateway was asked for the call.
        var isAsked = false
        /// Whether the back end was told that the call is over.
        var isOver = false
        /// What the service has written to the gateway's socket.
        var written: [[UInt8]] = []
    }

    /// The gateway's name, as the service has it.
    let gateway: String
    let signer: GatewaySigner
    let clock: ManualClock
    /// A day on which all rehearsals are; it goes on with the clock.
    let calendar: CalendarTime
    /// What the events are signed by.
    private let eventsKey = SymmetricKey(size: .bits256)
    private let state: Mutex<State>

    init(_ gateway: String, _ fake: FakeGateway, clock: ManualClock) {
        (self.gateway, self.clock) = (gateway, clock)
        calendar = CalendarTime { 1_796_025_600 + Int(clock.now.offset.components.seconds) }
        signer = GatewaySigner(kind: fake.kind)
        state = Mutex(State(gateway: fake))
    }

    /// The same as the setting has it.
    var eventsSecret: String { "whsec_" + eventsKey.withUnsafeBytes { Data($0).base64EncodedString() } }

    // MARK: What there is

    var transcript: Transcript { state.withLock(\.transcript) }

    func change<Made: Sendable>(_ body: (inout Transcript) -> Made) -> Made {
        state.withLock { body(&$0.transcript) }
    }

    func withGateway<Made: Sendable>(_ body: (inout FakeGateway) -> Made) -> Made {
        state.withLock { body(&$0.gateway) }
    }

    func begin(with service: AnnouncementService) { state.withLock { $0.service = service } }

    var isAsked: Bool { state.withLock(\.isAsked) }
    var orders: Int { state.withLock(\.orders) }
    var isOver: Bool { state.withLock(\.isOver) }
    /// Grows with whatever happens; nil while something is on its way.
    var stillness: Int? { state.withLock { $0.underWay == 0 && $0.written.isEmpty ? $0.count : nil } }

    func say(_ from: String, _ to: String, _ title: String, _ lines: [String] = []) {
        change { $0.add(from, to, title, lines) }
    }

    // MARK: The socket

    func write(_ bytes: [UInt8]) {
        state.withLock { state in
            state.written.append(bytes)
            state.count += 1
            state.orders += 1
        }
    }

    func takeWritten() -> [[UInt8]] {
        state.withLock { state in
            defer { state.written = [] }
            return state.written
        }
    }

    /// The call was asked for over the socket.
    func noteAsked() { state.withLock { $0.isAsked = true } }

    // MARK: Asking the service

    struct Reply: Sendable {
        var status = 0
        var headers: HTTPFields = [:]
        var body: [UInt8] = []

        var type: String? { headers[.contentType] }
        var title: String { "\(status) \(Self.phrases[status] ?? "")" }

        /// RFC 9110, section 15, as far as it is met here.
        private static let phrases = [
            200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 400: "Bad Request", 401: "Unauthorized",
            403: "Forbidden", 404: "Not Found", 410: "Gone", 422: "Unprocessable Content", 429: "Too Many Requests",
            503: "Service Unavailable",
        ]
    }

    /// Asks the service, and shows both.
    ///
    /// - Parameters:
    ///   - from: who asks.
    ///   - note: what stands beneath the answer in place of its body.
    func ask(
        _ from: String, _ method: HTTPRequest.Method, _ url: String, _ headers: HTTPFields = [:],
        _ body: [UInt8] = [], note: @Sendable (Reply) async -> [String]? = { _ in nil }
    ) async -> Reply {
        say(
            from, Self.service, "\(method.rawValue) \(url)",
            Wording.lines(headers) + Wording.lines(body, headers[.contentType]))
        state.withLock { $0.asking += 1 }
        defer { state.withLock { $0.asking -= 1 } }
        let reply = await asked(method, url, headers, body)
        let beneath = await note(reply) ?? Wording.lines(reply.body, reply.type)
        say(Self.service, from, reply.title, Wording.lines(reply.headers, ["content-type", "location"]) + beneath)
        return reply
    }

    /// Asks the service, and shows nothing.
    func asked(
        _ method: HTTPRequest.Method, _ url: String, _ headers: HTTPFields = [:], _ body: [UInt8] = []
    ) async -> Reply {
        guard let service = state.withLock(\.service), url.hasPrefix(Self.base) else { return Reply(status: 502) }
        let request = HTTPRequest(
            method: method, scheme: "https", authority: "codes.example.net",
            path: String(url.dropFirst(Self.base.count)), headerFields: headers)
        let answer = await service.respond(to: request, body: body)
        var bytes: [UInt8] = []
        if answer.length != nil, method != .head { try? await answer.send { bytes += $0 } }
        return Reply(status: answer.head.status.code, headers: answer.head.headerFields, body: bytes)
    }

    /// Posts as the gateway does, with its signature.
    func post(_ url: String, _ type: String, _ body: [UInt8]) async -> Reply {
        var headers: HTTPFields = [.contentType: type]
        for (name, value) in (try? signer.headers(url, body, at: calendar.now)) ?? [] { headers.set(name, to: value) }
        let reply = await ask(gateway, .post, url, headers, body)
        if !(200..<300).contains(reply.status) {
            change { $0.complain("the service answers \(reply.status) to the gateway") }
        }
        return reply
    }

    // MARK: Asked by the service

    func send(_ request: GatewayRequest, within limit: Duration) async throws(SendingError) -> GatewayAnswer {
        state.withLock { state in
            state.underWay += 1
            state.count += 1
        }
        defer {
            state.withLock { state in
                state.underWay -= 1
                state.count += 1
            }
        }
        await untilAnswered()
        return request.url == Self.events ? take(event: request) : try await take(request)
    }

    /// The service goes on behind its answers, and is shown to: what it sends meanwhile is taken once they have been shown.
    private func untilAnswered() async {
        while state.withLock({ $0.asking > 0 }) { try? await Task.sleep(for: .milliseconds(1)) }
    }

    private func take(event request: GatewayRequest) -> GatewayAnswer {
        let isGenuine = isGenuine(request)
        let type = JSON5Value.object(in: request.body)?["type"]?.text
        say(
            Self.service, Self.backEnd, "POST \(request.url)",
            Wording.lines(request.headers) + Wording.lines(request.body, "application/json"))
        say(Self.backEnd, Self.service, "204 No Content", ["(the signature \(isGenuine ? "holds" : "DOES NOT HOLD"))"])
        state.withLock { state in
            if !isGenuine { state.transcript.complain("the signature of an event does not hold") }
            if type == "call.ended" { state.isOver = true }
        }
        return GatewayAnswer(status: 204)
    }

    private func isGenuine(_ request: GatewayRequest) -> Bool {
        let signed = SignedRequest(
            method: request.method, url: request.url, headers: request.headers, body: request.body, now: calendar.now)
        return WebhookKey(eventsSecret)?.isGenuine(signed) ?? false
    }

    private func take(_ request: GatewayRequest) async throws(SendingError) -> GatewayAnswer {
        say(
            Self.service, gateway, "\(request.method.rawValue) \(request.url)",
            Wording.lines(request.headers) + Wording.lines(request.body, request.headers[.contentType]))
        let isDown = withGateway { $0.course == .down }
        let answer = withGateway { $0.take(Self.request(request)) }
        let early = withGateway { $0.course == .toldFirst ? $0.takeReports() : [] }
        for report in early { _ = await post(report.url, report.contentType, report.body) }
        state.withLock { state in
            state.isAsked = true
            state.orders += 1
        }
        guard let answer else {
            say(gateway, Self.service, isDown ? "(nobody is there)" : "(the answer is lost)")
            throw isDown ? .notSent : .noAnswer
        }
        var headers: HTTPFields = [:]
        for (name, value) in answer.headers { headers.set(name, to: value) }
        let reply = Reply(status: answer.status, headers: headers, body: answer.body)
        say(gateway, Self.service, reply.title, Wording.lines(reply.body, reply.type))
        return GatewayAnswer(status: answer.status, headers: headers, body: answer.body)
    }

    private static func request(_ request: GatewayRequest) -> FakeGateway.Request {
        let path = "/" + (request.url.split(separator: "/", maxSplits: 2).last ?? "")
        var headers: [String: String] = [:]
        for field in request.headers { headers[field.name.rawName] = field.value }
        return FakeGateway.Request(
            method: request.method.rawValue, path: String(path.prefix { $0 != "?" }),
            query: String(path.drop { $0 != "?" }.dropFirst()), headers: headers, body: request.body)
    }
}

// MARK: - Audio

extension Scene {
    /// What is heard in a file: its length, and the words in it.
    func heard(_ url: String, _ reply: Reply) async -> [String] {
        guard reply.status == 200 else { return [] }
        let captions = await asked(.get, url.replacing(".wav", with: ".vtt"))
        let lines = String(decoding: captions.body, as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false)
        // The texts stand behind their times.
        let cues = zip(lines, lines.dropFirst()).filter { $0.0.contains("-->") }.map { String($0.1) }
        return ["(\(Self.seconds(reply.body)) seconds: \(Self.once(cues)))"]
    }

    /// Words that are said again are shown once.
    private static func once(_ cues: [String]) -> String {
        var said: [String] = []
        for cue in cues where !said.contains(cue) { said.append(cue) }
        return "“" + said.joined(separator: " ") + "”"
    }

    /// The length of a WAVE file, by its rate of bytes.
    private static func seconds(_ wave: [UInt8]) -> String {
        guard wave.count > 44 else { return "0.0" }
        let rate = wave[28..<32].reversed().reduce(0) { $0 << 8 | Int($1) }
        guard rate > 0 else { return "0.0" }
        let tenths = (wave.count - 44) * 10 / rate
        return "\(tenths / 10).\(tenths % 10)"
    }
}

extension HTTPFields {
    /// Sets a field by a name that is a text; nothing where no field can have that name.
    mutating func set(_ name: String, to value: String) {
        if let name = HTTPField.Name(name) { self[name] = value }
    }
}
