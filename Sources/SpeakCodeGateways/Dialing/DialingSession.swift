// SPDX-License-Identifier: GPL-3.0-or-later

/// How a gateway places calls over a socket, as a value: what comes goes in, and what is to be sent and told comes out.
///
/// It outlives its socket: a call is in the air whether the socket is or not, and is asked about on the next one. What the
/// gateway said of an order that was under way is not known then.
package protocol DialingSession: Sendable {
    /// A socket is open.
    mutating func opened() -> [DialingStep]

    /// Bytes came; a whole message, where the socket has messages.
    ///
    /// - Throws: for what no gateway of this kind says, and the socket is to be closed.
    mutating func received(_ bytes: [UInt8]) throws(DialingViolation) -> [DialingStep]

    /// The socket is gone.
    mutating func closed() -> [DialingStep]

    /// Places a call; one that is known under the order's id already is not placed again.
    ///
    /// - Throws: for an order that the gateway cannot be asked for: nothing is sent.
    mutating func dial(_ order: CallOrder) throws(DialingError) -> [DialingStep]

    /// Ends a call, or takes it back while it rings.
    mutating func hangUp(_ id: String) -> [DialingStep]

    /// Whether calls can be asked for now.
    var isReady: Bool { get }
}

/// What is to be done for a session.
package enum DialingStep: Hashable, Sendable {
    /// Bytes are to be sent; one message, where the socket has messages.
    case send([UInt8])
    /// What became of the request for an order, by its id.
    case placed(String, PlacedCall)
    /// What became of a call, by its order's id.
    case progress(String, CallProgress)
}

extension DialingStep: CustomStringConvertible, CustomReflectable {
    /// What is sent has numbers and a password in it.
    package var description: String {
        switch self {
        case .send: "send"
        case .placed(let id, let placed): "placed(\(id), \(placed))"
        case .progress(let id, let progress): "progress(\(id), \(progress))"
        }
    }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// A gateway said over a socket what its protocol does not have, or refused us; it has nothing of what was said.
package struct DialingViolation: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}

/// The calls that a session knows of.
struct SessionCalls: Sendable {
    struct Call: Sendable {
        var isAnswered = false
        var rings = false
        /// Whether it is to end; what begins all the same is ended again.
        var isUnwanted = false
        /// What else its gateway said, in a word.
        var word: String?
        /// What is to be written in it.
        var text: CallOrder.Text?
    }

    /// The most calls at a time; far beyond what one gateway places.
    static let most = 10_000

    private(set) var calls: [String: Call] = [:]

    var ids: [String] { calls.keys.sorted() }

    subscript(id: String) -> Call? { calls[id] }

    /// - Returns: false for one that is known.
    mutating func insert(_ id: String) -> Bool {
        guard calls[id] == nil else { return false }
        calls[id] = Call()
        return true
    }

    mutating func change(_ id: String, _ body: (inout Call) -> Void) {
        guard var call = calls[id] else { return }
        body(&call)
        calls[id] = call
    }

    mutating func ring(_ id: String) -> [DialingStep] {
        guard let call = calls[id], !call.rings, !call.isAnswered else { return [] }
        calls[id]?.rings = true
        return [.progress(id, .ringing)]
    }

    mutating func answer(_ id: String) -> [DialingStep] {
        guard let call = calls[id], !call.isAnswered else { return [] }
        calls[id]?.isAnswered = true
        return [.progress(id, .answered)]
    }

    /// Ends a call: one that was answered is completed, whatever ended it, and one that was taken back is canceled.
    mutating func end(_ id: String, _ end: CallEnd) -> [DialingStep] {
        guard let call = calls.removeValue(forKey: id) else { return [] }
        var end = end
        if call.isAnswered {
            end.outcome = .completed
        } else {
            if end.outcome == .completed { end.outcome = call.isUnwanted ? .canceled : .noAnswer }
            if call.isUnwanted, end.outcome == .failed { end.outcome = .canceled }
            end.answeredSeconds = nil
        }
        return [.progress(id, .ended(end))]
    }
}

/// Why a call was released, by number and by word (ITU-T Q.850, as Asterisk counts and FreeSWITCH names them, with the
/// words that only the latter has).
struct ReleaseCause: Sendable {
    /// Nil for a word that Q.850 does not have.
    let number: Int?
    let word: String
    let outcome: CallOutcome

    /// Sources: `include/asterisk/causes.h` of github.com/asterisk/asterisk, `switch_types.h` of
    /// github.com/signalwire/freeswitch.
    static let all: [ReleaseCause] = [
        ReleaseCause(1, "UNALLOCATED_NUMBER", .invalidNumber), ReleaseCause(3, "NO_ROUTE_DESTINATION", .failed),
        ReleaseCause(16, "NORMAL_CLEARING", .completed), ReleaseCause(17, "USER_BUSY", .busy),
        ReleaseCause(18, "NO_USER_RESPONSE", .noAnswer), ReleaseCause(19, "NO_ANSWER", .noAnswer),
        ReleaseCause(20, "SUBSCRIBER_ABSENT", .noAnswer), ReleaseCause(21, "CALL_REJECTED", .rejected),
        ReleaseCause(22, "NUMBER_CHANGED", .invalidNumber), ReleaseCause(28, "INVALID_NUMBER_FORMAT", .invalidNumber),
        ReleaseCause(102, "RECOVERY_ON_TIMER_EXPIRE", .noAnswer), ReleaseCause(nil, "ALLOTTED_TIMEOUT", .noAnswer),
        ReleaseCause(nil, "PROGRESS_TIMEOUT", .noAnswer), ReleaseCause(nil, "ORIGINATOR_CANCEL", .canceled),
        ReleaseCause(nil, "MANAGER_REQUEST", .completed),
    ]

    private init(_ number: Int?, _ word: String, _ outcome: CallOutcome) {
        (self.number, self.word, self.outcome) = (number, word, outcome)
    }

    /// How a call ends by a number; failed by one that is not known.
    static func outcome(_ number: Int) -> CallOutcome { all.first { $0.number == number }?.outcome ?? .failed }

    /// How a call ends by a word; failed by one that is not known.
    static func outcome(_ word: String) -> CallOutcome { all.first { $0.word == word }?.outcome ?? .failed }
}
