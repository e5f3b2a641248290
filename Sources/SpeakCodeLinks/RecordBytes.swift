// SPDX-License-Identifier: GPL-3.0-or-later

/// What is still to be read of a record.
struct RecordReader {
    private let bytes: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func byte() -> UInt8? { bytes(1)?.first }

    mutating func number(of size: Int) -> Int? {
        bytes(size).map { $0.reduce(0) { $0 << 8 | Int($1) } }
    }

    mutating func bytes(_ count: Int) -> ArraySlice<UInt8>? {
        guard bytes.count - place >= count else { return nil }
        defer { place += count }
        return bytes[place..<(place + count)]
    }

    mutating func field() -> ArraySlice<UInt8>? {
        byte().flatMap { bytes(Int($0)) }
    }

    mutating func text() -> String? {
        field().flatMap { String(validating: $0, as: UTF8.self) }
    }
}

/// How a record is written: numbers are big-endian, a text has its length before it.
extension [UInt8] {
    mutating func append(number: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: number.bigEndian) { self += $0 }
    }

    /// At most 255 bytes; what is asked for is bounded far below.
    mutating func append(text: String) {
        append(field: text.utf8)
    }

    /// The same of bytes that are no text.
    mutating func append(field: some Collection<UInt8>) {
        let bytes = field.prefix(255)
        append(UInt8(bytes.count))
        self += bytes
    }

    /// Adds zeros up to 96 bytes, or to a multiple of 32 above: the length of what is sealed tells little.
    mutating func fillRecord() {
        let (block, shortest) = (32, 96)
        self += [UInt8](repeating: 0, count: Swift.max(shortest, (count + block - 1) / block * block) - count)
    }
}
