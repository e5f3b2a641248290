// SPDX-License-Identifier: GPL-3.0-or-later

internal import CEspeakNG
internal import SpeakCode

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Forked processes that speak one utterance each, into a pipe each.
struct Speakers {
    private let leader: pid_t
    private var pipes: ArraySlice<CInt>

    /// How many speak at a time; more are of no use where few processors are.
    private static let window: CInt = 3

    /// Forks.
    ///
    /// - Parameter processorSeconds: what an utterance may cost.
    init(_ texts: [(text: String, flags: UInt32)], processorSeconds: UInt32) throws(EngineError) {
        var readers: [CInt] = []
        var writers: [CInt] = []
        for _ in texts {
            var ends: [CInt] = [-1, -1]
            guard speakcode_open_pipe(&ends, O_CLOEXEC) == 0 else {
                let reason = Self.reason(errno)
                for end in readers + writers { close(end) }
                throw EngineError(.failed, "no pipe to the engine: \(reason)")
            }
            readers.append(ends[0])
            writers.append(ends[1])
        }
        let strings = texts.map { UnsafePointer(strdup($0.text)) }
        defer { for string in strings { free(UnsafeMutablePointer(mutating: string)) } }
        leader = speakcode_fork(
            strings, texts.map(\.flags), writers, readers, CInt(texts.count), Self.window, processorSeconds)
        let failure = errno
        for end in writers { close(end) }
        pipes = readers[...]
        guard leader > 0 else {
            for end in readers { close(end) }
            throw EngineError(.failed, "no process for the engine: \(Self.reason(failure))")
        }
    }

    /// Reads all that is said for the next utterance.
    ///
    /// - Parameters:
    ///   - patience: seconds without a byte after which its process has hung.
    ///   - limit: the most bytes that may be said.
    /// - Throws: `EngineError`: it hung, said too much, or ended early.
    mutating func next(patience: CInt, limit: Int) throws(EngineError) -> (samples: [Int16], phonemes: String) {
        guard let pipe = pipes.popFirst() else { throw EngineError(.failed, "nothing more is said") }
        defer { close(pipe) }
        var answer: [UInt8] = []
        answer.reserveCapacity(98_304)
        while try Self.read(pipe, into: &answer, patience: patience) {
            guard answer.count <= limit else { throw EngineError(.failed, "eSpeak NG did not stop speaking") }
        }
        guard let said = Self.parse(answer) else {
            throw EngineError(.crashed, "eSpeak NG crashed, or refused a text, before it had spoken")
        }
        return said
    }

    /// Ends those that still speak, and waits until they are gone.
    func end() {
        for pipe in pipes { close(pipe) }
        kill(-leader, SIGKILL)
        // The leader may not have become one yet.
        kill(leader, SIGKILL)
        while waitpid(leader, nil, 0) < 0, errno == EINTR {}
    }

    /// Waits for what is said next.
    ///
    /// - Returns: whether there was more.
    private static func read(_ pipe: CInt, into answer: inout [UInt8], patience: CInt) throws(EngineError) -> Bool {
        var wait = pollfd(fd: pipe, events: Int16(POLLIN), revents: 0)
        var ready: CInt
        repeat { ready = poll(&wait, 1, patience * 1000) } while ready < 0 && errno == EINTR
        guard ready > 0 else { throw EngineError(.hung, "eSpeak NG said nothing for \(patience) s and was ended") }
        return withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 8) { chunk in
            var count: Int
            repeat { count = posixRead(pipe, chunk.baseAddress, chunk.count) } while count < 0 && errno == EINTR
            guard count > 0 else { return false }
            answer += chunk[..<count]
            return true
        }
    }

    private static func posixRead(_ file: CInt, _ bytes: UnsafeMutableRawPointer?, _ count: Int) -> Int {
        #if canImport(Glibc)
            Glibc.read(file, bytes, count)
        #else
            Darwin.read(file, bytes, count)
        #endif
    }

    /// Takes frames apart; nil where the last one is missing.
    private static func parse(_ answer: [UInt8]) -> (samples: [Int16], phonemes: String)? {
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
                case speakcode_frame_audio.rawValue:
                    samples += [Int16](unsafeUninitializedCapacity: length / 2) { buffer, count in
                        UnsafeMutableRawBufferPointer(buffer).copyMemory(from: payload)
                        count = length / 2
                    }
                case speakcode_frame_phonemes.rawValue: phonemes.append(String(decoding: payload, as: UTF8.self))
                case speakcode_frame_end.rawValue: return (samples, phonemes.joined(separator: " "))
                default: return nil
                }
                offset += length
            }
            return nil
        }
    }

    private static func reason(_ number: CInt) -> String {
        String(cString: strerror(number))
    }
}
