// SPDX-License-Identifier: GPL-3.0-or-later

internal import Dispatch
internal import FoundationEssentials
internal import SpeakCode
internal import SpeakCodeGateways
internal import SpeakCodeLinks
internal import SpeakCodeServer
internal import SpeakCodeService
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A call that a running service places through one of its gateways, and that somebody at a terminal is told of.
///
/// The service is asked as a back end asks it, so that its bounds hold and its gateways reach it where they always do.
final class ServiceCall: Sendable {
    private let plan: ServiceCallPlan
    private let service: RunningService
    private let story: CallStory
    /// By which the service knows the call again, whoever asks for it twice.
    private let key = UUID.random().uuidString
    private let placed = Mutex(RunningService.Call?.none)

    /// How long the service may take to take a call back.
    private static let patienceForEnd = DispatchTimeInterval.seconds(3)

    /// - Throws: `SettingsError`.
    init(_ plan: ServiceCallPlan) throws {
        self.plan = plan
        service = try RunningService(plan.settings)
        story = CallStory(
            .service(hearsReadings: plan.settings.hearsReadings(through: plan.gateway)), isQuiet: plan.isQuiet)
    }

    /// Has it placed, and tells of it until it is over.
    ///
    /// - Throws: ``Failure`` where it was not placed, or no reading was heard to its end.
    func run() async throws {
        let farewell = HangUp.shared.onHangUp { [self] in takeBack() }
        let end: CallEnd
        do throws(RunningService.Refusal) {
            let call = try await service.place(plan.body, key: key)
            placed.withLock { $0 = call }
            for warning in call.warnings ?? [] { story.say(warning) }
            end = try await follow(call)
        } catch {
            await service.close()
            throw failure(error)
        }
        await service.close()
        HangUp.shared.forget(farewell)
        try story.conclude(end)
    }

    private func follow(_ call: RunningService.Call) async throws(RunningService.Refusal) -> CallEnd {
        var (readings, end) = (0, CallEnd(.failed))
        try await service.follow(call) { event in
            switch event.name {
            case "ringing": story.ring()
            case "answered": story.answer()
            case "human": story.say("a person, as the gateway thinks")
            case "machine": story.say("a machine, as the gateway thinks")
            case "key": story.say("a key was pressed")
            case "reading":
                readings += 1
                story.hear(readings)
                story.say("reading \(readings) was heard")
            case "ended":
                end = CallEnd(
                    event.call.outcome.flatMap(CallOutcome.init) ?? .failed, cause: event.call.cause,
                    sipStatus: event.call.sip, answeredSeconds: event.call.answeredSeconds)
            default: break
            }
        }
        return end
    }

    /// Hangs up for who presses Ctrl-C, and returns once the service knows it.
    private func takeBack() {
        let isTold = DispatchSemaphore(value: 0)
        Task { [self] in
            // Of a call that was just asked for the service alone knows the name, and tells it by the same key.
            var call = placed.withLock { $0 }
            if call == nil { call = try? await service.place(plan.body, key: key) }
            if let call { await service.hangUp(call) }
            isTold.signal()
        }
        let isInTime = isTold.wait(timeout: .now() + Self.patienceForEnd) == .success
        story.say(isInTime ? story.ours : "the service does not answer; the call may go on")
    }

    private func failure(_ refusal: RunningService.Refusal) -> Failure {
        switch refusal {
        case .unreachable:
            Failure(EX_NOHOST, "no service answers at \(service.base); start it with `speakcode serve`")
        case .unknown: Failure(EX_PROTOCOL, "the service at \(service.base) tells nothing more; the call may go on")
        case .problem(401, _), .problem(403, _):
            Failure(EX_NOPERM, "the service does not know the first key of apiKeys or apiKeysFile")
        case .problem(400, let detail), .problem(422, let detail): Failure(EX_DATAERR, detail)
        case .problem(429, let detail), .problem(503, let detail): Failure(EX_TEMPFAIL, detail)
        case .problem(let status, let detail): Failure(EX_PROTOCOL, "the service answers \(status): \(detail)")
        }
    }
}

/// What a command line with `--through` means, all of it checked before the service is asked.
struct ServiceCallPlan: Sendable {
    let settings: ServiceSettings
    let gateway: String
    /// Of `POST /v1/calls`.
    let body: [UInt8]
    let isQuiet: Bool

    /// The fields of that body; its names are the service's.
    private struct Body: Encodable {
        let code: String
        let to: String
        let through: String
        var from: String?
        var timeout: Int?
        var gate: String?
        var locale: String?
        var secondLocale: String?
        var voice: String?
        var pacing: Pauses
        var style: String?
        var letterCase: String?
        var letters: String?
        var register: String?
        var template: String?
        var slots: [String: String]?

        struct Pauses: Encodable {
            let preset: String
            var symbolPause: Int?
            var readingPause: Int?
        }

        enum CodingKeys: String, CodingKey {
            case code, to, through, from, timeout, gate, locale, secondLocale, voice, pacing, style, letters, register
            case letterCase = "case"
            case template, slots
        }
    }

    /// Checks the options and reads the code.
    ///
    /// - Throws: ``Failure`` or an error of the library, in words for a person.
    init(_ options: CallCommand, through gateway: String) async throws {
        try Self.refuseWhatTheServiceDecides(options)
        let environment = ProcessInfo.processInfo.environment
        let file = options.config ?? environment["SPEAKCODE_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
        settings = try await ServiceSettings(flags: [:], environment: environment, file: file)
        (self.gateway, isQuiet) = (gateway, options.quiet)
        let code = try CodeInput.code(from: options.code)
        body = try JSONDocument.encode(Self.body(options, code, gateway))
    }

    private static func body(
        _ options: CallCommand, _ code: VerificationCode, _ gateway: String
    ) throws(Failure) -> Body {
        let reading = options.reading
        var slots: [String: String] = [:]
        for slot in reading.slot where slots.updateValue(slot.value, forKey: slot.name) != nil {
            throw .usage("--slot gives the slot \(slot.name) twice")
        }
        return Body(
            code: String(code.plain.drop { $0 == "=" }), to: options.to, through: gateway, from: options.from,
            timeout: options.timeout.map { Int($0.duration.components.seconds) }, gate: options.gate,
            locale: reading.locale, secondLocale: reading.secondLocale, voice: reading.voice,
            pacing: Body.Pauses(
                preset: reading.pacing.rawValue, symbolPause: milliseconds(reading.gap),
                readingPause: milliseconds(reading.pause)),
            style: reading.style, letterCase: reading.letterCase == .spoken ? LetterCase.spoken.rawValue : nil,
            letters: reading.letters, register: reading.register?.rawValue, template: reading.template,
            slots: slots.isEmpty ? nil : slots)
    }

    private static func milliseconds(_ time: Time?) -> Int? { time.map { Int($0.duration / .milliseconds(1)) } }

    /// The service has an account, a voice and bounds of its own.
    private static func refuseWhatTheServiceDecides(_ options: CallCommand) throws(Failure) {
        let reading = options.reading
        let given = [
            ("--times", options.times != nil), ("--for", options.limit != nil), ("--user", options.user != nil),
            ("--password-file", options.passwordFile != nil), ("--proxy", options.proxy != nil),
            ("--registrar", options.registrar != nil), ("--rate", reading.rate != nil),
            ("--pitch", reading.pitch != nil), ("--voices", reading.voices != nil),
            ("--phone-number", reading.phoneNumber != nil),
        ]
        guard let option = given.first(where: \.1)?.0 else { return }
        throw .usage("\(option) cannot be given with --through: the service decides that, by its configuration")
    }
}
