// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCode

/// What the person on the phone may do in a call, and what they have done so far.
package struct CallState: Hashable, Sendable {
    /// The keys that do something while the code is read.
    package struct Keys: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8

        package init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        /// 1: from the beginning.
        package static let again = Keys(rawValue: 1)
        /// 2: with longer pauses.
        package static let slower = Keys(rawValue: 2)
        /// 3: in the other language, where the announcement has two.
        package static let language = Keys(rawValue: 4)

        /// By the names under which they are asked for.
        package static let named: KeyValuePairs<String, Keys> = [
            "again": .again, "slower": .slower, "language": .language,
        ]
        package static let all: Keys = [.again, .slower, .language]
    }

    package var keys: Keys
    /// What the link is for, which alone opens it.
    ///
    /// Else who has the link of a document whose requests must be signed could ask for another, whose need not.
    package var carrier: CallCarrier
    /// Whether the code waits for a key, so that a voicemail never hears it.
    package var isGateAhead: Bool
    /// Whether one of two languages is read alone, since it was asked for by a key.
    package var isInOneLanguage: Bool

    package init(
        keys: Keys = .all, carrier: CallCarrier, isGateAhead: Bool = false, isInOneLanguage: Bool = false
    ) {
        (self.keys, self.carrier) = (keys, carrier)
        (self.isGateAhead, self.isInOneLanguage) = (isGateAhead, isInOneLanguage)
    }

    /// How often the gate is read to somebody who presses no key.
    package static let mostGateReadings = 5

    /// The key that opens the gate.
    package static let opening: Character = "1"
}

extension Announcement {
    /// What is to be heard at this point of a call: the gate, or the code.
    ///
    /// It is no call any more: its link is audio.
    package var heard: Announcement {
        guard let call else { return self }
        var heard = self
        heard.call = nil
        if call.isInOneLanguage { heard.second = nil }
        if call.isGateAhead, case .code(_, let wording) = content {
            heard.content = .gate(wording.register)
            heard.readings = CallState.mostGateReadings
        }
        return heard
    }

    /// The keys that do something at this point.
    package var keys: String {
        guard let call else { return "" }
        if call.isGateAhead { return String(CallState.opening) }
        return "123".filter { pressing($0) != nil }
    }

    /// How the call goes on behind a key; nil for one that does nothing.
    package func pressing(_ key: Character) -> Announcement? {
        guard let call else { return nil }
        var next = self
        if call.isGateAhead {
            guard key == CallState.opening else { return nil }
            next.call?.isGateAhead = false
            return next
        }
        switch key {
        case "1" where call.keys.contains(.again): break
        case "2" where call.keys.contains(.slower): next.pacing = pacing.slower
        case "3" where call.keys.contains(.language):
            guard let second else { return nil }
            (next.locale, next.second) = (second, locale)
            next.call?.isInOneLanguage = true
        default: return nil
        }
        return next
    }
}

extension RequestedPacing {
    /// With pauses that are nearly twice as long: those of the slow pacing, or twice those that were asked for.
    var slower: RequestedPacing {
        guard preset != .slow else { return self }
        func twice(_ silence: Int?) -> Int? { silence.map { min(2 * $0, Self.silences.upperBound) } }
        return RequestedPacing(
            preset: .slow, symbol: twice(symbol), group: twice(group), reading: twice(reading), rate: rate)
    }
}
