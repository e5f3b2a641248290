// SPDX-License-Identifier: GPL-3.0-or-later

internal import CEspeakFork
internal import CEspeakNG
internal import SpeakCode

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Forked processes that speak one utterance each, into a pipe each.
struct Speakers {
    /// What eSpeak NG is given for an utterance: a text, flags of `espeak_ng_Synthesize`, and words a minute.
    private typealias Text = (text: String, flags: UInt32, rate: Int)

    /// The process to end them by.
    private let leader: pid_t
    private var pipes: ArraySlice<CInt>

    /// How many speak at a time; more are of no use where few processors are.
    private static let window: CInt = 3
    /// How many have a pipe at a time: a process has only so many descriptors.
    private static let mostPipes = 64
    /// Processor seconds that an utterance may cost: some milliseconds are usual.
    private static let processorSeconds: UInt32 = 10
    /// Seconds without a sound after which a process has hung.
    private static let patience: CInt = 15
    /// The most bytes that a process may answer: 60 s at 22,050 Hz.
    private static let longestAnswer = 60 * 22_050 * 2

    /// Speaks utterances, some at a time.
    ///
    /// - Parameters:
    ///   - voice: the one that was chosen, whose rate is that of an utterance with no pace of its own.
    ///   - hertz: samples a second of what is said.
    /// - Throws: `EngineError` for the first utterance that cannot be spoken.
    static func speak(_ utterances: [Utterance], voice: EngineVoice, hertz: Int) throws(EngineError) -> [Speech] {
        var speech: [Speech] = []
        var rest = utterances[...]
        while !rest.isEmpty {
            let texts = try rest.prefix(mostPipes).map { (utterance) throws(EngineError) in try text(utterance, voice) }
            rest = rest.dropFirst(texts.count)
            var speakers = try Speakers(texts)
            defer { speakers.end() }
            for _ in texts {
                let said = try speakers.next()
                speech.append(Speech(audio: PCM(samples: said.samples, hertz: hertz), phonemes: said.phonemes))
            }
        }
        return speech
    }

    private static func text(_ utterance: Utterance, _ voice: EngineVoice) throws(EngineError) -> Text {
        guard utterance.text.utf8.count <= Utterance.maximumLength, !utterance.text.utf8.contains(0) else {
            throw EngineError(.failed, "an utterance has at most \(Utterance.maximumLength) bytes and no zero in it")
        }
        let rate = voice.rate(times: utterance.pace).rate
        switch utterance.notation {
        case .words:
            return (utterance.text + utterance.ending, UInt32(espeakCHARS_UTF8), rate)
        case .phonemes:
            return ("[[\(utterance.text)]]" + utterance.ending, UInt32(espeakCHARS_UTF8) | UInt32(espeakPHONEMES), rate)
        }
    }

    /// Forks them from this process, which has chosen a voice.
    private init(_ texts: [Text]) throws(EngineError) {
        let (readers, writers) = try Self.openPipes(texts.count)
        let process = Self.withTexts(texts) { texts, count in
            speakcode_fork(texts, writers, readers, count, Self.window, Self.processorSeconds)
        }
        let failure = errno
        for end in writers { close(end) }
        guard process > 0 else {
            for end in readers { close(end) }
            throw EngineError(refusing: "process", because: failure)
        }
        leader = process
        pipes = readers[...]
    }

    private static func withTexts<Result>(
        _ texts: [Text], _ body: (UnsafePointer<speakcode_text>, CInt) -> Result
    ) -> Result {
        let given = texts.map { speakcode_text(text: strdup($0.text), flags: $0.flags, rate: CInt($0.rate)) }
        defer { for text in given { free(UnsafeMutablePointer(mutating: text.text)) } }
        return body(given, CInt(given.count))
    }

    private static func openPipes(_ count: Int) throws(EngineError) -> (readers: [CInt], writers: [CInt]) {
        var readers: [CInt] = []
        var writers: [CInt] = []
        for _ in 0..<count {
            var ends: [CInt] = [-1, -1]
            guard speakcode_open_pipe(&ends) == 0 else {
                let failure = errno
                for end in readers + writers { close(end) }
                throw EngineError(refusing: "pipe", because: failure)
            }
            readers.append(ends[0])
            writers.append(ends[1])
        }
        return (readers, writers)
    }

