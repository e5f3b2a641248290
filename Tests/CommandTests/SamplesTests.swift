// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCode
import SpeakCodeTesting
import TestSupport
import Testing

/// `samples/`: what the manifest says of them is true, and they are what the command makes today.
@Suite(.timeLimit(.minutes(10)))
struct SamplesTests {
    struct Entry: Decodable, CustomTestStringConvertible {
        let arguments: [String]
        let sha256: String
        let file: String
        let format: String
        let locale: String
        let engine: String
        let byteCount: Int
        let duration: Double
        let activeLevel: Double
        let peak: Double
        let captions: Captions?

        struct Captions: Decodable {
            let file: String
            let sha256: String
        }

        var testDescription: String { file }
    }

    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../samples")
        .standardized

    static let entries: [Entry] = {
        let data = (try? Data(contentsOf: folder.appending(path: "manifest.json"))) ?? Data()
        return (try? JSONDecoder().decode([Entry].self, from: data)) ?? []
    }()

    @Test func thereIsOneOfEachLocaleAndFormat() throws {
        #expect(
            Set(Self.entries.filter { $0.file.hasPrefix("languages/") }.map(\.locale))
                == Set(["en-US", "en-GB", "ja-JP", "de-DE", "fr-FR", "es-ES", "zh-CN"]))
        #expect(Set(Self.entries.map(\.format)) == Set(AudioFormat.Kind.allCases.map(\.rawValue)))
        #expect(
            Self.entries.contains { $0.locale == "ja-JP" && $0.arguments.contains("adaptive") && $0.captions != nil })
    }

    @Test func theyTakeTwoMegabytesAtTheMost() throws {
        let present = try #require(
            FileManager.default.enumerator(at: Self.folder, includingPropertiesForKeys: [.fileSizeKey]))
        var (bytes, names) = (0, Set<String>())
        for case let file as URL in present {
            let size = try file.resourceValues(forKeys: [.fileSizeKey, .isRegularFileKey])
            bytes += size.fileSize ?? 0
            if size.isRegularFile == true { names.insert(file.lastPathComponent) }
        }
        #expect(bytes <= 2 << 20)
        let files = Self.entries.flatMap { entry -> [String] in [entry.file] + (entry.captions.map { [$0.file] } ?? [])
        }
        let known = files.compactMap { $0.split(separator: "/").last.map(String.init) }
        // Of the program, which scripts/check-library builds.
        let program = ["main.swift"]
        // Held by the tests that make them.
        let vectors = try FileManager.default.contentsOfDirectory(
            atPath: Self.folder.appending(path: "vectors").path)
        #expect(names == Set(known + ["README.md", "manifest.json", "index.html"] + program + vectors))
    }

    static let recorded = folder.appending(path: "../voices/recorded").standardized

    @Test func everyRecordedVoiceIsAmongThemAndThePagePlaysWhatABrowserCan() throws {
        let voices = try FileManager.default.contentsOfDirectory(atPath: Self.recorded.path).filter {
            FileManager.default.fileExists(atPath: Self.recorded.appending(path: "\($0)/voice.json5").path)
        }
        #expect(Set(Self.entries.map(\.file)).isSuperset(of: voices.map { "recorded/\($0).mp3" }))
        let page = try String(contentsOf: Self.folder.appending(path: "index.html"), encoding: .utf8)
        let played = page.split(separator: "src=\"").dropFirst().compactMap {
            $0.split(separator: "\"").first.map(String.init)
        }
        let playable = Set(["wav", "mp3", "ogg", "flac"])
        #expect(
            played.sorted()
                == Self.entries.map(\.file).filter { playable.contains(($0 as NSString).pathExtension) }.sorted())
    }

    /// The engine that spoke the samples, as those tell.
    private static let engine = "eSpeak NG 1.51"

    @Test(
        .enabled(
            if: "eSpeak NG \(EngineVersion.text)" == engine,
            "the samples are of \(engine), and this is \(EngineVersion.text), which says other bytes"),
        arguments: entries)
    func aSampleIsWhatTheCommandMakes(entry: Entry) async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let (made, sums) = try await make(entry, in: shell)
        #expect(made.byteCount == entry.byteCount)
        #expect(made.duration == entry.duration)
        #expect(made.activeLevel == entry.activeLevel)
        #expect(made.peak == entry.peak)
        #expect(abs(entry.activeLevel - -22) <= 1)
        #expect(entry.peak <= -3)
        try #require(made.engine == entry.engine, "run scripts/samples")
        for (file, sum) in [(entry.file, entry.sha256)] + (entry.captions.map { [($0.file, $0.sha256)] } ?? []) {
            let kept = Self.folder.appending(path: file).path
            if (file as NSString).pathExtension == "ogg" {
                // libopus reckons with `rsqrtps` and `rcpps`, whose last bits are those of the processor's maker: 34.8 dB
                // and more were measured between one of AMD and one of Intel.
                #expect(try await ratio(of: shell.path(file), to: kept, in: shell) >= 30, "the same sound")
            } else {
                #expect(sums.contains("\(sum)  ./\(file)"), "the same bytes")
            }
            #expect(try await shell.bash("sha256sum '\(kept)'").text.hasPrefix(sum), "the manifest's sum")
        }
    }

    @Test(
        .disabled(if: "eSpeak NG \(EngineVersion.text)" == engine, "the samples are of this very engine"),
        arguments: entries)
    func whatAnotherEngineMakesOfASampleIsAsLoudAndAboutAsLong(entry: Entry) async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let made = try await make(entry, in: shell).made
        #expect(abs(made.activeLevel - -22) <= 1)
        #expect(made.peak <= -3)
        #expect(abs(made.duration - entry.duration) <= 0.1 * entry.duration)
    }

    /// Has the command make a sample, and takes the sums of its files.
    private func make(_ entry: Entry, in shell: Shell) async throws -> (made: Made, sums: String) {
        let path = shell.path(entry.file)
        try FileManager.default.createDirectory(
            at: URL(filePath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
        let quoted = entry.arguments.map { "'\($0)'" }.joined(separator: " ")
        // The recorded voices by their names, as if they were installed.
        _ = try await shell.bash("mkdir -p shelf/speakcode && ln -s '\(Self.recorded.path)' shelf/speakcode/voices")
        let outcome = try await shell.bash(
            "\"$speakcode\" \(quoted) --json && sha256sum $(find . -type f) >&2",
            environment: ["XDG_DATA_HOME": shell.path("shelf")])
        return (try JSONDecoder().decode(Made.self, from: outcome.output), outcome.errors)
    }

    /// What one file sounds like over its difference from another, in dB; infinity where they sound the same.
    private func ratio(of file: String, to other: String, in shell: Shell) async throws -> Double {
        func samples(_ path: String) async throws -> [Double] {
            let decoded = try await shell.bash("ffmpeg -v error -i '\(path)' -f s16le -ar 48000 -")
            return PCM(littleEndian: decoded.output, hertz: 48_000).samples.map(Double.init)
        }
        let (ours, theirs) = (try await samples(file), try await samples(other))
        guard ours.count == theirs.count, !ours.isEmpty else { return -.infinity }
        let sound = ours.reduce(0) { $0 + $1 * $1 }
        let difference = zip(ours, theirs).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        return 10 * log10(sound / difference)
    }

    private struct Made: Decodable {
        let engine: String
        let byteCount: Int
        let duration: Double
        let activeLevel: Double
        let peak: Double
    }
}
