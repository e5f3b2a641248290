// SPDX-License-Identifier: GPL-3.0-or-later

/// Bytes that a failing test does not print one by one.
///
/// A test library describes the two sides of a failed comparison; for a minute of audio that takes longer than all
/// tests together.
public struct Bytes: Hashable, Sendable {
    /// The bytes.
    public let bytes: [UInt8]

    /// Wraps bytes.
    public init(_ bytes: some Sequence<UInt8>) {
        self.bytes = Array(bytes)
    }

    /// Joins slices, such as a rendition's.
    public init(joining slices: some Sequence<ArraySlice<UInt8>>) {
        bytes = slices.flatMap(\.self)
    }

    /// A range of the bytes.
    public subscript(range: some RangeExpression<Int>) -> Bytes {
        Bytes(bytes[range])
    }

    /// The number of bytes.
    public var count: Int { bytes.count }

    /// The place of the first byte that differs from another row's; nil where none does.
    public func firstDifference(from other: Bytes) -> Int? {
        let common = zip(bytes, other.bytes).enumerated().first { $0.element.0 != $0.element.1 }?.offset
        return common ?? (count == other.count ? nil : min(count, other.count))
    }
}

extension Bytes: CustomStringConvertible, CustomReflectable {
    /// The number of bytes, the first few, and a sum that differs where the bytes do.
    public var description: String {
        let sum = bytes.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
        let first = bytes.prefix(8).map { String($0, radix: 16) }.joined(separator: " ")
        return "Bytes(\(count): \(first)…, FNV-1a \(String(sum, radix: 16)))"
    }

    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
