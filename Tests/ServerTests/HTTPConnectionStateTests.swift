// SPDX-License-Identifier: GPL-3.0-or-later

import NIOCore
import NIOHTTP1
import SpeakCodeService
import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

/// What happens to a connection, in the words of the protocol.
private enum Event {
    case head(HTTPRequestHead)
    case body(Int)
    case end
    /// All that has come so far was told; the request says how long its body will be.
    case readComplete(Int?)
    case late
    case unreadable(Problem)
    /// The answer takes some time.
    case making
    case sent
    case serviceEnds
    case inputClosed
    case look(after: Int64)
    case closed
}

private enum Step {
    case on(Event, HTTPConnectionState.Action)
    /// The answer begins, with or without an end of its own, and says whether the connection ends with it.
    case answer(untilClosed: Bool = false, ends: Bool?)
    case upgrade(Bool)
    /// The end of an answer is written, from within which things happen; and whether a request waits for its answer then.
    case finish([Step], isAsked: Bool)
}

private struct Story: CustomTestStringConvertible, Sendable {
    let testDescription: String
    var isStream = false
    var isEncrypted = false
    let steps: @Sendable () -> [Step]

    init(_ name: String, isStream: Bool = false, isEncrypted: Bool = false, _ steps: @escaping @Sendable () -> [Step]) {
        (testDescription, self.isStream, self.isEncrypted, self.steps) = (name, isStream, isEncrypted, steps)
    }
}

private func request(
    _ version: HTTPVersion = .http1_1, _ method: HTTPMethod = .GET, _ headers: HTTPHeaders = ["host": "x"]
) -> HTTPRequestHead {
    HTTPRequestHead(version: version, method: method, uri: "/x", headers: headers)
}

/// A request without a body, up to the moment at which the service is asked.
private func asked(_ head: HTTPRequestHead = request()) -> [Step] { [.on(.head(head), .nothing), .on(.end, .ask)] }

@Suite("A connection of HTTP")
struct HTTPConnectionStateTests {
    private static let longestBody = 100

