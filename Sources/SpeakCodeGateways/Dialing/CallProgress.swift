// SPDX-License-Identifier: GPL-3.0-or-later

/// What became of a call that was placed, in the same words for every gateway.
package enum CallProgress: Hashable, Sendable {
    /// The telephone rings, or the network says that it will.
    case ringing
    /// Somebody, or something, took the call.
    case answered
    /// Who took it, as the gateway thinks.
    case party(CallParty)
    /// A key was pressed.
    case key(Character)
    /// It is over, and nothing follows.
    case ended(CallEnd)
}

/// Who took a call.
package enum CallParty: String, CaseIterable, Hashable, Sendable {
    case human
    case machine
    /// The gateway looked and does not know.
    case unsure
}

/// How a call ended.
package struct CallEnd: Hashable, Sendable {
    package var outcome: CallOutcome
    /// The gateway's own word, such as `NO_USER_RESPONSE`; never a number or a name.
    package var cause: String?
    /// The status by which SIP ended it, such as 486, where that is told (RFC 3261, section 21).
    package var sipStatus: Int?
    /// Seconds from the answer to the end, where the gateway tells them; nil where it does not, or nobody answered.
    package var answeredSeconds: Int?

    package init(_ outcome: CallOutcome, cause: String? = nil, sipStatus: Int? = nil, answeredSeconds: Int? = nil) {
        (self.outcome, self.cause) = (outcome, cause)
        (self.sipStatus, self.answeredSeconds) = (sipStatus, answeredSeconds)
    }
}

/// How a call ended, in one word.
package enum CallOutcome: String, CaseIterable, Hashable, Sendable {
    /// It was answered, and one of the two hung up.
    case completed
    case busy
    case noAnswer = "no-answer"
    /// The person or their telephone declined.
    case rejected
    /// There is no such number.
    case invalidNumber = "invalid-number"
    /// The gateway or the network could not.
    case failed
    /// It was taken back before anybody answered.
    case canceled
}
