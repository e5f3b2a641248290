// SPDX-License-Identifier: GPL-3.0-or-later

extension JSON5Value {
    /// The value in a form that is read in microseconds: the packs inside the binary have it, since JSON5 takes
    /// milliseconds of every start.
    ///
    /// A letter for the kind, a length or count, a colon, and so many bytes or values: `t5:seven`, `o1:` and so on. Keys stand
    /// in order, so the same value always has the same form.
    package var compact: String {
        switch self {
        case .text(let text): "t\(text.utf8.count):\(text)"
        case .number(let number):
            number == number.rounded() && abs(number) < 1e15
                ? "n\(Int(number)):" : "f\("\(number)".utf8.count):\(number)"
        case .flag(let flag): flag ? "y0:" : "x0:"
        case .nothing: "z0:"
        case .list(let elements): "l\(elements.count):" + elements.map(\.compact).joined()
        case .object(let members):
            "o\(members.count):"
                + members.sorted { $0.key < $1.key }.map { "\($0.key.utf8.count):\($0.key)" + $0.value.compact }
                .joined()
        }
    }

    /// Reads the compact form; nil where the bytes are something else.
    package init?(compact bytes: UnsafeBufferPointer<UInt8>) {
        var reader = CompactReader(bytes: bytes)
        guard let value = reader.value(), reader.isAtEnd else { return nil }
        self = value
    }
}

/// Reads a compact form from its first byte to its last.
private struct CompactReader {
    let bytes: UnsafeBufferPointer<UInt8>
    private var place = 0

    init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    var isAtEnd: Bool { place == bytes.count }

    mutating func value() -> JSON5Value? {
        guard place < bytes.count else { return nil }
        let kind = bytes[place]
        place += 1
        guard let count = number() else { return nil }
        switch kind {
        case UInt8(ascii: "t"): return text(count).map(JSON5Value.text)
        case UInt8(ascii: "n"): return .number(Double(count))
        case UInt8(ascii: "f"): return text(count).flatMap { Double($0) }.map(JSON5Value.number)
        case UInt8(ascii: "y"): return .flag(true)
        case UInt8(ascii: "x"): return .flag(false)
        case UInt8(ascii: "z"): return .nothing
        case UInt8(ascii: "l"):
            var elements: [JSON5Value] = []
            for _ in 0..<max(0, count) {
                guard let element = value() else { return nil }
                elements.append(element)
            }
            return .list(elements)
        case UInt8(ascii: "o"):
            var members: [String: JSON5Value] = [:]
            members.reserveCapacity(min(max(0, count), 64))
            for _ in 0..<max(0, count) {
                guard let length = number(), let key = text(length), let member = value() else { return nil }
                members[key] = member
            }
            return .object(members)
        default: return nil
        }
    }

    /// A number and the colon behind it.
    private mutating func number() -> Int? {
        var number = 0
        let isNegative = place < bytes.count && bytes[place] == UInt8(ascii: "-")
        if isNegative { place += 1 }
        while place < bytes.count, number < 1 << 50 {
            let byte = bytes[place]
            place += 1
            if byte == UInt8(ascii: ":") { return isNegative ? -number : number }
            guard (0x30...0x39).contains(byte) else { return nil }
            number = number * 10 + Int(byte - 0x30)
        }
        return nil
    }

    private mutating func text(_ length: Int) -> String? {
        guard length >= 0, length <= bytes.count - place else { return nil }
        defer { place += length }
        return String(validating: bytes[place..<(place + length)], as: UTF8.self)
    }
}
