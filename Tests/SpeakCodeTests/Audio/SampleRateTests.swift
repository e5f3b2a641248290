// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCode
import Testing

@Suite("Rates, codings and formats")
struct SampleRateTests {
    @Test("count 20 ms of telephony to the sample", arguments: SampleRate.allCases)
    func frames(rate: SampleRate) {
        #expect(rate.samples(in: .milliseconds(20)) * 50 == rate.hertz)
        #expect(rate.samples(in: .seconds(3600)) == 3600 * rate.hertz)
        #expect(rate.samples(in: .zero) == 0)
    }

    @Test("give back the samples of the duration of any number of samples", arguments: SampleRate.allCases)
    func roundTrip(rate: SampleRate) {
        for samples in [0, 1, 2, 441, 7999, 12_345, 48_001, 1_000_003] {
            #expect(rate.samples(in: rate.duration(of: samples)) == samples)
        }
    }

    @Test("round to the nearest sample")
    func rounding() {
        #expect(SampleRate.hz8000.samples(in: .microseconds(62)) == 0)
        #expect(SampleRate.hz8000.samples(in: .microseconds(63)) == 1)
        #expect(SampleRate.hz22050.samples(in: .milliseconds(1)) == 22)
    }

    @Test("count no more samples than the longest duration has, whatever is asked", arguments: SampleRate.allCases)
    func bounds(rate: SampleRate) {
        let most = rate.samples(in: SampleRate.longest)
        #expect(most == rate.hertz << 40)
        for duration in [Duration.seconds(1 << 40) + .nanoseconds(1), .seconds(Int64.max), .seconds(1e20)] {
            #expect(rate.samples(in: duration) == most)
            #expect(rate.samples(in: .zero - duration) == -most)
        }
        for samples in [Int.max, .min] { #expect(abs(rate.duration(of: samples)) > .seconds(1 << 40)) }
    }

    private func abs(_ duration: Duration) -> Duration { max(duration, .zero - duration) }

    @Test("go with a kind of format or are refused with those that do", arguments: AudioFormat.Kind.allCases)
    func formats(kind: AudioFormat.Kind) throws {
        for rate in SampleRate.allCases {
            if kind.sampleRates.contains(rate) {
                #expect(try AudioFormat(kind, sampleRate: rate).sampleRate == rate)
            } else {
                let error = #expect(throws: AudioFormatError.self) { try AudioFormat(kind, sampleRate: rate) }
                #expect(error?.description.hasPrefix("\(kind.rawValue) cannot be made at \(rate.hertz) Hz") == true)
            }
        }
        #expect(try AudioFormat(kind).sampleRate == (kind == .sln16 ? .hz16000 : .hz8000))
    }

    @Test("offer WAV at every rate that the project promises")
    func promisedRates() {
        #expect(AudioFormat.Kind.wav.sampleRates.map(\.hertz) == [8000, 16_000, 22_050, 24_000, 44_100, 48_000])
    }

    @Test(
        "are found by a file's extension",
        arguments: [
            ("a.wav", .wav), ("A.WAV", .wav), ("dir.mp3/a.ulaw", .muLaw), ("a.b.alaw", .aLaw), ("x.sln", .sln),
            ("x.sln16", .sln16), ("x.au", .au), ("x.flac", .flac), ("x.ogg", .ogg), ("x.opus", .ogg), ("x.mp3", .mp3),
            ("wav", nil), ("dir.wav/file", nil), ("a.txt", nil), ("a.", nil), ("", nil),
        ] as [(String, AudioFormat.Kind?)])
    func extensions(name: String, kind: AudioFormat.Kind?) {
        #expect(AudioFormat.Kind(fileName: name) == kind)
    }
}
