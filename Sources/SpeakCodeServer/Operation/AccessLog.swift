// SPDX-License-Identifier: GPL-3.0-or-later

internal import Crypto
internal import FoundationEssentials
internal import Logging

/// One structured line for each request.
///
/// A link is a secret: whoever has it hears the code. It is replaced by a digest under a key of this process, so that the
/// fetches of one call can be followed and the link cannot be tried out.
struct AccessLog: Sendable {
    private let logger: Logger
    private let key = SymmetricKey(size: .bits256)

    init(logger: Logger) {
        self.logger = logger
    }

    /// What is known of a request when its answer has been sent.
    struct Entry: Sendable {
        let method: String
        /// The route, never the path.
        var route: String
        var link: String?
        var caller: String?
        var client: String?
        var status = 0
        var bytes = 0
        var readings: Int?
        var hungUp: Bool?
        let began = ContinuousClock.now
    }

    /// The name of a link in the log.
    func digest(of sealed: some StringProtocol) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: Data(sealed.utf8), using: key)
        return Data(code.prefix(6)).base64EncodedString()
    }

    func write(_ entry: Entry) {
        guard logger.logLevel <= .info else { return }
        var metadata: Logger.Metadata = [
            "method": "\(entry.method)", "route": "\(entry.route)", "status": "\(entry.status)",
            "bytes": "\(entry.bytes)",
            "ms": "\(Int((entry.began.duration(to: .now) / .milliseconds(1)).rounded()))",
        ]
        if let link = entry.link { metadata["link"] = "\(link)" }
        if let caller = entry.caller { metadata["caller"] = "\(caller)" }
        if let client = entry.client { metadata["client"] = "\(client)" }
        if let readings = entry.readings { metadata["readings"] = "\(readings)" }
        if let hungUp = entry.hungUp { metadata["hungUp"] = "\(hungUp)" }
        logger.info("request", metadata: metadata)
    }
}
