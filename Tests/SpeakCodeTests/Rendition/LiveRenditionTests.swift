// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCode
import SpeakCodeTesting
import Testing

@Suite("A live rendition", .timeLimit(.minutes(10)))
struct LiveRenditionTests {
    private typealias Live = LiveRendition<ManualClock>

    /// A reader for all tests: what it has spoken once, it need not speak again.
    private static let reader = CodeReader.plain()

    private func script(_ code: String = "735") throws -> Script {
        try Script(code: VerificationCode(code), pack: TestPack.pack(), pacing: Pacing(.adaptive))
    }

    /// A live rendition, all at once where its lead is longer than it lasts.
    private func live(
        _ script: Script, readings: Int? = nil, as format: AudioFormat = .wav(),
        frameLength: Duration = .milliseconds(20), lead: Duration = .zero, clock: ManualClock = ManualClock()
    ) async throws -> Live {
        try #require(
            try await Self.reader.stream(
                script, readings: readings, as: format, frameLength: frameLength, lead: lead, clock: clock))
    }

    private func frames(of live: Live, atMost count: Int = .max) async -> [Live.Frame] {
        var frames: [Live.Frame] = []
        for await frame in live {
            frames.append(frame)
            if frames.count == count { break }
        }
        return frames
    }

    @Test(
        "is frames of 20 ms to the sample, which join to the finite rendition's samples",
        arguments: AudioFormat.sliceable)
    func joinedFrames(format: AudioFormat) async throws {
        let script = try script()
        let frames = await frames(of: try await live(script, readings: 3, as: format, lead: .seconds(3600)))
        let finite = try await Self.reader.render(script, length: .init(readings: 3), as: format)
        let coding = try #require(format.sampleCoding)
        let perFrame = format.sampleRate.hertz / 50 * coding.bytesPerSample
        #expect(frames.dropLast().allSatisfy { $0.bytes.count == perFrame })
        #expect((1...perFrame).contains(frames.last?.bytes.count ?? 0))
        let body = finite.timeline.sampleCount * coding.bytesPerSample
        let whole = Bytes(joining: finite.slices)
        let padding = [.wavMuLaw, .wavALaw].contains(format.kind) ? body % 2 : 0
        #expect(Bytes(joining: frames.map(\.bytes)) == whole[(whole.count - padding - body)..<(whole.count - padding)])
    }

    @Test("joins to the same samples whatever the length of its frames", arguments: [1, 10, 30, 60, 1000, 100_000])
    func frameLengths(milliseconds: Int) async throws {
        let script = try script()
        let live = try await live(
            script, readings: 2, frameLength: .milliseconds(milliseconds), lead: .seconds(3600))
        let finite = try await Self.reader.render(script, length: .init(readings: 2))
        #expect(Bytes(joining: await frames(of: live).map(\.bytes)) == Bytes(joining: finite.slices)[44...])
    }

    @Test("goes on reading until nobody listens")
    func endless() async throws {
        let script = try script()
        // As long a finite one: all but its last reading is what the endless one says.
        let finite = try await Self.reader.render(script, length: .init(readings: 50))
        let lastReading = try #require(finite.timeline.cues.first { $0.reading == 50 }).start
        let frames = await frames(of: try await live(script, lead: .seconds(36_000)), atMost: lastReading / 160)
        #expect(frames.allSatisfy { $0.bytes.count == 320 })
        #expect(Bytes(joining: frames.map(\.bytes)) == Bytes(joining: finite.slices)[44...][..<(frames.count * 320)])
        #expect(frames.last?.reading == 48)
    }

    @Test("begins with a header for a stream without an end", arguments: AudioFormat.sliceable)
    func header(format: AudioFormat) async throws {
        let header = try await live(try script(), as: format).header
        let finite = Bytes(joining: try await Self.reader.render(try script(), as: format).slices)
        switch format.kind {
        case .wav:
            #expect(header.count == 44)
            #expect(Bytes(header)[8..<40] == finite[8..<40], "all but the sizes")
            #expect(header[40...].allSatisfy { $0 == 0xFF })
        case .wavMuLaw, .wavALaw:
            #expect(header.count == 58)
            #expect(Bytes(header)[8..<46] == finite[8..<46])
        case .au:
            #expect(header.count == 32)
            #expect(header[8..<12].allSatisfy { $0 == 0xFF })
        default:
            #expect(header.isEmpty)
        }
    }

    @Test("is not made in formats whose samples hang together", arguments: [AudioFormat.Kind.flac, .ogg, .mp3])
    func compressed(kind: AudioFormat.Kind) async throws {
        let live = try await Self.reader.stream(try script(), as: AudioFormat(kind), clock: ManualClock())
        #expect(live == nil)
    }

    @Test("tells what is said in each frame, and where a reading ends")
    func whatIsSaid() async throws {
        let frames = await frames(of: try await live(try script("73"), readings: 2, lead: .seconds(3600)))
        var said: [Live.Said] = []
        for frame in frames {
            if let now = frame.said, now != said.last { said.append(now) }
        }
        #expect(
            said == [
                .phrase(caption: "Your code is:"), .symbol(position: 0), .symbol(position: 1),
                .phrase(caption: "I repeat:"), .symbol(position: 0), .symbol(position: 1),
            ])
        #expect(frames.filter(\.endsReading).map(\.reading) == [0, 1])
        #expect(frames.last?.endsReading == true)
        #expect(frames.map(\.reading) == frames.map(\.reading).sorted())
    }

    @Test("takes durations and counts of any size", arguments: [Duration.seconds(Int64.max), .seconds(Int64.min)])
    func extremes(duration: Duration) async throws {
        for readings in [Int.max, .min, 0, nil] {
            let live = try await live(try script(), readings: readings, frameLength: duration, lead: duration)
            let first = try #require(await frames(of: live, atMost: 1).first)
            #expect((1...120 * 8000).contains(first.bytes.count / 2))
        }
    }

    // MARK: Time

    /// The moments at which the first frames come on a clock that moves in steps.
    private func moments(ofFirst count: Int, step: Duration, lead: Duration = .zero, until end: Duration) async throws
        -> [Duration]
    {
        let clock = ManualClock()
        let live = try await live(try script(), lead: lead, clock: clock)
        let listener = Task {
            var moments: [Duration] = []
            for await _ in live {
                moments.append(clock.now.offset)
                if moments.count == count { break }
            }
            return moments
        }
        await clock.advance(to: end, by: step, while: listener)
        return await listener.value
    }

    @Test("hands out every frame when it is due, never early, and never drifts", arguments: [1, 7, 20])
    func onTime(step: Int) async throws {
        let moments = try await moments(ofFirst: 50, step: .milliseconds(step), until: .milliseconds(49 * 20))
        for (index, moment) in moments.enumerated() {
            // The first moment that the clock shows at or behind the frame's.
            let due = (20 * index + step - 1) / step * step
            #expect(moment == .milliseconds(due), "frame \(index)")
        }
        #expect(moments.count == 50)
    }

    @Test("hands out at once what is due to a listener who comes late, and keeps the old beat")
    func late() async throws {
        let moments = try await moments(ofFirst: 8, step: .milliseconds(50), until: .milliseconds(150))
        #expect(moments == [0, 50, 50, 100, 100, 100, 150, 150].map { .milliseconds($0) })
    }

    @Test("runs ahead by its lead and no further")
    func lead() async throws {
        let moments = try await moments(
            ofFirst: 10, step: .milliseconds(20), lead: .milliseconds(100), until: .milliseconds(80))
        #expect(moments == [0, 0, 0, 0, 0, 0, 20, 40, 60, 80].map { .milliseconds($0) })
    }

    @Test("with an end ends when the last frame has been heard")
    func end() async throws {
        let clock = ManualClock()
        let script = try script("7")
        let live = try await live(script, readings: 1, clock: clock)
        let finite = try await Self.reader.render(script, length: .init(readings: 1))
        let listener = Task {
            var count = 0
            for await _ in live { count += 1 }
            return (count, clock.now.offset)
        }
        await clock.advance(to: finite.duration, by: .milliseconds(20), while: listener)
        let (count, end) = await listener.value
        #expect(count == (finite.timeline.sampleCount + 159) / 160)
        #expect(end >= finite.duration)
    }

    @Test("ends with no further frame when its listener hangs up", arguments: [0, 1, 5])
    func hangUp(frames: Int) async throws {
        let clock = ManualClock()
        let live = try await live(try script(), clock: clock)
        let listener = Task {
            var count = 0
            var iterator = live.makeAsyncIterator()
            while await iterator.next() != nil { count += 1 }
            // Nor does it come back.
            if await iterator.next() != nil { count += 1000 }
            return count
        }
        for _ in 0..<frames {
            await clock.waitForSleepers(1)
            clock.advance(by: .milliseconds(20))
        }
        await clock.waitForSleepers(1)
        listener.cancel()
        #expect(await listener.value == frames + 1)
        #expect(clock.sleepers == 0)
    }

    @Test("gives nothing to a listener who has hung up before the first frame")
    func hungUpBefore() async throws {
        let live = try await live(try script())
        let count = await withTaskGroup(of: Int.self) { group in
            group.cancelAll()
            group.addTask { await frames(of: live).count }
            return await group.next() ?? -1
        }
        #expect(count == 0)
    }

    @Test("begins at the first word for each that listens")
    func manyListeners() async throws {
        let live = try await live(try script(), readings: 1, lead: .seconds(3600))
        let first = Bytes(joining: await frames(of: live).map(\.bytes))
        #expect(Bytes(joining: await frames(of: live).map(\.bytes)) == first)
    }
}

extension ManualClock {
    /// Moves on step by step, each time somebody sleeps, and says so where a listener is through before the end.
    fileprivate func advance<Value: Sendable>(
        to end: Duration, by step: Duration, while listener: Task<Value, Never>
    ) async {
        let isEarly = await withTaskGroup { group in
            group.addTask {
                _ = await listener.value
                return self.now.offset < end
            }
            group.addTask {
                while self.now.offset < end, !Task.isCancelled {
                    await self.waitForSleepers(1)
                    self.advance(by: Task.isCancelled ? .zero : step)
                }
                return false
            }
            let isEarly = await group.next() ?? false
            if isEarly { group.cancelAll() }
            return isEarly
        }
        #expect(!isEarly, "the listener was through before the clock")
    }
}
