// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCode
import SpeakCodeLinks
import SpeakCodeTesting
import TestSupport
import Testing

/// Codes that are made, and codes that follow from a secret.
@Suite(.timeLimit(.minutes(10)))
struct CodeTests {
    private static let totp = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    /// A code that changes once a day.
    private static let uri = "otpauth://totp/Bank:anna?secret=\(totp)&period=86400&digits=8"

    @Test(arguments: [("en-US", "--length 8", 8), ("fr-FR", "", 6), ("de-DE", "--letters --length 32", 32)])
    func aCodeHasNoSymbolThatSoundsNearlyAsAnother(locale: String, options: String, length: Int) async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let outcome = try await shell.bash("\"$speakcode\" code new --locale \(locale) \(options)")
        let code = outcome.text.dropLast()
        #expect(outcome.status == 0 && code.count == length && code.allSatisfy { CodeSymbol($0) != nil })
        #expect(outcome.errors.contains(" bits"))
        let avoided = outcome.errors.matches(of: /([0-9A-Z]) \(near [0-9A-Z]\)/).map(\.output.1)
        #expect(avoided.isEmpty == (locale == "en-US"))
        #expect(!code.contains { avoided.contains(String($0)[...]) })
        let quiet = try await shell.bash("\"$speakcode\" code new -q --locale \(locale) \(options)")
        #expect(quiet.errors.isEmpty && quiet.text != outcome.text)
    }

    @Test(arguments: ["--length 3", "--length 33", "--locale haw --letters"])
    func aCodeThatCannotBeMadeIsRefused(options: String) async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let outcome = try await shell.bash("\"$speakcode\" code new \(options)")
        #expect(outcome.status == 64 && outcome.text.isEmpty)
    }

    @Test(arguments: ["--totp-uri - --once -o a.wav < uri", "--totp-uri uri --times 1 -o a.wav"])
    func theAppsCodeOfTheMomentIsWritten(options: String) async throws {
        let shell = try Shell()
        defer { shell.remove() }
        try Data(Self.uri.utf8).write(to: shell.folder.appending(path: "uri"))
        let totp = try TOTP(Self.uri)
        let before = totp.next(at: .seconds(Date().timeIntervalSince1970)).code
        let outcome = try await shell.bash("\"$speakcode\" --captions a.json \(options)")
        let after = totp.next(at: .seconds(Date().timeIntervalSince1970)).code
        #expect(outcome.status == 0, "\(outcome.errors)")
        let captions = String(decoding: try shell.bytes("a.json"), as: UTF8.self)
        let read = String(captions.matches(of: /"symbol" : "([0-9])"/).map { $0.output.1.first ?? " " })
        #expect(try [before, after].contains(VerificationCode(read)))
    }

    @Test func theAppsCodeGoesIntoAPipeAgainAndAgain() async throws {
        let shell = try Shell()
        defer { shell.remove() }
        try Data(Self.uri.utf8).write(to: shell.folder.appending(path: "uri"))
        let outcome = try await shell.bash(
            "\"$speakcode\" --totp-uri uri | head -c 9000 | wc -c; echo \"${PIPESTATUS[0]}\"")
        #expect(outcome.text.split(whereSeparator: \.isWhitespace) == ["9000", "0"])
    }

    @Test(arguments: [
        ("--tty 735198", "CODE 735198 735198 735198"), ("735198 --tty", "CODE 735198 735198 735198"),
        ("--tty 45 735198", "CODE 735198 735198 735198"), ("735198 --tty=45", "CODE 735198 735198 735198"),
    ])
    func aCodeIsWrittenAsTones(options: String, text: String) async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let outcome = try await shell.bash("\"$speakcode\" \(options) --once -o a.wav --json")
        #expect(outcome.status == 0 && outcome.text.contains("\"rendition\":\"tty\""), "\(outcome.errors)")
        let samples = PCM(littleEndian: Array(try shell.bytes("a.wav")[44...]), hertz: 8000).samples
        let written = TTYReceiver(samples, hertz: 8000, bitsPerSecond: 45.45).read().text
        #expect(written == "\n" + text)
    }

    @Test func whatIsHeardWhenAppearsWithTheAudio() async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let files = ["a.TextGrid", "a.ctm", "a.stm", "a.txt", "a.jsonl"]
        let aligned = files.map { "--align \($0)" }.joined(separator: " ")
        let outcome = try await shell.bash("\"$speakcode\" 735198 -o a.wav --align a.wav \(aligned)")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(Set(shell.files) == Set(files + ["a.wav"]))
        #expect(String(decoding: try shell.bytes("a.wav"), as: UTF8.self).contains("adtllabl"))
        let lost = try await shell.bash("\"$speakcode\" 735198 -o none/b.wav --align b.ctm")
        #expect(lost.status == 73 && !shell.exists("b.ctm"))
    }

    @Test(arguments: [
        ("--tty --totp-uri uri", 64, "--tty"), ("12345678901234567890123 --tty mixed", 64, "mixed"),
        ("aB5 --tty --case spoken", 64, "--tty"),
        ("735198 --align a.xml -o a.wav", 64, "TextGrid"), ("735198 --align a.ctm --repeat", 64, "--align"),
        ("735198 --align a.mp3 -o a.mp3", 64, "WAV"), ("735198 --tty=20 -o a.wav", 64, "mixed"),
    ])
    func whatCannotBeWrittenOrAlignedIsRefused(options: String, status: Int, word: String) async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let outcome = try await shell.bash("\"$speakcode\" \(options)")
        #expect(outcome.status == status && outcome.errors.contains(word), "\(outcome.errors)")
        #expect(!outcome.errors.contains("735198"))
    }

    @Test(arguments: [
        ("--totp-uri - --once -o a.wav", 65, "base32"), ("--totp-uri \(totp) --once -o a.wav", 66, "no file"),
        ("--totp-uri otpauth://totp/a?secret=\(totp) -o a.wav", 64, "arguments"),
        ("--totp-uri uri -o a.wav", 64, "--once"), ("--totp-uri uri --for 60s", 64, "--times"),
        ("--totp-uri uri --captions a.vtt", 64, "--once"), ("--totp-uri uri 123456 --once", 64, "one of them"),
        ("--totp-uri '' -o a.wav", 64, "empty"), ("123456 --once --times 2", 64, "exclude"),
    ])
    func whatIsNoSecretOrCannotChangeIsRefusedAndNotShown(options: String, status: Int, word: String) async throws {
        let shell = try Shell()
        defer { shell.remove() }
        try Data(Self.uri.utf8).write(to: shell.folder.appending(path: "uri"))
        let outcome = try await shell.bash("echo \(Self.totp)1 | \"$speakcode\" \(options)")
        #expect(outcome.status == status, "\(outcome.errors)")
        #expect(outcome.errors.contains(word) && !outcome.errors.contains("GEZD"))
        #expect(!shell.exists("a.wav"))
    }
}
