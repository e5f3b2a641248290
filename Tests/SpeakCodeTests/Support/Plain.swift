// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCode
import SpeakCodeTesting

extension CodeReader {
    /// A reader of nothing but Swift: tones for speech, no C library.
    static func plain(engine: FakeEngine = FakeEngine(), retry: RetryPolicy = .none) -> CodeReader {
        CodeReader(engine: engine, resampler: PlainResampler(), encoder: PlainEncoder(), retry: retry)
    }
}

extension Bank {
    /// A bank of nothing but Swift.
    static func plain(
        _ pack: VoicePack, engine: any SpeechEngine = FakeEngine(), prefetch: PrefetchPolicy = .section,
        retry: RetryPolicy = .none, clock: any Clock<Duration> = ContinuousClock()
    ) -> Bank {
        Bank(
            pack: pack, engine: engine, resampler: PlainResampler(), encoder: PlainEncoder(), prefetch: prefetch,
            retry: retry, clock: clock)
    }
}

extension AudioFormat {
    /// Every kind at every rate that goes with it.
    static let all = AudioFormat.Kind.allCases.flatMap { kind in
        kind.sampleRates.compactMap { try? AudioFormat(kind, sampleRate: $0) }
    }

    /// Those whose samples are coded one by one: each kind at its telephone rate, and each coding at another.
    static let sliceable = all.filter { $0.sampleCoding != nil && ($0.isTelephone || $0.sampleRate == .hz22050) }

    /// One of each kind, at its telephone rate.
    static let telephone = all.filter(\.isTelephone)

    private var isTelephone: Bool { (try? AudioFormat(kind)) == self }
}
