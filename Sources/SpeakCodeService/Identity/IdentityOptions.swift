// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCode
internal import SpeakCodeGateways

/// What stands in the query of the address that is pasted into an identity server: how its codes are read.
struct IdentityOptions: Sendable {
    /// What is done with a message that is to be sent as a text.
    enum Texts: String, CaseIterable, Sendable {
        case refuse, speak, forward
    }

    /// The beginning of numbers that have none, such as `+49`.
    let country: String?
    let texts: Texts
    /// Fields of a call.
    private let fields: [(name: String, value: String)]

    /// The fields of a call that an address can have.
    static let called = [
        "locale", "secondLocale", "voice", "pacing", "style", "letters", "register", "template", "gate", "through",
        "from", "timeout", "events",
    ]
    static let known = ["country", "texts"] + called

    /// What a field is for, in a line.
    static func meaning(of field: String) -> String {
        switch field {
        case "country": "The beginning of numbers that have none, such as +49."
        case "texts":
            "What is done with a message that is to be sent as a text: "
                + Texts.allCases.map(\.rawValue).joined(separator: ", ") + "."
        default: "As in a request for a call."
        }
    }

    /// Reads a query.
    ///
    /// - Throws: ``Problem`` that names the field.
    init(query: String) throws(Problem) {
        let pairs = FormFields(query: query).pairs
        guard Set(pairs.map(\.name)).count == pairs.count else {
            throw .field("query", "must not have a field twice")
        }
        for (name, _) in pairs where !Self.known.contains(name) {
            throw .field("query", "of the address can have \(Self.known.joined(separator: ", "))")
        }
        func value(_ name: String) -> String? { pairs.first { $0.name == name }?.value }
        country = value("country")
        if let country {
            let figures = country.dropFirst()
            guard country.first == "+", (1...4).contains(figures.utf8.count),
                figures.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
            else { throw .field("country", "must be such as +49, with %2B for the plus") }
        }
        if let text = value("texts") {
            guard let known = Texts(rawValue: text) else {
                throw .field("texts", "must be \(Texts.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            texts = known
        } else {
            texts = .refuse
        }
        fields = pairs.filter { Self.called.contains($0.name) }
    }

    /// A number with its plus, however its server writes it; what is none is left as it is.
    func international(_ number: String, omitsPlus: Bool) -> String {
        let digits = number.drop { $0 == " " }
        if digits.hasPrefix("+") || digits.prefix(4).lowercased() == "sip:" || digits.prefix(4).lowercased() == "tel:" {
            return String(digits)
        }
        if digits.hasPrefix("00") { return "+" + digits.dropFirst(2) }
        if omitsPlus { return "+" + digits }
        guard let country, digits.first?.isNumber == true || digits.first == "(" else { return String(digits) }
        return country + " " + digits
    }

    private enum Value: Encodable {
        case text(String)
        case number(Int)

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .text(let text): try container.encode(text)
            case .number(let number): try container.encode(number)
            }
        }
    }

    /// The body of a `POST /v1/calls` that says the same; the message's own language counts, where it is one.
    func body(_ code: String, _ number: String, _ locale: String?) -> [UInt8] {
        var body: [String: Value] = [:]
        for (name, value) in fields {
            body[name] = name == "timeout" ? Int(value).map(Value.number) ?? .text(value) : .text(value)
        }
        body["code"] = .text(code)
        body["to"] = .text(number)
        if let locale, LanguageTag(locale) != nil { body["locale"] = .text(locale) }
        return (try? JSONDocument.encode(body)) ?? []
    }
}
