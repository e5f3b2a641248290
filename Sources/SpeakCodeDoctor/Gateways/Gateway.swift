// SPDX-License-Identifier: GPL-3.0-or-later

/// A fetcher of audio: the requests that it sends, and what it needs from the answers.
public struct Gateway: Sendable, Identifiable {
    /// A short name that stays as it is.
    public let id: String

    /// The requests in their order, each on a connection of its own.
    let plan: [Stage]
    let rules: [Rule]

    /// All that the doctor knows, and the rules for every one of them.
    public static let all = [asterisk, modHTTAPI, modHTTPCache, rtpengine, twilio, sinch, safari, every]
}

/// A request of a plan, or several at the same time.
struct Stage: Sendable {
    let step: Step
    let count: Int
    /// Nil where the gateway does not ask, after what it got before.
    let request: @Sendable (Visit) -> Request?

    init(_ step: Step, count: Int = 1, _ request: @escaping @Sendable (Visit) -> Request?) {
        self.step = step
        self.count = count
        self.request = request
    }

    init(_ step: Step, count: Int = 1, _ request: Request) {
        self.init(step, count: count) { _ in request }
    }
}

/// What a request of a plan is for.
enum Step: Sendable, Hashable {
    case head
    case get
    case getAgain
    case concurrent
    case revalidate
    case firstTwoBytes
    case firstPart
    case secondPart
    case pastTheEnd
    case ifRangeSame
    case ifRangeOther
    case unknownPath
}

/// What a gateway asked of a URL, and what it got.
struct Visit: Sendable {
    let url: AudioURL
    let limits: FetchLimits
    private(set) var exchanges: [(step: Step, same: [Exchange])] = []

    init(to url: AudioURL, limits: FetchLimits) {
        self.url = url
        self.limits = limits
    }

    mutating func note(_ exchanges: [Exchange], at step: Step) { self.exchanges.append((step, exchanges)) }

    func answer(_ step: Step) -> Answer? { exchanges(step).first?.answer }

    func answers(_ step: Step) -> [Answer] { exchanges(step).compactMap(\.answer) }

    private func exchanges(_ step: Step) -> [Exchange] { exchanges.first { $0.step == step }?.same ?? [] }

    var failures: [FetchError] {
        exchanges.flatMap(\.same).compactMap { exchange in
            if case .failure(let error) = exchange.result { error } else { nil }
        }
    }
}