    private static let stories: [Story] = [
        // What is asked.
        Story("is asked one request after the other") {
            asked() + [.answer(ends: false), .on(.sent, .finish(.request))] + asked()
                + [.answer(ends: false), .on(.sent, .finish(.request))]
        },
        Story("asks when a body is here as a whole") {
            [
                .on(.head(request(.http1_1, .POST)), .nothing), .on(.body(40), .nothing),
                .on(.readComplete(100), .awaitBody), .on(.body(60), .nothing), .on(.readComplete(100), .nothing),
                .on(.end, .ask),
            ]
        },
        Story("asks at once for a body that is too long, or says so, and goes on behind it") {
            [
                .on(.head(request(.http1_1, .POST)), .nothing), .on(.body(60), .nothing), .on(.body(41), .ask),
                .on(.body(1), .nothing), .answer(ends: false), .on(.sent, .finish(.request)), .on(.body(1), .nothing),
                .on(.end, .nothing), .on(.head(request(.http1_1, .POST)), .nothing), .on(.readComplete(101), .ask),
                .on(.end, .nothing), .answer(ends: false), .on(.sent, .finish(.request)),
            ]
        },
        Story("waits for no body for ever") {
            [.on(.head(request(.http1_1, .POST)), .nothing), .on(.readComplete(nil), .awaitBody), .on(.late, .ask)]
        },
        Story("does not ask again when a body is late that was here in time") { asked() + [.on(.late, .nothing)] },
        Story("gives leave to send to who asks for it in HTTP/1.1") {
            [.on(.head(request(.http1_1, .POST, ["host": "x", "expect": "100-continue"])), .giveLeave)]
        },
        Story("gives no leave in HTTP/1.0") {
            [.on(.head(request(.http1_0, .POST, ["expect": "100-continue"])), .nothing)]
        },
        Story("takes one Host, no more and no less") {
            [.on(.head(request(.http1_1, .GET, [:])), .refuse(.noHost)), .answer(ends: true)]
        },
        Story("takes one Host, and not two") {
            [.on(.head(request(.http1_1, .GET, ["host": "x", "Host": "y"])), .refuse(.noHost)), .answer(ends: true)]
        },
        Story("wants no Host in HTTP/1.0") { asked(request(.http1_0, .GET, [:])) },
        // How it ends.
        Story("closes behind the answer to HTTP/1.0") {
            asked(request(.http1_0)) + [.answer(ends: true), .on(.sent, .finish(.close))]
        },
        Story("closes behind the answer to who says so, and answers nothing behind it") {
            asked(request(.http1_1, .GET, ["host": "x", "connection": "close"])) + [
                .answer(ends: true), .on(.sent, .finish(.close)),
                .finish([.on(.head(request()), .nothing), .on(.end, .nothing)], isAsked: false),
            ]
        },
        Story("closes behind the answer to who wants another protocol, behind which nothing is parsed") {
            asked(request(.http1_1, .GET, ["host": "x", "connection": "Upgrade", "upgrade": "h2c"])) + [
                .answer(ends: true), .on(.sent, .finish(.close)),
            ]
        },
        Story("closes behind an answer that has no other end") {
            asked() + [.answer(untilClosed: true, ends: true), .on(.sent, .finish(.close))]
        },
        Story("reads on behind the last answer while the client still sends, and no longer") {
            [
                .on(.head(request(.http1_1, .POST, ["host": "x", "connection": "close"])), .nothing),
                .on(.body(101), .ask), .answer(ends: true), .on(.sent, .finish(.closeOutput)), .on(.body(1), .nothing),
                .on(.end, .close),
            ]
        },
        Story("becomes a WebSocket") { asked() + [.upgrade(true), .answer(ends: nil), .on(.sent, .nothing)] },
        Story("becomes no WebSocket before the request is whole") {
            [.on(.head(request()), .nothing), .on(.body(101), .ask), .upgrade(false)]
        },
        Story("becomes no WebSocket of a client who sends no more") {
            asked() + [.on(.inputClosed, .begin), .upgrade(false)]
        },
        // What cannot be read.
        Story("refuses what is no request, and ends") {
            [
                .on(.unreadable(.noHTTP), .refuse(.noHTTP)), .answer(ends: true), .on(.unreadable(.noHTTP), .nothing),
                .on(.sent, .finish(.closeOutput)), .on(.unreadable(.noHTTP), .nothing),
            ]
        },
        Story("refuses a body that cannot be read") {
            [
                .on(.head(request(.http1_1, .POST)), .nothing), .on(.body(1), .nothing),
                .on(.unreadable(.noHTTP), .refuse(.noHTTP)), .answer(ends: true), .on(.sent, .finish(.closeOutput)),
            ]
        },
        Story("answers before it ends with the rest of a request that cannot be read") {
            [
                .on(.head(request(.http1_1, .POST)), .nothing), .on(.body(101), .ask),
                .on(.unreadable(.noHTTP), .nothing), .answer(ends: true), .on(.sent, .finish(.closeOutput)),
            ]
        },
        Story("ends when the rest of a request that is answered cannot be read") {
            [
                .on(.head(request(.http1_1, .POST)), .nothing), .on(.body(101), .ask), .answer(ends: false),
                .on(.sent, .finish(.request)), .on(.unreadable(.noHTTP), .closeOutput),
            ]
        },
        // Requests that come at once.
        Story("answers what came behind an answer when its end is written, and not from within") {
            asked() + [
                .answer(ends: false), .on(.sent, .finish(.request)),
                .finish([.on(.head(request()), .nothing), .on(.end, .nothing)], isAsked: true), .answer(ends: false),
                .on(.sent, .finish(.request)), .finish([], isAsked: false),
            ]
        },
        // A client who sends no more.
        Story("closes when nothing is asked by a client who sends no more") { [.on(.inputClosed, .close)] },
        Story("begins an answer that is being made for a client who sends no more, once, and closes behind it") {
            asked() + [
                .on(.making, .nothing), .on(.inputClosed, .begin), .on(.inputClosed, .nothing), .answer(ends: false),
                .on(.sent, .finish(.close)),
            ]
        },
        Story("begins an answer that takes some time for a client who sent no more before") {
            [.on(.head(request()), .nothing), .on(.inputClosed, .nothing), .on(.end, .ask), .on(.making, .begin)]
        },
        Story("closes where a client of TLS sends no more, who is gone", isEncrypted: true) {
            asked() + [.on(.making, .nothing), .on(.inputClosed, .close)]
        },
        Story("sends the rest of an answer to a client who sends no more") {
            asked() + [.answer(ends: false), .on(.inputClosed, .nothing), .on(.sent, .finish(.close))]
        },
        // A service that ends.
        Story("closes when the service ends and nothing is asked") { [.on(.serviceEnds, .close)] },
        Story("closes behind the answer when the service ends before it begins, or while it is sent") {
            asked() + [.on(.serviceEnds, .nothing), .answer(ends: true), .on(.sent, .finish(.close))]
        },
        Story("closes behind an answer that is being sent when the service ends") {
            asked() + [
                .answer(ends: false), .on(.serviceEnds, .nothing), .on(.serviceEnds, .nothing),
                .on(.sent, .finish(.close)),
            ]
        },
        Story("does not wait for the rest of a request that is answered when the service ends") {
            [
                .on(.head(request(.http1_1, .POST)), .nothing), .on(.body(101), .ask), .answer(ends: false),
                .on(.sent, .finish(.request)), .on(.serviceEnds, .close),
            ]
        },
        // Time.
        Story("waits for a request from the last answer on, and not for ever") {
            [.on(.look(after: 9), .nothing)] + asked() + [
                .answer(ends: false), .on(.sent, .finish(.request)), .on(.look(after: 9), .nothing),
                .on(.look(after: 1), .close),
            ]
        },
        Story("does not wait while it answers") {
            asked() + [.on(.look(after: 100), .nothing), .answer(ends: false), .on(.look(after: 100), .nothing)]
        },
        Story("waits for the rest of a request that is answered no longer than for the next") {
            [
                .on(.head(request(.http1_1, .POST)), .nothing), .on(.body(101), .ask), .answer(ends: false),
                .on(.sent, .finish(.request)), .on(.body(1), .nothing), .on(.look(after: 10), .close),
            ]
        },
        // Nobody there.
        Story("answers nobody who is gone") {
            asked() + [.on(.closed, .nothing), .answer(ends: nil), .on(.sent, .nothing), .on(.end, .nothing)]
        },
        // Streams of HTTP/2.
        Story("is a stream that ends with its answer by itself", isStream: true, isEncrypted: true) {
            asked(request(HTTPVersion(major: 2, minor: 0))) + [
                .on(.inputClosed, .nothing), .on(.serviceEnds, .nothing), .answer(ends: false), .on(.sent, .nothing),
                .on(.look(after: 100), .nothing),
            ]
        },
        Story("is a stream that is given leave to send", isStream: true, isEncrypted: true) {
            [
                .on(.head(request(HTTPVersion(major: 2, minor: 0), .POST, ["expect": "100-continue"])), .giveLeave),
                .on(.end, .ask),
            ]
        },
        Story("is a stream that takes no body that is too long", isStream: true, isEncrypted: true) {
            [
                .on(.head(request(HTTPVersion(major: 2, minor: 0), .POST)), .nothing), .on(.body(101), .ask),
                .answer(ends: false), .on(.sent, .nothing), .on(.body(1), .nothing), .on(.end, .nothing),
            ]
        },
    ]

