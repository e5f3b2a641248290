// SPDX-License-Identifier: GPL-3.0-or-later

internal import FoundationEssentials
internal import SpeakCode
internal import SpeakCodePackTools
internal import SpeakCodeSndfile
internal import SpeakCodeSoxr

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A program that hears a line: it is given a WAV file of 16,000 Hz and prints what it hears.
struct Recogniser {
    /// A command for the shell; the file's path is put behind it.
    let command: String

    /// The recordings in which something else is heard.
    ///
    /// - Throws: ``Failure`` where the program does not run.
    func findings(in sounds: [Adoption.Sound], of pack: VoicePack) throws -> [Adoption.Finding] {
        let folder =
            FileManager.default.temporaryDirectory.path + "/speakcode-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        let farewell = HangUp.shared.onHangUp { try? FileManager.default.removeItem(atPath: folder) }
        defer {
            try? FileManager.default.removeItem(atPath: folder)
            HangUp.shared.forget(farewell)
        }
        let script = try RecordingScript(of: pack, places: RecordingScript.allPlaces)
        var findings: [Adoption.Finding] = []
        for (number, sound) in sounds.enumerated() {
            let samples = sound.audio.samples.map { Float($0) / 32768 }
            let resampled =
                sound.audio.hertz == 16_000
                ? samples : try SoxrResampler().resample([samples], from: sound.audio.hertz, to: .hz16000)[0]
            let path = "\(folder)/\(number).wav"
            try VoiceFolder.write(Signal(samples: resampled, hertz: 16_000).wave(at: .hz16000), to: path)
            let heard = try hear(path)
            guard let line = script.line(named: sound.name.text)?.line,
                let message = HeardLine(heard).fault(of: line, among: script)
            else { continue }
            findings.append(Adoption.Finding(fault: .word, source: sound.source, message: message))
        }
        return findings
    }

    private func hear(_ path: String) throws(Failure) -> String {
        guard let output = popen("\(command) '\(path.replacing("'", with: "'\\''"))'", "r") else {
            throw Failure(EX_OSERR, "the recogniser cannot be started: \(String(cString: strerror(errno)))")
        }
        var heard: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 4096)
        while case let count = fread(&block, 1, block.count, output), count > 0, heard.count < 1 << 16 {
            heard += block[..<count]
        }
        let status = pclose(output)
        guard status == 0 else {
            throw Failure(
                EX_UNAVAILABLE, "the recogniser failed; --recogniser takes a command that prints what it hears")
        }
        return String(decoding: heard, as: UTF8.self)
    }
}
