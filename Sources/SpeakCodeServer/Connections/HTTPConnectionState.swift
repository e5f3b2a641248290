// SPDX-License-Identifier: GPL-3.0-or-later

internal import NIOCore
internal import NIOHTTP1
internal import SpeakCodeService

/// What goes on in a connection of HTTP/1, or in a stream of HTTP/2, and what follows from it.
///
/// It is told what happens and says what is to be done, which ``HTTPHandler`` does. It touches no socket and reads no clock, so
/// that a table tests it.
struct HTTPConnectionState {
    /// What is to be done.
    enum Action: Hashable, Sendable {
        case nothing
        /// Tell the client that it may send the body.
        case giveLeave
        /// Wait for the rest of the request, but not for ever.
        case awaitBody
        /// Ask the service for the answer.
        case ask
        /// Answer what is no request.
        case refuse(Problem)
        /// Send the first word of the answer, which is still being made.
        case begin
        /// End the answer, of which all has been sent, and then go on or close.
        case finish(Next)
        case close
        /// Close the output, and the rest after a while.
        case closeOutput
    }

    /// What comes behind an answer.
    enum Next: Hashable, Sendable {
        case request
        case close
        /// To close while the client still sends would take the answer from it (RFC 9112, section 9.6): it is read on, for a
        /// while, until the client closes.
        case closeOutput

        var action: Action {
            switch self {
            case .request: .nothing
            case .close: .close
            case .closeOutput: .closeOutput
            }
        }
    }

    private enum Phase {
        /// The next request is waited for.
        case idle
        case receiving
        /// The service makes the answer.
        case asked
        case answering
        /// The answer was sent; the rest of its request is still to come, or the connection is to be closed.
        case answered
        /// Nobody is there any more.
        case over
    }

    private let isStream: Bool
    private let isEncrypted: Bool
    private var phase = Phase.idle
    /// The heads of requests that have come.
    private(set) var headCount = 0
    /// Whether all of the request is here.
    private var isWhole = false
    private var isBodyAwaited = false
    private var bodyLength = 0
    private var longestBody = 0
    /// Whether the request itself says that the connection ends with its answer.
    private var isLast = false
    /// Whether the first word of the answer has been sent.
    private(set) var isBegun = false
    /// Whether the connection ends with the answer that is being made.
    private var isEnding = false
    /// Whether the client sends no more.
    private var isHeard = false
    private var isFinishing = false
    private var hasDeferred = false
    /// Since when a request's head is waited for, or the rest of a request that is answered.
    private var waitingSince: NIODeadline

    /// - Parameters:
    ///   - isStream: whether it is a stream of HTTP/2, which has one request, and ends with its answer by itself.
    ///   - isEncrypted: whether it runs over TLS.
    init(isStream: Bool, isEncrypted: Bool, now: NIODeadline) {
        self.isStream = isStream
        self.isEncrypted = isEncrypted
        waitingSince = now
    }

    // MARK: What is asked

    /// Whether the next request has not begun.
    var isHeadAwaited: Bool { phase == .idle || phase == .over }
    var isReceiving: Bool { phase == .receiving }
    var isAnswering: Bool { phase == .answering }
    /// Whether a request is here as a whole, and its answer is not sent.
    var isAtWork: Bool { isWhole && (phase == .asked || phase == .answering) }
    /// Whether the responder can be given the body; it would take half of one for all of it.
    var isBodyHere: Bool { isWhole || bodyLength > longestBody }

    // MARK: Requests

    /// A request's head has come.
    ///
    /// - Parameter longestBody: the most bytes that its address takes.
    mutating func head(_ head: HTTPRequestHead, longestBody: Int) -> Action {
        guard phase == .idle, !isEnding else { return .nothing }
        headCount += 1
        phase = .receiving
        (isWhole, isBodyAwaited, isBegun, bodyLength) = (false, false, false, 0)
        self.longestBody = longestBody
        if !isStream {
            isLast = head.version.minor == 0 || !head.isKeepAlive || head.wantsUpgrade
            // RFC 9112, section 3.2: one Host, no more and no less.
            if head.version.minor > 0, head.headers[canonicalForm: "host"].count != 1 { return refuse(.noHost) }
        }
        // RFC 9110, section 10.1.1; what is wrong with the request is told when it is there.
        let mayAskForLeave = isStream || head.version == .http1_1
        return mayAskForLeave && head.headers[canonicalForm: "expect"].contains("100-continue") ? .giveLeave : .nothing
    }

    /// So many bytes of the body have come.
    mutating func body(_ count: Int) -> Action {
        guard phase == .receiving else { return .nothing }
        bodyLength += count
        return bodyLength > longestBody ? ask() : .nothing
    }

