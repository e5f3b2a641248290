// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCodeLinks

/// The calls of the last day, as a value: what each bound on calls is counted by.
///
/// Numbers and callers are in it by keyed digests alone.
struct CallLedger: Hashable, Sendable {
    /// A call that was admitted.
    struct Row: Hashable, Sendable {
        let id: CallID
        /// In seconds since 1970.
        let at: Int
        /// The digests of the number, of those that share its beginning, of who asked for it, and of what it was asked by.
        let number: UInt64
        let range: UInt64
        let caller: UInt64
        let body: UInt64
    }

    /// How long a call counts, in seconds.
    static let day = 86_400

    private(set) var rows: ArraySlice<Row> = []
    private var numbers: [UInt64: [Int]] = [:]
    private var ranges: [UInt64: Int] = [:]
    private var callers: [UInt64: Int] = [:]
    private var calls: [CallID: Row] = [:]

    /// The calls of the last day.
    var count: Int { rows.count }

    /// When the first of them was; nil where there is none.
    var first: Int? { rows.first?.at }

    /// The call that has one of these names.
    func row(of ids: [CallID]) -> Row? { ids.lazy.compactMap { calls[$0] }.first }

    /// When a number was called, by any of its digests, the first time first.
    func times(of number: [UInt64]) -> [Int] { number.flatMap { numbers[$0] ?? [] }.sorted() }

    func count(inRange range: [UInt64]) -> Int { range.reduce(0) { $0 + (ranges[$1] ?? 0) } }

    func count(ofCaller caller: [UInt64]) -> Int { caller.reduce(0) { $0 + (callers[$1] ?? 0) } }

    mutating func add(_ row: Row) {
        rows.append(row)
        numbers[row.number, default: []].append(row.at)
        ranges[row.range, default: 0] += 1
        callers[row.caller, default: 0] += 1
        calls[row.id] = row
    }

    /// Forgets calls that are a day old.
    mutating func forget(at now: Int) {
        while let row = rows.first, row.at + Self.day <= now {
            rows.removeFirst()
            numbers[row.number]?.removeFirst()
            if numbers[row.number]?.isEmpty == true { numbers[row.number] = nil }
            Self.takeOne(of: row.range, from: &ranges)
            Self.takeOne(of: row.caller, from: &callers)
            calls[row.id] = nil
        }
    }

    private static func takeOne(of key: UInt64, from counts: inout [UInt64: Int]) {
        guard let count = counts[key] else { return }
        counts[key] = count > 1 ? count - 1 : nil
    }

    // MARK: As text

    private static let title = "speakcode calls 1"

    /// A line for each call, in figures, between two that tell whether it is whole.
    var text: String {
        var text = Self.title + "\n"
        for row in rows {
            let id = row.id.bytes.map { Self.hexadecimal(UInt64($0), 2) }.joined()
            let digests = [row.number, row.range, row.caller, row.body].map { Self.hexadecimal($0, 16) }
            text += "\(row.at) \(id) \(digests.joined(separator: " "))\n"
        }
        return text + "end \(rows.count)\n"
    }

    /// Reads what ``text`` has written.
    ///
    /// - Returns: nil for what is not whole.
    init?(text: String) {
        self.init()
        let lines = text.split(separator: "\n")
        guard lines.first == Self.title[...], lines.count >= 2, lines.last == "end \(lines.count - 2)"[...] else {
            return nil
        }
        for line in lines.dropFirst().dropLast() {
            guard let row = Self.row(line) else { return nil }
            add(row)
        }
    }

    init() {}

    private static func row(_ line: Substring) -> Row? {
        let words = line.split(separator: " ")
        guard words.count == 6, let at = Int(words[0]), words[1].utf8.count == 2 * CallID.length else { return nil }
        let figures = Array(words[1])
        let bytes = stride(from: 0, to: figures.count, by: 2).compactMap {
            UInt8(String(figures[$0...($0 + 1)]), radix: 16)
        }
        let digests = words[2...].compactMap { UInt64($0, radix: 16) }
        guard let id = CallID(bytes), digests.count == 4 else { return nil }
        return Row(
            id: id, at: at, number: digests[0], range: digests[1], caller: digests[2], body: digests[3])
    }

    private static func hexadecimal(_ number: UInt64, _ length: Int) -> String {
        let figures = String(number, radix: 16)
        return String(repeating: "0", count: max(0, length - figures.utf8.count)) + figures
    }
}
