// SPDX-License-Identifier: GPL-3.0-or-later

// Rules about parts of a body: RFC 9110, section 14.
extension Rule {
    static let acceptRanges = Rule.ofAnswer(
        .acceptRanges, needs: "Accept-Ranges: bytes",
        because: "Safari plays <audio> only from servers with byte ranges (documented)",
        remedy: "Send Accept-Ranges: bytes, and answer Range with 206."
    ) { answer, _ in
        let value = answer.value("Accept-Ranges")?.lowercased()
        return .require(value == "bytes", value == "bytes" ? "bytes" : value == nil ? "there is none" : "another unit")
    }

    /// rtpengine asks for all from the first byte on; 200 with the whole is right too.
    static let rangeFromZero = Rule.ofBody(
        .rangeFromZero, needs: "200 with everything, or a correct 206, for Range: bytes=0-",
        because: "rtpengine's libavformat always asks so (measured)",
        remedy: "Answer with Content-Range: bytes 0-LAST/LENGTH and all bytes, or ignore the header."
    ) { answer, _ in
        guard answer.status == 206 else { return .pass("\(answer.status)") }
        let count = answer.body.count
        guard let range = ContentRange(answer) else { return .fail("206 without a readable Content-Range") }
        let isRight = range == ContentRange(first: 0, last: count - 1, total: count)
        return .require(isRight, isRight ? "206, bytes 0-\(count - 1)" : "206, but Content-Range is not of these bytes")
    }

    static let rangeFirstBytes = Rule(
        .rangeFirstBytes, needs: "206 with two bytes for Range: bytes=0-1",
        because: "Safari asks so first, and gives up where it gets 200 (documented)",
        remedy: "Answer 206 with Content-Range: bytes 0-1/LENGTH and two bytes; a proxy must pass Range on."
    ) { visit in
        guard let answer = visit.answer(.firstTwoBytes), let whole = visit.answer(.get), whole.isSuccess else {
            return .notApplicable("there is no audio")
        }
        return part(answer, 0..<2, of: whole)
    }

    static let rangesAssemble = Rule(
        .rangesAssemble, needs: "parts that make the whole",
        because: "Safari puts its audio together from ranges (documented)",
        remedy: "Count from the first byte of the file, header included; both ends of a range belong to it."
    ) { visit in
        guard let whole = visit.answer(.get), whole.isSuccess, whole.isWhole,
            let first = visit.answer(.firstPart), let second = visit.answer(.secondPart)
        else { return .notApplicable("there are no ranges") }
        let half = whole.body.count / 2
        let verdicts = [part(first, 0..<half, of: whole), part(second, half..<whole.body.count, of: whole)]
        return verdicts.first { $0 != .pass("206") } ?? .pass("the same bytes")
    }

    static let rangeUnsatisfiable = Rule(
        .rangeUnsatisfiable, needs: "416 with Content-Range: bytes */LENGTH for a range behind the end",
        because: "RFC 9110, section 15.5.17: a player that seeks learns the length from it",
        remedy: "Answer 416 with Content-Range: bytes */LENGTH, not 200 or 206."
    ) { visit in
        guard let whole = visit.answer(.get), let answer = visit.answer(.pastTheEnd) else {
            return .notApplicable("there are no ranges")
        }
        guard answer.status == 416 else { return .fail("\(answer.status)") }
        let isRight = answer.value("Content-Range") == "bytes */\(whole.body.count)"
        return .require(isRight, isRight ? "416" : "416 without the length in Content-Range")
    }

    static let ifRange = Rule(
        .ifRange, needs: "the part for If-Range with the ETag, everything for another",
        because: "RFC 9110, section 13.1.5: otherwise parts of two audios are put together",
        remedy: "Compare If-Range with the ETag: equal, answer 206; not equal, ignore Range and answer 200."
    ) { visit in
        guard let same = visit.answer(.ifRangeSame), let other = visit.answer(.ifRangeOther) else {
            return .notApplicable("there are no ranges, or no ETag")
        }
        guard same.status == 206 else { return .fail("\(same.status) for the same ETag") }
        return .require(other.isSuccess && other.status != 206, "\(other.status) for another ETag")
    }

    private static func part(_ answer: Answer, _ range: Range<Int>, of whole: Answer) -> Verdict {
        guard answer.status == 206 else { return .fail("\(answer.status)") }
        let expected = ContentRange(first: range.lowerBound, last: range.upperBound - 1, total: whole.body.count)
        guard let told = ContentRange(answer) else { return .fail("206 without a readable Content-Range") }
        guard told == expected || !whole.isWhole else {
            return .fail("asked for \(expected), told \(told)")
        }
        guard answer.isWhole, answer.body.count == range.count else {
            return .fail("\(answer.body.count) bytes where \(range.count) were asked for")
        }
        let isSame = whole.body.count < range.upperBound || answer.body.elementsEqual(whole.body[range])
        return .require(isSame, isSame ? "206" : "206, but the bytes are others")
    }
}

/// `Content-Range: bytes FIRST-LAST/TOTAL`.
struct ContentRange: Hashable, CustomStringConvertible {
    let first: Int
    let last: Int
    let total: Int

    init(first: Int, last: Int, total: Int) {
        self.first = first
        self.last = last
        self.total = total
    }

    init?(_ answer: Answer) {
        guard let text = answer.value("Content-Range"), text.hasPrefix("bytes ") else { return nil }
        let numbers = text.dropFirst(6).split(separator: /[-\/]/, omittingEmptySubsequences: false).map { Int($0) }
        guard numbers.count == 3, let first = numbers[0], let last = numbers[1], let total = numbers[2] else {
            return nil
        }
        self.init(first: first, last: last, total: total)
    }

    var description: String { "\(first)-\(last)/\(total)" }
}
