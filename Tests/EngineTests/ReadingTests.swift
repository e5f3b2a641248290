// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCode
import SpeakCodeEspeak
import SpeakCodeSndfile
import Testing

/// What comes out for real packs: levels, joints, words, bytes.
@Suite(.timeLimit(.minutes(10)))
struct ReadingTests {
    static let locales = VoicePackCatalog.builtIn.locales
    private static let rates: [SampleRate] = [.hz8000, .hz22050]

    /// One for all: what a pack says does not depend on what was said before, as a test of its own sees.
    ///
    /// It keeps all that it has spoken, so that no pack is spoken again for the next test.
    private static let shared = makeReader(mostBytes: .max)

    private func rendition(
        _ locale: LanguageTag, code: String = "0123456789", pacing: Pacing.Preset = .normal, readings: Int = 1,
        as format: AudioFormat = .wav(), reader: CodeReader = Self.shared
    ) async throws -> Rendition {
        let pack = try VoicePackCatalog.builtIn.pack(for: locale.description)
        let script = try Script(
            code: VerificationCode(code), pack: pack, pacing: Pacing(pacing, pauses: pack.pauses))
        return try await reader.render(script, length: .init(readings: readings), as: format)
    }

    @Test(arguments: locales, rates)
    func everyPackIsHeardAtOneLevel(locale: LanguageTag, rate: SampleRate) async throws {
        let samples = try await rendition(locale, as: .wav(rate)).samples
        let level = ActiveSpeechLevel(of: samples)
        #expect(abs(level.dBov - -22) <= 1, "RFC 7874, section 4: -19 dBm0, about -22 dBov")
        let peak = samples.samples.map { abs(Int($0)) }.max() ?? 0
        #expect(peak <= 23197, "at most -3 dBFS")
        let mean = samples.samples.reduce(0) { $0 + Int($1) } / samples.samples.count
        #expect(abs(mean) <= 3, "no offset")
    }

    @Test(arguments: locales)
    func lettersAreAsLoudAsDigits(locale: LanguageTag) async throws {
        let samples = try await rendition(locale, code: "ABCDEFGHIJKLMNOPQRSTUVWXYZ").samples
        #expect(abs(ActiveSpeechLevel(of: samples).dBov - -22) <= 1)
    }

    @Test(arguments: locales)
    func nothingClicksAtAJoint(locale: LanguageTag) async throws {
        let rendition = try await rendition(locale, readings: 2)
        let samples = rendition.samples.samples
        for cue in rendition.timeline.cues {
            // A clip rises from silence and falls into it by less than 1 % of full scale from one sample to the next.
            for joint in [cue.start, cue.end] where joint > 0 && joint < samples.count {
                let step = abs(Int(samples[joint]) - Int(samples[joint - 1]))
                #expect(step < 328, "a step of \(step) at sample \(joint)")
            }
            #expect(cue.start == 0 || samples[cue.start - 1] == 0, "a pause is silent to its end")
        }
    }

    @Test(arguments: locales)
    func everySymbolLastsLongEnoughToBeHeardAndNoLongerThanAWord(locale: LanguageTag) async throws {
        for code in ["0123456789", "ABCDEFGHIJKLM", "NOPQRSTUVWXYZ"] {
            for cue in try await rendition(locale, code: code).timeline.cues where cue.symbol != nil {
                let seconds = Double(cue.end - cue.start) / 8000
                #expect((0.13...1.3).contains(seconds), "\(cue.text) lasts \(seconds) s")
            }
        }
    }

