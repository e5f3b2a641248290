// SPDX-License-Identifier: GPL-3.0-or-later

internal import CEspeakFork
internal import CEspeakNG
internal import SpeakCode

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// libespeak-ng, which is one global state of this process: opened once, given one voice, never closed.
///
/// The library is not thread-safe, what it says depends on what it has said, and a second `espeak_ng_Terminate` hangs
/// (measured with 1.51). Hence it never speaks here: each utterance is spoken by a child of this process, forked in the
/// state in which the voice has just been chosen.
struct EspeakLibrary {
    /// Samples a second of what it says.
    let hertz: Int
    /// The folder of its data.
    let dataPath: String
    /// Its version, such as `1.51`.
    let version: String

    private var voice: EngineVoice?

    /// Milliseconds of audio that the library gathers before it hands them on: most units whole, so that the processes
    /// wake each other once for a unit and not sixteen times a second.
    private static let buffer: Int32 = 1000

    /// The number in what the library says of its version; empty where it says nothing.
    static func version(_ text: UnsafePointer<CChar>?) -> String {
        text.map { String(String(cString: $0).prefix { $0 != " " }) } ?? ""
    }

    /// Opens the library.
    ///
    /// - Throws: `EngineError` where its data is missing.
    init() throws(EngineError) {
        let wanted = getenv("ESPEAK_DATA_PATH").map { String(cString: $0) }
        espeak_ng_InitializePath(nil)
        var folder: UnsafePointer<CChar>?
        version = Self.version(espeak_Info(&folder))
        dataPath = folder.map { String(cString: $0) } ?? ""
        // A wrong path is passed over in silence for the built-in one.
        let misdirected = EngineError(
            .missing, "ESPEAK_DATA_PATH names a folder without espeak-ng-data; correct or unset it")
        if let wanted, dataPath != wanted, dataPath != wanted + "/espeak-ng-data" { throw misdirected }
        guard speakcode_may_open() != 0 else { throw EngineError(refusing: "thread", because: EAGAIN) }
        var context: espeak_ng_ERROR_CONTEXT?
        let status = espeak_ng_Initialize(&context)
        espeak_ng_ClearErrorContext(&context)
        guard speakcode_status_ok(status) != 0,
            speakcode_status_ok(espeak_ng_InitializeOutput(ENOUTPUT_MODE_SYNCHRONOUS, Self.buffer, nil)) != 0
        else {
            try Self.refuseExhaustion()
            // A folder that is there and has no data is taken, and found empty only now.
            guard wanted == nil else { throw misdirected }
            throw EngineError(
                .missing, "eSpeak NG's data cannot be read at \(dataPath); install the package espeak-ng-data")
        }
        hertz = Int(espeak_ng_GetSampleRate())
    }

    /// Chooses the voice that every later utterance is spoken in.
    ///
    /// - Throws: `EngineError`: unknown voice or variant; or another voice was chosen before, since what a voice says
    ///   may depend on the one before it.
    mutating func choose(_ wanted: EngineVoice) throws(EngineError) {
        if voice == wanted { return }
        guard voice == nil else {
            throw EngineError(.failed, "one process speaks with one voice; use EngineProcess to speak with several")
        }
        guard EngineVoice.isName(wanted.name), wanted.variant.map(EngineVoice.isName) ?? true else {
            throw EngineError(.unknownVoice, "a voice's name has letters, digits and - _ / only")
        }
        guard EngineVoice.rates.contains(wanted.rate), EngineVoice.pitches.contains(wanted.pitch),
            EngineVoice.pitches.contains(wanted.range), wanted.speed.map(EngineVoice.speeds.contains) ?? true
        else {
            throw EngineError(
                .failed, "a voice's rate is 80 to 450, its pitch and range are 0 to 99, its speed is 50 to 200")
        }
        // The library takes an unknown variant in silence.
        let ours = wanted.variant.flatMap { BuiltInVariants.lines(of: $0) }
        if let variant = wanted.variant, ours == nil, access("\(dataPath)/voices/!v/\(variant)", R_OK) != 0 {
            throw EngineError(
                .unknownVoice, "eSpeak NG has no variant `\(variant)`; `espeak-ng --voices=variant` lists them")
        }
        try refuseFolder(wanted.name)
        let isChosen =
            if let lines = lines(of: wanted, ours: ours) {
                select(wanted.name, with: lines)
            } else {
                select(wanted.name, wanted.variant.map { "+" + $0 } ?? "")
            }
        guard isChosen else { throw try Self.isMissing(wanted.name) }
        _ = try Self.selectedLanguage(wanted.name)
        for (parameter, value) in [
            (espeakRATE, wanted.rate), (espeakPITCH, wanted.pitch), (espeakRANGE, wanted.range),
            // Half of full volume: at 100 some voices clip, and levels are set later anyway.
            (espeakVOLUME, 50),
        ] {
            guard speakcode_status_ok(espeak_ng_SetParameter(parameter, Int32(value), 0)) != 0 else {
                throw EngineError(.failed, "eSpeak NG refused a parameter of the voice `\(wanted.name)`")
            }
        }
        voice = wanted
    }

