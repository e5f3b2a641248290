// SPDX-License-Identifier: GPL-3.0-or-later

/// The fields of a form or of an address's query: `application/x-www-form-urlencoded`, read as
/// <https://url.spec.whatwg.org/#urlencoded-parsing> says.
///
/// A plus is a space. A percent sign without two hexadecimal figures stands for itself, and what is not UTF-8 becomes
/// U+FFFD: nothing is refused.
package struct FormFields: Sendable {
    /// Names and values, decoded, in the order in which they came; a name may stand more than once.
    package let pairs: [(name: String, value: String)]

    /// Reads the body of a form.
    package init(body: some Sequence<UInt8>) {
        pairs = Array(body).split(separator: UInt8(ascii: "&")).map { field in
            let name = field.prefix { $0 != UInt8(ascii: "=") }
            return (Self.decoded(name), Self.decoded(field.dropFirst(name.count + 1)))
        }
    }

    /// Reads a query, with or without the question mark in front of it.
    package init(query: some StringProtocol) {
        let bytes = query.utf8
        self.init(body: bytes.first == UInt8(ascii: "?") ? Array(bytes.dropFirst()) : Array(bytes))
    }

    /// The first value of a name, which is compared byte for byte; nil where the name does not stand.
    package subscript(name: String) -> String? {
        pairs.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
    }

    /// The fields by name, those of one name by value, in the order of their bytes: as gateways sign them.
    package var sorted: [(name: String, value: String)] {
        pairs.sorted { one, other in
            one.name.utf8.elementsEqual(other.name.utf8)
                ? one.value.utf8.lexicographicallyPrecedes(other.value.utf8)
                : one.name.utf8.lexicographicallyPrecedes(other.name.utf8)
        }
    }

    private static func decoded(_ bytes: ArraySlice<UInt8>) -> String {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var rest = bytes
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let value = Hexadecimal.decode(rest.prefix(2))?.first {
                decoded.append(value)
                rest = rest.dropFirst(2)
            } else {
                decoded.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(decoding: decoded, as: UTF8.self)
    }

    /// Names and values as a form has them, in this order.
    package static func encoded(_ pairs: [(String, String)]) -> [UInt8] {
        var bytes: [UInt8] = []
        for (name, value) in pairs {
            if !bytes.isEmpty { bytes.append(UInt8(ascii: "&")) }
            encode(name, to: &bytes)
            bytes.append(UInt8(ascii: "="))
            encode(value, to: &bytes)
        }
        return bytes
    }

    private static func encode(_ text: String, to bytes: inout [UInt8]) {
        for byte in text.utf8 {
            if isPlain(byte) {
                bytes.append(byte)
            } else if byte == UInt8(ascii: " ") {
                bytes.append(UInt8(ascii: "+"))
            } else {
                bytes.append(UInt8(ascii: "%"))
                bytes += Hexadecimal.encode(byte)
            }
        }
    }

    /// Whether a byte stands for itself in forms and in paths.
    static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
