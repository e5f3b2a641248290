// SPDX-License-Identifier: GPL-3.0-or-later

/// A setting that a gateway needs to dial.
package struct GatewaySetting: Hashable, Sendable {
    /// Its key; a gateway that signs may have named the same, and then it is one setting.
    package let key: String
    /// What it is for.
    package let help: String
    package let kind: Kind
    /// Whether nothing is dialled without it.
    package let isNeeded: Bool

    package enum Kind: Hashable, Sendable {
        case text
        /// A text that is never shown.
        case secret
        /// Several texts.
        case list
        /// An address of the web.
        case url
    }

    init(_ key: String, _ help: String, _ kind: Kind = .text, isNeeded: Bool = false) {
        (self.key, self.help, self.kind, self.isNeeded) = (key, help, kind, isNeeded)
    }
}

/// How a gateway comes to dial: the settings that this needs, and what is made of them, a ``Dialing`` or a ``SocketDialing``.
package struct GatewayDialing<Way: Sendable>: Sendable {
    /// In the order in which they are shown; a gateway dials where the first of them is set.
    package let settings: [GatewaySetting]
    private let make: @Sendable (DialingValues) throws(DialingError) -> Way

    init(
        _ settings: [GatewaySetting],
        make: @escaping @Sendable (DialingValues) throws(DialingError) -> Way
    ) {
        (self.settings, self.make) = (settings, make)
    }

    /// What places calls with these settings.
    ///
    /// - Parameters:
    ///   - values: by their keys, those of other gateways as well; a list has commas between.
    ///   - now: the time, in seconds since 1970, for what is signed with it.
    /// - Returns: nil where the gateway is not to dial.
    /// - Throws: for a setting that is missing or cannot be taken, by its key.
    package func dialing(
        with values: [String: String], now: @escaping @Sendable () -> Int
    ) throws(DialingError) -> Way? {
        guard let first = settings.first, values[first.key]?.isEmpty == false else { return nil }
        let values = DialingValues(values: values, now: now)
        for setting in settings where setting.isNeeded { _ = try values.needed(setting.key) }
        return try make(values)
    }
}

/// The settings of a gateway that dials, as they are read.
struct DialingValues: Sendable {
    fileprivate let values: [String: String]
    /// The time, in seconds since 1970.
    let now: @Sendable () -> Int

    subscript(key: String) -> String? { values[key].flatMap { $0.isEmpty ? nil : $0 } }

    func needed(_ key: String) throws(DialingError) -> String {
        guard let value = self[key] else { throw DialingError(key, "must be set, for this gateway to dial") }
        return value
    }

    /// Something that is or is not.
    func flag(_ key: String, usually value: Bool) throws(DialingError) -> Bool {
        switch self[key] {
        case nil: return value
        case "true": return true
        case "false": return false
        default: throw DialingError(key, "must be true or false")
        }
    }

    /// A part of an address's path: letters, figures and hyphens.
    func name(_ key: String) throws(DialingError) -> String {
        let value = try needed(key)
        guard value.utf8.allSatisfy({ FormFields.isPlain($0) }) else {
            throw DialingError(key, "must have letters, figures, points, hyphens and underscores only")
        }
        return value
    }

    /// A text that goes into a header's line.
    func credential(_ key: String) throws(DialingError) -> String {
        let value = try needed(key)
        guard value.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw DialingError(key, "must have no blanks and no letters beyond ASCII")
        }
        return value
    }

    /// The base of an API's addresses, without a slash behind it.
    ///
    /// - Parameter allowsPlain: whether it may be in clear beyond this machine: secrets are sent there.
    func base(_ key: String, _ fallback: String? = nil, allowsPlain: Bool = false) throws(DialingError) -> String {
        guard var base = self[key] ?? fallback else { throw DialingError(key, "must be set, for this gateway to dial") }
        while base.hasSuffix("/") { base.removeLast() }
        guard base.hasPrefix("https://") || base.isHere || (allowsPlain && base.hasPrefix("http://")),
            base.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !"?#\"<>\\".utf8.contains($0) })
        else {
            throw DialingError(key, "must be an address that begins with https://, without a query")
        }
        return base
    }

    /// The numbers that calls may come from.
    func callers(_ key: String) throws(DialingError) -> Callers {
        let numbers = (self[key] ?? "").split(separator: ",")
            .map { String($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }.filter { !$0.isEmpty }
        for number in numbers {
            let figures = number.utf8.drop { $0 == UInt8(ascii: "+") }
            let pluses = number.utf8.count - figures.count
            guard pluses <= 1, (2...15).contains(figures.count), figures.allSatisfy(CallOrder.isFigure) else {
                throw DialingError(key, "must be telephone numbers such as +4930123456, with commas between")
            }
        }
        return Callers(numbers: numbers, setting: key)
    }
}

/// The numbers that a gateway's calls may come from.
struct Callers: Sendable {
    let numbers: [String]
    let setting: String

    /// The number of an order: one of these, the first where it names none.
    func number(for order: CallOrder) throws(DialingError) -> String {
        guard let from = order.from ?? numbers.first else { throw DialingError(setting, "must be set") }
        guard numbers.contains(from) else { throw DialingError("from", "must be one of \(setting)") }
        return from
    }
}

extension Callers: CustomStringConvertible, CustomReflectable {
    var description: String { "Callers(\(numbers.count))" }
    var customMirror: Mirror { Mirror(self, children: []) }
}

extension DialingValues: CustomStringConvertible, CustomReflectable {
    var description: String { "DialingValues" }
    var customMirror: Mirror { Mirror(self, children: []) }
}

extension String {
    /// Whether it is the address of a service in clear on this machine.
    var isHere: Bool {
        let hosts = ["http://127.0.0.1", "http://[::1]", "http://localhost"]
        return hosts.contains { self == $0 || hasPrefix($0 + ":") || hasPrefix($0 + "/") }
    }
}