    /// The voices that it has, in its order; variants are none.
    func voices() -> [ListedVoice] {
        var voices: [ListedVoice] = []
        var next = espeak_ListVoices(nil)
        while let voice = next?.pointee?.pointee {
            next = next?.advanced(by: 1)
            guard let identifier = voice.identifier.map({ String(cString: $0) }), EngineVoice.isName(identifier),
                // The languages are priorities and names in turn; the first is the voice's own.
                let language = voice.languages.map({ String(cString: $0.advanced(by: 1)) }), language != "variant",
                let locale = Self.locale(language)
            else { continue }
            let name = voice.name.map { String(cString: $0) } ?? identifier
            voices.append(ListedVoice(identifier: identifier, name: name, locale: locale))
        }
        return voices
    }

    /// The voice that a name finds: its own language and name.
    ///
    /// - Throws: `EngineError` where there is none.
    func voice(named name: String) throws(EngineError) -> ListedVoice {
        guard EngineVoice.isName(name) else {
            throw EngineError(.unknownVoice, "a voice's name has letters, digits and - _ / only")
        }
        try refuseFolder(name)
        guard select(name, "") else { throw try Self.isMissing(name) }
        let language = try Self.selectedLanguage(name)
        guard let locale = Self.locale(language) else {
            throw EngineError(.unknownVoice, "the voice `\(name)` does not tell its language")
        }
        let title = espeak_GetCurrentVoice()?.pointee.name.map { String(cString: $0) }
        return ListedVoice(identifier: name, name: title ?? name, locale: locale)
    }

    /// The language of the voice that is selected, which variants do not have.
    private static func selectedLanguage(_ name: String) throws(EngineError) -> String {
        // A priority and a name.
        let language = espeak_GetCurrentVoice()?.pointee.languages.map { String(cString: $0) } ?? ""
        guard !language.isEmpty else {
            throw EngineError(
                .unknownVoice, "`\(name)` is a variant, which goes behind a voice's name, as in en-us+\(name)")
        }
        return String(decoding: language.utf8.dropFirst(), as: UTF8.self)
    }

    // Cherokee's is `chr-US-Qaaa-x-west`, with the script in the wrong place.
    private static func locale(_ language: String) -> LanguageTag? {
        LanguageTag(language) ?? LanguageTag(language.prefix { $0 != "-" })
    }

    /// Asked for the name of a folder, the library reads it as a file and crashes.
    private func refuseFolder(_ name: String) throws(EngineError) {
        for folder in ["lang", "voices"] where Self.isFolder("\(dataPath)/\(folder)/\(name)") {
            throw EngineError(.unknownVoice, "`\(name)` is a family of voices; `espeak-ng --voices` lists them")
        }
    }

    private static func isMissing(_ name: String) throws(EngineError) -> EngineError {
        try refuseExhaustion()
        try refuseMissingDescriptors()
        let file = name.split(separator: "/").last ?? ""
        guard file.hasPrefix("mb-") || name.contains("mbrola") else {
            return EngineError(.unknownVoice, "eSpeak NG has no voice `\(name)`; `espeak-ng --voices` lists them")
        }
        return EngineError(
            .unknownVoice,
            "eSpeak NG cannot use the voice `\(name)`: it needs the program mbrola and that voice's own data, such as "
                + "the package mbrola-en1")
    }

    private func select(_ name: String, _ suffix: String) -> Bool {
        select(file: "\(dataPath)/lang/\(name)", suffix) || select(file: "\(dataPath)/voices/\(name)", suffix)
            || speakcode_status_ok(espeak_ng_SetVoiceByName(name + suffix)) != 0
    }

