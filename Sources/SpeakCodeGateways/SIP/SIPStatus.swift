// SPDX-License-Identifier: GPL-3.0-or-later

/// How SIP says that a call ended (RFC 3261, section 21), and what that is in our words: of our own calls, and of those whose
/// gateway tells the status.
package enum SIPStatus {
    private struct Row {
        let status: Int
        let outcome: CallOutcome
        let cause: String
    }

    /// Those that mean something of their own; of the rest, 3xx to 6xx failed.
    private static let rows = [
        // Nobody else is called than who was asked for.
        Row(status: 301, outcome: .failed, cause: "Moved Permanently"),
        Row(status: 302, outcome: .failed, cause: "Moved Temporarily"),
        Row(status: 401, outcome: .failed, cause: "Unauthorized"),
        Row(status: 403, outcome: .rejected, cause: "Forbidden"),
        Row(status: 404, outcome: .invalidNumber, cause: "Not Found"),
        Row(status: 407, outcome: .failed, cause: "Proxy Authentication Required"),
        Row(status: 408, outcome: .noAnswer, cause: "Request Timeout"),
        Row(status: 410, outcome: .invalidNumber, cause: "Gone"),
        Row(status: 480, outcome: .noAnswer, cause: "Temporarily Unavailable"),
        Row(status: 484, outcome: .invalidNumber, cause: "Address Incomplete"),
        Row(status: 485, outcome: .invalidNumber, cause: "Ambiguous"),
        Row(status: 486, outcome: .busy, cause: "Busy Here"),
        Row(status: 487, outcome: .canceled, cause: "Request Terminated"),
        Row(status: 488, outcome: .failed, cause: "Not Acceptable Here"),
        Row(status: 500, outcome: .failed, cause: "Server Internal Error"),
        Row(status: 503, outcome: .failed, cause: "Service Unavailable"),
        Row(status: 504, outcome: .failed, cause: "Server Time-out"),
        Row(status: 600, outcome: .busy, cause: "Busy Everywhere"),
        Row(status: 603, outcome: .rejected, cause: "Decline"),
        Row(status: 604, outcome: .invalidNumber, cause: "Does Not Exist Anywhere"),
        Row(status: 606, outcome: .failed, cause: "Not Acceptable"),
        // RFC 8197, RFC 8688
        Row(status: 607, outcome: .rejected, cause: "Unwanted"),
        Row(status: 608, outcome: .rejected, cause: "Rejected"),
    ]
    private static let known = Dictionary(uniqueKeysWithValues: rows.map { ($0.status, $0) })

    /// How a call ends by a status; failed by one that says no more.
    package static func outcome(_ status: Int) -> CallOutcome { known[status]?.outcome ?? .failed }

    /// The end of a call that was refused by a status; what the peer calls it is not repeated, since it may name somebody.
    package static func end(_ status: Int) -> CallEnd {
        CallEnd(outcome(status), cause: known[status]?.cause, sipStatus: status)
    }
}
