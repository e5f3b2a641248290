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

        package static let all = Keys(CallKey.all)

        package init(_ keys: [CallKey]) {
            rawValue = keys.reduce(0) { $0 | $1.bit }
        }
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
        if call.isGateAhead, let wording = content.wording {
            heard.content = .gate(wording.register)
            heard.readings = CallState.mostGateReadings
        }
        return heard
    }

    /// The keys that do something at this point.
    package var keys: String {
        guard let call else { return "" }
        if call.isGateAhead { return String(CallState.opening) }
        return String(CallKey.all.map(\.key).filter { pressing($0) != nil })
    }

    /// How the call goes on behind a key; nil for one that does nothing.
    package func pressing(_ key: Character) -> Announcement? {
        guard let call else { return nil }
        if call.isGateAhead {
            guard key == CallState.opening else { return nil }
            var next = self
            next.call?.isGateAhead = false
            return next
        }
        guard let pressed = CallKey.all.first(where: { $0.key == key }), call.keys.contains(CallState.Keys([pressed]))
        else { return nil }
        return pressed.next(self)
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
