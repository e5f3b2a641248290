// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCode

/// A sign-in with two steps, as a value: what a person does and what becomes of their call go in, what is to be done comes out.
///
/// It does not show itself, since it has the code.
package struct Story: Sendable {
    /// The page that is shown.
    package enum Stage: String, CaseIterable, Sendable {
        /// The first step: a name and a password.
        case signIn = "sign-in"
        /// The second step: a code, which was sent.
        case sent
        /// The code did not arrive, and the person chooses how to get one.
        case choosing
        /// The code's time was over.
        case expired
        /// Three codes were wrong.
        case locked
        case accepted
        /// The second sign-in, by the code of an app.
        case app
        case done
    }

    /// What a person does.
    package enum Action: Hashable, Sendable {
        case signIn(newCode: String)
        case notArrived
        case back
        case sendAgain(newCode: String)
        case askForCall(newCode: String)
        case type(String)
        /// Signs out, and in again with the app.
        case signInWithApp
        /// The app's code, and the number of the period that it is of; nil for a wrong one.
        case typeApp(period: Int?)
        case startOver
    }

    /// What is to be done.
    package enum Effect: Hashable, Sendable {
        /// Have the code said by telephone.
        case call
        case hangUp(String)
    }

    /// What stands above the page, once.
    package enum Notice: Hashable, Sendable {
        case sentAgain
        case calling
        /// The service's own sentence for the person; nil where it has none.
        case notCalled(String?)
        case wrong(left: Int)
        /// What was typed is no code.
        case noCode
        /// The form was of a sign-in before this one, or another page has gone on.
        case outOfDate

        /// Whether it says that something went wrong.
        package var isError: Bool {
            switch self {
            case .sentAgain, .calling: false
            case .notCalled, .wrong, .noCode, .outOfDate: true
            }
        }
    }

    /// The code that is valid.
    package struct Code: Hashable, Sendable {
        package let text: String
        /// Seconds since 1970.
        package let expires: Int
    }

    package private(set) var stage = Stage.signIn
    /// The number of the sign-in, which its forms carry.
    package private(set) var attempt = 1
    package private(set) var code: Code?
    /// The name of the call that was asked for last.
    package private(set) var call: String?
    package private(set) var notice: Notice?
    private var wrong = 0
    /// The app's code holds once.
    private var usedPeriod = Int.min
    /// Seconds for which a code is valid.
    private let lifetime: Int

    /// Wrong codes behind which nothing is taken any more.
    package static let mostWrong = 3

    package init(codesLast lifetime: Int = 600) { self.lifetime = lifetime }

    /// Does what a person asks for.
    ///
    /// - Parameters:
    ///   - attempt: the sign-in that the form is of.
    ///   - now: in seconds since 1970.
    /// - Returns: what is to be done.
    package mutating func take(_ action: Action, of attempt: Int, at now: Int) -> [Effect] {
        notice = nil
        guard attempt == self.attempt else { return refuse() }
        if look(at: now) { return hangUp() }
        switch (stage, action) {
        case (.signIn, .signIn(let code)):
            begin(code, .sent, now)
        case (.sent, .notArrived): stage = .choosing
        case (.choosing, .back): stage = .sent
        case (.choosing, .sendAgain(let code)), (.expired, .sendAgain(let code)):
            begin(code, .sent, now)
            notice = .sentAgain
            return hangUp()
        case (.choosing, .askForCall(let code)), (.expired, .askForCall(let code)):
            let before = hangUp()
            begin(code, .choosing, now)
            return before + [.call]
        case (.sent, .type(let typed)): return check(typed)
        case (.accepted, .signInWithApp):
            (stage, wrong) = (.app, 0)
            self.attempt += 1
            return hangUp()
        case (.app, .typeApp(let period)): check(period)
        case (_, .startOver): return startOver()
        default: return refuse()
        }
        return []
    }

    /// The call that was asked for is going to be placed.
    package mutating func isCalled(_ name: String) {
        (call, notice) = (name, .calling)
        if stage == .choosing { stage = .sent }
    }

    /// Nobody is called.
    ///
    /// - Parameter sentence: why, for the person.
    package mutating func isNotCalled(_ sentence: String?) { notice = .notCalled(sentence) }

    /// Looks whether the code's time is over.
    ///
    /// - Returns: whether it has just come to be.
    @discardableResult package mutating func look(at now: Int) -> Bool {
        guard let code, code.expires <= now, stage == .sent || stage == .choosing else { return false }
        (stage, self.code) = (.expired, nil)
        return true
    }

    /// What was said above the page is said once.
    package mutating func noticeIsShown() { notice = nil }

    // MARK: Steps

    private mutating func begin(_ code: String, _ stage: Stage, _ now: Int) {
        (self.stage, self.code) = (stage, Code(text: code, expires: now + lifetime))
    }

    private mutating func refuse() -> [Effect] {
        notice = .outOfDate
        return []
    }

    private mutating func hangUp() -> [Effect] {
        defer { call = nil }
        return call.map { [.hangUp($0)] } ?? []
    }

    private mutating func startOver() -> [Effect] {
        (stage, code, wrong) = (.signIn, nil, 0)
        attempt += 1
        return hangUp()
    }

    private mutating func check(_ typed: String) -> [Effect] {
        guard let typed = try? VerificationCode(typed) else {
            notice = .noCode
            return []
        }
        // Blanks, hyphens and digits of other scripts are how people write.
        guard let code, let valid = try? VerificationCode(code.text), valid.symbols == typed.symbols else {
            return miss()
        }
        // The telephone goes on until they hang up.
        (stage, self.code, wrong) = (.accepted, nil, 0)
        return []
    }

    private mutating func miss() -> [Effect] {
        wrong += 1
        guard wrong < Self.mostWrong else {
            (stage, code) = (.locked, nil)
            return hangUp()
        }
        notice = .wrong(left: Self.mostWrong - wrong)
        return []
    }

    private mutating func check(_ period: Int?) {
        guard let period, period > usedPeriod else { return _ = miss() }
        (stage, usedPeriod, wrong) = (.done, period, 0)
    }
}

extension Story: CustomStringConvertible, CustomReflectable {
    package var description: String { "Story(\(stage))" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
