// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCodeDemo
import Testing

@Suite("A story")
struct StoryTests {
    /// What has happened before.
    private typealias Way = [Story.Action]

    private static let first = "123456"
    private static let second = "654321"
    private static let way: Way = [.signIn(newCode: first)]
    private static let chosen = way + [.notArrived]
    private static let called = chosen + [.askForCall(newCode: second)]

    /// What a person does behind what they did, and what comes of it.
    struct Step: Sendable, CustomTestStringConvertible {
        let name: String
        fileprivate let before: [Story.Action]
        let action: Story.Action
        let stage: Story.Stage
        var notice: Story.Notice?
        var effects: [Story.Effect] = []

        var testDescription: String { name }
    }

    static let steps: [Step] = [
        Step(name: "sends a code behind the password", before: [], action: way[0], stage: .sent),
        Step(name: "asks what to do where it does not arrive", before: way, action: .notArrived, stage: .choosing),
        Step(name: "goes back to the code", before: chosen, action: .back, stage: .sent),
        Step(
            name: "sends another", before: chosen, action: .sendAgain(newCode: second), stage: .sent, notice: .sentAgain
        ),
        Step(
            name: "has a new one said by telephone", before: chosen, action: .askForCall(newCode: second),
            stage: .choosing, effects: [.call]),
        Step(
            name: "takes no code before the call is placed", before: called, action: .type(second), stage: .choosing,
            notice: .outOfDate),
        Step(name: "takes the right code", before: way, action: .type(first), stage: .accepted),
        Step(name: "takes it in groups", before: way, action: .type(" 123-456 "), stage: .accepted),
        Step(name: "takes it in digits of Japanese keyboards", before: way, action: .type("１２３４５６"), stage: .accepted),
        Step(name: "refuses a wrong one", before: way, action: .type("000000"), stage: .sent, notice: .wrong(left: 2)),
        Step(
            name: "refuses a second wrong one", before: way + [.type("1")], action: .type("2"), stage: .sent,
            notice: .wrong(left: 1)),
        Step(
            name: "takes none behind three", before: way + [.type("1"), .type("2")], action: .type("3"), stage: .locked),
        Step(
            name: "takes not even the right one then", before: way + [.type("1"), .type("2"), .type("3")],
            action: .type(first), stage: .locked, notice: .outOfDate),
        Step(
            name: "counts wrong ones over codes",
            before: way + [.type("1"), .type("2"), .notArrived, .sendAgain(newCode: second)], action: .type(first),
            stage: .locked),
        Step(name: "does not count what is no code", before: way, action: .type("??"), stage: .sent, notice: .noCode),
        Step(name: "does not count nothing", before: way, action: .type(""), stage: .sent, notice: .noCode),
        Step(
            name: "refuses the code before the last",
            before: chosen + [.sendAgain(newCode: second)], action: .type(first), stage: .sent, notice: .wrong(left: 2)),
        Step(
            name: "signs in again with the app", before: way + [.type(first)], action: .signInWithApp, stage: .app),
        Step(
            name: "refuses what belongs to another page", before: [], action: .type(first), stage: .signIn,
            notice: .outOfDate),
        Step(name: "starts over", before: way, action: .startOver, stage: .signIn),
    ]

    /// Does one thing after the other, each in the sign-in that there is then.
    private static func story(_ actions: [Story.Action], at now: Int = 0) -> Story {
        var story = Story(codesLast: 600)
        for action in actions { _ = story.take(action, of: story.attempt, at: now) }
        return story
    }

    @Test("goes from page to page", arguments: steps)
    func goes(step: Step) {
        var story = Self.story(step.before)
        let effects = story.take(step.action, of: story.attempt, at: 1)
        #expect(story.stage == step.stage)
        #expect(story.notice == step.notice)
        #expect(effects == step.effects)
    }

