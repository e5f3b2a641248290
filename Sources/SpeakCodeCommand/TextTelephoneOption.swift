// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser
internal import SpeakCode

/// What can stand behind `--tty`: `45`, `50`, `mixed` or `mixed-50`; nothing is `45`.
struct TextTelephoneOption: ExpressibleByArgument, CaseIterable {
    static let name = "--tty"

    let delivery: Delivery
    /// As it is typed.
    let text: String

    static let allCases = [
        TextTelephoneOption(delivery: .typed(.baud45), text: "45"),
        TextTelephoneOption(delivery: .typed(.baud50), text: "50"),
        TextTelephoneOption(delivery: .mixed(.baud45), text: "mixed"),
        TextTelephoneOption(delivery: .mixed(.baud50), text: "mixed-50"),
    ]

    private init(delivery: Delivery, text: String) {
        (self.delivery, self.text) = (delivery, text)
    }

    init?(argument: String) {
        guard let known = Self.allCases.first(where: { $0.text == argument }) else { return nil }
        self = known
    }

    static var allValueStrings: [String] { allCases.map(\.text) }

    /// The arguments with a value behind each `--tty` that has none: the parser knows no option whose value may be left out.
    static func completed(_ arguments: [String]) -> [String] {
        var completed: [String] = []
        for (place, argument) in arguments.enumerated() {
            completed.append(argument)
            let next = arguments.indices.contains(place + 1) ? arguments[place + 1] : nil
            if argument == name, next.flatMap(Self.init(argument:)) == nil { completed.append(allCases[0].text) }
        }
        return completed
    }
}
