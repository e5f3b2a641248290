// SPDX-License-Identifier: GPL-3.0-or-later

/// How a code is brought over a line: to the ear, or to the eye of who has a text telephone.
public enum Delivery: Hashable, Sendable {
    /// It is read aloud.
    case spoken
    /// It is written as the tones of a text telephone, again and again.
    case typed(TextTelephone.Speed)
    /// It is read aloud, and written behind every second reading, for a number of which nobody knows who answers.
    case mixed(TextTelephone.Speed)

    /// All of them.
    public static let all: [Delivery] =
        [.spoken] + TextTelephone.Speed.allCases.map(Delivery.typed) + TextTelephone.Speed.allCases.map(Delivery.mixed)

    /// Its name in requests: `spoken`, `tty`, `tty-50`, `mixed` or `mixed-50`.
    public var name: String {
        switch self {
        case .spoken: "spoken"
        case .typed(.baud45): "tty"
        case .typed(.baud50): "tty-50"
        case .mixed(.baud45): "mixed"
        case .mixed(.baud50): "mixed-50"
        }
    }

    /// The one of a name.
    public init?(name: some StringProtocol) {
        guard let delivery = Self.all.first(where: { $0.name.utf8.elementsEqual(name.utf8) }) else { return nil }
        self = delivery
    }

    /// Whether a code can be brought so: beside a voice, tones that write it last for five seconds at most.
    public func fits(_ code: VerificationCode) -> Bool {
        guard case .mixed(let speed) = self else { return true }
        return TextTelephone.Burst(code, speed, isBesideVoice: true).fitsBesideVoice
    }

    /// How fast it is written; nil where it is read aloud alone.
    public var speed: TextTelephone.Speed? {
        switch self {
        case .spoken: nil
        case .typed(let speed), .mixed(let speed): speed
        }
    }
}