    @Test("is in each of its moments what it is told to be", arguments: stories)
    private func story(_ story: Story) {
        var now = NIODeadline.uptimeNanoseconds(0)
        var state = HTTPConnectionState(isStream: story.isStream, isEncrypted: story.isEncrypted, now: now)
        Self.tell(story.steps(), to: &state, &now)
    }

    private static func tell(_ steps: [Step], to state: inout HTTPConnectionState, _ now: inout NIODeadline) {
        for step in steps {
            switch step {
            case .on(let event, let action):
                let done = tell(event, to: &state, &now)
                #expect(done == action, "\(event)")
            case .answer(let untilClosed, let ends):
                let said = state.answer(endsConnection: untilClosed)
                #expect(said == ends)
            case .upgrade(let isOne):
                let said = state.upgrade()
                #expect(said == isOne)
            case .finish(let within, let isAsked):
                let isOutermost = state.beginFinishing()
                tell(within, to: &state, &now)
                let isInner = !state.beginFinishing()
                let said = state.nextIsAsked()
                let isAskedAgain = said && state.nextIsAsked()
                #expect(isOutermost && isInner && said == isAsked && !isAskedAgain)
            }
        }
    }

    private static func tell(
        _ event: Event, to state: inout HTTPConnectionState, _ now: inout NIODeadline
    ) -> HTTPConnectionState.Action {
        switch event {
        case .head(let head): return state.head(head, longestBody: longestBody)
        case .body(let count): return state.body(count)
        case .end: return state.end()
        case .readComplete(let told): return state.readComplete(told: told)
        case .late: return state.bodyIsLate()
        case .unreadable(let problem): return state.isUnreadable(problem)
        case .making: return state.isBeingMade()
        case .sent: return state.isSent(at: now)
        case .serviceEnds: return state.serviceEnds()
        case .inputClosed: return state.isInputClosed()
        case .look(let seconds):
            now = now + .seconds(seconds)
            return state.look(patience: .seconds(10), at: now)
        case .closed:
            state.isClosed()
            return .nothing
        }
    }

    @Test("reads for a sign of the client while it answers one request, and not before the request is whole")
    func work() {
        var state = HTTPConnectionState(isStream: false, isEncrypted: true, now: .uptimeNanoseconds(0))
        #expect(state.isHeadAwaited && !state.isAtWork)
        _ = state.head(request(.http1_1, .POST), longestBody: 100)
        #expect(!state.isHeadAwaited && state.isReceiving && !state.isAtWork && !state.isBodyHere)
        _ = state.end()
        #expect(state.isAtWork && state.isBodyHere && !state.isReceiving)
        _ = state.answer(endsConnection: false)
        #expect(state.isAtWork && state.isAnswering)
        _ = state.isSent(at: .uptimeNanoseconds(0))
        #expect(state.isHeadAwaited && !state.isAtWork && state.headCount == 1)
    }
}
