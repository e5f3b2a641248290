// SPDX-License-Identifier: GPL-3.0-or-later

internal import Dispatch
internal import SpeakCode
internal import SpeakCodeEspeak
internal import SpeakCodeGateways
internal import SpeakCodeSIP
internal import SpeakCodeServer
internal import SpeakCodeSndfile
internal import SpeakCodeSoxr
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A call that somebody at a terminal places, and is told of.
final class PhoneCall: Sendable {
    private let plan: CallPlan
    private let progress = Mutex(Progress())

    private struct Progress {
        var isAnswered = false
        var readings = 0
        var isHungUp = false
    }

    /// How long a peer may take to acknowledge that the call is over.
    private static let patienceForEnd: Duration = .seconds(2)

    init(_ plan: CallPlan) {
        self.plan = plan
    }

    /// Rings, reads, and ends.
    ///
    /// - Throws: ``Failure`` where no reading was heard to its end, or what the engine throws.
    func run() async throws {
        let signalling = SIPStack(plan.account, software: "SpeakCode/\(speakCodeVersion)")
        // The voice has spoken before the telephone rings.
        let dialer = SIPDialer(signalling, try await sound(), account: plan.account, most: 1, loops: 1)
        let farewell = HangUp.shared.onHangUp { [self] in
            let closed = DispatchSemaphore(value: 0)
            dialer.close(within: Self.patienceForEnd) { closed.signal() }
            closed.wait()
            say(ours)
        }
        let end = await place(by: dialer)
        // What the peer is told now it is told before this process ends.
        await withCheckedContinuation { continuation in
            dialer.close(within: Self.patienceForEnd) { continuation.resume() }
        }
        HangUp.shared.forget(farewell)
        try conclude(end)
    }

    private func sound() async throws -> PreparedCalls {
        let reader = CodeReader(
            engine: EngineProcess.ofThisProgram, resampler: SoxrResampler(), encoder: SoundFileEncoder(),
            prefetch: .none, retry: .none)
        var renditions: [SIPMedia.Coding: LiveRendition<ContinuousClock>] = [:]
        for coding in [SIPMedia.Coding.ulaw, .alaw] {
            renditions[coding] = try await reader.stream(
                plan.code.script, readings: plan.readings, voice: plan.code.voice,
                as: AudioFormat(coding.kind))
        }
        return PreparedCalls(renditions, longest: .seconds(plan.order.longest)) { [self] reading in
            switch reading {
            case .begins(let number): say("reading \(number)")
            case .ended(let count):
                progress.withLock { $0.readings = count }
                HangUp.shared.readingEnded()
            case .over: progress.withLock { $0.isHungUp = true }
            }
        }
    }

    private func place(by dialer: SIPDialer) async -> CallEnd {
        let (ends, told) = AsyncStream.makeStream(of: CallEnd.self)
        let placed = await dialer.dial(plan.order) { [self] event in
            // Said at once, so that it stands before the reading that it begins.
            switch event {
            case .ringing: say("ringing …")
            case .answered:
                progress.withLock { $0.isAnswered = true }
                say("answered")
            case .party, .key: break
            case .ended(let end): told.yield(end)
            }
        }
        switch placed {
        case .placed: break
        case .refused(let end): return end
        case .busy, .unknown: return CallEnd(.failed, cause: "it cannot be placed")
        }
        for await end in ends { return end }
        return CallEnd(.failed)
    }

    // MARK: What is said

    private func say(_ line: String) {
        if !plan.isQuiet { Terminal.say(line) }
    }

    /// What has become of a call that this side ends.
    private var ours: String {
        let progress = progress.withLock { $0 }
        return progress.isAnswered ? "hung up \(Self.after(progress.readings))" : "taken back before anybody answered"
    }

    private static func after(_ readings: Int) -> String {
        switch readings {
        case 0: "before a reading was whole"
        case 1: "after 1 reading"
        default: "after \(readings) readings"
        }
    }

    private func conclude(_ end: CallEnd) throws(Failure) {
        let progress = progress.withLock { $0 }
        guard end.outcome == .completed else { throw Self.failure(end, isAnswered: progress.isAnswered) }
        let line = progress.isHungUp ? ours : "they hung up \(Self.after(progress.readings))"
        guard progress.readings > 0 else { throw Failure(EX_TEMPFAIL, line) }
        say(line)
    }

    private static func failure(_ end: CallEnd, isAnswered: Bool) -> Failure {
        let reason = [end.sipStatus.map { "\($0)" }, end.cause].compactMap { $0 }.joined(separator: " ")
        switch end.outcome {
        case .busy: return Failure(EX_TEMPFAIL, "the line is busy")
        case .noAnswer: return Failure(EX_UNAVAILABLE, "nobody answered")
        case .rejected: return Failure(EX_NOPERM, "the call was declined (\(reason))")
        case .invalidNumber: return Failure(EX_NOUSER, "there is no such address (\(reason))")
        case .failed where [401, 407].contains(end.sipStatus):
            return Failure(
                EX_NOPERM, "a user and a password are asked for (\(reason)); check --user and --password-file")
        case .failed where end.sipStatus == nil && !isAnswered:
            return Failure(EX_NOHOST, "the address cannot be reached: \(reason)")
        case .failed, .canceled, .completed: return Failure(EX_PROTOCOL, "the call failed (\(reason))")
        }
    }
}
