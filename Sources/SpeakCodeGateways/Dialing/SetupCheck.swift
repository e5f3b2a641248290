// SPDX-License-Identifier: GPL-3.0-or-later

internal import JSON5

/// What a look at one of the settings by which calls are placed has found; it shows neither a secret nor a number.
package struct SetupVerdict: Hashable, Sendable {
    package enum Outcome: String, Sendable {
        case pass
        /// Calls are placed, but not as well as they could be.
        case warning
        /// Calls are not placed, or not heard, or nobody is told of them.
        case fail
        /// It cannot be looked at from here.
        case notApplicable = "not-applicable"
    }

    package let outcome: Outcome
    /// The key of the setting.
    package let setting: String
    /// What was seen.
    package let seen: String
    /// What to do; empty where all is well.
    package let remedy: String

    package static func pass(_ setting: String, _ seen: String) -> SetupVerdict {
        SetupVerdict(outcome: .pass, setting: setting, seen: seen, remedy: "")
    }

    package static func warning(_ setting: String, _ seen: String, _ remedy: String) -> SetupVerdict {
        SetupVerdict(outcome: .warning, setting: setting, seen: seen, remedy: remedy)
    }

    package static func fail(_ setting: String, _ seen: String, _ remedy: String) -> SetupVerdict {
        SetupVerdict(outcome: .fail, setting: setting, seen: seen, remedy: remedy)
    }

    package static func notApplicable(_ setting: String, _ seen: String, _ remedy: String = "") -> SetupVerdict {
        SetupVerdict(outcome: .notApplicable, setting: setting, seen: seen, remedy: remedy)
    }
}

/// Something that a gateway is asked over HTTP about the settings by which it dials, and by which it places no call.
package struct SetupCheck: Sendable {
    /// What is asked in turn, until an answer says that all is well.
    package let questions: [Question]
    /// What is said where nobody answers.
    package let unreachable: SetupVerdict

    package struct Question: Sendable {
        package let request: GatewayRequest
        package let verdict: @Sendable (GatewayAnswer) -> SetupVerdict
    }
}

/// A conversation over a gateway's socket that looks at the settings by which it dials, and places no call.
package protocol SetupConversation: Sendable {
    /// What was found so far.
    var verdicts: [SetupVerdict] { get }
    /// Whether nothing more is asked.
    var isOver: Bool { get }
    /// What is said where nobody answers, or nothing more comes.
    var unreachable: SetupVerdict { get }

    /// Takes bytes; returns those to send.
    mutating func received(_ bytes: [UInt8]) -> [UInt8]
}

/// The settings that a gateway's answers are about.
struct SetupKeys: Sendable {
    /// Whose calls are placed.
    let account: String
    /// What that is known by.
    let credential: String
    /// Where the gateway's API is.
    let url: String

    /// - Parameter verdict: what an answer says that is a success.
    func check(
        _ setting: String, _ request: GatewayRequest, missing remedy: String,
        verdict: @escaping @Sendable (GatewayAnswer) -> SetupVerdict
    ) -> SetupCheck {
        check([question(setting, request, missing: remedy, verdict: verdict)])
    }

    func check(_ questions: [SetupCheck.Question]) -> SetupCheck {
        SetupCheck(
            questions: questions,
            unreachable: .fail(
                url, "the gateway's API cannot be reached",
                "Let this machine reach it, through https_proxy if there is a proxy."))
    }

    /// - Parameters:
    ///   - subject: what of the setting is looked at, where it has several.
    ///   - verdict: what an answer says that is a success.
    func question(
        _ setting: String, _ request: GatewayRequest, of subject: String = "it", missing remedy: String,
        verdict: @escaping @Sendable (GatewayAnswer) -> SetupVerdict
    ) -> SetupCheck.Question {
        SetupCheck.Question(request: request) { [self] answer in
            answer.isSuccess ? verdict(answer) : refusal(answer.status, setting, subject, missing: remedy)
        }
    }

    private func refusal(_ status: Int, _ setting: String, _ subject: String, missing remedy: String) -> SetupVerdict {
        switch status {
        case 401:
            .fail(
                credential, "the gateway does not take it (HTTP 401)",
                "Set \(credential) and \(account) as they stand with the gateway, both of the same account.")
        case 403: .fail(setting, "the gateway forbids to look at \(subject) (HTTP 403)", remedy)
        case 404, 410: .fail(setting, "the gateway does not know \(subject) (HTTP \(status))", remedy)
        case 300..<400:
            .fail(url, "the gateway's API is elsewhere (HTTP \(status))", "Set the address to which it redirects.")
        case 429: .warning(setting, "the gateway has too much to do (HTTP 429)", "Ask again later.")
        case 400..<500: .fail(setting, "the gateway refuses \(subject) (HTTP \(status))", remedy)
        default: .warning(setting, "the gateway cannot say now (HTTP \(status))", "Ask again later.")
        }
    }
}

extension Callers {
    /// A check for each of the numbers, which is named by its place.
    func checks(_ check: (_ number: String, _ name: String) -> SetupCheck) -> [SetupCheck] {
        zip(numbers, 1...).map { check($0, Self.name($1, of: numbers.count)) }
    }

    /// `the second of 3`.
    private static func name(_ place: Int, of count: Int) -> String {
        guard count > 1 else { return "the number" }
        let words = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"]
        return "the " + (place <= words.count ? words[place - 1] : "\(place)th") + " of \(count)"
    }
}

extension String {
    /// Whether two texts are the same telephone number, whether with a plus or without.
    func isNumber(_ other: String?) -> Bool {
        other.map { $0.drop { $0 == "+" } == drop { $0 == "+" } } ?? false
    }
}

extension JSON5Value {
    /// Whether it is `false`.
    var isFalse: Bool {
        if case .flag(false) = self { true } else { false }
    }
}
