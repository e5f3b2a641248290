// SPDX-License-Identifier: GPL-3.0-or-later

/// A server's answer as it came over the wire.
struct Answer: Sendable {
    /// One header line, as it was sent.
    struct Line: Sendable, Hashable {
        let name: String
        let value: String
        /// With the line end, as libcurl counts it.
        let byteCount: Int
    }

    /// How the end of the body is told.
    enum Framing: Sendable, Hashable {
        /// By the rules there is no body: an answer to HEAD, 204, 304.
        case none
        case contentLength(Int)
        case chunked
        case untilClose
    }

    /// How it ended.
    enum Ending: Sendable, Hashable {
        case whole
        /// The connection ended before the body did; how many bytes were missing, where that can be said.
        case cut(missing: Int?)
        case timedOut
        case tooLarge
        case malformed(String)
    }

    /// The statuses of the 1xx answers before this one.
    var interim: [Int] = []
    var status = 0
    var lines: [Line] = []
    var framing = Framing.none
    var body: [UInt8] = []
    var ending = Ending.whole
    /// What came behind the end.
    var surplus = 0
    /// From the start of the connection to the first byte.
    var firstByte = Duration.zero
    /// From the start of the connection to the last byte.
    var lastByte = Duration.zero

    /// The longest line, the status line included.
    var longestLine = 0

    func values(_ name: String) -> [String] {
        let name = name.lowercased()
        return lines.filter { $0.name.lowercased() == name }.map(\.value)
    }

    func value(_ name: String) -> String? { values(name).first }

    /// Whether there should be an audio in it: 204 and 205 have none.
    var isSuccess: Bool { (200...299).contains(status) && status != 204 && status != 205 }
    var isRedirect: Bool { (300...399).contains(status) && status != 304 }
    var isWhole: Bool { ending == .whole }

    var tellsItsLength: Bool { value("Content-Length") != nil }

    /// Whether its headers are those of an audio without an end: no length, no ranges, nothing to keep.
    var tellsNoEnd: Bool {
        !tellsItsLength && value("Accept-Ranges")?.lowercased() == "none"
            && value("Cache-Control")?.lowercased().contains("no-store") == true
    }
}

/// What was asked, and what came of it.
struct Exchange: Sendable {
    let request: Request
    var result: Result<Answer, FetchError>

    var answer: Answer? { try? result.get() }
}

/// Why nothing came of a request.
public struct FetchError: Error, Hashable, Sendable {
    /// What happened.
    public enum Reason: Hashable, Sendable {
        /// The host's name has no address.
        case nameNotFound
        /// Nobody listens at the port.
        case refused
        /// The connection was not made within the time.
        case connectTimedOut
        /// The network does not reach the host, in the operating system's words.
        case unreachable(String)
        /// The certificate is not from an authority that this machine trusts, or has expired.
        case certificateNotTrusted
        /// The certificate is for another host.
        case certificateOfAnotherHost
        /// The TLS handshake failed otherwise; a server without TLS at that port is the usual cause.
        case handshakeFailed
        /// The connection was closed before an answer.
        case closed
        /// There was no answer within the time.
        case silent
        /// What came is not HTTP/1.
        case notHTTP
    }

    /// What happened.
    public let reason: Reason

    init(_ reason: Reason) {
        self.reason = reason
    }
}

extension FetchError: CustomStringConvertible {
    /// What happened, in words.
    public var description: String {
        switch reason {
        case .nameNotFound: "name not found: no address for the host"
        case .refused: "connection refused: nobody listens at that port"
        case .connectTimedOut: "no connection in time: a firewall may drop the packets"
        case .unreachable(let reason): "no connection: \(reason)"
        case .certificateNotTrusted:
            "the TLS certificate is not trusted: self-signed, expired, or from an unknown authority"
        case .certificateOfAnotherHost: "the TLS certificate is for another host"
        case .handshakeFailed: "the TLS handshake failed: perhaps the port speaks plain http"
        case .closed: "the connection was closed without an answer"
        case .silent: "no answer in time"
        case .notHTTP: "the answer is not HTTP/1.1"
        }
    }
}
