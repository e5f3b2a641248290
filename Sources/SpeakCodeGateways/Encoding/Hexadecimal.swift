// SPDX-License-Identifier: GPL-3.0-or-later

/// Bytes as pairs of hexadecimal figures (RFC 4648, section 8).
enum Hexadecimal {
    /// - Returns: nil for anything but whole pairs of figures, whose letters may be small or capital.
    static func decode(_ figures: some Collection<UInt8>) -> [UInt8]? {
        guard figures.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(figures.count / 2)
        var rest = figures[...]
        while let high = rest.popFirst(), let low = rest.popFirst() {
            guard let high = value(high), let low = value(low) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    /// A byte as two figures, with capital letters.
    static func encode(_ byte: UInt8) -> [UInt8] {
        let figures = Array("0123456789ABCDEF".utf8)
        return [figures[Int(byte >> 4)], figures[Int(byte & 15)]]
    }

    private static func value(_ figure: UInt8) -> UInt8? {
        switch figure {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): figure - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): figure - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): figure - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
