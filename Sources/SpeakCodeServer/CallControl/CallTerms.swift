// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCode

/// What the person on the phone may do in a call, and what they have done so far.
struct CallTerms: Hashable, Sendable {
    /// The keys that do something while the code is read.
    struct Keys: OptionSet, Hashable, Sendable {
        let rawValue: UInt8

        /// 1: from the beginning.
        static let again = Keys(rawValue: 1)
        /// 2: with longer pauses.
        static let slower = Keys(rawValue: 2)
        /// 3: in the other language, where the announcement has two.
        static let language = Keys(rawValue: 4)

        /// By the names under which they are asked for.
        static let named: KeyValuePairs<String, Keys> = ["again": .again, "slower": .slower, "language": .language]
        static let all: Keys = [.again, .slower, .language]
    }

    /// What asks for a call by its link.
    enum Carrier: Hashable, Sendable, CaseIterable {
        case document(CallDocument)
        case media(Media)

        /// Protocols over which a call is heard, by the names under which their links are asked for.
        enum Media: String, CaseIterable, Hashable, Sendable {
            case webSocket = "websocket"
            case fastAGI = "agi"
            /// A call that waits in memory: no link is made for it.
            case audioSocket = "audiosocket"
        }

        static let webSocket = Carrier.media(.webSocket)
        static let fastAGI = Carrier.media(.fastAGI)
        static let audioSocket = Carrier.media(.audioSocket)

        static let allCases = CallDocument.allCases.map { Carrier.document($0) } + Media.allCases.map { .media($0) }
    }

    var keys: Keys = .all
    /// What the link is for, which alone opens it.
    ///
    /// Else who has the link of a document whose requests must be signed could ask for another, whose need not.
    var carrier: Carrier
    /// Whether the code waits for a key, so that a voicemail never hears it.
    var isGateAhead = false
    /// Whether one of two languages is read alone, since it was asked for by a key.
    var isInOneLanguage = false

    /// How often the gate is read to somebody who presses no key.
    static let mostGateReadings = 5

    /// The key that opens the gate.
    static let opening: Character = "1"
}

extension Announcement {
    /// What is to be heard at this point of a call: the gate, or the code.
    ///
    /// It is no call any more: its link is audio.
    var heard: Announcement {
        guard let call else { return self }
        var heard = self
        heard.call = nil
        if call.isInOneLanguage { heard.second = nil }
        if call.isGateAhead, case .code(_, let wording) = content {
            heard.content = .gate(wording.register)
            heard.readings = CallTerms.mostGateReadings
        }
        return heard
    }

    /// The keys that do something at this point.
    var keys: String {
        guard let call else { return "" }
        if call.isGateAhead { return String(CallTerms.opening) }
        return "123".filter { pressing($0) != nil }
    }

    /// How the call goes on behind a key; nil for one that does nothing.
    func pressing(_ key: Character) -> Announcement? {
        guard let call else { return nil }
        var next = self
        if call.isGateAhead {
            guard key == CallTerms.opening else { return nil }
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
