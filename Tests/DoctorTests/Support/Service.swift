// SPDX-License-Identifier: GPL-3.0-or-later

/// What a service is asked.
struct Ask: Sendable {
    let method: String
    let target: String
    private let headers: [String: String]

    init(_ head: String) {
        let lines = head.split(separator: "\r\n")
        let words = lines[0].split(separator: " ")
        method = String(words[0])
        target = String(words[1])
        headers = Dictionary(
            lines.dropFirst().map { line in
                let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                return (parts[0].lowercased(), parts[1].trimmingPrefix(" ").description)
            }, uniquingKeysWith: { first, _ in first })
    }

    subscript(_ name: String) -> String? { headers[name.lowercased()] }

    var isHead: Bool { method == "HEAD" }
}

/// What a service answers, with every way to be wrong.
struct Reply: Sendable {
    enum Framing { case contentLength, chunked, untilClose }

    var status: Int
    var headers: [(name: String, value: String)] = []
    /// Of the whole; what is sent for HEAD is nothing.
    var body: [UInt8] = []
    var framing = Framing.contentLength
    /// As many bytes as are sent before the connection is closed.
    var cut: Int?
    /// Behind the end.
    var surplus: [UInt8] = []
    /// Nothing is sent, and the connection stays open.
    var isSilent = false
    /// The connection is closed without an answer.
    var isDropped = false
    /// What follows the body never comes, and the connection stays open.
    var isEndless = false
    /// Sent before it.
    var preface = ""

    subscript(_ name: String) -> String? {
        get { headers.first { $0.name == name }?.value }
        set {
            let index = headers.firstIndex { $0.name == name }
            switch (index, newValue) {
            case (let index?, let value?): headers[index].value = value
            case (let index?, nil): headers.remove(at: index)
            case (nil, let value?): headers.append((name, value))
            case (nil, nil): break
            }
        }
    }

    func bytes(hasBody: Bool) -> [UInt8] {
        var text = preface + "HTTP/1.1 \(status) Status\r\n"
        switch framing {
        case .contentLength: text += "Content-Length: \(body.count)\r\n"
        case .chunked: text += "Transfer-Encoding: chunked\r\n"
        case .untilClose: break
        }
        for header in headers { text += "\(header.name): \(header.value)\r\n" }
        var bytes = Array((text + "\r\n").utf8)
        let head = bytes.count
        if hasBody {
            if framing == .chunked {
                for start in stride(from: 0, to: body.count, by: 1000) {
                    let chunk = body[start..<min(start + 1000, body.count)]
                    bytes += Array((String(chunk.count, radix: 16) + "\r\n").utf8) + chunk + Array("\r\n".utf8)
                }
                bytes += Array("0\r\n\r\n".utf8)
            } else {
                bytes += body
            }
        }
        bytes += surplus
        return cut.map { Array(bytes.prefix(head + $0)) } ?? bytes
    }
}

/// A service that has one audio, right unless it is made wrong.
struct Service: Sendable {
    var target = "/announcements/\(Service.secret).wav"
    var audio = Wave().bytes
    var tag = "\"5f3a\""
    var alter: @Sendable (Ask, inout Reply) -> Void = { _, _ in }

    /// A name that stands nowhere else, so that a search for it finds leaks.
    static let secret = "k7Qw2ZtR9mXv4LpB"

    func reply(to ask: Ask) -> Reply {
        var reply = rightReply(to: ask)
        alter(ask, &reply)
        return reply
    }

    private func rightReply(to ask: Ask) -> Reply {
        guard ask.target == target else { return Reply(status: 404) }
        var reply = Reply(status: 200)
        reply["Content-Type"] = "audio/wav"
        reply["ETag"] = tag
        reply["Last-Modified"] = "Mon, 23 Nov 2026 10:00:00 GMT"
        reply["Cache-Control"] = "private, max-age=600"
        reply["Accept-Ranges"] = "bytes"
        if ask["If-None-Match"] == tag {
            reply.status = 304
            reply.framing = .untilClose
            return reply
        }
        reply.body = audio
        guard !ask.isHead, let range = ask["Range"], ask["If-Range"] ?? tag == tag else { return reply }
        let ends = range.trimmingPrefix("bytes=").split(separator: "-").compactMap { Int($0) }
        let (first, last) = (ends[0], min(ends.dropFirst().first ?? .max, audio.count - 1))
        guard first < audio.count else {
            reply.status = 416
            reply["Content-Range"] = "bytes */\(audio.count)"
            reply.body = []
            return reply
        }
        reply.status = 206
        reply["Content-Range"] = "bytes \(first)-\(last)/\(audio.count)"
        reply.body = Array(audio[first...last])
        return reply
    }
}

/// A WAV file made by hand, right unless it is made wrong.
struct Wave: Sendable {
    var tag = 1
    var channels = 1
    var hertz = 8000
    var bits = 16
    var seconds = 0.5
    var tail = 0.1
    /// Chunks between `fmt ` and `data`.
    var extra: [UInt8] = []
    var declared: Int?
    var riff: Int?

    var bytes: [UInt8] {
        let loud = [UInt8](repeating: 0x11, count: Int(seconds * Double(hertz)) * channels * bits / 8)
        let silence = [UInt8](repeating: 0, count: Int(tail * Double(hertz)) * channels * bits / 8)
        let data = loud + silence
        let block = channels * bits / 8
        let format =
            number(tag, 2) + number(channels, 2) + number(hertz, 4) + number(hertz * block, 4) + number(block, 2)
            + number(bits, 2)
        let rest =
            Array("WAVEfmt ".utf8) + number(16, 4) + format + extra + Array("data".utf8)
            + number(declared ?? data.count, 4) + data
        return Array("RIFF".utf8) + number(riff ?? rest.count, 4) + rest
    }

    private func number(_ value: Int, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(value >> (8 * $0) & 0xFF) } }
}
