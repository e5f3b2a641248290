// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCode
import SpeakCodeTesting
import Testing

@Suite("A timeline")
struct TimelineTests {
    @Test(
        "tells how many readings have ended, whatever number of samples a gateway says that was heard",
        arguments: [Int.min, -1, 0, 1, Int.max], [1, 3, 40])
    func heard(samples: Int, readings: Int) async throws {
        let script = try Script(code: VerificationCode("7351"), pack: TestPack.pack())
        let timeline = try await CodeReader.plain().render(script, length: .init(readings: readings)).timeline
        #expect(timeline.readingsEnded(by: samples) == (samples == .max ? timeline.readings : 0))
        #expect(timeline.readingsEnded(by: timeline.sampleCount) == timeline.readings)
    }

    @Test(
        "has a cue for everything that is said, exact to the sample, and silence between",
        arguments: [SampleRate.hz8000, .hz22050], ["735198", "QX7-735"])
    func cues(rate: SampleRate, code: String) async throws {
        let pack = try TestPack.pack()
        let script = try Script(
            code: VerificationCode(code), pack: pack, pacing: Pacing(.adaptive), wording: Wording(template: "polite"))
        let rendition = try await CodeReader.plain().render(script, as: .wav(rate))
        let clips = try await Bank.plain(pack).clips(of: script.units[0], in: ClipFormat(sampleRate: rate))
        let beats = Beats(script.units[0], clips)
        let samples = Bytes(joining: rendition.slices)[44...]
        let cues = rendition.timeline.cues

        var said: [(unit: SpeechUnit, position: Int?, reading: Int)] = []
        for reading in 0..<rendition.readings {
            for case .speech(let unit, _, let position) in script.reading(
                reading, isLast: reading == rendition.readings - 1)
            {
                said.append((unit, position, reading))
            }
        }
        #expect(cues.count == said.count)
        var end = 0
        for (cue, (unit, position, reading)) in zip(cues, said) {
            let gap = samples[(2 * end)..<(2 * cue.start)]
            #expect(gap.bytes.allSatisfy { $0 == 0 })
            let clip = try #require(clips[unit])
            let spoken = cue.start + clip.sampleCount
            #expect(samples[(2 * cue.start)..<(2 * spoken)] == Bytes(clip.bytes))
            #expect(samples[(2 * spoken)..<(2 * cue.end)].bytes.allSatisfy { $0 == 0 })
            #expect(cue.text == pack.line(for: unit)?.caption)
            #expect(cue.position == position.map { $0 + 1 })
            #expect(cue.reading == reading + 1)
            if case .symbol(let symbol, _, let intonation) = unit {
                #expect(cue.end == cue.start + beats.longest(intonation))
                #expect(cue.symbol == symbol.character)
            } else {
                #expect(cue.symbol == nil && cue.end == spoken)
            }
            end = cue.end
        }
        #expect(samples[(2 * end)...].bytes.allSatisfy { $0 == 0 })
        #expect(samples.count == 2 * rendition.timeline.sampleCount)
    }

    @Test("says the code once in each reading", arguments: ["0", "735198", "AB-12"])
    func readings(code: String) async throws {
        let script = try Script(code: VerificationCode(code), pack: TestPack.pack())
        let rendition = try await CodeReader.plain().render(script)
        for reading in 1...3 {
            let symbols = rendition.timeline.cues.filter { $0.reading == reading }.compactMap(\.symbol)
            #expect(String(symbols) == code.replacing("-", with: ""))
        }
    }

    @Test(
        "is the same for a compressed file as for a linear one of its rate",
        arguments: [AudioFormat.Kind.flac, .ogg, .mp3])
    func compressed(kind: AudioFormat.Kind) async throws {
        let script = try Script(code: VerificationCode("735198"), pack: TestPack.pack())
        let reader = CodeReader.plain()
        let wave = try await reader.render(script)
        let file = try await reader.render(script, as: AudioFormat(kind))
        #expect(file.timeline.cues == wave.timeline.cues)
        #expect(file.duration == wave.duration)
        // The plain encoder's file is four bytes and the samples.
        #expect(Bytes(joining: file.slices)[4...] == Bytes(joining: wave.slices)[44...])
    }
}
