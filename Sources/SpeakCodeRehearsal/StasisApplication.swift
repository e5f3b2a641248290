// SPDX-License-Identifier: GPL-3.0-or-later

internal import FoundationEssentials
internal import SpeakCode
internal import SpeakCodeGateways
internal import SpeakCodeLinks
internal import SpeakCodeService
internal import Synchronization

/// Asterisk in a rehearsal: the WebSocket that it opens, its application, and AudioSocket behind it, without a socket.
final class StasisApplication: Exchange {
    private struct State {
        var fake: FakeARI
        /// The socket's number, by which the dialer knows it; nil while there is none.
        var socket: Int?
        /// How many of the channels that went on in the dialplan were heard.
        var heard = 0
    }

    private let scene: Scene
    private let service: AnnouncementService
    private let dialer: SocketDialer?
    private let course: FakeCallCourse
    private let state: Mutex<State>

    /// Longer than any call of a rehearsal.
    private static let mostFrames = 100_000

    init(_ course: FakeCallCourse, _ scene: Scene, _ service: AnnouncementService) {
        (self.course, self.scene, self.service) = (course, scene, service)
        dialer = service.gateways.first { $0.name == Rehearsal.asterisk }?.dialer
        state = Mutex(State(fake: FakeARI(course)))
        service.ports.now.audioSocket = 9092
    }

    static func settings(calling from: String) -> [String: String] {
        [
            "asteriskDial": "PJSIP/{number}@trunk", "asteriskUser": "rehearsal", "asteriskPassword": "rehearsal",
            "asteriskNumbers": from, "audioSocketPort": "9092",
        ]
    }

    var isOpen: Bool { state.withLock { $0.socket != nil } }
    var placed: Int { state.withLock { $0.fake.placed.count } }

    func open() {
        guard course != .down, let dialer else { return }
        let number = dialer.opened { [scene] in scene.write($0) }
        state.withLock { $0.socket = number }
    }

    func answer() {
        for bytes in scene.takeWritten() {
            show(Scene.service, scene.gateway, bytes)
            let (answers, placed) = state.withLock { ($0.fake.take(bytes), $0.fake.placed.count) }
            if placed > 0 { scene.noteAsked() }
            tell(answers)
        }
    }

    private func tell(_ messages: [[UInt8]]) {
        guard let dialer, let number = state.withLock(\.socket) else { return }
        for message in messages {
            show(scene.gateway, Scene.service, message)
            do { try dialer.received(message, on: number) } catch { scene.change { $0.complain("\(error)") } }
        }
    }

    private func show(_ from: String, _ to: String, _ message: [UInt8]) {
        scene.say(from, to, "WebSocket", Wording.lines(message, "application/json"))
    }

    func step() async -> Bool {
        // An answered channel goes on in the dialplan, which connects to AudioSocket.
        if let uuid = nextHeard() {
            await listen(uuid)
            return true
        }
        guard let (_, events) = state.withLock({ $0.fake.step() }) else { return false }
        tell(events)
        return true
    }

    private func nextHeard() -> String? {
        state.withLock { state in
            guard state.heard < state.fake.continued.count else { return nil }
            state.heard += 1
            return state.fake.variables.values.compactMap { $0["CALL_UUID"] }.first
        }
    }

    /// What is heard in the call, frame by frame, as fast as it is spoken.
    private func listen(_ name: String) async {
        guard let uuid = UUID(uuidString: name), let waiting = service.waiting[uuid],
            let format = try? AudioFormat(.sln), let media = CallSession.Media(format),
            let session = try? CallSession(
                waiting.announcement, over: .audioSocket, link: waiting.digest, client: nil,
                services: service.callServices)
        else { return scene.change { $0.complain("nothing waits for AudioSocket") } }
        scene.say(scene.gateway, Scene.service, "AudioSocket", ["UUID: " + name])
        session.begin(media)
        let isPerson = course != .machine
        if session.announcement.call?.isGateAhead == true {
            guard await hear(session, "asks for a key", once: isPerson) else { return }
            scene.say(Scene.telephone, scene.gateway, "key 1")
            _ = session.press("1")
        }
        guard await hear(session, "reads the code", once: true) else { return }
        scene.change { $0.readings += 1 }
        session.end(.hungUp)
    }

    /// Hears one reading, or all that there are.
    ///
    /// - Returns: whether the call goes on behind it.
    private func hear(_ session: CallSession, _ what: String, once: Bool) async -> Bool {
        while !session.hasSound, session.end == nil { try? await Task.sleep(for: .milliseconds(1)) }
        var frames = 0
        while frames < Self.mostFrames, session.nextFrame() != nil {
            frames += 1
            if session.isBehindReading, once { break }
        }
        let tenths = frames / 5
        scene.say(
            Scene.service, Scene.telephone, "AudioSocket: " + what, ["(\(tenths / 10).\(tenths % 10) seconds)"])
        guard session.end == nil else {
            scene.say(scene.gateway, Scene.telephone, "hangs up")
            return false
        }
        return true
    }
}