    /// Reads all that is said for the next utterance.
    ///
    /// - Throws: `EngineError`: it hung, said too much, or ended early.
    private mutating func next() throws(EngineError) -> (samples: [Int16], phonemes: String) {
        guard let pipe = pipes.popFirst() else { throw EngineError(.failed, "nothing more is said") }
        defer { close(pipe) }
        var answer: [UInt8] = []
        answer.reserveCapacity(98_304)
        while try Self.read(pipe, into: &answer) {
            guard answer.count <= Self.longestAnswer else {
                throw EngineError(.failed, "eSpeak NG did not stop speaking")
            }
        }
        switch Self.parse(answer) {
        case .said(let samples, let phonemes): return (samples, phonemes)
        case .noProcess(let failure): throw EngineError(refusing: "process", because: failure)
        case nil: throw EngineError(.crashed, "eSpeak NG crashed, or refused a text, before it had spoken")
        }
    }

    /// Ends those that still speak, and waits until they are gone.
    private func end() {
        for pipe in pipes { close(pipe) }
        Self.posixKill(-leader, SIGKILL)
        // The leader may not have become one yet.
        Self.posixKill(leader, SIGKILL)
        while waitpid(leader, nil, 0) < 0, errno == EINTR {}
    }

    private static func posixKill(_ process: pid_t, _ signal: CInt) {
        #if canImport(Glibc)
            _ = Glibc.kill(process, signal)
        #else
            _ = Darwin.kill(process, signal)
        #endif
    }

    /// Waits for what is said next.
    ///
    /// - Returns: whether there was more.
    private static func read(_ pipe: CInt, into answer: inout [UInt8]) throws(EngineError) -> Bool {
        try wait(for: pipe)
        return withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 8) { chunk in
            var count: Int
            repeat { count = posixRead(pipe, chunk.baseAddress, chunk.count) } while count < 0 && errno == EINTR
            guard count > 0 else { return false }
            answer += chunk[..<count]
            return true
        }
    }

    /// Waits until there is something to read, or the end.
    private static func wait(for descriptor: CInt) throws(EngineError) {
        var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        var ready: CInt
        repeat { ready = poll(&wait, 1, patience * 1000) } while ready < 0 && errno == EINTR
        guard ready > 0 else { throw EngineError(.hung, "eSpeak NG said nothing for \(patience) s and was ended") }
    }

    static func posixRead(_ file: CInt, _ bytes: UnsafeMutableRawPointer?, _ count: Int) -> Int {
        #if canImport(Glibc)
            Glibc.read(file, bytes, count)
        #else
            Darwin.read(file, bytes, count)
        #endif
    }

    /// What a process has answered.
    private enum Answer {
        case said(samples: [Int16], phonemes: String)
        /// There was none, for this `errno`.
        case noProcess(CInt)
    }

    /// Takes frames apart; nil where the last one is missing.
    private static func parse(_ answer: [UInt8]) -> Answer? {
        answer.withUnsafeBytes { bytes in
            var samples: [Int16] = []
            samples.reserveCapacity(bytes.count / 2)
            var phonemes: [String] = []
            var offset = 0
            while offset + 8 <= bytes.count {
                let kind = bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
                let length = Int(bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self))
                offset += 8
                guard length <= bytes.count - offset else { return nil }
                let payload = UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset + length)])
                switch kind {
                case speakcode_frame_audio.rawValue where length.isMultiple(of: 2):
                    samples += [Int16](unsafeUninitializedCapacity: length / 2) { buffer, count in
                        UnsafeMutableRawBufferPointer(buffer).copyMemory(from: payload)
                        count = length / 2
                    }
                case speakcode_frame_phonemes.rawValue: phonemes.append(String(decoding: payload, as: UTF8.self))
                case speakcode_frame_end.rawValue:
                    return .said(samples: samples, phonemes: phonemes.joined(separator: " "))
                case speakcode_frame_exhausted.rawValue where length == MemoryLayout<CInt>.size:
                    return .noProcess(payload.loadUnaligned(as: CInt.self))
                default: return nil
                }
                offset += length
            }
            return nil
        }
    }
}
