// SPDX-License-Identifier: GPL-3.0-or-later

internal import HTTPTypes

/// What a request makes its answer depend on (RFC 9110, sections 13 and 14).
struct Conditions {
    /// What is to be answered.
    enum Outcome: Equatable {
        /// 200, the whole.
        case whole
        /// 206, a range of the bytes.
        case part(Range<Int>)
        /// 304.
        case notModified
        /// 412.
        case failed
        /// 416.
        case unsatisfiable
    }

    /// Decides about a representation.
    ///
    /// - Parameters:
    ///   - modified: seconds since 1970.
    ///   - length: its bytes.
    static func outcome(
        _ headers: HTTPFields, method: HTTPRequest.Method, tag: String, modified: Int, length: Int
    ) -> Outcome {
        if let wanted = headers[.ifMatch] {
            if !matches(wanted, tag, weakly: false) { return .failed }
        } else if let date = headers[.ifUnmodifiedSince].flatMap(HTTPDate.seconds), modified > date {
            return .failed
        }
        if let known = headers[.ifNoneMatch] {
            if matches(known, tag, weakly: true) { return .notModified }
        } else if let date = headers[.ifModifiedSince].flatMap(HTTPDate.seconds), modified <= date {
            return .notModified
        }
        // Ranges are of GET only, and one whose validator is another's is not looked at.
        guard method == .get, let range = headers[.range] else { return .whole }
        if let validator = headers[.ifRange] {
            guard validator == tag || HTTPDate.seconds(validator) == modified else { return .whole }
        }
        return self.range(range, length)
    }

    /// Entity tags of a list; a weak one never matches strongly.
    private static func matches(_ list: String, _ tag: String, weakly: Bool) -> Bool {
        list.split(separator: ",").contains { entry in
            let entry = entry.trimmed
            if entry == "*" { return true }
            return weakly && entry.hasPrefix("W/") ? entry.dropFirst(2) == tag : entry == tag
        }
    }

    /// One range of bytes; anything else, several of them included, is answered as a whole, which RFC 9110 allows.
    static func range(_ header: String, _ length: Int) -> Outcome {
        let parts = header.split(separator: "=", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased().trimmed == "bytes", !parts[1].contains(",") else { return .whole }
        let ends = parts[1].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map(\.trimmed)
        guard ends.count == 2, ends.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }) else {
            return .whole
        }
        // A number too large to be one is beyond every end.
        let first = ends[0].isEmpty ? nil : Int(ends[0]) ?? .max
        let last = ends[1].isEmpty ? nil : Int(ends[1]) ?? .max
        switch (first, last) {
        case (nil, nil): return .whole
        case (nil, let suffix?):
            return suffix == 0 || length == 0 ? .unsatisfiable : .part(max(0, length - suffix)..<length)
        case (let first?, let last):
            if let last, last < first { return .whole }
            guard first < length else { return .unsatisfiable }
            return .part(first..<min(last ?? .max, length - 1) + 1)
        }
    }
}

extension StringProtocol {
    /// Without spaces and tabs around it.
    var trimmed: SubSequence {
        let start = drop { $0 == " " || $0 == "\t" }
        guard let end = start.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return start }
        return start[...end]
    }
}
