// SPDX-License-Identifier: GPL-3.0-or-later

internal import CEspeakNG
internal import SpeakCode

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A forked child that speaks one utterance into a pipe.
struct SpeakingChild {
    private let process: pid_t
    private let pipe: CInt

    /// Forks.
    init(_ text: String, flags: UInt32, processorSeconds: UInt32) throws(EngineError) {
        var ends: [CInt] = [-1, -1]
        guard speakcode_open_pipe(&ends) == 0 else {
            throw EngineError(.failed, "no pipe to the engine: \(Self.reason(errno))")
        }
        process = speakcode_fork(text, flags, ends[1], processorSeconds)
        let failure = errno
        close(ends[1])
        pipe = ends[0]
        guard process > 0 else {
            close(ends[0])
            throw EngineError(.failed, "no process for the engine: \(Self.reason(failure))")
        }
    }

    /// Reads all that the child says.
    ///
    /// - Parameters:
    ///   - patience: seconds without a byte after which it has hung.
    ///   - limit: the most bytes that it may say.
    /// - Throws: ``EngineError``: it hung, said too much, or ended early.
    func answer(patience: CInt, limit: Int) throws(EngineError) -> (samples: [Int16], phonemes: String) {
        var answer: [UInt8] = []
        answer.reserveCapacity(98_304)
        while try append(to: &answer, patience: patience) {
            guard answer.count <= limit else { throw EngineError(.failed, "eSpeak NG did not stop speaking") }
        }
        guard let said = Self.parse(answer) else { throw ending() }
        return said
    }

    /// Waits for what the child says next.
    ///
    /// - Returns: whether there was more.
    private func append(to answer: inout [UInt8], patience: CInt) throws(EngineError) -> Bool {
        var wait = pollfd(fd: pipe, events: Int16(POLLIN), revents: 0)
        var ready: CInt
        repeat { ready = poll(&wait, 1, patience * 1000) } while ready < 0 && errno == EINTR
        guard ready > 0 else { throw EngineError(.hung, "eSpeak NG said nothing for \(patience) s and was ended") }
        return withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 8) { chunk in
            var count: Int
            repeat { count = read(pipe, chunk.baseAddress, chunk.count) } while count < 0 && errno == EINTR
            guard count > 0 else { return false }
            answer += chunk[..<count]
            return true
        }
    }

    /// Ends the child if it still runs, and waits for it.
    func end() {
        close(pipe)
        kill(process, SIGKILL)
        while waitpid(process, nil, 0) < 0, errno == EINTR {}
    }

    /// Why the child ended before it had spoken.
    ///
    /// Its status stays for ``end()`` to collect.
    private func ending() -> EngineError {
        var info = siginfo_t()
        while waitid(P_PID, id_t(process), &info, WEXITED | WNOWAIT) < 0, errno == EINTR {}
        let cause = info.si_code == CLD_EXITED ? "refused the text" : "crashed"
        return EngineError(.crashed, "eSpeak NG \(cause) before it had spoken")
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
