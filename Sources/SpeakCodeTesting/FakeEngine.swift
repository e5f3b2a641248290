// SPDX-License-Identifier: GPL-3.0-or-later

public import SpeakCode
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// An engine that says tones: each utterance its own, the same every time.
public final class FakeEngine: SpeechEngine, VoiceListing {
    /// What the next request meets.
    public enum Behaviour: Sendable {
        /// It is answered.
        case speak
        /// It fails.
        case fail(EngineError)
        /// It waits until ``FakeEngine/release()``, and is answered then.
        case wait
    }

    private struct State {
        var behaviours: [Behaviour]
        var requests: [[Utterance]] = []
        var voices: Set<EngineVoice> = []
        var waiting: [CheckedContinuation<Void, Never>] = []
        var isReleased = false
    }

    private let state: Mutex<State>
    private let phonemes: [String: String]
    private let watchers = Watchers()

    /// An engine that behaves in turn as told, and speaks from then on.
    ///
    /// - Parameters:
    ///   - behaviours: what its first requests meet.
    ///   - phonemes: what it tells that it has said, by the text that it was given; of any other text, that text.
    public init(_ behaviours: [Behaviour] = [], saying phonemes: [String: String] = [:]) {
        self.phonemes = phonemes
        state = Mutex(State(behaviours: behaviours))
    }

    /// What it has been asked to say, request by request.
    public var requests: [[Utterance]] { state.withLock(\.requests) }

    /// The voices in which it has been asked to speak.
    public var askedVoices: Set<EngineVoice> { state.withLock(\.voices) }

    /// Waits until it has been asked so often, or until the task that waits is cancelled.
    public func waitForRequests(_ count: Int) async {
        await watchers.wait(for: count)
    }

    /// Lets all requests that wait go on, and all that would.
    public func release() {
        let waiting = state.withLock { state in
            state.isReleased = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// It has no voice beside those of packs.
    public func voices() async throws(EngineError) -> [ListedVoice] { [] }

    /// Says tones.
    public func speak(_ utterances: [Utterance], voice: EngineVoice) async throws(EngineError) -> [Speech] {
        let behaviour = state.withLock { state in
            state.requests.append(utterances)
            state.voices.insert(voice)
            watchers.tell(state.requests.count)
            return state.behaviours.isEmpty ? Behaviour.speak : state.behaviours.removeFirst()
        }
        switch behaviour {
        case .speak: break
        case .fail(let error): throw error
        case .wait:
            await withCheckedContinuation { continuation in
                let goOn = state.withLock { state in
                    if !state.isReleased { state.waiting.append(continuation) }
                    return state.isReleased
                }
                if goOn { continuation.resume() }
            }
        }
        return utterances.map { utterance in
            let speech = Self.rememberedSpeech(for: utterance)
            return phonemes[utterance.text].map { Speech(audio: speech.audio, phonemes: $0) } ?? speech
        }
    }

    private static let remembered = Mutex<[Utterance: Speech]>([:])

    /// The same tone without reckoning it again: many tests ask for the same few.
    private static func rememberedSpeech(for utterance: Utterance) -> Speech {
        if let speech = remembered.withLock({ $0[utterance] }) { return speech }
        let speech = speech(for: utterance)
        remembered.withLock { $0[utterance] = speech }
        return speech
    }

    /// A tone between 300 and 1,500 Hz and between 0.2 and 0.5 s, with silence around it, as an engine leaves it.
    public static func speech(for utterance: Utterance) -> Speech {
        let hertz = 22_050
        let hash = (utterance.text + utterance.ending).utf8.reduce(UInt64(5381)) { ($0 &* 33) ^ UInt64($1) }
        let tone = Double(300 + hash % 1200)
        let length = hertz / 5 + Int(hash % 7) * hertz / 20
        let samples = (0..<length).map { Int16(9000 * sin(2 * .pi * tone * Double($0) / Double(hertz))) }
        let silence = [Int16](repeating: 0, count: hertz / 50)
        return Speech(audio: PCM(samples: silence + samples + silence, hertz: hertz), phonemes: utterance.text)
    }
}
