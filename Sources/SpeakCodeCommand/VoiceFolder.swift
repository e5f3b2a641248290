// SPDX-License-Identifier: GPL-3.0-or-later

internal import FoundationEssentials
internal import SpeakCode
internal import SpeakCodePackTools
internal import SpeakCodeSndfile

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A voice folder that appears whole or not at all: written beside its place and renamed into it.
struct VoiceFolder {
    /// Where it is to be.
    let path: String

    private let isThere: Bool

    /// Looks whether a folder can be written there.
    ///
    /// - Parameter replacing: whether a voice that is there may go.
    /// - Throws: ``Failure``.
    init(path: String, replacing: Bool) throws(Failure) {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        self.path = path
        var status = stat()
        isThere = lstat(path, &status) == 0
        guard isThere else { return }
        guard RecordedVoice.isVoice(path) else {
            throw Failure(EX_CANTCREAT, "\(path) is there already and is no voice folder; name another with -o")
        }
        guard replacing else {
            throw Failure(EX_CANTCREAT, "\(path) is there already; --replace replaces it, -o names another folder")
        }
    }

    /// Writes the folder.
    ///
    /// - Throws: ``Failure`` that names it; what was there stays then.
    func write(_ sounds: [Adoption.Sound], _ description: VoiceDescription) throws(Failure) {
        let parent = path.lastIndex(of: "/").map { path[...$0] } ?? ""
        let name = "\(parent).speakcode-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        let (staged, old) = (name + ".part", name + ".old")
        let farewell = HangUp.shared.onHangUp { Self.remove(staged) }
        do {
            if !parent.isEmpty {
                try FileManager.default.createDirectory(atPath: String(parent), withIntermediateDirectories: true)
            }
            try Self.fill(staged, with: sounds, description)
            if isThere {
                guard rename(path, old) == 0 else { throw Problem.system(String(cString: strerror(errno))) }
            }
            guard rename(staged, path) == 0 else {
                let reason = String(cString: strerror(errno))
                if isThere { rename(old, path) }
                throw Problem.system(reason)
            }
        } catch {
            Self.remove(staged)
            HangUp.shared.forget(farewell)
            let reason = if case Problem.system(let reason) = error { reason } else { "\(error)" }
            throw Failure(EX_CANTCREAT, "\(path) cannot be written: \(reason)")
        }
        HangUp.shared.forget(farewell)
        if isThere { Self.remove(old) }
    }

    private enum Problem: Error {
        case system(String)
    }

    private static func fill(
        _ folder: String, with sounds: [Adoption.Sound], _ description: VoiceDescription
    ) throws {
        for sound in sounds {
            guard let rate = SampleRate(rawValue: sound.audio.hertz) else { continue }
            let file = try SoundFileEncoder().file(of: sound.audio.samples, as: AudioFormat(.flac, sampleRate: rate))
            try write(file, to: "\(folder)/\(sound.name).flac")
        }
        // Last, so that a folder with it is whole.
        try write(Array(description.json5(of: sounds).utf8), to: "\(folder)/\(RecordedVoice.fileName)")
    }

    /// Writes a file and the folders above it.
    static func write(_ bytes: [UInt8], to path: String) throws {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        if mkdir(folder, 0o777) != 0, errno != EEXIST {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw Problem.system(String(cString: strerror(errno))) }
        do throws(ByteSink.Fault) {
            defer { close(descriptor) }
            try ByteSink(descriptor: descriptor).write(bytes[...])
        } catch {
            guard case .system(let reason) = error else { throw error }
            throw Problem.system(reason)
        }
    }

    private static func remove(_ folder: String) {
        try? FileManager.default.removeItem(atPath: folder)
    }
}