    @Test(arguments: locales)
    func codesOfOneShapeAreOfOneLengthWithAtLeastAThirdOfASecondBehindEachSymbol(locale: LanguageTag) async throws {
        for codes in [["012345", "678901", "111111", "777777"], ["A1B2C3", "WWWWWW", "IIIIII", "90Z909"]] {
            var lengths: [String: Set<Int>] = [:]
            for code in codes {
                for kind in [AudioFormat.Kind.wav, .flac, .ogg, .mp3] {
                    let rendition = try await rendition(locale, code: code, as: AudioFormat(kind))
                    lengths["\(kind)", default: []].insert(rendition.byteCount)
                    guard kind == .wav else { continue }
                    for style in Captions.Style.allCases {
                        for format in Captions.Format.allCases {
                            let captions = Captions(of: rendition.timeline, style: style)
                            lengths["\(style) \(format)", default: []].insert(captions.text(as: format).utf8.count)
                        }
                    }
                    let samples = rendition.samples.samples
                    let cues = rendition.timeline.cues.filter { $0.symbol != nil }
                    for (cue, next) in zip(cues, cues.dropFirst()) {
                        let pause = samples[cue.start..<next.start].reversed().prefix { $0 == 0 }.count
                        #expect(pause >= 2400, "\(cue.text) is followed by \(pause) samples of silence")
                    }
                }
            }
            #expect(lengths.filter { $0.value.count > 1 }.map(\.key) == [])
        }
    }

    @Test func japaneseIsReadAsPeopleReadIt() async throws {
        let pack = try VoicePackCatalog.builtIn.pack(for: "ja")
        #expect(pack.locale == LanguageTag("ja-JP"))
        let rendition = try await rendition(pack.locale)
        let captions = rendition.timeline.cues.filter { $0.symbol != nil }.map(\.text)
        #expect(captions == ["ゼロ", "いち", "に", "さん", "よん", "ご", "ろく", "なな", "はち", "きゅう"])
        let words = pack.units.compactMap { unit -> Utterance? in
            guard case .symbol(let symbol, VoicePack.standard, .continuing) = unit, symbol.isDigit else { return nil }
            return pack.utterance(for: unit)
        }
        let phonemes = try await engine.speak(words, voice: pack.voice).map(\.phonemes)
        let sounds = phonemes.map { $0.filter(\.isLetter).lowercased() }
        // Some are given as sounds that are heard better: a longer n, ろ nearer to l.
        #expect(sounds == ["dzero", "itsi", "nni", "san", "jon", "go", "loku", "nnana", "hatsi", "kju"])
        let opening = try #require(pack.phrases["opening"])
        #expect(opening.caption.contains("認証コード"))
        #expect(opening.utterance.text.contains("にんしょうコード"))
    }

    @Test(arguments: locales)
    func theSameCodeIsTheSameBytesInEveryReader(locale: LanguageTag) async throws {
        for code in ["99", "10", "4711", "ZA"] { _ = try await rendition(locale, code: code) }
        let later = try await rendition(locale, code: "1234", readings: 3)
        let first = try await rendition(locale, code: "1234", readings: 3, reader: makeReader())
        #expect(later.bytes == first.bytes)
    }

    @Test func theDefaultVoiceIsAMansAndCalm() async throws {
        for pack in try VoicePackCatalog.builtIn.packs() {
            // Where our own voice is heard worse (docs/intelligibility.md), and in languages with tones.
            let others = ["zh", "yue", "vi", "th", "bn", "el", "hi", "id", "ms", "ne"]
            let ours = pack.locale.description == "en-US" ? "speakcode-male-en" : "speakcode-male"
            #expect(pack.voice.variant == (others.contains(pack.locale.language) ? "m3" : ours))
            #expect((120...160).contains(pack.voice.rate))
        }
    }

    @Test(arguments: locales)
    func theLastDigitFallsAndTheOthersDoNotSoundLikeIt(locale: LanguageTag) async throws {
        let pack = try VoicePackCatalog.builtIn.pack(for: locale.description)
        // The tone is the word in Mandarin and Cantonese, and in Vietnamese in this one: no ending changes it.
        guard !["zh", "yue", "vi"].contains(pack.locale.language) else { return }
        let once = try await rendition(locale, code: "77")
        let cues = once.timeline.cues.filter { $0.symbol != nil }
        let samples = once.samples.samples
        #expect(samples[cues[0].start..<cues[0].end] != samples[cues[1].start..<cues[1].end])
    }
}
