// SPDX-License-Identifier: GPL-3.0-or-later

public import SpeakCode

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// eSpeak NG in a process of its own, started for each request and gone with it.
///
/// Requests run side by side and cannot mix; a crash, a hang or a kill of the engine is an error of its request alone. The
/// process gets `PATH`, the locale and the places of data and libraries of this one's variables, one end of a pipe, no new
/// privileges, and nothing else.
public struct EngineProcess: SpeechEngine, VoiceListing {
    /// The first argument by which a program is told to be the engine.
    public static let argument = "--speak-units"

    /// Programs of which the first that there is is started.
    private let programs: [String]
    private let limit: Duration

    /// An engine that starts a program.
    ///
    /// - Parameters:
    ///   - executable: a program that calls ``EngineServer/run()`` when its first argument is ``argument``, by path, or by a
    ///     name to be found beside this program or in `PATH`. By default `speakcode-engine`, a product of this package, or
    ///     else the command `speakcode`.
    ///   - limit: how long a request may take, a day at most. A bank of thirty-six symbols and its phrases takes about 100 ms.
    public init(executable: String? = nil, limit: Duration = .seconds(30)) {
        programs = executable.map { [$0] } ?? ["speakcode-engine", "speakcode"]
        self.limit = min(limit, .seconds(86_400))
    }

    /// Speaks utterances in a new process.
    ///
    /// - Throws: `EngineError`; cancelling the task ends the process.
    public func speak(_ utterances: [Utterance], voice: EngineVoice) async throws(EngineError) -> [Speech] {
        var speech: [Speech] = []
        var rest = utterances[...]
        while !rest.isEmpty {
            let some = Array(rest.prefix(Self.mostUtterances))
            rest = rest.dropFirst(some.count)
            speech += try await speakSome(some, voice: voice)
        }
        return speech
    }

    /// The most utterances of a request, which goes into one argument: Linux takes 128 KiB.
    private static let mostUtterances = 128

    private func speakSome(_ utterances: [Utterance], voice: EngineVoice) async throws(EngineError) -> [Speech] {
        let request = try EngineRequest(utterances: utterances, voice: voice).encoded()
        return try EngineAnswer.decode(try await answer(to: request), count: utterances.count)
    }

    /// The voices that the engine has, one for each language: the first that it lists for it.
    ///
    /// - Throws: `EngineError`.
    public func voices() async throws(EngineError) -> [ListedVoice] {
        var seen: Set<LanguageTag> = []
        return try EngineAnswer.decodeVoices(try await answer(to: Self.listing)).filter {
            seen.insert($0.locale).inserted
        }
        .sorted { "\($0.locale)" < "\($1.locale)" }
    }

    /// The voice that the engine finds by a name, with its language.
    ///
    /// - Parameter name: a voice's name, its language, or its file below the engine's data.
    /// - Throws: `EngineError` where there is none.
    public func voice(named name: String) async throws(EngineError) -> ListedVoice {
        guard let voice = try EngineAnswer.decodeVoices(try await answer(to: Self.naming + name)).first else {
            throw EngineError(.failed, "the engine's process tells of no voice")
        }
        return voice
    }

    /// The request that asks for the voices.
    static let listing = "voices"
    /// What stands before a name in the request that asks for its voice.
    static let naming = "voice "

    /// Runs the program once.
    ///
    /// The request is an argument and not standard input: to write to a process that has just crashed is a signal, which
    /// would end a program that does not expect it. A pack's words are no secret.
    private func answer(to request: String) async throws(EngineError) -> [UInt8] {
        try await EngineRun(try path(), [Self.argument, request], limit: limit).output()
    }

    /// The program's path: a name is looked for beside this program, where a package's products are built, then in `PATH`.
    private func path() throws(EngineError) -> String {
        let searched = (getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin").split(
            separator: ":")
        let folders = [Self.folder].compactMap(\.self) + searched.map(String.init)
        for program in programs {
            if program.contains("/") { return program }
            if let folder = folders.first(where: { access("\($0)/\(program)", X_OK) == 0 }) {
                return "\(folder)/\(program)"
            }
        }
        throw EngineError(
            .missing,
            "there is no \(programs.map { "`\($0)`" }.joined(separator: " and no ")) beside this program or in PATH to speak; "
                + "install speakcode, or build the product speakcode-engine of its package")
    }

    /// The folder of this program; nil where that cannot be told.
    private static let folder: String? = {
        #if os(Linux)
            var path = [UInt8](repeating: 0, count: Int(PATH_MAX))
            let length = readlink("/proc/self/exe", &path, path.count)
            guard length > 0, let end = path[..<length].lastIndex(of: UInt8(ascii: "/")) else { return nil }
            return String(decoding: path[..<end], as: UTF8.self)
        #else
            return nil
        #endif
    }()
}
