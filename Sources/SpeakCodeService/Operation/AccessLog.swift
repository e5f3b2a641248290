// SPDX-License-Identifier: GPL-3.0-or-later

internal import Crypto
internal import FoundationEssentials
internal import Logging

/// One structured line for each request.
///
/// A link is a secret: whoever has it hears the code. It is replaced by a digest under a key of this process, so that the
/// fetches of one call can be followed and the link cannot be tried out.
package struct AccessLog: Sendable {
    private let logger: Logger
    private let time: SteadyTime
    /// Made once: a key is half of the work of a digest.
    private let keyed = HMAC<SHA256>(key: SymmetricKey(size: .bits256))

    init(logger: Logger, time: SteadyTime) {
        (self.logger, self.time) = (logger, time)
    }

    /// What is known of a request when its answer has been sent.
    package struct Entry: Sendable {
        let method: String
        /// The route, never the path.
        var route: String
        var link: String?
        var caller: String?
        var client: String?
        var status = 0
        var bytes = 0
        /// Why the request was refused: the word of the problem, which has nothing of the request in it.
        var problem: String?
        var readings: Int?
        package var hungUp: Bool?
        fileprivate let began: Duration
    }

    /// The line of a request that begins now.
    func entry(method: String, route: String) -> Entry {
        Entry(method: method, route: route, began: time.now)
    }

    /// What is known of a call when it has ended.
    package struct Call: Sendable {
        let transport: String
        let link: String?
        let client: String?
        /// The readings of the code that were sent to their end.
        let readings: Int
        /// How many keys were pressed; which ones may be the code, typed into the wrong phone.
        let keys: Int
        let end: String
        let lasted: Duration
    }

    /// What is known of a call that is placed.
    struct Placed: Sendable {
        /// A digest of its name, as in the lines of requests for it.
        let call: String
        /// The operator's name of the gateway.
        let through: String
        /// The country's code, such as `+49`.
        let country: String
        /// A keyed digest of the number, which is in no line.
        let number: String
    }

    func write(_ placed: Placed) {
        guard logger.logLevel <= .info else { return }
        logger.info(
            "call placed",
            metadata: [
                "call": .string(placed.call), "through": .string(placed.through), "country": .string(placed.country),
                "number": .string(placed.number),
            ])
    }

    /// What is known of a placed call when it is over.
    struct Ended: Sendable {
        let call: String
        let through: String
        let outcome: String
        let cause: String?
        let sip: Int?
        let answeredSeconds: Int?
    }

    func write(_ ended: Ended) {
        guard logger.logLevel <= .info else { return }
        var metadata: Logger.Metadata = [
            "call": .string(ended.call), "through": .string(ended.through), "outcome": .string(ended.outcome),
        ]
        if let cause = ended.cause { metadata["cause"] = .string(cause) }
        if let sip = ended.sip { metadata["sip"] = .string(String(sip)) }
        if let seconds = ended.answeredSeconds { metadata["answeredSeconds"] = .string(String(seconds)) }
        logger.info("call ended", metadata: metadata)
    }

    package func write(_ call: Call) {
        guard logger.logLevel <= .info else { return }
        var metadata = Logger.Metadata(minimumCapacity: 8)
        metadata["transport"] = .string(call.transport)
        metadata["readings"] = .string(String(call.readings))
        metadata["keys"] = .string(String(call.keys))
        metadata["end"] = .string(call.end)
        metadata["ms"] = .string(String(Int((call.lasted / .milliseconds(1)).rounded())))
        if let link = call.link { metadata["link"] = .string(link) }
        if let client = call.client { metadata["client"] = .string(client) }
        logger.info("call", metadata: metadata)
    }

    /// The name of a link in the log.
    package func digest(of sealed: some StringProtocol) -> String {
        var digest = keyed
        digest.update(data: Array(sealed.utf8))
        return Data(digest.finalize().prefix(6)).base64EncodedString()
    }

    package func write(_ entry: Entry) {
        guard logger.logLevel <= .info else { return }
        let elapsed = time.now - entry.began
        var metadata = Logger.Metadata(minimumCapacity: 12)
        metadata["method"] = .string(entry.method)
        metadata["route"] = .string(entry.route)
        metadata["status"] = .string(String(entry.status))
        metadata["bytes"] = .string(String(entry.bytes))
        metadata["ms"] = .string(String(Int((elapsed / .milliseconds(1)).rounded())))
        if let problem = entry.problem { metadata["problem"] = .string(problem) }
        if let link = entry.link { metadata["link"] = .string(link) }
        if let caller = entry.caller { metadata["caller"] = .string(caller) }
        if let client = entry.client { metadata["client"] = .string(client) }
        if let readings = entry.readings { metadata["readings"] = .string(String(readings)) }
        if let hungUp = entry.hungUp { metadata["hungUp"] = .string(String(hungUp)) }
        logger.info("request", metadata: metadata)
    }
}