    /// The request has come to its end.
    mutating func end() -> Action {
        defer { isWhole = true }
        switch phase {
        case .receiving:
            isWhole = true
            return ask()
        case .answered where !isWhole:
            guard !isEnding else { return .close }
            phase = .idle
            return .nothing
        case .idle, .asked, .answering, .answered, .over: return .nothing
        }
    }

    /// All that has come so far was told.
    ///
    /// - Parameter told: how long the body will be, as the request says.
    mutating func readComplete(told: @autoclosure () -> Int?) -> Action {
        guard phase == .receiving, !isBodyAwaited else { return .nothing }
        if let told = told(), told > longestBody { return ask() }
        isBodyAwaited = true
        return .awaitBody
    }

    /// The body was waited for long enough.
    mutating func bodyIsLate() -> Action {
        phase == .receiving ? ask() : .nothing
    }

    /// What has come is no request.
    mutating func isUnreadable(_ problem: Problem) -> Action {
        switch phase {
        case .idle: return isEnding ? .nothing : refuse(problem)
        case .receiving: return refuse(problem)
        case .asked, .answering:
            // The answer comes first.
            isEnding = true
            return .nothing
        case .answered:
            defer { isEnding = true }
            return isEnding ? .nothing : .closeOutput
        case .over: return .nothing
        }
    }

    private mutating func refuse(_ problem: Problem) -> Action {
        phase = .asked
        (isWhole, isLast, isBegun) = (false, true, false)
        return .refuse(problem)
    }

    private mutating func ask() -> Action {
        phase = .asked
        guard !isFinishing else {
            hasDeferred = true
            return .nothing
        }
        return .ask
    }

    // MARK: Answers

    /// The answer takes some time.
    mutating func isBeingMade() -> Action {
        isHeard ? lookForClient() : .nothing
    }

    /// The answer begins.
    ///
    /// - Parameter endsConnection: whether it has no other end.
    /// - Returns: whether the connection ends with it; nil where there is nobody any more.
    mutating func answer(endsConnection: Bool) -> Bool? {
        guard phase == .asked else { return nil }
        phase = .answering
        isEnding = isEnding || isLast || endsConnection
        return isEnding
    }

    /// The connection becomes a WebSocket; false where it cannot.
    mutating func upgrade() -> Bool {
        guard phase == .asked, isWhole, !isHeard, !isBegun else { return false }
        phase = .over
        return true
    }

    /// The kernel has taken all of the answer.
    mutating func isSent(at now: NIODeadline) -> Action {
        guard phase == .answering else { return .nothing }
        waitingSince = now
        phase = .answered
        guard !isStream else { return .nothing }
        isEnding = isEnding || isHeard
        if isEnding { return .finish(isWhole || isHeard ? .close : .closeOutput) }
        if isWhole { phase = .idle }
        return .finish(.request)
    }

    /// The end of an answer is about to be written, behind which requests that have come meanwhile are told at once, from
    /// within: the answer to each of them waits for ``nextIsAsked()``, or thousands would stand on each other.
    ///
    /// - Returns: whether it is not from within another's end.
    mutating func beginFinishing() -> Bool {
        defer { isFinishing = true }
        return !isFinishing
    }

    /// Whether a request waits for its answer, behind one that is finished.
    mutating func nextIsAsked() -> Bool {
        isFinishing = hasDeferred
        defer { hasDeferred = false }
        return hasDeferred
    }

    // MARK: Ends

    /// The service ends.
    mutating func serviceEnds() -> Action {
        guard !isStream else { return .nothing }
        isEnding = true
        return isWaiting ? .close : .nothing
    }

    /// The client sends no more.
    mutating func isInputClosed() -> Action {
        guard !isStream else { return .nothing }
        isHeard = true
        return isWaiting ? .close : lookForClient()
    }

    /// A while has passed; a byte now and then is no reason to wait for more.
    mutating func look(patience: TimeAmount, at now: NIODeadline) -> Action {
        !isStream && isWaiting && waitingSince + patience <= now ? .close : .nothing
    }

    /// The connection is closed.
    mutating func isClosed() {
        phase = .over
    }

    /// Whether nothing is left to be sent for what the client has asked for.
    private var isWaiting: Bool { phase == .idle || phase == .answered }

    /// Finds out whether a client who sends no more is gone, whose answer nobody waits for.
    ///
    /// nginx and Go take every FIN for that, and leave `printf … | nc` without an answer. The word with which any answer begins
    /// harms nobody who still reads, and is answered with a reset where nobody does. Whoever ends TLS ends both directions
    /// (RFC 5246, section 7.2.1), and waits for the other side to do so.
    private mutating func lookForClient() -> Action {
        guard phase == .asked, !isBegun else { return .nothing }
        guard !isEncrypted else { return .close }
        isBegun = true
        return .begin
    }
}
