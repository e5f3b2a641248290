// SPDX-License-Identifier: GPL-3.0-or-later

internal import FoundationEssentials
internal import HTTPTypes
internal import SpeakCode
internal import SpeakCodeGateways

/// The fields of a JSON object, each taken once; what is left over is unknown.
struct Fields {
    private var values: [String: JSONValue]
    private let path: String

    /// Reads a request's body.
    ///
    /// - Throws: ``Problem`` for anything that is not a JSON object in UTF-8.
    init(json body: some Collection<UInt8>) throws(Problem) {
        let data = Data(body)
        guard let text = String(validating: body, as: UTF8.self) else {
            throw Problem(.badRequest, "not-json", "the body must be a JSON object in UTF-8")
        }
        // Of a key that stands twice, readers take different ones: a gateway before us might have seen another code.
        let outline = JSON5Outline(text)
        let doubled = Problem(.badRequest, "not-json", "the body must not have a field twice")
        guard outline.duplicate == nil else { throw doubled }
        guard !Self.hasTrailingComma(data) else {
            throw Problem(.badRequest, "not-json", "the body has a comma behind the last of its fields")
        }
        guard case .object(let values) = try? JSONDecoder().decode(JSONValue.self, from: data) else {
            throw Problem(.badRequest, "not-json", "the body must be a JSON object, such as {\"code\": \"…\"}")
        }
        // A name that stands twice in two spellings (\u0063ode) has become one.
        // The outline of a text that is JSON ends early only at an empty name.
        guard outline.brokenLine != nil || outline.lines.count == JSONValue.object(values).count else { throw doubled }
        self.init(values, path: "")
    }

    private init(_ values: [String: JSONValue], path: String) {
        self.values = values
        self.path = path
    }

    /// Whether a comma stands before a closing bracket, which Foundation's decoder takes and JSON does not have.
    private static func hasTrailingComma(_ json: Data) -> Bool {
        var isInText = false
        var isEscaped = false
        var last: UInt8 = 0
        for byte in json {
            if isInText {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInText = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"): continue
            case UInt8(ascii: "\""): isInText = true
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if last == UInt8(ascii: ",") { return true }
            default: break
            }
            last = byte
        }
        return false
    }

    /// A field's name with those of the objects around it.
    func name(_ field: String) -> String { path + field }

    /// Takes a field; null is as good as absent.
    private mutating func take(_ field: String) -> JSONValue? {
        guard let value = values.removeValue(forKey: field) else { return nil }
        if case .null = value { return nil }
        return value
    }

    mutating func text(_ field: String) throws(Problem) -> String? {
        guard let value = take(field) else { return nil }
        guard case .text(let text) = value else { throw .field(name(field), "must be a text in quotation marks") }
        return text
    }

    mutating func flag(_ field: String) throws(Problem) -> Bool? {
        guard let value = take(field) else { return nil }
        guard case .bool(let flag) = value else { throw .field(name(field), "must be true or false") }
        return flag
    }

    mutating func integer(_ field: String, in range: ClosedRange<Int>) throws(Problem) -> Int? {
        guard let value = take(field) else { return nil }
        guard case .number(let number) = value, let integer = Int(exactly: number), range.contains(integer) else {
            throw .field(name(field), "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return integer
    }

    mutating func texts(_ field: String) throws(Problem) -> [String]? {
        guard let value = take(field) else { return nil }
        let wrong = Problem.field(name(field), "must be a list of texts")
        guard case .list(let list) = value else { throw wrong }
        return try list.map { (one) throws(Problem) in
            guard case .text(let text) = one else { throw wrong }
            return text
        }
    }

    /// Takes a field that is either a word or an object.
    mutating func textOrObject(_ field: String) throws(Problem) -> (text: String?, object: Fields?) {
        switch take(field) {
        case nil: (nil, nil)
        case .text(let text): (text, nil)
        case .object(let values): (nil, Fields(values, path: name(field) + "."))
        default: throw .field(name(field), "must be a word or an object")
        }
    }

    mutating func object(_ field: String) throws(Problem) -> Fields? {
        switch take(field) {
        case nil: nil
        case .object(let values): Fields(values, path: name(field) + ".")
        default: throw .field(name(field), "must be an object")
        }
    }

    /// All fields of an object whose names the caller chooses: words and whole numbers.
    func words(atMost count: Int, ofLength length: Int) throws(Problem) -> [String: String] {
        guard values.count <= count else { throw .field(String(path.dropLast()), "must have at most \(count) fields") }
        var words: [String: String] = [:]
        for (field, value) in values {
            let word: String? =
                switch value {
                case .text(let text): text
                case .number(let number): Int(exactly: number).map(String.init)
                default: nil
                }
            guard let word, (1...length).contains(word.utf8.count), (1...length).contains(field.utf8.count) else {
                throw .field(
                    String(path.dropLast()),
                    "must have words of 1 to \(length) bytes and whole numbers, by their places")
            }
            words[field] = word
        }
        return words
    }

    /// - Throws: ``Problem`` where a field is left that nobody has taken.
    ///
    /// It is named by its place in the alphabet of those that are left; its name is the caller's text, and may be a code.
    func refuseTheRest(known: [String]) throws(Problem) {
        guard !values.isEmpty else { return }
        let object = path.isEmpty ? "the body" : "`\(path.dropLast())`"
        throw Problem(
            .unprocessableContent, "unknown-field",
            "\(object) has \(values.count) field(s) that are not known; known are \(known.joined(separator: ", "))")
    }
}
