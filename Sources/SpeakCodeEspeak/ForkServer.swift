// SPDX-License-Identifier: GPL-3.0-or-later

internal import CEspeakFork
internal import SpeakCode

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A process that opens the library and leads the speakers for this one, which forked it before it did anything else.
///
/// It opens the library while this process still reads its arguments, and it is small, so a fork of it is cheap.
struct ForkServer {
    private let process: pid_t
    private let connection: CInt

    /// Forks it; nil where there is no process or descriptor left, of which speaking will tell.
    init?() {
        var connection: CInt = -1
        let nothing = open("/dev/null", O_RDWR | O_CLOEXEC)
        defer { if nothing >= 0 { close(nothing) } }
        process = speakcode_fork_leader({ connection in ForkServer.lead(connection) }, &connection, nothing)
        guard process > 0 else { return nil }
        self.connection = connection
    }

    /// Has utterances spoken, and ends the process.
    ///
    /// - Throws: `EngineError`, as ``EspeakLibrary`` does.
    func speak(_ utterances: [Utterance], voice: EngineVoice) throws(EngineError) -> [Speech] {
        defer {
            close(connection)
            Speakers.kill(process)
            // Waited for elsewhere: on a busy machine its end may be some milliseconds away.
            Task.detached { [process] in Speakers.reap(process) }
        }
        return try Speakers.speak(utterances, voice: voice) { (texts) throws(EngineError) in
            var hertz = 0
            let speakers = try Speakers(texts) { (pipes) throws(EngineError) in
                hertz = try ask(Request(voice: voice, texts: texts), pipes)
            }
            return (speakers, hertz)
        }
    }

    /// Asks for texts to be spoken into pipes.
    ///
    /// - Returns: samples a second of what will be said.
    private func ask(_ request: Request, _ pipes: [CInt]) throws(EngineError) -> Int {
        let bytes = request.encoded()
        guard speakcode_send(connection, bytes, UInt32(bytes.count), pipes, CInt(pipes.count)) == 0 else {
            throw Self.isGone
        }
        try Speakers.wait(for: connection)
        guard let (answer, _) = Self.receive(from: connection) else { throw Self.isGone }
        // Of one utterance that has nothing but a rate.
        return try EngineAnswer.decode(answer, count: 1)[0].audio.hertz
    }

    private static let isGone = EngineError(.crashed, "eSpeak NG crashed before it had spoken")

    /// What the process does: nothing but to open the library and to speak what it is asked for.
    private static func lead(_ connection: CInt) {
        var opened: Result<EspeakLibrary, EngineError>
        do throws(EngineError) {
            opened = .success(try EspeakLibrary())
        } catch {
            opened = .failure(error)
        }
        while let (bytes, pipes) = receive(from: connection) {
            guard let request = Request(bytes), request.texts.count == pipes.count else { return }
            let answer: [UInt8]
            var isReady = false
            do throws(EngineError) {
                var library = try opened.get()
                try library.choose(request.voice)
                opened = .success(library)
                answer = EngineAnswer.encode([Speech(audio: PCM(samples: [], hertz: library.hertz), phonemes: "")])
                isReady = true
            } catch {
                answer = EngineAnswer.encode(error)
            }
            guard speakcode_send(connection, answer, UInt32(answer.count), nil, 0) == 0, isReady else { return }
            Speakers.lead(request.texts, into: pipes)
        }
    }

    /// Receives a message and the descriptors that came with it; nil when the other end is gone.
    private static func receive(from connection: CInt) -> (bytes: [UInt8], pipes: [CInt])? {
        var length: UInt32 = 0
        var pipes = [CInt](repeating: -1, count: Int(speakcode_most_passed))
        let count = speakcode_receive(connection, &length, &pipes)
        guard count >= 0, length <= Request.maximumLength else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(length))
        var offset = 0
        while offset < bytes.count {
            let read = bytes.withUnsafeMutableBytes { buffer in
                Speakers.posixRead(connection, buffer.baseAddress.map { $0 + offset }, buffer.count - offset)
            }
            if read < 0, errno == EINTR { continue }
            guard read > 0 else { return nil }
            offset += read
        }
        return (bytes, Array(pipes.prefix(Int(count))))
    }

    /// What the process is asked: a voice and texts, in the words of ``EngineAnswer``.
    private struct Request {
        let voice: EngineVoice
        let texts: [Speakers.Text]

        /// The most bytes of a request, or of an answer to one.
        static let maximumLength = 1 << 20

        init(voice: EngineVoice, texts: [Speakers.Text]) {
            self.voice = voice
            self.texts = texts
        }

        func encoded() -> [UInt8] {
            var bytes: [UInt8] = []
            EngineAnswer.append(voice.name, to: &bytes)
            EngineAnswer.append(voice.variant == nil ? 0 : 1, to: &bytes)
            EngineAnswer.append(voice.variant ?? "", to: &bytes)
            for number in [voice.rate, voice.pitch, voice.range] {
                EngineAnswer.append(UInt32(bitPattern: Int32(clamping: number)), to: &bytes)
            }
            EngineAnswer.append(UInt32(texts.count), to: &bytes)
            for (text, flags, rate) in texts {
                EngineAnswer.append(flags, to: &bytes)
                EngineAnswer.append(UInt32(bitPattern: Int32(clamping: rate)), to: &bytes)
                EngineAnswer.append(text, to: &bytes)
            }
            return bytes
        }

        init?(_ bytes: [UInt8]) {
            var bytes = bytes[...]
            func number() -> Int? { EngineAnswer.word(&bytes).map { Int(Int32(bitPattern: $0)) } }
            guard let name = EngineAnswer.text(&bytes), let hasVariant = number(),
                let variant = EngineAnswer.text(&bytes), let rate = number(), let pitch = number(),
                let range = number(), let count = number(), count >= 0
            else { return nil }
            voice = EngineVoice(
                name: name, variant: hasVariant == 0 ? nil : variant, rate: rate, pitch: pitch, range: range)
            var texts: [Speakers.Text] = []
            for _ in 0..<count {
                guard let flags = EngineAnswer.word(&bytes), let rate = number(),
                    let text = EngineAnswer.text(&bytes)
                else { return nil }
                texts.append((text, flags, rate))
            }
            self.texts = texts
        }
    }
}
