// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCode
import SpeakCodeEspeak
import SpeakCodeTesting
import Testing

/// What a program gets that is started as an engine, and what happens where the system lets nothing be started.
@Suite("The engine's program", .serialized, .timeLimit(.minutes(10)))
struct EngineStartTests {
    private static let words = [Utterance("one,")]
    private static let voice = EngineVoice(name: "gmw/en-US")

    /// Starts a script in the engine's place, and reads what it has written beside itself.
    private static func see(_ script: String) async throws -> [Substring] {
        let program = try FakeProgram("cd \"${0%/*}\" && { \(script); } > seen")
        defer { program.remove() }
        await #expect(throws: EngineError.self) {
            try await EngineProcess(executable: program.path).speak(words, voice: voice)
        }
        let seen = URL(filePath: program.path).deletingLastPathComponent().appending(path: "seen")
        return try String(contentsOf: seen, encoding: .utf8).split(separator: "\n")
    }

    @Test("gets the path, the locale and the places of data and libraries of all variables, and no secret")
    func variables() async throws {
        let given = ["SPEAKCODE_LINK_KEYS": "KEY1", "TWILIO_AUTH_TOKEN": "KEY2", "LC_ALL": "C", "PATH_TO_KEYS": "KEY3"]
        let before = given.keys.map { ($0, getenv($0).map { String(cString: $0) }) }
        for (name, value) in given { setenv(name, value, 1) }
        defer { for (name, value) in before { if let value { setenv(name, value, 1) } else { unsetenv(name) } } }
        let names = Set(try await Self.see("tr '\\0' '\\n' < /proc/$$/environ").map { $0.prefix { $0 != "=" } })
        #expect(names.isSuperset(of: ["PATH", "LC_ALL"]))
        var needed: Set<Substring> = ["PATH", "LANG", "LANGUAGE", "ESPEAK_DATA_PATH", "LD_LIBRARY_PATH"]
        if getenv("SPEAKCODE_SANITIZER") != nil { needed.formUnion(["ASAN_OPTIONS", "TSAN_OPTIONS"]) }
        for name in names.subtracting(needed) { #expect(name.hasPrefix("LC_"), "\(name)") }
    }

    @Test("gets no descriptor but an end of a pipe, with nothing to read and nobody to complain to")
    func descriptors() async throws {
        // As some library opens it.
        let careless = open("/etc/passwd", O_RDONLY)
        defer { close(careless) }
        let lines = try await Self.see("exec ls -l /proc/self/fd")
        let files = Dictionary(
            lines.compactMap { $0.firstMatch(of: /(\d+) -> (.+)/) }.map { (String($0.1), String($0.2)) },
            uniquingKeysWith: { $1 }
        )
        // The folder that is listed.
        .filter { !$0.value.hasSuffix("/fd") }
        #expect(files["0"] == "/dev/null" && files["2"] == "/dev/null")
        #expect(files["1"]?.hasSuffix("/seen") == true, "what the script writes to")
        #expect(files.count == 3, "\(files)")
    }

    @Test("can gain no privileges and leaves no core")
    func privileges() async throws {
        let seen = try await Self.see("grep NoNewPrivs: /proc/$$/status; ulimit -Hc")
        #expect(seen.map { $0.filter { !$0.isWhitespace } } == ["NoNewPrivs:1", "0"])
    }

    @Test("that cannot be started for want of descriptors is an error that passes", arguments: [1, 3])
    func noDescriptors(left: Int) async throws {
        // Whatever is loaded at the first use is loaded.
        _ = try await engine.speak(Self.words, voice: Self.voice)
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        let usual = limit
        // All descriptors below the next one are taken already.
        var held = [open("/dev/null", O_RDONLY)]
        limit.rlim_cur = rlim_t(held[0] + 16)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        while case let descriptor = open("/dev/null", O_RDONLY), descriptor >= 0 { held.append(descriptor) }
        // One is always left to Swift's queues, which end a process where they cannot look at a thread in /proc.
        for _ in 0..<left { close(held.removeLast()) }
        let result: Result<[Speech], EngineError>
        do throws(EngineError) {
            result = .success(try await engine.speak(Self.words, voice: Self.voice))
        } catch {
            result = .failure(error)
        }
        for descriptor in held { close(descriptor) }
        var restored = usual
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &restored)
        if left < 2 {
            let error = #expect(throws: EngineError.self) { try result.get() }
            #expect(error?.reason == .exhausted && error?.isTransient == true)
            #expect(error?.message.contains("ulimit -n") == true, "\(error?.message ?? "")")
        } else {
            #expect(throws: Never.self) { try result.get() }
        }
        await #expect(throws: Never.self) { try await engine.speak(Self.words, voice: Self.voice) }
    }

    @Test("ends at once, with all that it has started, when nobody waits for it any more")
    func cancelled() async throws {
        let program = try FakeProgram("cd \"${0%/*}\"; sleep 60 & echo $$ $! > seen; wait")
        defer { program.remove() }
        let seen = URL(filePath: program.path).deletingLastPathComponent().appending(path: "seen")
        let asked = Task { try await EngineProcess(executable: program.path).speak(Self.words, voice: Self.voice) }
        var processes: [pid_t] = []
        while processes.count < 2 {
            processes = ((try? String(contentsOf: seen, encoding: .utf8)) ?? "").split { $0.isWhitespace }.compactMap {
                pid_t($0)
            }
            try await Task.sleep(for: .milliseconds(5))
        }
        asked.cancel()
        await #expect(throws: EngineError.self) { try await asked.value }
        for process in processes {
            // One whose parent is gone is taken note of by another.
            while kill(process, 0) == 0,
                try !String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8).contains(") Z")
            {
                try await Task.sleep(for: .milliseconds(5))
            }
        }
    }
}
