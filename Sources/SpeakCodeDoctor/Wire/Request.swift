// SPDX-License-Identifier: GPL-3.0-or-later

/// A request as it goes over the wire: headers in their order and spelling.
struct Request: Sendable, Hashable {
    enum Method: String, Sendable { case get = "GET", head = "HEAD" }

    let method: Method
    /// Nil for the URL's own.
    var target: String?
    /// `Host` is written where it stands here, with the URL's value.
    let headers: [Header]
    /// Whether the body is listened to for a while, and not waited for to its end.
    var listens = false

    struct Header: Sendable, Hashable, ExpressibleByStringLiteral {
        let name: String
        let value: String

        init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }

        /// `Name: value`.
        init(stringLiteral line: String) {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            name = String(parts.first ?? "")
            value = String((parts.dropFirst().first ?? "").drop { $0 == " " })
        }

        /// The place of the `Host` header.
        static let host = Header("Host", "")
    }

    init(_ method: Method, target: String? = nil, _ headers: [Header]) {
        self.method = method
        self.target = target
        self.headers = headers
    }

    /// The same, for a body without an end.
    var listening: Request {
        var request = self
        request.listens = true
        return request
    }

    /// Whether the server is asked to close the connection, so that all that it sends can be read.
    var closes: Bool { headers.contains("Connection: close") }

    func bytes(for url: AudioURL) -> [UInt8] {
        var text = "\(method.rawValue) \(target ?? url.target) HTTP/1.1\r\n"
        for header in headers {
            guard header.name == "Host" else {
                // What curl and libavformat write for an empty value.
                text += "\(header.name): \(header.value)\r\n"
                continue
            }
            text += "Host: \(url.authority)\r\n"
            if let credentials = url.credentials {
                text += "Authorization: Basic \(Base64.encode(Self.percentDecoded(credentials)))\r\n"
            }
        }
        return Array((text + "\r\n").utf8)
    }

    private static func percentDecoded(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            let figures = rest.prefix(2)
            guard byte == UInt8(ascii: "%"), figures.count == 2,
                let decoded = UInt8(String(decoding: figures, as: UTF8.self), radix: 16)
            else {
                bytes.append(byte)
                continue
            }
            bytes.append(decoded)
            rest = rest.dropFirst(2)
        }
        return bytes
    }
}

/// RFC 4648, section 4.
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for place in 0..<4 {
                text.append(place > group.count ? UInt8(ascii: "=") : alphabet[bits >> (18 - 6 * place) & 63])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
