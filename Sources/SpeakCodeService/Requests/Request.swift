// SPDX-License-Identifier: GPL-3.0-or-later

package import HTTPTypes

/// A request, over whichever HTTP it came.
package struct Request: Sendable {
    let method: HTTPRequest.Method
    /// The path as it came, without the query.
    let path: String
    /// What stands behind the question mark; empty where there is none.
    let query: String
    /// The host and port that it was sent to, as the client says.
    let authority: String?
    let headers: HTTPFields
    let body: Body
    /// The address at the other end of the connection, without its port; nil where there is none.
    let peer: String?
    /// What links in the answer begin with, where who hands the request on knows it.
    var base: String?

    package init(
        method: HTTPRequest.Method, path: String, query: String, authority: String?, headers: HTTPFields, body: Body,
        peer: String?
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.authority = authority
        self.headers = headers
        self.body = body
        self.peer = peer
    }

    /// The path of a request's target (RFC 9112, section 3.2).
    package static func path(of target: String) -> String {
        var rest = target.utf8[...]
        if rest.first != UInt8(ascii: "/"), let scheme = target.firstRange(of: "://") {
            rest = target.utf8[scheme.upperBound...].drop { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
        }
        guard let query = rest.firstIndex(of: UInt8(ascii: "?")) else {
            return rest.isEmpty ? "/" : rest.count == target.utf8.count ? target : String(Substring(rest))
        }
        return query == rest.startIndex ? "/" : String(target[rest.startIndex..<query])
    }

    /// The query of a request's target, without its question mark.
    package static func query(of target: String) -> String {
        target.utf8.firstIndex(of: UInt8(ascii: "?")).map { String(target[target.utf8.index(after: $0)...]) } ?? ""
    }

    /// What a request carries.
    package enum Body: Sendable {
        case here([UInt8])
        /// It was waited for, and did not come.
        case late
    }
}
