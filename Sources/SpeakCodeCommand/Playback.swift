// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCode
#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// An announcement played on the system's sound device, with a line that tells what is being said.
struct Playback {
    private let plan: SpeakPlan
    private let reader: CodeReader

    /// How far the player is fed ahead of what is heard: enough for a busy machine, too little to notice at Ctrl-C.
    private static let lead: Duration = .milliseconds(300)
    /// A player that ends so soon has no device; ffplay takes seconds to find none.
    private static let soon: Duration = .seconds(5)

    init(_ plan: SpeakPlan, _ reader: CodeReader) {
        self.plan = plan
        self.reader = reader
    }

    /// Plays through the first player that can.
    ///
    /// - Parameter readings: how often; nil until the listener hangs up.
    /// - Throws: ``Failure`` where there is no player or no device, or what the engine throws.
    func play(readings: Int?) async throws {
        let players = Player.installed(hertz: plan.format.sampleRate.hertz)
        for player in players {
            let begun = ContinuousClock.now
            let hasPlayed =
                switch player.input {
                case .samples, .waveStream: try await feed(player, readings: readings)
                case .waveFile: try await playFiles(player, readings: readings)
                }
            Terminal.clearLine()
            if hasPlayed { return }
            if ContinuousClock.now - begun > Self.soon {
                throw Failure(
                    EX_UNAVAILABLE,
                    "\(player.name) stopped playing; is there a sound device? -o code.wav writes a file")
            }
        }
        let tried = players.map(\.name).joined(separator: ", ")
        throw Failure(
            EX_UNAVAILABLE,
            players.isEmpty
                ? "no player is installed; install alsa-utils (aplay), or write a file with -o code.wav"
                : "no sound device could be played on (tried \(tried)); write a file with -o code.wav")
    }

    /// Plays through a player that reads from a pipe.
    ///
    /// - Returns: whether it has played to the end.
    private func feed(_ player: Player, readings: Int?) async throws -> Bool {
        guard let stream = try await stream(readings, lead: Self.lead, ahead: Self.lead),
            let child = PlayerProcess(player)
        else { return false }
        do throws(ByteSink.Fault) {
            if player.input == .waveStream { try child.input.write(stream.header[...]) }
            for await frame in stream {
                try child.input.write(frame.bytes)
                show(frame.said, reading: frame.reading)
                if frame.endsReading { HangUp.shared.readingEnded() }
            }
        } catch {
            child.end()
            return false
        }
        return child.finish()
    }

    /// Plays through a player that reads files: one with the whole announcement, or one reading after another for ever.
    ///
    /// - Returns: whether it has played to the end.
    private func playFiles(_ player: Player, readings: Int?) async throws -> Bool {
        // A lead that is never used up: the frames are laid by, not heard.
        guard let stream = try await stream(readings, lead: .seconds(86_400), ahead: .zero) else { return false }
        var frames: [Frame] = []
        for await frame in stream {
            frames.append(frame)
            // What changes from one reading to the next is laid out behind the one before.
            guard readings == nil || changes, frame.endsReading else { continue }
            guard try await playFile(of: frames, in: stream, player) else { return false }
            frames = []
        }
        guard !frames.isEmpty else { return true }
        return try await playFile(of: frames, in: stream, player)
    }

    private var changes: Bool { plan.codes(.zero) != nil }

    /// Plays a file of some frames, which nobody else can read, and which is gone behind it.
    private func playFile(
        of frames: [Frame], in stream: LiveRendition<ContinuousClock>, _ player: Player
    ) async throws -> Bool {
        let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        guard let (file, sink) = PassingFile.create(in: folder + "/", suffix: ".wav", mode: 0o600) else {
            throw Failure(
                EX_CANTCREAT, "\(folder) takes no file for \(player.name): \(String(cString: strerror(errno)))")
        }
        defer { file.remove() }
        do throws(ByteSink.Fault) {
            defer { close(sink.descriptor) }
            let header = stream.header(byteCount: frames.reduce(0) { $0 + $1.bytes.count })
            try sink.write([header[...]] + frames.map(\.bytes))
        } catch {
            guard case .system(let reason) = error else { return false }
            throw Failure(EX_IOERR, "\(folder) takes no file for \(player.name): \(reason)")
        }
        guard let child = PlayerProcess(player, file: file.path) else { return false }
        let begun = ContinuousClock.now
        var samples = 0
        var untold = frames[...]
        while let frame = untold.first, child.isRunning {
            try await Task.sleep(until: begun + stream.format.sampleRate.duration(of: samples))
            show(frame.said, reading: frame.reading)
            if frame.endsReading { HangUp.shared.readingEnded() }
            samples += frame.bytes.count / 2
            untold.removeFirst()
        }
        let hasPlayed = child.finish()
        for frame in untold where hasPlayed && frame.endsReading { HangUp.shared.readingEnded() }
        return hasPlayed
    }

    private typealias Frame = LiveRendition<ContinuousClock>.Frame

    /// - Parameter ahead: how much later a frame is heard than it is taken.
    private func stream(
        _ readings: Int?, lead: Duration, ahead: Duration
    ) async throws -> LiveRendition<ContinuousClock>? {
        try await reader.stream(
            plan.script, readings: readings, voice: plan.voice, as: plan.format, lead: lead, codes: plan.codes(ahead))
    }

    /// The live line: what is being said, which reading, how to stop.
    ///
    /// Symbols are counted, not shown.
    private func show(_ said: LiveRendition<ContinuousClock>.Said?, reading: Int) {
        guard !plan.isQuiet, Terminal.isWatched, let said else { return }
        let what =
            switch said {
            case .phrase(let caption): caption
            case .tones: "tones"
            case .symbol(let position): "symbol \(position + 1) of \(plan.script.codeLength)"
            }
        Terminal.showLine(
            "reading \(reading + 1) · \(what) · Ctrl-C hangs up", plain: "reading \(reading + 1) · Ctrl-C hangs up")
    }
}
