// SPDX-License-Identifier: GPL-3.0-or-later

internal import CEspeakNG
public import SpeakCode
internal import Synchronization

/// eSpeak NG in this process, with one voice for the process's life.
///
/// For programs that speak once and end, and for the process that `EngineProcess` starts. It opens the library in this
/// process and has each utterance spoken by a forked child, so a crash of the engine ends a child and not the program.
/// A service uses `EngineProcess`, which speaks with any number of voices and keeps the library out of the service.
public struct EspeakEngine: SpeechEngine {
    /// The library is one global state; whoever holds the lock is alone with it.
    private static let library = Mutex<EspeakLibrary?>(nil)

    /// The engine of this process; nothing is opened until it speaks.
    public init() {}

    /// Speaks utterances, each in a child of this process.
    public func speak(_ utterances: [Utterance], voice: EngineVoice) async throws(EngineError) -> [Speech] {
        try speakNow(utterances, voice: voice)
    }

    /// Speaks utterances; blocks the thread for some milliseconds.
    ///
    /// - Throws: `EngineError`: no data, no such voice, another voice was used before, or a child failed.
    public func speakNow(_ utterances: [Utterance], voice: EngineVoice) throws(EngineError) -> [Speech] {
        try Self.withLibrary { (library) throws(EngineError) in
            try library.choose(voice)
            return try library.speak(utterances)
        }
    }

    /// The version of the library that is loaded, such as `1.51`, whether or not it can speak.
    public static var libraryVersion: String { EspeakLibrary.version(espeak_Info(nil)) }

    /// The version of the library, such as `1.51`.
    ///
    /// - Throws: `EngineError` where its data is missing.
    public static func version() throws(EngineError) -> String {
        try withLibrary { (library) throws(EngineError) in library.version }
    }

    private static func withLibrary<Result>(
        _ body: (inout EspeakLibrary) throws(EngineError) -> Result
    ) throws(EngineError) -> Result {
        try library.withLock { (opened: inout EspeakLibrary?) throws(EngineError) in
            var library = if let opened { opened } else { try EspeakLibrary() }
            defer { opened = library }
            return try body(&library)
        }
    }
}
