// SPDX-License-Identifier: GPL-3.0-or-later

internal import Dispatch
internal import SpeakCode
internal import SpeakCodeEspeak
internal import SpeakCodeGateways
internal import SpeakCodeSIP
internal import SpeakCodeServer
internal import SpeakCodeSndfile
internal import SpeakCodeSoxr

/// A call that somebody at a terminal places, and is told of.
final class PhoneCall: Sendable {
    private let plan: CallPlan
    private let story: CallStory

    /// How long a peer may take to acknowledge that the call is over.
    private static let patienceForEnd: Duration = .seconds(2)

    init(_ plan: CallPlan) {
        self.plan = plan
        story = CallStory(.own, isQuiet: plan.isQuiet)
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
            story.say(story.ours)
        }
        let end = await place(by: dialer)
        // What the peer is told now it is told before this process ends.
        await withCheckedContinuation { continuation in
            dialer.close(within: Self.patienceForEnd) { continuation.resume() }
        }
        HangUp.shared.forget(farewell)
        try story.conclude(end)
    }

    private func sound() async throws -> PreparedCalls {
        let reader = CodeReader(
            engine: EngineProcess.ofThisProgram, resampler: SoxrResampler(), encoder: SoundFileEncoder(),
            prefetch: .none, retry: .none)
        var renditions: [SIPMedia.Coding: LiveRendition<ContinuousClock>] = [:]
        for coding in [SIPMedia.Coding.ulaw, .alaw] {
            renditions[coding] = try await reader.stream(
                plan.code.script, readings: plan.readings, voice: plan.code.voice,
                as: AudioFormat(coding.kind), codes: plan.code.codes())
        }
        return PreparedCalls(renditions, longest: .seconds(plan.order.longest)) { [self] reading in
            switch reading {
            case .begins(let number): story.say("reading \(number)")
            case .ended(let count): story.hear(count)
            case .over: story.hangUp()
            }
        }
    }

    private func place(by dialer: SIPDialer) async -> CallEnd {
        let (ends, told) = AsyncStream.makeStream(of: CallEnd.self)
        let placed = await dialer.dial(plan.order) { [self] event in
            // Said at once, so that it stands before the reading that it begins.
            switch event {
            case .ringing: story.ring()
            case .answered: story.answer()
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
}
