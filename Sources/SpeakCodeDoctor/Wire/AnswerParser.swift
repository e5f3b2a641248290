// SPDX-License-Identifier: GPL-3.0-or-later

/// Reads an HTTP/1 answer from the bytes of a connection, and mends nothing.
struct AnswerParser {
    /// As much of a head is read as shows that it is too long for everybody.
    private static let headLimit = 256 * 1024

    private enum Phase {
        case head
        case body(left: Int?)
        case chunkSize
        case chunk(left: Int)
        case chunkEnd
        case trailers
        case finished
    }

    private let method: Request.Method
    private let bodyLimit: Int
    private var phase = Phase.head
    private var pending: [UInt8] = []
    private var cursor = 0
    private var headBytes = 0
    /// The lines of a head that has not ended.
    private var head: [[UInt8]] = []

    private(set) var answer = Answer()
    /// Whether the final answer's head is there.
    private(set) var hasHead = false
    private(set) var isHTTP = true

    init(for method: Request.Method, bodyLimit: Int) {
        self.method = method
        self.bodyLimit = bodyLimit
    }

    var isFinished: Bool {
        if case .finished = phase { return true }
        return !isHTTP
    }

    mutating func take(_ bytes: some Sequence<UInt8>) {
        pending.append(contentsOf: bytes)
        while step() {}
        pending.removeFirst(cursor)
        cursor = 0
    }

    /// The connection ended: what is not whole now will never be.
    mutating func end(timedOut: Bool) {
        guard hasHead, !isFinished else { return }
        switch phase {
        case _ where timedOut: answer.ending = .timedOut
        case .body(left: nil): answer.ending = .whole
        case .body(left: let left): answer.ending = .cut(missing: left)
        default: answer.ending = .cut(missing: nil)
        }
        phase = .finished
    }

    /// Goes one step on; false where more bytes are needed.
    private mutating func step() -> Bool {
        switch phase {
        case .head:
            guard isHTTP, let line = nextLine() else { return false }
            takeHeadLine(line)
            return isHTTP
        case .body(let left):
            let count = takeBody(atMost: left)
            guard !isFinished else { return true }
            guard let left else { return false }
            phase = left == count ? .finished : .body(left: left - count)
            return left == count
        case .chunkSize:
            guard let line = nextLine() else { return false }
            let figures = Self.text(line).prefix { $0 != ";" }.filter { $0 != " " }
            guard let size = Int(figures, radix: 16), size >= 0 else { return fail("a chunk without a size") }
            phase = size == 0 ? .trailers : .chunk(left: size)
        case .chunk(let left):
            let count = takeBody(atMost: left)
            guard !isFinished else { return true }
            phase = left == count ? .chunkEnd : .chunk(left: left - count)
            return left == count
        case .chunkEnd:
            guard let line = nextLine() else { return false }
            guard Self.text(line).isEmpty else { return fail("a chunk longer than its size") }
            phase = .chunkSize
        case .trailers:
            guard let line = nextLine() else { return false }
            if Self.text(line).isEmpty { phase = .finished }
        case .finished:
            answer.surplus += pending.count - cursor
            cursor = pending.count
            return false
        }
        return true
    }

    private mutating func fail(_ problem: String) -> Bool {
        answer.ending = .malformed(problem)
        phase = .finished
        return true
    }

    private mutating func takeBody(atMost left: Int?) -> Int {
        let count = min(left ?? .max, pending.count - cursor)
        answer.body += pending[cursor..<cursor + count]
        cursor += count
        if answer.body.count > bodyLimit {
            answer.ending = .tooLarge
            phase = .finished
        }
        return count
    }

    /// The next line with its end; nil where it has not ended.
    private mutating func nextLine() -> [UInt8]? {
        guard let end = pending[cursor...].firstIndex(of: UInt8(ascii: "\n")) else {
            if pending.count - cursor > Self.headLimit {
                isHTTP = hasHead
                _ = fail("a line without an end")
            }
            return nil
        }
        defer { cursor = end + 1 }
        return Array(pending[cursor...end])
    }

    private mutating func takeHeadLine(_ line: [UInt8]) {
        headBytes += line.count
        guard headBytes <= Self.headLimit, !head.isEmpty || line.starts(with: Array("HTTP/1.".utf8)) else {
            isHTTP = false
            return
        }
        guard Self.text(line).isEmpty else {
            head.append(line)
            return
        }
        defer { head = [] }
        guard let first = head.first, let status = Self.status(first) else {
            isHTTP = false
            return
        }
        if (100...199).contains(status), status != 101 {
            answer.interim.append(status)
            return
        }
        hasHead = true
        answer.status = status
        answer.longestLine = head.map(\.count).max() ?? 0
        answer.lines = head.dropFirst().map { line in
            let parts = Self.text(line).split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let value = (parts.dropFirst().first ?? "").trimming { " \t".contains($0) }
            return Answer.Line(name: String(parts[0]), value: String(value), byteCount: line.count)
        }
        frame()
    }

    /// RFC 9112, section 6.3.
    private mutating func frame() {
        let lengths = Set(answer.values("Content-Length"))
        if method == .head || answer.status == 204 || answer.status == 304 || answer.status == 101 {
            phase = .finished
        } else if answer.value("Transfer-Encoding")?.lowercased().hasSuffix("chunked") == true {
            answer.framing = .chunked
            phase = .chunkSize
        } else if let text = lengths.first {
            guard lengths.count == 1, let length = Int(text), length >= 0, text.utf8.allSatisfy({ $0 != 0x2B }) else {
                _ = fail("a Content-Length that is no number")
                return
            }
            answer.framing = .contentLength(length)
            phase = length == 0 ? .finished : .body(left: length)
        } else {
            answer.framing = .untilClose
            phase = .body(left: nil)
        }
    }

    private static func status(_ line: [UInt8]) -> Int? {
        let parts = text(line).split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count >= 2, parts[1].utf8.count == 3, let status = Int(parts[1]), status >= 100 else { return nil }
        return status
    }

    private static func text(_ line: [UInt8]) -> Substring {
        String(decoding: line, as: UTF8.self)[...].trimming { "\r\n".contains($0) || $0 == "\r\n" }
    }
}

extension Substring {
    /// Without the characters at either end that match.
    func trimming(where matches: (Character) -> Bool) -> Substring {
        let front = drop(while: matches)
        guard let last = front.lastIndex(where: { !matches($0) }) else { return "" }
        return front[...last]
    }
}
