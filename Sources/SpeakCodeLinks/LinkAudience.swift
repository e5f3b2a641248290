// SPDX-License-Identifier: GPL-3.0-or-later

/// What a link is for: it opens that, and nothing else.
package enum LinkAudience: Hashable, Sendable {
    /// Whoever fetches audio and captions.
    case audio
    /// What carries a call, and asks for it by this link.
    case call(CallCarrier)
}

/// What asks for a call by its link: a gateway's document, or a protocol over which a call is heard.
///
/// Here it is a number of a link's record and no more: who can be asked knows what the number stands for.
package struct CallCarrier: Hashable, Sendable {
    /// What it is in a record; once written, it is never another's.
    package let number: UInt8

    /// The numbers there are; a record without a call has none of them.
    package static let numbers: ClosedRange<UInt8> = 1...31

    /// A carrier by its number, which is one of ``numbers``.
    package init(_ number: UInt8) {
        precondition(Self.numbers.contains(number), "A record has five bits for it, and zero is no call.")
        self.number = number
    }

    /// Reads a record's number.
    ///
    /// - Returns: nil for a number that no carrier can have.
    init?(recorded number: UInt8) {
        guard Self.numbers.contains(number) else { return nil }
        self.number = number
    }
}

extension Announcement {
    /// What its link is for.
    package var audience: LinkAudience { call.map { .call($0.carrier) } ?? .audio }
}
