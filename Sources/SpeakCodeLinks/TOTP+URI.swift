// SPDX-License-Identifier: GPL-3.0-or-later

extension TOTP {
    /// The most bytes that a URI may have.
    public static let longestURI = 2048

    /// Reads what a site shows beside its QR code, or what is in it: `otpauth://totp/…?secret=…`, or the secret in base32.
    ///
    /// Base32 is read in either case, with spaces or hyphens between its characters, with or without `=` behind them. What a
    /// URI has beside its type, label, secret, algorithm, digits and period changes no code, and is left alone.
    ///
    /// - Parameter text: white space around it is not part of it.
    /// - Throws: ``TOTPError``, which names the field.
    public init(_ text: some StringProtocol) throws(TOTPError) {
        guard text.utf8.count <= Self.longestURI else {
            throw TOTPError(.uri, "must have at most \(Self.longestURI) bytes")
        }
        let lead = text.drop(while: \.isWhitespace)
        let end = lead.lastIndex { !$0.isWhitespace }
        let written = end.map { lead[...$0] } ?? lead[..<lead.startIndex]
        guard !written.isEmpty else { throw TOTPError(.uri, "is empty: give otpauth://totp/… or the secret in base32") }
        guard written.contains(":") else {
            try self.init(secret: Self.secret(written))
            return
        }
        try self.init(uri: String(written))
    }

    private init(uri: String) throws(TOTPError) {
        let scheme = "otpauth://"
        guard uri.prefix(scheme.count).lowercased() == scheme else {
            throw TOTPError(.uri, "must begin with \(scheme), or be the secret in base32")
        }
        let withoutFragment = uri.dropFirst(scheme.count).prefix { $0 != "#" }
        let path = withoutFragment.prefix { $0 != "?" }
        let type = path.prefix { $0 != "/" }
        guard type.lowercased() == "totp" else {
            throw TOTPError(.type, "must be totp: only codes that follow from the time can be read aloud")
        }
        guard Self.unescape(path.dropFirst(type.count)) != nil else {
            throw TOTPError(.label, "must have two hexadecimal digits behind each %, and be UTF-8")
        }
        let fields = try Self.fields(withoutFragment.dropFirst(path.count + 1))
        guard let secret = fields[.secret] else { throw TOTPError(.secret, "is missing: the URI needs secret=…") }
        try self.init(
            secret: Self.secret(secret), algorithm: Self.algorithm(fields[.algorithm]),
            digits: Self.number(fields[.digits], .digits) ?? 6, period: Self.number(fields[.period], .period) ?? 30)
    }

    /// The fields of a query that change the code, each at most once.
    private static func fields(_ query: Substring) throws(TOTPError) -> [TOTPError.Field: String] {
        var fields: [TOTPError.Field: String] = [:]
        for pair in query.split(separator: "&") {
            let name = pair.prefix { $0 != "=" }
            guard let field = TOTPError.Field(rawValue: name.lowercased()),
                [.secret, .algorithm, .digits, .period].contains(field)
            else { continue }
            guard let value = unescape(pair.dropFirst(name.count + 1)) else {
                throw TOTPError(field, "must have two hexadecimal digits behind each %, and be UTF-8")
            }
            guard fields.updateValue(value, forKey: field) == nil else {
                throw TOTPError(field, "stands twice in the URI; which one holds, nobody can know")
            }
        }
        return fields
    }

    private static func algorithm(_ name: String?) throws(TOTPError) -> Algorithm {
        guard let name else { return .sha1 }
        guard let algorithm = Algorithm(rawValue: name.uppercased().filter { $0 != "-" }) else {
            throw TOTPError(.algorithm, "must be one of \(Algorithm.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return algorithm
    }

    private static func number(_ text: String?, _ field: TOTPError.Field) throws(TOTPError) -> Int? {
        guard let text else { return nil }
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text) else {
            throw TOTPError(field, "must be a whole number")
        }
        return number
    }

    /// A part of a URI without its escapes (RFC 3986, section 2.1); nil where they are broken.
    private static func unescape(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(hexadecimal), let low = rest.popFirst().flatMap(hexadecimal) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: nil
        }
    }

    /// The bytes of a secret in base32 (RFC 4648, section 6).
    private static func secret(_ text: some StringProtocol) throws(TOTPError) -> [UInt8] {
        let characters = text.utf8.filter { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "-") }
        let figures = characters.prefix { $0 != UInt8(ascii: "=") }
        guard characters[figures.endIndex...].allSatisfy({ $0 == UInt8(ascii: "=") }) else {
            throw TOTPError(.secret, "must have = at its end only")
        }
        var bytes: [UInt8] = []
        var (bits, count): (UInt32, Int) = (0, 0)
        for figure in figures {
            let value: UInt8
            switch figure {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = figure - UInt8(ascii: "A")
            case UInt8(ascii: "a")...UInt8(ascii: "z"): value = figure - UInt8(ascii: "a")
            case UInt8(ascii: "2")...UInt8(ascii: "7"): value = figure - UInt8(ascii: "2") + 26
            default: throw TOTPError(.secret, "must be base32, which has the letters A–Z and the digits 2–7")
            }
            bits = bits << 5 | UInt32(value)
            count += 5
            guard count >= 8 else { continue }
            count -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> count))
        }
        // What no bytes have: a character more or less than was meant.
        guard count < 5 else { throw TOTPError(.secret, "is cut off: no base32 has so many characters") }
        return bytes
    }
}
