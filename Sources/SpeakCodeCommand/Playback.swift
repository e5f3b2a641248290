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
    /// A player that ends so soon has no device.
    private static let soon: Duration = .seconds(2)

    init(_ plan: SpeakPlan, _ reader: CodeReader) {
        self.plan = plan
        self.reader = reader
    }

    /// Plays through the first player that can.
    ///
    /// - Parameter readings: how often; nil until the listener hangs up.
    /// - Throws: ``Failure`` where there is no player or no device, or what the engine throws.
    func play(readings: Int?) async throws {
        guard
            let stream = try await reader.stream(
                plan.script, readings: readings, voice: plan.voice, as: plan.format, lead: Self.lead)
        else { return }
        let players = Player.installed(hertz: plan.format.sampleRate.hertz)
        for player in players {
            let begun = ContinuousClock.now
            if await play(stream, through: player) { return Terminal.clearLine() }
            Terminal.clearLine()
            if ContinuousClock.now - begun > Self.soon {
                throw Failure(EX_UNAVAILABLE, "\(player.name) stopped playing; is the sound device still there?")
            }
        }
        let tried = players.map(\.name).joined(separator: ", ")
        throw Failure(
            EX_UNAVAILABLE,
            players.isEmpty
                ? "no player is installed; install alsa-utils (aplay), or write a file with -o code.wav"
                : "no sound device could be played on (tried \(tried)); write a file with -o code.wav")
    }

    /// Plays through one player.
    ///
    /// - Returns: whether it has played to the end.
    private func play(_ stream: LiveRendition<ContinuousClock>, through player: Player) async -> Bool {
        guard let child = PlayerProcess(player) else { return false }
        let farewell = HangUp.shared.onHangUp { child.kill() }
        defer { HangUp.shared.forget(farewell) }
        do throws(ByteSink.Fault) {
            if player.wantsHeader { try child.input.write(stream.header[...]) }
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

    /// The live line: what is being said, which reading, how to stop.
    ///
    /// Symbols are counted, not shown.
    private func show(_ said: LiveRendition<ContinuousClock>.Said?, reading: Int) {
        guard !plan.isQuiet, Terminal.isWatched, let said else { return }
        let what =
            switch said {
            case .phrase(let caption): caption
            case .symbol(let position): "symbol \(position + 1) of \(plan.script.codeLength)"
            }
        Terminal.showLine("reading \(reading + 1) · \(what) · Ctrl-C hangs up")
    }
}
