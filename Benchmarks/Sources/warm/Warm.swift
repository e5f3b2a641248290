// SPDX-License-Identifier: GPL-3.0-or-later

internal import CAllocations
internal import SpeakCode
internal import SpeakCodeEspeak
internal import SpeakCodeSndfile
internal import SpeakCodeSoxr

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Renders what has been rendered before, and measures it.
struct Warm {
    private let reader = CodeReader(engine: EspeakEngine(), resampler: SoxrResampler(), encoder: SoundFileEncoder())
    private let script: Script
    private let clock = ContinuousClock()

    private static let rounds = 7
    private static let length = CodeReader.Length(readings: 3)
    /// The longest that the command makes: more than an hour and a half.
    private static let longLength = CodeReader.Length(readings: 1000)

    init() throws {
        script = try Script(code: VerificationCode("123456"), pack: VoicePackCatalog.builtIn.pack(for: "en-US"))
    }

    /// Measures everything and prints it.
    ///
    /// - Returns: the goals that are missed.
    func run() async throws -> [String] {
        var missed: [String] = []
        let first = try await clock.measure { _ = try await render(.wav()) }
        print("first rendition: \(Self.number(first / .milliseconds(1))) ms, engine and all")

        let time = try await time()
        print("warm rendition: median \(Self.number(time.median)) µs, p99 \(Self.number(time.p99)) µs")
        if time.median >= 50 { missed.append("a warm rendition takes \(Self.number(time.median)) µs, not under 50") }

        missed += try await allocations()

        let short = try await ranges(of: render(.wav()))
        let long = try await ranges(of: reader.render(script, length: Self.longLength))
        // Bisection in 333 times as many slices takes 8 steps more, not 333 times as long.
        if long > 10 * short { missed.append("a range costs more, the longer the audio is") }
        return missed
    }

    private func render(_ format: AudioFormat) async throws -> Rendition {
        try await reader.render(script, length: Self.length, as: format)
    }

    private func time() async throws -> Measured {
        var measured = Measured()
        for _ in 0..<Self.rounds {
            var round: [Duration] = []
            for _ in 0..<2000 {
                let start = clock.now
                let rendition = try await render(.wav())
                round.append(clock.now - start)
                withExtendedLifetime(rendition) {}
            }
            measured.add(round)
        }
        return measured
    }

    // MARK: Memory

    private struct Cost {
        var audio = 0
        var count = 0.0
        var bytes = 0.0
        var largest = 0
    }

    /// What a rendition at two rates allocates, all of its slices handed out.
    ///
    /// Six times the samples in the same slices: what was made of samples would be six times as large.
    private func allocations() async throws -> [String] {
        var costs: [Cost] = []
        for rate in [SampleRate.hz8000, .hz48000] {
            let cost = try await cost(of: .wav(rate))
            costs.append(cost)
            print(
                "\(rate.hertz) Hz: \(cost.audio) bytes of audio; allocated for a rendition and its slices:",
                "\(Self.number(cost.bytes)) bytes in \(Self.number(cost.count)) pieces, the largest \(cost.largest)")
        }
        let inUse = try await held()
        print("8000 Hz: \(Self.number(inUse)) bytes more in use for each rendition that is kept")

        guard costs[0].count > 0 else {
            print("allocations are not counted on this system")
            return []
        }
        return costs[1].bytes > costs[0].bytes * 1.01 || costs[0].bytes * 10 > Double(costs[0].audio)
            ? ["a warm rendition allocates audio"] : []
    }

    private func cost(of format: AudioFormat) async throws -> Cost {
        let first = try await render(format)
        var cost = Cost(audio: first.slices.reduce(0) { $0 + $1.count })
        let times = 500
        allocations_forget_largest()
        let before = allocations_so_far()
        for _ in 0..<times {
            var left = cost.audio
            for slice in try await render(format).slices { left -= slice.count }
            precondition(left == 0)
        }
        let after = allocations_so_far()
        cost.count = Double(after.count - before.count) / Double(times)
        cost.bytes = Double(after.bytes - before.bytes) / Double(times)
        cost.largest = Int(after.largest)
        return cost
    }

    /// What renditions hold, by the allocator's own count.
    private func held() async throws -> Double {
        var kept: [Rendition] = []
        let times = 500
        kept.reserveCapacity(times)
        let before = allocations_in_use()
        for _ in 0..<times { kept.append(try await render(.wav())) }
        let after = allocations_in_use()
        return withExtendedLifetime(kept) { Double(Int64(after) - Int64(before)) / Double(times) }
    }

    // MARK: Ranges

    /// The nanoseconds that a random range of 4 KiB and its first slice take.
    private func ranges(of rendition: Rendition) -> Double {
        var random = SplitMix(state: 1)
        let ranges = (0..<1000).map { _ in
            let start = Int.random(in: 0..<(rendition.byteCount - 4096), using: &random)
            return start..<(start + 4096)
        }
        var measured = Measured()
        var handedOut = 0
        for _ in 0..<Self.rounds {
            let round = (0..<100).map { _ in
                clock.measure {
                    for range in ranges {
                        var slices = rendition.slices(in: range)
                        handedOut += slices.next()?.count ?? 0
                    }
                }
            }
            measured.add(round)
        }
        precondition(handedOut > 0)
        print(
            "4 KiB anywhere in \(rendition.byteCount) bytes (\(rendition.readings) readings):",
            "median \(Self.number(measured.median)) ns")
        return measured.median
    }

    /// One digit behind the point.
    private static func number(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}

/// The same numbers in each run.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
