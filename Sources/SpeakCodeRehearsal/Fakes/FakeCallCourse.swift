// SPDX-License-Identifier: GPL-3.0-or-later

/// What becomes of a call that a fake gateway is asked for.
public enum FakeCallCourse: String, CaseIterable, Sendable {
    /// It rings, a person answers, and hangs up 41 seconds later.
    case heard
    case busy
    case noAnswer
    /// The person declines.
    case declined
    /// There is no such number; gateways that know it at once refuse the request.
    case badNumber
    /// A machine answers.
    case machine
    /// It rings until it is taken back.
    case ringing
    /// It is answered before it can be taken back; then it goes on until it is ended.
    case answered
    /// The request has no answer, and the call is placed all the same.
    case lost
    /// It is told that it rings before the request is answered.
    case toldFirst
    /// The gateway has too much to do (429), and says for how long.
    case tooMany
    /// A server's error (503) that says nothing of the call, which is not placed.
    case broken
    /// Nobody is there.
    case down

    /// What a call comes to, step by step, in the gateway's own time.
    public enum Moment: Hashable, Sendable {
        case ringing
        case answered
        case human
        case machine
        case ended(End)
    }

    /// How a call ends.
    public enum End: String, CaseIterable, Hashable, Sendable {
        case completed, busy, noAnswer, declined, badNumber, canceled
    }

    /// The moments behind the request, without what the caller does to the call.
    public var moments: [Moment] {
        switch self {
        case .heard, .lost, .toldFirst: [.ringing, .answered, .human, .ended(.completed)]
        case .busy: [.ringing, .ended(.busy)]
        case .noAnswer: [.ringing, .ended(.noAnswer)]
        case .declined: [.ringing, .ended(.declined)]
        case .badNumber: [.ended(.badNumber)]
        case .machine: [.ringing, .answered, .machine, .ended(.completed)]
        case .ringing: [.ringing]
        case .answered: [.ringing, .answered, .human]
        case .tooMany, .broken, .down: []
        }
    }
}
