// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCodeGateways
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// What somebody at a terminal is told of a call, and the status with which the command ends.
final class CallStory: Sendable {
    /// Who carries the call.
    enum Way: Sendable {
        /// This process.
        case own
        /// A running service; it may not know how often the code was read.
        case service(hearsReadings: Bool)
    }

    private let way: Way
    private let isQuiet: Bool
    private let progress = Mutex(Progress())

    private struct Progress {
        var isAnswered = false
        var readings = 0
        var isHungUp = false
    }

    /// - Parameter isQuiet: whether nothing is said but why a call has failed.
    init(_ way: Way, isQuiet: Bool) {
        self.way = way
        self.isQuiet = isQuiet
    }

    func say(_ line: String) {
        if !isQuiet { Terminal.say(line) }
    }

    func ring() { say("ringing …") }

    func answer() {
        progress.withLock { $0.isAnswered = true }
        say("answered")
    }

    /// Notes that so many readings were heard to their end.
    func hear(_ count: Int) {
        progress.withLock { $0.readings = count }
        HangUp.shared.readingEnded()
    }

    /// Notes that this side ends the call.
    func hangUp() { progress.withLock { $0.isHungUp = true } }

    /// What has become of a call that this side ends.
    var ours: String {
        let progress = progress.withLock { $0 }
        return progress.isAnswered ? "hung up \(Self.after(progress.readings))" : "taken back before anybody answered"
    }

    private static func after(_ readings: Int) -> String {
        switch readings {
        case 0: "before a reading was whole"
        case 1: "after 1 reading"
        default: "after \(readings) readings"
        }
    }

    /// Says how a call has ended.
    ///
    /// - Parameter end: how, as it was told.
    /// - Throws: ``Failure`` where no reading was heard to its end.
    func conclude(_ end: CallEnd) throws(Failure) {
        let progress = progress.withLock { $0 }
        guard end.outcome == .completed else { throw failure(end, isAnswered: progress.isAnswered) }
        if case .service(hearsReadings: false) = way {
            return say("they hung up" + (end.answeredSeconds.map { " \($0) s after they had answered" } ?? ""))
        }
        let line = progress.isHungUp ? ours : "they hung up \(Self.after(progress.readings))"
        guard progress.readings > 0 else { throw Failure(EX_TEMPFAIL, line) }
        say(line)
    }

    private func failure(_ end: CallEnd, isAnswered: Bool) -> Failure {
        let reason = [end.sipStatus.map { "\($0)" }, end.cause].compactMap { $0 }.joined(separator: " ")
        let why = reason.isEmpty ? "" : " (\(reason))"
        switch end.outcome {
        case .busy: return Failure(EX_TEMPFAIL, "the line is busy")
        case .noAnswer: return Failure(EX_UNAVAILABLE, "nobody answered")
        case .rejected: return Failure(EX_NOPERM, "the call was declined\(why)")
        case .invalidNumber: return Failure(EX_NOUSER, "there is no such address\(why)")
        case .failed where [401, 407].contains(end.sipStatus):
            return Failure(EX_NOPERM, "a user and a password are asked for\(why); check \(credentials)")
        case .failed where end.sipStatus == nil && !isAnswered && isOwn:
            return Failure(EX_NOHOST, "the address cannot be reached: \(reason)")
        case .failed, .canceled, .completed: return Failure(EX_PROTOCOL, "the call failed\(why)")
        }
    }

    private var isOwn: Bool { if case .own = way { true } else { false } }

    /// Where the user and the password stand.
    private var credentials: String { isOwn ? "--user and --password-file" : "sipUser and sipPassword" }
}
