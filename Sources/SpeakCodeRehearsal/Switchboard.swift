// SPDX-License-Identifier: GPL-3.0-or-later

internal import HTTPTypes
internal import SpeakCodeGateways
internal import SpeakCodeService
internal import Synchronization

/// A switch in a rehearsal that is asked for calls over a socket.
protocol Exchange: Sendable {
    var isOpen: Bool { get }
    /// How many calls it has placed.
    var placed: Int { get }
    /// Begins the conversation, unless nobody is there.
    func open()
    /// Answers what the service has written.
    func answer()
    /// Lets the call go on by one moment.
    ///
    /// - Returns: whether anything happened.
    func step() async -> Bool
}

/// FreeSWITCH in a rehearsal: its event socket, its document, and the telephone behind it.
final class Switchboard: Exchange {
    private struct State {
        var fake: FakeEventSocket
        /// The socket's number, by which the dialer knows it; nil while there is none.
        var socket: Int?
    }

    private let scene: Scene
    private let dialer: SocketDialer?
    private let course: FakeCallCourse
    private let state: Mutex<State>

    private static let password = "rehearsal"

    init(_ course: FakeCallCourse, _ scene: Scene, _ service: AnnouncementService) {
        (self.course, self.scene) = (course, scene)
        dialer = service.gateways.first { $0.name == Rehearsal.freeSWITCH }?.dialer
        state = Mutex(State(fake: FakeEventSocket(password: Self.password, course)))
    }

    static func settings(calling from: String) -> [String: String] {
        [
            "freeswitchEventSocket": "127.0.0.1:8021", "freeswitchPassword": password,
            "freeswitchDial": "sofia/gateway/trunk/{number}", "freeswitchNumbers": from,
        ]
    }

    var isOpen: Bool { state.withLock { $0.socket != nil } }
    var placed: Int { state.withLock { $0.fake.placed.count } }

    func open() {
        guard course != .down, let dialer else { return }
        let number = dialer.opened { [scene] in scene.write($0) }
        let greeting = state.withLock { state in
            state.socket = number
            return state.fake.greet()
        }
        tell(greeting)
    }

    func answer() {
        for bytes in scene.takeWritten() {
            scene.say(Scene.service, scene.gateway, "event socket", Self.lines(bytes))
            let (answer, placed) = state.withLock { ($0.fake.take(bytes), $0.fake.placed.count) }
            if placed > 0 { scene.noteAsked() }
            tell(answer)
        }
    }

    private func tell(_ bytes: [UInt8]) {
        guard !bytes.isEmpty, let dialer, let number = state.withLock(\.socket) else { return }
        scene.say(scene.gateway, Scene.service, "event socket", Self.lines(bytes))
        do { try dialer.received(bytes, on: number) } catch { scene.change { $0.complain("\(error)") } }
    }

    private static func lines(_ bytes: [UInt8]) -> [String] {
        String(decoding: bytes, as: UTF8.self).split(separator: "\n").map { line in
            line.hasPrefix("auth ") ? "auth " + Wording.mask : String(line)
        }
    }

    func step() async -> Bool {
        guard let (moment, event) = state.withLock({ $0.fake.step() }) else { return false }
        tell(event)
        if moment == .answered, course != .answered { await listen() }
        return true
    }

    /// The document, as mod_httapi carries it out.
    private func listen() async {
        let application = state.withLock { $0.fake.applications.last } ?? ""
        let argument = application.drop { $0 != "{" }.prefix { $0 != ")" }
        let caller = Caller(isPerson: course != .machine, scene)
        do {
            let call = try await FakeHTTAPI.run(String(argument), send: { await self.ask($0) }, caller: caller.act)
            if call.end == .document { scene.say(scene.gateway, Scene.telephone, "hangs up") }
            if case .dialplan(let reason) = call.end { scene.change { $0.complain("mod_httapi: \(reason)") } }
        } catch {
            scene.change { $0.complain("mod_httapi: \(error)") }
        }
    }

    private func ask(_ request: FakeHTTAPI.Request) async -> FakeHTTAPI.Answer {
        var headers: HTTPFields = [:]
        for (name, value) in request.headers.sorted(by: { $0.key < $1.key }) where !value.isEmpty {
            headers.set(name, to: value)
        }
        let (method, scene) = (HTTPRequest.Method(rawValue: request.method) ?? .get, scene)
        let isAudio = request.url.hasSuffix(".wav")
        let reply = await scene.ask(scene.gateway, method, request.url, headers, Array(request.body.utf8)) { reply in
            guard isAudio else { return nil }
            return method == .head ? [] : await scene.heard(request.url, reply)
        }
        return FakeHTTAPI.Answer(
            status: reply.status, contentType: reply.type ?? "", cacheControl: reply.headers[.cacheControl] ?? "",
            body: reply.body)
    }
}

/// What is done at the telephone behind FreeSWITCH.
private final class Caller {
    private let isPerson: Bool
    private let scene: Scene
    private var files = 0
    private var hasPressed = false

    init(isPerson: Bool, _ scene: Scene) { (self.isPerson, self.scene) = (isPerson, scene) }

    func act(_ moment: FakeHTTAPI.Moment) -> FakeHTTAPI.Act {
        // The loop of the code waits a millisecond for keys, that of the gate five seconds.
        guard case .waiting(let milliseconds) = moment else {
            files += 1
            return .listen
        }
        if milliseconds == 1 {
            scene.change { $0.readings += 1 }
            scene.say(scene.gateway, Scene.telephone, "plays it again and again, until they hang up")
            return .hangUp
        }
        guard isPerson, !hasPressed else {
            scene.say(Scene.telephone, scene.gateway, "no key")
            return .listen
        }
        hasPressed = true
        scene.say(Scene.telephone, scene.gateway, "key 1")
        return .press("1")
    }
}
