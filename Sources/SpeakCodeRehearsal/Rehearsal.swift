// SPDX-License-Identifier: GPL-3.0-or-later

internal import JSON5
internal import CoreMetrics
internal import HTTPTypes
internal import Logging
package import SpeakCode
internal import SpeakCodeGateways
internal import SpeakCodeLinks
internal import SpeakCodeService

/// A call from end to end, in this process and without a socket: the service itself, in front of a gateway, a telephone and a
/// back end that are none.
package struct Rehearsal: Sendable {
    /// What is rehearsed.
    package struct Plan: Sendable {
        package var code = "123456"
        /// The gateway's name, one of ``Rehearsal/gateways``.
        package var gateway = "twilio"
        package var course = FakeCallCourse.heard
        /// Nil for the language of the number.
        package var locale: String?
        /// Nil for the service's own, `always`.
        package var gate: String?

        package init() {}
    }

    /// Why there is no call to rehearse.
    package struct Refusal: Error, Hashable, CustomStringConvertible {
        package let description: String
    }

    /// The gateways that can be rehearsed, by their names.
    package static let gateways = kinds.map(\.name) + [freeSWITCH, asterisk]

    private static let kinds: [(name: String, kind: FakeGateway.Kind)] = [
        ("twilio", .twilio), ("signalwire", .signalwire), ("telnyx", .telnyxTeXML), (callControl, .telnyxCallControl),
        ("plivo", .plivo), ("vonage", .vonage), ("jambonz", .jambonz),
    ]
    /// The other way of Telnyx, which plays a file and hears no keys.
    package static let callControl = "telnyx-call-control"
    static let (freeSWITCH, asterisk) = ("freeswitch", "asterisk")

    /// Whether calls are asked for over a socket.
    package static func hasSocket(_ gateway: String) -> Bool { [freeSWITCH, asterisk].contains(gateway) }

    /// The courses that a gateway's calls may take.
    package static func courses(through gateway: String) -> [FakeCallCourse] {
        // What gets lost between requests is not lost on a socket.
        FakeCallCourse.allCases.filter {
            !hasSocket(gateway) || ![.lost, .toldFirst, .tooMany, .broken].contains($0)
        }
    }

    /// Numbers that are nobody's (North American Numbering Plan, 555-0100 to 555-0199).
    static let (to, from) = ("+12125550123", "+12125550100")

    let plan: Plan
    let scene: Scene
    let clock: ManualClock
    let service: AnnouncementService
    let switchboard: (any Exchange)?

    /// Rehearses a call.
    ///
    /// - Parameters:
    ///   - plan: what is rehearsed.
    ///   - engine: what speaks.
    ///   - resampler: what changes the engine's sample rate.
    ///   - encoder: what codes samples.
    /// - Throws: ``Refusal``, or what keeps the service from being made.
    package static func run(
        _ plan: Plan, engine: any SpeechEngine & VoiceListing, resampler: any Resampler, encoder: any SoundEncoder
    ) async throws -> Transcript {
        guard courses(through: plan.gateway).contains(plan.course) else {
            let names = courses(through: plan.gateway).map(\.rawValue).joined(separator: ", ")
            throw Refusal(description: "a call through \(plan.gateway) takes one of these courses: \(names)")
        }
        let scene = scene(plan, ManualClock())
        let settings = try await settings(plan, scene)
        let rehearsal = try Rehearsal(plan, scene, settings, engine, resampler, encoder)
        let running = Task { [service = rehearsal.service] in await service.run() }
        defer { running.cancel() }
        try await rehearsal.play()
        return rehearsal.scene.transcript
    }

    private init(
        _ plan: Plan, _ scene: Scene, _ settings: ServiceSettings, _ engine: any SpeechEngine & VoiceListing,
        _ resampler: any Resampler, _ encoder: any SoundEncoder
    ) throws {
        service = try AnnouncementService(
            settings, callers: [], engine: engine, enginesAtATime: 1, resampler: resampler, encoder: encoder,
            decoder: nil, origin: "rehearsal", workers: Workers(), metrics: NOOPMetricsHandler.instance,
            exposition: nil, sender: scene, routes: [],
            logger: Logger(label: "rehearsal") { _ in SwiftLogNoOpLogHandler() }, clock: scene.clock,
            calendar: scene.calendar, onClipsLetGo: {})
        scene.begin(with: service)
        (self.plan, self.scene, clock) = (plan, scene, scene.clock)
        switchboard =
            switch plan.gateway {
            case Self.freeSWITCH: Switchboard(plan.course, scene, service)
            case Self.asterisk: StasisApplication(plan.course, scene, service)
            default: nil
            }
    }

    private static func scene(_ plan: Plan, _ clock: ManualClock) -> Scene {
        var fake = FakeGateway(kinds.first { $0.name == plan.gateway }?.kind ?? .twilio, plan.course)
        fake.numbers = [from]
        return Scene(plan.gateway, fake, clock: clock)
    }

    private static func settings(_ plan: Plan, _ scene: Scene) async throws -> ServiceSettings {
        let gateway =
            switch plan.gateway {
            case freeSWITCH: Switchboard.settings(calling: from)
            case asterisk: StasisApplication.settings(calling: from)
            default: try scene.signer.settings(calling: from)
            }
        let own = [
            "publicURL": Scene.base, "callPrefixes": "+1", "callEvents": Scene.events,
            "callEventsKey": scene.eventsSecret,
            "linkKeys": LinkKey().text,
        ]
        return try await ServiceSettings(flags: own.merging(gateway) { $1 }, environment: [:], file: nil)
    }

    // MARK: The play

    /// The most steps of a play; the longest waits for a call of which nobody hears any more.
    private static let mostSteps = 400

    private func play() async throws {
        switchboard?.open()
        await settle()
        let address = try await askForCall()
        await untilAsked()
        for _ in 0..<Self.mostSteps {
            await settle()
            if scene.isOver { break }
            if await step(address) { continue }
            // Whoever waits for a time has waited for it.
            guard clock.advanceToNext() else { break }
        }
        await settle()
        await finish(address)
    }

    /// Whether anything happened.
    private func step(_ address: String) async -> Bool {
        let isGoingOn = if let switchboard { await switchboard.step() } else { await stepGateway() }
        if isGoingOn {
            // It is taken back at once, and was answered meanwhile.
            if plan.course == .answered, !isTakenBack { await takeBack(address) }
            return true
        }
        guard plan.course == .ringing, !isTakenBack else { return false }
        await takeBack(address)
        return true
    }

    private var isTakenBack: Bool {
        scene.transcript.entries.contains { $0.title.hasPrefix("DELETE \(Scene.base)/v1/calls/") }
    }

    private func askForCall() async throws -> String {
        let isCallControl = plan.gateway == Self.callControl
        var body: [String: JSON5Value] = [
            "code": .text(plan.code), "to": .text(Self.to), "through": .text(isCallControl ? "telnyx" : plan.gateway),
        ]
        if isCallControl { body["gate"] = "never" }
        body["locale"] = plan.locale.map { .text($0) }
        if let gate = plan.gate { body["gate"] = .text(gate) }
        var headers: HTTPFields = [.contentType: "application/json"]
        if let name = HTTPField.Name("Idempotency-Key") { headers[name] = "sign-in-17" }
        let reply = await scene.ask(
            Scene.backEnd, .post, Scene.base + "/v1/calls", headers, try JSONDocument.encode(body))
        let answer = JSON5Value.object(in: reply.body)
        guard reply.status == 202, let address = answer?["links"]?.members?["call"]?.text else {
            throw Refusal(description: answer?["detail"]?.text ?? "the service answers \(reply.status)")
        }
        return address
    }

    private func takeBack(_ address: String) async {
        let orders = scene.orders
        _ = await scene.ask(Scene.backEnd, .delete, address)
        await settle { scene.orders > orders }
        await tellReports(scene.withGateway { $0.takeReports() })
    }

    private func finish(_ address: String) async {
        let reply = await scene.ask(Scene.backEnd, .get, address)
        let outcome = JSON5Value.object(in: reply.body)?["outcome"]?.text
        let placed = switchboard?.placed ?? scene.withGateway { $0.calls.count }
        scene.change { transcript in
            transcript.outcome = outcome
            transcript.placed = placed
            if outcome == nil { transcript.complain("the call has not ended") }
            if placed > 1 { transcript.complain("the call was placed \(placed) times") }
        }
    }

    // MARK: The gateway

    private func stepGateway() async -> Bool {
        guard let (moment, reports) = scene.withGateway({ $0.step() }) else {
            let due = scene.withGateway { $0.takeReports() }
            await tellReports(due)
            return !due.isEmpty
        }
        if moment == .answered, plan.course != .answered { scene.say(Scene.telephone, scene.gateway, "is answered") }
        await tellReports(reports)
        if moment == .answered, plan.course != .answered, let call = scene.withGateway({ $0.calls.first }) {
            await Phone(scene, call, isPerson: plan.course != .machine).listen()
        }
        return true
    }

    private func tellReports(_ reports: [FakeGateway.Report]) async {
        for report in reports {
            _ = await scene.post(report.url, report.contentType, report.body)
            await settle()
        }
    }

    // MARK: Time

    /// Waits until the service has asked its gateway for the call, or will not.
    private func untilAsked() async {
        // Nobody is there to be asked, and the service waits.
        guard switchboard?.isOpen != false else { return }
        await settle { scene.isAsked }
    }

    /// How long the service is waited for, however busy the machine is.
    private static let patience = Duration.seconds(60)

    /// Waits until nothing is on its way, and nothing comes of what there was.
    ///
    /// - Parameter isMet: what must have come of it before.
    private func settle(_ isMet: () -> Bool = { true }) async {
        let began = ContinuousClock.now
        var (quiet, last) = (0, -1)
        while quiet < 3 || !isMet(), began.duration(to: .now) < Self.patience {
            switchboard?.answer()
            if let now = scene.stillness, now == last, service.untoldEvents == 0 {
                quiet += 1
            } else {
                (quiet, last) = (0, scene.stillness ?? -1)
            }
            try? await Task.sleep(for: .milliseconds(1))
        }
    }
}