    /// What stands behind the lines of a voice's language: our own variant, and its speed; nil where that is nothing.
    private func lines(of voice: EngineVoice, ours: String?) -> String? {
        guard let speed = voice.speed else { return ours }
        let theirs = voice.variant.flatMap { Self.text(file: "\(dataPath)/voices/!v/\($0)") }
        let lines = ours ?? theirs.map { String(decoding: $0, as: UTF8.self) } ?? ""
        // A line that names a language would name another one.
        let kept = lines.split(separator: "\n").filter { !$0.hasPrefix("language ") && !$0.hasPrefix("name ") }
        return (kept + ["speed \(speed)"]).map { $0 + "\n" }.joined()
    }

    /// Selects a voice with a variant of our own.
    ///
    /// The library looks for variants in its own data only, so the voice is one whose file is the language's with the
    /// variant's lines behind it: what is said later in a file stands.
    private func select(_ name: String, with variant: String) -> Bool {
        guard let language = text(of: name) ?? Self.identifier(of: name).flatMap(text(of:)) else { return false }
        let text = language + Array("\n\(variant)".utf8)
        let descriptor = speakcode_nameless_file()
        guard descriptor >= 0 else { return false }
        guard write(descriptor, text, text.count) == text.count, lseek(descriptor, 0, SEEK_SET) == 0,
            speakcode_status_ok(espeak_ng_SetVoiceByFile("/dev/fd/\(descriptor)")) != 0
        else {
            close(descriptor)
            return false
        }
        return true
    }

    private func text(of name: String) -> [UInt8]? {
        Self.text(file: "\(dataPath)/lang/\(name)") ?? Self.text(file: "\(dataPath)/voices/\(name)")
    }

    /// A file of a few lines; nil where it is none.
    private static func text(file: String) -> [UInt8]? {
        guard let (descriptor, size) = openRegular(file) else { return nil }
        defer { close(descriptor) }
        var text = [UInt8](repeating: 0, count: size)
        return read(descriptor, &text, text.count) == text.count ? text : nil
    }

    /// A descriptor of a file and its size in bytes; nil where it is none, or a folder.
    private static func openRegular(_ file: String) -> (descriptor: CInt, size: Int)? {
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            return nil
        }
        return (descriptor, Int(status.st_size))
    }

    /// The file of the voice that has a name or speaks a language, as `espeak_ng_SetVoiceByName` finds it.
    private static func identifier(of name: String) -> String? {
        var next = espeak_ListVoices(nil)
        while let voice = next?.pointee?.pointee {
            next = next?.advanced(by: 1)
            let names = [voice.name, voice.languages?.advanced(by: 1)].compactMap { $0.map { String(cString: $0) } }
            if names.map({ $0.lowercased() }).contains(name.lowercased()) {
                return voice.identifier.map { String(cString: $0) }
            }
        }
        return nil
    }

    /// Selects a voice by its file, through a descriptor.
    ///
    /// By name the library reads all of its 130 voice files first, 5 ms; by path it lowers the path's case and cuts it
    /// at 60 bytes. A descriptor's path is short and has no capitals. The descriptor stays open with the voice.
    private func select(file: String, _ suffix: String) -> Bool {
        guard let (descriptor, _) = Self.openRegular(file) else { return false }
        if speakcode_status_ok(espeak_ng_SetVoiceByFile("/dev/fd/\(descriptor)\(suffix)")) != 0 { return true }
        close(descriptor)
        return false
    }

    /// Blames neither voice nor data where no file can be opened at all.
    private static func refuseExhaustion() throws(EngineError) {
        let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
        guard descriptor < 0, errno == EMFILE || errno == ENFILE else {
            close(descriptor)
            return
        }
        throw EngineError(.exhausted, "eSpeak NG can open no file, so many are open (see `ulimit -n`)")
    }

    /// Blames no voice where files cannot be named by their descriptors.
    private static func refuseMissingDescriptors() throws(EngineError) {
        let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        guard descriptor >= 0, access("/dev/fd/\(descriptor)", F_OK) != 0 else { return }
        throw EngineError(.missing, "eSpeak NG cannot be given a voice, since /dev/fd is not there; mount /proc")
    }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Speaks utterances, each in a process of its own.
    ///
    /// - Returns: what is said, in the order of the utterances.
    /// - Throws: `EngineError` for the first that cannot be spoken.
    func speak(_ utterances: [Utterance]) throws(EngineError) -> [Speech] {
        guard let voice else { throw EngineError(.failed, "no voice was chosen before speaking") }
        return try Speakers.speak(utterances, voice: voice, hertz: hertz)
    }
}
