// SPDX-License-Identifier: GPL-3.0-or-later

/// What Asterisk says over FastAGI once a call has begun.
enum FastAGIReply: Hashable, Sendable {
    /// 200: the command was carried out; with the sample at which its audio ended, where it has any.
    case result(Int, endPosition: Int? = nil)
    /// Another code, such as 510 for an unknown command, 511 for a channel that is gone, 520 for a wrong argument.
    case refusal(Int)
    /// The caller has hung up; it may stand between a command and its reply.
    case hangUp
}

/// Finds replies in the lines that Asterisk sends.
struct FastAGIReplyParser: Sendable {
    /// The code of a reply of several lines, until its last one.
    private var open: Int?

    /// Takes the next line, without its end.
    ///
    /// - Returns: nil for a line that is no reply, or not the end of one.
    mutating func reply(in line: some StringProtocol) -> FastAGIReply? {
        if line == "HANGUP" {
            open = nil
            return .hangUp
        }
        let (code, mark) = Self.code(of: line)
        if let open {
            guard code == open, mark == .last else { return nil }
            self.open = nil
            return .refusal(open)
        }
        guard let code else { return nil }
        switch (code, mark) {
        case (_, .more):
            open = code
            return nil
        case (200, _): return Self.result(in: line.dropFirst(4))
        default: return .refusal(code)
        }
    }

    private enum Mark {
        case more
        case last
    }

    /// The three digits that begin a reply, and whether `-` or a space follows.
    private static func code(of line: some StringProtocol) -> (Int?, Mark) {
        let bytes = line.utf8.prefix(4)
        let digits = bytes.prefix(3)
        guard digits.count == 3, digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let code = Int(String(decoding: digits, as: UTF8.self)), (100...999).contains(code)
        else { return (nil, .last) }
        switch bytes.dropFirst(3).first {
        case UInt8(ascii: "-"): return (code, .more)
        case UInt8(ascii: " "), nil: return (code, .last)
        default: return (nil, .last)
        }
    }

    /// `result=0 (some text) endpos=1600`; what is in brackets may have spaces, and looks like anything.
    private static func result(in text: some StringProtocol) -> FastAGIReply? {
        let words = text.split(separator: " ")
        guard let first = words.first, let result = number(in: first, behind: "result=") else { return nil }
        return .result(result, endPosition: words.dropFirst().last.flatMap { number(in: $0, behind: "endpos=") })
    }

    private static func number(in word: some StringProtocol, behind name: String) -> Int? {
        word.hasPrefix(name) ? Int(word.dropFirst(name.count)) : nil
    }
}
