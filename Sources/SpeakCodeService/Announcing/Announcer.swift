// SPDX-License-Identifier: GPL-3.0-or-later

internal import Crypto
internal import FoundationEssentials
internal import HTTPTypes
package import SpeakCode
package import SpeakCodeLinks
internal import SpeakCodePackTools
internal import Synchronization

/// Turns announcements into sound: the packs, banks and encoded files that all requests share.
package final class Announcer: Sendable {
    private let reader: CodeReader
    private let encoder: any SoundEncoder
    private let metrics: ServiceMetrics
    /// What the engine says wrong.
    let refused: RefusedVoices
    /// What else than pack and link decides the bytes: the versions of engine, resampler, codecs and of this program.
    private let origin: String
    private let codecs: CodecMarks
    private let shelves: Mutex<VoiceShelf>
    /// The engine's own digits, for languages without a pack.
    private let digitsOnly: DigitsOnlyVoices
    private let encoded: EncodedFiles
    private let workers: Workers
    /// What live sound is paced by.
    private let clock: SteadyClock

    init(
        reader: CodeReader, encoder: any SoundEncoder, origin: String, shelf: VoiceShelf, digitsOnly: DigitsOnlyVoices,
        files: EncodedFiles, workers: Workers, metrics: ServiceMetrics, refused: RefusedVoices, time: SteadyTime
    ) {
        self.refused = refused
        clock = SteadyClock(time: time)
        self.workers = workers
        encoded = files
        self.digitsOnly = digitsOnly
        self.metrics = metrics
        self.reader = reader
        self.encoder = encoder
        self.origin = origin
        codecs = CodecMarks(of: encoder, workers: workers.files)
        shelves = Mutex(shelf)
    }

    /// The packs; replaced as a whole.
    var shelf: VoiceShelf {
        get { shelves.withLock { $0 } }
        set { shelves.withLock { $0 = newValue } }
    }

    /// Has the usual locale's phrases and digits spoken, so that the first caller need not wait.
    ///
    /// - Throws: `BankError`.
    func warm() async throws(BankError) {
        guard let code = try? VerificationCode("0123456789") else { return }
        for template in [VoicePack.standard, VoicePack.codeOnly] {
            guard let script = try? Script(code: code, pack: shelf.usual, wording: Wording(template: template)) else {
                return
            }
            do throws(BankError) {
                _ = try await onWorkers { () async throws(BankError) in
                    try await reader.render(script, length: CodeReader.Length(readings: 1))
                }
                return
            } catch {
                // A voice that somebody has lent may have digits alone.
                guard case .notRecorded = error.reason, template != VoicePack.codeOnly else { throw error }
            }
        }
    }

    /// Lines of a pack by their places, once, as they are heard on the telephone.
    ///
    /// - Throws: what the pack or the voice cannot.
    func hearing(_ places: [String], of pack: VoicePack) async throws -> Rendition {
        let script = try Script(hearing: places, of: pack)
        return try await onWorkers { () async throws(BankError) in
            try await reader.render(script, length: CodeReader.Length(readings: 1), as: .wav(.hz16000))
        }
    }

    /// What is said for an announcement.
    ///
    /// A link outlives a change of its pack: a style, template or value that is gone gives way to the standard words.
    ///
    /// - Returns: at once where the packs are on the shelf; later it throws as well.
    /// - Throws: ``Problem`` where no pack is left for its locale, or the pack has no letters any more.
    package func script(for announcement: Announcement) throws(Problem) -> Eventual<Script, Problem> {
        let shelf = shelf
        let second = announcement.second.flatMap { shelf[$0] }
        if let pack = shelf[announcement.locale], (second == nil) == (announcement.second == nil) {
            return .now(
                try Self.script(for: announcement, pack, second, on: shelf).delivered(announcement.delivery))
        }
        return .later { () async throws(Problem) in try await self.findScript(for: announcement) }
    }

    private func findScript(for announcement: Announcement) async throws(Problem) -> Script {
        guard let pack = try await pack(for: announcement.locale)?.pack else { throw Self.withdrawn }
        var second: VoicePack?
        if let locale = announcement.second {
            second = try await self.pack(for: locale)?.pack
            guard second != nil else { throw Self.withdrawn }
        }
        return try Self.script(for: announcement, pack, second, on: shelf).delivered(announcement.delivery)
    }

    private static func script(
        for announcement: Announcement, _ pack: VoicePack, _ second: VoicePack?, on shelf: VoiceShelf
    ) throws(Problem) -> Script {
        var (pack, second) = (pack, second)
        if let name = announcement.voice {
            let spoken = (shelf.pack(pack, spokenBy: name), second.flatMap { shelf.pack($0, spokenBy: name) })
            guard spoken.0 != nil || spoken.1 != nil else { throw withdrawn }
            (pack, second) = (spoken.0 ?? pack, spoken.1 ?? second)
        }
        let script = try script(for: announcement, in: pack)
        guard let second else { return script }
        return script.inTurn(with: try self.script(for: announcement, in: second))
    }

    /// How well a pack is what was asked for.
    enum Match: String, Sendable {
        /// Of the language.
        case language
        /// Of the language, without a sentence.
        case digitsOnly
        /// Of a language that is understood by those who speak it.
        case understood
        /// The service's own.
        case usual
    }

    /// The pack for a locale.
    ///
    /// - Throws: ``Problem`` where the engine, which may speak the language, cannot be asked for it now: who waits a little is
    ///   not read to in another one.
    func pack(for wanted: LanguageTag) async throws(Problem) -> (pack: VoicePack, match: Match)? {
        let shelf = shelf
        if let pack = shelf.pack(for: wanted, allowingFallback: false) { return (pack, .language) }
        let outcome: DigitsOnlyVoices.Outcome?
        do throws(EngineError) {
            outcome = try await digitsOnly.outcome(for: wanted, beside: shelf.locales)
        } catch {
            outcome = .failed(error)
        }
        switch outcome {
        case .pack(let pack, _): return (pack, .digitsOnly)
        case .failed(let error) where error.isTransient: throw Self.notSpoken
        case .failed, .faults, nil: break
        }
        return shelf.pack(for: wanted, allowingFallback: true).map { ($0, .understood) }
    }

    private static func script(for announcement: Announcement, in pack: VoicePack) throws(Problem) -> Script {
        var pack = pack
        if let gender = announcement.gender {
            guard let spoken = pack.spoken(by: gender) else { throw withdrawn }
            pack = spoken
        }
        let pacing = announcement.pacing.pacing(of: pack)
        do {
            switch announcement.content {
            case .gate(let register): return try Script(gateOf: pack, pacing: pacing, register: register)
            case .code(let code, let wording): return try script(code, wording, pack, pacing)
            // Which one is read, its time tells; all are of one shape.
            case .totp(let totp, let wording): return try script(totp.code(at: .zero), wording, pack, pacing)
            }
        } catch {
            throw withdrawn
        }
    }

    private static func script(
        _ code: VerificationCode, _ wording: Wording, _ pack: VoicePack, _ pacing: Pacing
    ) throws(ScriptError) -> Script {
        if let script = try? Script(code: code, pack: pack, pacing: pacing, wording: wording) { return script }
        return try Script(code: code, pack: pack, pacing: pacing, wording: Wording(register: wording.register))
    }

    static let withdrawn = Problem(
        .gone, "voice-withdrawn", "the voice of this announcement is gone; ask for a new announcement")

    /// The finite rendition of an announcement.
    ///
    /// - Parameters:
    ///   - tag: names the bytes; files of compressed formats are kept by it for a while.
    ///   - client: the address that asks, of which only so many may wait for an encoded file.
    /// - Returns: at once where nothing is to be spoken or encoded for it; later it throws ``Problem``.
    package func rendition(
        of script: Script, _ announcement: Announcement, as format: AudioFormat, tag: String, for client: String = ""
    ) -> Eventual<Rendition, Problem> {
        let length = CodeReader.Length(readings: announcement.readings, within: .seconds(announcement.longest))
        guard let coding = format.sampleCoding else {
            if let kept = encoded[tag] {
                metrics.wantedFile(atHand: true)
                return .now(kept)
            }
            return .later { () async throws(Problem) in
                try await self.encode(script, length, as: format, tag: tag, for: client)
            }
        }
        let rendition = reader.layOut(script, length: length, as: format).map {
            Rendition(timeline: $0, format: format, coding: coding)
        }
        switch rendition {
        case .now(let rendition): return .now(rendition)
        case .later(let work):
            return .later { () async throws(Problem) in
                try await self.spoken { () async throws(BankError) in try await work() }
            }
        }
    }

    /// Has a file made whole, as many wait for it as may.
    private func encode(
        _ script: Script, _ length: CodeReader.Length, as format: AudioFormat, tag: String, for client: String
    ) async throws(Problem) -> Rendition {
        metrics.wantedFile(atHand: false)
        let timeline = try await spoken { () async throws(BankError) in
            try await reader.layOut(script, length: length, as: format).get()
        }
        let outcome = await encoded.file(for: tag, of: client) { [reader] () throws(BankError) in
            try reader.encode(timeline, as: format)
        }
        switch outcome {
        case .made(let rendition): return rendition
        case .failed: throw Self.notSpoken
        case .busy: throw Self.busy
        }
    }

    /// How far what is heard over HTTP is sent ahead of its time.
    static let lead: Duration = .milliseconds(1500)

    /// The announcement as it is heard live.
    ///
    /// - Parameter codes: the code of each reading, where it changes.
    /// - Throws: ``Problem``.
    func sound(
        of script: Script, as format: AudioFormat, codes: NextCode.Source? = nil
    ) async throws(Problem) -> LiveSound {
        let isCompressed = format.sampleCoding == nil
        let source = isCompressed ? AudioFormat.wav(format.sampleRate) : format
        let rendition = try await spoken { () async throws(BankError) in
            try await reader.stream(
                script, as: source, frameLength: .milliseconds(100), lead: Self.lead, clock: clock, codes: codes)
        }
        guard let rendition else { throw Self.notSpoken }
        guard isCompressed else { return LiveSound(rendition) }
        return LiveSound(rendition, on: workers.live) { [encoder] in try encoder.stream(as: format) }
    }

    /// The announcement for a call, in frames that are sent when the call's own clock says so.
    ///
    /// - Parameters:
    ///   - format: one whose samples are coded one by one.
    ///   - codes: the code of each reading, where it changes.
    /// - Throws: ``Problem``.
    func frames(
        of script: Script, as format: AudioFormat, ofLength length: Duration, codes: NextCode.Source? = nil
    ) async throws(Problem) -> LiveRendition<SteadyClock> {
        let rendition = try await spoken { () async throws(BankError) in
            try await reader.stream(script, as: format, frameLength: length, clock: clock, codes: codes)
        }
        guard let rendition else { throw Self.notSpoken }
        return rendition
    }

    /// Has clips made where nobody else waits.
    private func onWorkers<Made>(
        _ body: () async throws(BankError) -> Made
    ) async throws(BankError) -> Made {
        try await withTaskExecutorPreference(workers.clips) { () async throws(BankError) in try await body() }
    }

    private func spoken<Spoken>(_ body: () async throws(BankError) -> Spoken) async throws(Problem) -> Spoken {
        do {
            return try await onWorkers(body)
        } catch {
            guard !refused.note(error) else { throw Self.refusal }
            guard case .notRecorded(let name, let locale, let missing) = error.reason else { throw Self.notSpoken }
            throw Self.notRecorded(Set(missing.map(\.kind)), "in the voice \(name) of \(locale)")
        }
    }

    /// Names the field without which, or with another value of which, all would be recorded.
    private static func notRecorded(_ missing: Set<RecordingName.Kind>, _ voice: String) -> Problem {
        if missing.contains(.phrase(VoicePack.gate)) {
            return .field("gate", "is not recorded \(voice); leave it out, or ask for another voice")
        }
        if missing.contains(.symbol) {
            return .field("code", "has characters that are not recorded \(voice); ask for another voice")
        }
        if missing.contains(.capital) {
            return .field("case", "cannot be spoken \(voice); leave it out, or ask for another voice")
        }
        return .field(
            "template",
            "has words that are not recorded \(voice): ask for \(VoicePack.codeOnly), or for another voice")
    }

    private static let notSpoken = Problem(
        .serviceUnavailable, "not-spoken", "the voice cannot speak at the moment; the log says why", retryAfter: 2)
    private static let refusal = Problem(
        .serviceUnavailable, "voice-refused",
        "the installed engine says something else than the voice pack, which is not spoken then; the log says what")
    private static let busy = Problem(
        .serviceUnavailable, "too-many-files", "as many files wait to be encoded as may; try again, or take WAV",
        retryAfter: 1)

    /// The entity tag of a representation: it changes with the link, the pack, and whatever else changes the bytes.
    ///
    /// A digest of the audio would let anybody who has the tag try out codes; this one is of the sealed link, under a key.
    ///
    /// - Returns: at once, but where nobody has asked for its codec's format before.
    func tag(
        of sealed: some StringProtocol, _ representation: Representation, _ script: Script, key: LinkKey
    ) -> Eventual<String, Never> {
        var named = Array(sealed.utf8)
        named += representation.suffix.utf8
        for pack in script.packs { named += String(pack.revision).utf8 }
        named.append(UInt8(ascii: " "))
        named += origin.utf8
        guard case .finite(let format) = representation.kind else { return .now(Self.tag(of: named, key: key)) }
        return codecs[format].map { [named] mark in Self.tag(of: named + mark, key: key) }
    }

    private static func tag(of named: [UInt8], key: LinkKey) -> String {
        "\"" + key.tag(of: named).prefix(12).map { hex[Int($0)] }.joined() + "\""
    }

    private static let hex = (0..<256).map { value in
        let text = String(value, radix: 16)
        return text.utf8.count == 1 ? "0" + text : text
    }
}
