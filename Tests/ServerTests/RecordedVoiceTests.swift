// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCode
import SpeakCodePackTools
import SpeakCodeSndfile
import SpeakCodeTesting
import TestSupport
import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

/// Voices that people have lent to a service: chosen by name, or by locale.
@Suite("A service with lent voices", .timeLimit(.minutes(10)))
struct RecordedVoiceTests {
    private static let places = ["phrases.opening", "phrases.bridge", "digits.standard"]

    private static func write(_ name: String, in folder: URL, locale: String = "fr-FR") throws -> String {
        let path = folder.appending(path: name).path
        try LentVoice.write(
            to: path, of: VoicePackCatalog.builtIn.pack(for: locale), places: places, encoder: SoundFileEncoder())
        return path
    }

    private static func audio(_ json: String, of service: TestService) async throws -> [UInt8] {
        let links = try await service.links(json)
        let answer = try await service.get(try #require(links["wav"]))
        #expect(answer.status == 200)
        return answer.body
    }

    @Test("speaks in the voice that a request names, and asks no engine for it")
    func byName() async throws {
        try await withTemporaryFolder { folder in
            let engine = FakeEngine()
            try await TestService.run(["recordedVoices": "june=\(try Self.write("a", in: folder))"], engine: engine) {
                service in
                let before = engine.requests.count
                let june = try await Self.audio(#"{"code":"735198","locale":"fr","voice":"june"}"#, of: service)
                #expect(engine.requests.count == before)
                let usual = try await Self.audio(#"{"code":"735198","locale":"fr"}"#, of: service)
                #expect(june != usual)
                // A voice that speaks one language brings it along.
                let answer = try await service.post(#"{"code":"735198","voice":"june"}"#)
                #expect(try answer.field("locale") == "fr-FR")
                #expect(try await Self.audio(#"{"code":"735198","voice":"june"}"#, of: service) == june)
                // The folder is read at the start, and needed no more.
                try FileManager.default.removeItem(at: folder.appending(path: "a"))
                let other = try await service.links(#"{"code":"735198","locale":"fr","voice":"june","readings":1}"#)
                let link = try #require(other["sln16"])
                #expect(try await service.get(link).status == 200)
            }
        }
    }

    @Test("speaks a locale in the voice that is set for it, where nobody chooses")
    func byLocale() async throws {
        try await withTemporaryFolder { folder in
            let settings = [
                "recordedVoices": "june=\(try Self.write("a", in: folder))", "localeVoices": "fr-FR=june",
                "locale": "fr-FR",
            ]
            let engine = FakeEngine()
            try await TestService.run(settings, engine: engine) { service in
                #expect(engine.requests.isEmpty, "ready without an engine")
                let usual = try await Self.audio(#"{"code":"735198"}"#, of: service)
                #expect(try await Self.audio(#"{"code":"735198","voice":"june"}"#, of: service) == usual)
                #expect(try await Self.audio(#"{"code":"735198","voice":"male"}"#, of: service) == usual, "he is one")
                #expect(engine.requests.isEmpty)
                #expect(try await Self.audio(#"{"code":"735198","voice":"female"}"#, of: service) != usual)
                #expect(!engine.requests.isEmpty)
            }
        }
    }

    @Test("becomes ready with a voice that has digits alone, and says which template it can read")
    func digitsAlone() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending(path: "a").path
            try LentVoice.write(
                to: path, of: VoicePackCatalog.builtIn.pack(for: "fr-FR"), places: ["digits.standard"],
                encoder: SoundFileEncoder())
            let settings = ["recordedVoices": "june=\(path)", "localeVoices": "fr-FR=june", "locale": "fr-FR"]
            try await TestService.run(settings) { service in
                let refused = try await service.post(#"{"code":"735198"}"#)
                #expect(refused.status == 422 && refused.text.contains("code-only"), "\(refused.text)")
                #expect(!refused.text.contains("735198"))
                #expect(try await service.post(#"{"code":"735198","template":"code-only"}"#).status == 201)
                for (fields, field) in [
                    (#""code":"735198""#, "template"), (#""code":"735198","template":"code-only","gate":true"#, "gate"),
                    (#""code":"735198","template":"code-only","gate":true,"register":"informal""#, "gate"),
                    (#""code":"7A5198""#, "code"), (#""code":"7A5198","template":"code-only""#, "code"),
                ] {
                    #expect(try await service.post("{\(fields)}").field("field") == field, "\(fields)")
                }
            }
        }
    }

    @Test(
        "refuses a voice that it does not have, or that does not speak the language",
        arguments: [
            (#"{"code":"735198","voice":"julia"}"#, "must be one of female, male, june"),
            (#"{"code":"735198","voice":"june","locale":"de"}"#, "speaks fr-FR and not de-DE"),
        ])
    func refusals(json: String, problem: String) async throws {
        try await withTemporaryFolder { folder in
            try await TestService.run(["recordedVoices": "june=\(try Self.write("a", in: folder))"]) { service in
                let answer = try await service.post(json)
                #expect(answer.status == 422 && answer.text.contains(problem), "\(answer.text)")
                #expect(!answer.text.contains("julia") && !answer.text.contains("735198"))
            }
        }
    }

    @Test("whose voice is gone says so, and speaks in no other's")
    func withdrawn() async throws {
        try await withTemporaryFolder { folder in
            var path = ""
            try await TestService.run(["recordedVoices": "june=\(try Self.write("a", in: folder))"]) { service in
                let links = try await service.links(#"{"code":"735198","locale":"fr","voice":"june"}"#)
                let link = try #require(links["wav"])
                path = try #require(URL(string: link)).path
            }
            try await TestService.run { service in
                let answer = try await service.get(path)
                #expect(answer.status == 410)
            }
        }
    }

    @Test("speaks a second language in its own voice")
    func second() async throws {
        try await withTemporaryFolder { folder in
            let engine = FakeEngine()
            try await TestService.run(["recordedVoices": "june=\(try Self.write("a", in: folder))"], engine: engine) {
                service in
                let answer = try await service.post(
                    #"{"code":"735198","locale":"de","secondLocale":"fr","voice":"june"}"#)
                #expect(answer.status == 201, "\(answer.text)")
                let french = try VoicePackCatalog.builtIn.pack(for: "fr-FR")
                let opening = try #require(french.utterance(for: .phrase("opening")))
                #expect(!engine.requests.flatMap(\.self).contains(opening))
            }
        }
    }

    @Test(
        "does not start with voices that it cannot use",
        arguments: [
            ("june", "", "recordedVoices must be a list of name=folder"),
            ("female=FOLDER", "", "neither female nor male"), ("June=FOLDER", "", "small letters"),
            ("june=/nowhere", "", "speakcode voices adopt"), ("june=FOLDER,june=FOLDER", "", "gives june two voices"),
            ("june=FOLDER", "fr-FR", "localeVoices must be a list of locale=name"),
            ("june=FOLDER", "de-DE=june", "must name, for each locale"),
            ("", "fr-FR=june", "must name, for each locale"),
        ])
    func settings(voices: String, locales: String, problem: String) async throws {
        try await withTemporaryFolder { folder in
            let path = try Self.write("a", in: folder)
            let flags = ["recordedVoices": voices.replacing("FOLDER", with: path), "localeVoices": locales]
            do {
                try await TestService.run(flags) { _ in }
                Issue.record("it starts")
            } catch {
                #expect("\(error)".contains(problem), "\(error)")
            }
        }
    }

    /// A voice whose even digits are noise for some seconds, and whose odd ones are short.
    private static func writeNoise(in folder: URL) throws -> String {
        var random = SeededGenerator(seed: 3)
        let (path, pack) = (folder.appending(path: "noise").path, try VoicePackCatalog.builtIn.pack(for: "fr-FR"))
        let sounds = try LentVoice.write(to: path, of: pack, places: ["digits.standard"], encoder: SoundFileEncoder())
            .map { sound in
                let digit = "\(sound.name)".dropFirst("digits/standard/".count).prefix(1)
                guard Int(digit).map({ $0 % 2 == 0 }) ?? false else { return sound }
                let noise = (0..<64_000).map { _ in Int16.random(in: -16_000...16_000, using: &random) }
                return Adoption.Sound(
                    name: sound.name, caption: sound.caption, source: sound.source,
                    audio: PCM(samples: noise, hertz: sound.audio.hertz))
            }
        try LentVoice.write(sounds, to: path, LentVoice.described(pack), encoder: SoundFileEncoder())
        return path
    }

    @Test(
        "tells nothing of a code by the length of a file, though some of its digits were noise",
        arguments: ["wav", "flac", "ogg", "mp3"])
    func noise(format: String) async throws {
        try await withTemporaryFolder { folder in
            let settings = [
                "recordedVoices": "noise=\(try Self.writeNoise(in: folder))", "localeVoices": "fr-FR=noise",
                "locale": "fr-FR",
            ]
            try await TestService.run(settings) { service in
                var lengths: Set<Int> = []
                for code in ["1111", "2222", "1212"] {
                    let links = try await service.links(
                        #"{"code":"\#(code)","template":"code-only","readings":1}"#)
                    lengths.insert(try await service.get(try #require(links[format])).body.count)
                }
                #expect(lengths.count == 1 && (lengths.first ?? 0) > 10_000, "\(lengths)")
            }
        }
    }

    @Test("does not start with a recording that is damaged")
    func damage() async throws {
        try await withTemporaryFolder { folder in
            let path = try Self.write("a", in: folder)
            try Data("fLaC".utf8).write(to: URL(filePath: "\(path)/digits/standard/7-falling.flac"))
            let error = await #expect(throws: SettingsError.self) {
                try await TestService.run(["recordedVoices": "june=\(path)"]) { _ in }
            }
            #expect("\(try #require(error))".contains("digits/standard/7-falling"))
        }
    }
}