/// The telephone at the end of a call whose gateway fetches documents.
private struct Phone {
    private let scene: Scene
    private let call: FakeGateway.Call
    private let isPerson: Bool

    init(_ scene: Scene, _ call: FakeGateway.Call, isPerson: Bool) {
        (self.scene, self.call, self.isPerson) = (scene, call, isPerson)
    }

    /// The most documents of a call.
    private static let most = 4

    /// Has what the documents say played, presses 1 where a person is asked for a key, and hangs up behind the code.
    func listen() async {
        let kind = scene.withGateway(\.kind)
        guard kind != .telnyxCallControl else {
            _ = await scene.ask(scene.gateway, .get, call.document) { await scene.heard(call.document, $0) }
            scene.change { $0.readings += 1 }
            return scene.say(scene.gateway, Scene.telephone, "plays it")
        }
        var (url, key) = (call.document, String?.none)
        for _ in 0..<Self.most {
            let (type, body) = FakeGateway.request(kind, call: call.id, to: call.to, from: Rehearsal.from, key: key)
            let reply = await scene.post(url, type, body)
            guard let script = CallScript(reply.body, of: kind) else {
                return scene.change { $0.complain("\(scene.gateway) cannot carry out a document") }
            }
            guard let audio = script.audio else {
                return scene.say(scene.gateway, Scene.telephone, "hangs up")
            }
            _ = await scene.ask(scene.gateway, .get, audio) { await scene.heard(audio, $0) }
            if script.isEndless { return hearCode() }
            guard let next = script.next, let told = press(script.tellsSilence) else { return }
            (url, key) = (next, told)
        }
    }

    private func hearCode() {
        scene.change { $0.readings += 1 }
        scene.say(
            scene.gateway, Scene.telephone,
            isPerson ? "plays it again and again, until they hang up" : "plays it again and again; a machine keeps it")
    }

    /// What the gateway tells of keys; nil where it tells nothing.
    private func press(_ tellsSilence: Bool) -> String? {
        scene.say(Scene.telephone, scene.gateway, isPerson ? "key 1" : "no key")
        if isPerson { return "1" }
        guard tellsSilence else {
            scene.say(scene.gateway, Scene.telephone, "hangs up")
            return nil
        }
        return ""
    }
}