    @Test("shows the code's page when the call is placed, and why where it is not")
    func calls() {
        var story = Self.story(Self.called)
        story.isCalled("call-1")
        #expect(story.stage == .sent && story.notice == .calling && story.call == "call-1")
        _ = story.take(.type(Self.second), of: 1, at: 2)
        #expect(story.stage == .accepted)
        // They hang up themselves.
        #expect(story.call == "call-1")

        var refused = Self.story(Self.called)
        refused.isNotCalled("Too many calls.")
        #expect(refused.stage == .choosing && refused.notice == .notCalled("Too many calls."))
    }

    @Test(
        "hangs up a call whose code holds no more",
        arguments: [
            [Story.Action.startOver], [.notArrived, .sendAgain(newCode: "111111")],
            [.notArrived, .askForCall(newCode: "111111")], [.type("1"), .type("2"), .type("3")],
        ])
    func hangsUp(actions: [Story.Action]) {
        var story = Self.story(Self.called)
        story.isCalled("call-1")
        let effects = actions.map { story.take($0, of: story.attempt, at: 1) }
        #expect(effects.last?.first == .hangUp("call-1"))
        #expect(story.call == nil)
    }

    @Test("lets a code expire, which nothing takes then", arguments: [way, chosen])
    func expires(way: [Story.Action]) {
        var story = Self.story(way)
        let early = story.look(at: 599)
        #expect(!early && story.stage != .expired)
        _ = story.take(.type(Self.first), of: 1, at: 600)
        #expect(story.stage == .expired && story.code == nil)
        _ = story.take(.sendAgain(newCode: Self.second), of: 1, at: 700)
        _ = story.take(.type(Self.second), of: 1, at: 1299)
        #expect(story.stage == .accepted)
    }

    @Test("takes no form of a sign-in before, which another tab shows")
    func twoTabs() {
        var story = Self.story([.signIn(newCode: Self.first), .startOver, .signIn(newCode: Self.second)])
        #expect(story.attempt == 2)
        _ = story.take(.type(Self.first), of: 1, at: 1)
        #expect(story.stage == .sent && story.notice == .outOfDate)
        // It was not counted.
        _ = story.take(.type("1"), of: 2, at: 1)
        #expect(story.notice == .wrong(left: 2))
    }

    @Test("takes a code of the app once")
    func app() {
        var story = Self.story([.signIn(newCode: Self.first), .type(Self.first), .signInWithApp])
        _ = story.take(.typeApp(period: nil), of: 2, at: 0)
        #expect(story.notice == .wrong(left: 2))
        _ = story.take(.typeApp(period: 7), of: 2, at: 0)
        #expect(story.stage == .done)
        for action in [Story.Action.startOver, .signIn(newCode: Self.first), .type(Self.first), .signInWithApp] {
            _ = story.take(action, of: story.attempt, at: 0)
        }
        _ = story.take(.typeApp(period: 7), of: story.attempt, at: 0)
        #expect(story.stage == .app && story.notice == .wrong(left: 2))
    }

    @Test("shows its code to nobody")
    func hides() {
        let story = Self.story(Self.way)
        #expect(!"\(story) \(String(reflecting: story))".contains(Self.first))
    }
}

@Suite("The codes of the app")
struct AppCodeTests {
    /// RFC 6238, appendix B: the last six of eight digits.
    @Test(
        "are those of RFC 6238",
        arguments: [
            (59, "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"), (1_234_567_890, "005924"),
            (2_000_000_000, "279037"), (20_000_000_000, "353130"),
        ])
    func vectors(time: Int, code: String) {
        let app = AppCode(Array("12345678901234567890".utf8))
        #expect(app.code(in: AppCode.number(at: time)) == code)
        #expect(app.period(of: code, at: time) == time / 30)
        // Typed a little late.
        #expect(app.period(of: code, at: time + 30) == time / 30)
        #expect(app.period(of: code, at: time + 60) == nil && app.period(of: "", at: time) == nil)
    }
}
