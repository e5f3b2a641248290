// SPDX-License-Identifier: GPL-3.0-or-later

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

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
        var bytes: [UInt8] = []
        for slice in slices { bytes += slice }
        self.bytes = bytes
    }

    /// A range of the bytes.
    public subscript(range: some RangeExpression<Int>) -> Bytes {
        Bytes(bytes[range])
    }

    /// Whether two rows have the same bytes; as fast in a debug build as in any other.
    public static func == (a: Bytes, b: Bytes) -> Bool {
        a.bytes.withUnsafeBytes { left in
            b.bytes.withUnsafeBytes { right in
                guard left.count == right.count, let first = left.baseAddress, let second = right.baseAddress else {
                    return left.count == right.count
                }
                return memcmp(first, second, left.count) == 0
            }
        }
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
