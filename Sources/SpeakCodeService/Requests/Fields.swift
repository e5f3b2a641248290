// SPDX-License-Identifier: GPL-3.0-or-later

internal import HTTPTypes
internal import JSON5
internal import SpeakCode

/// The fields of a JSON object, each taken once; what is left over is unknown.
struct Fields {
    private var values: [String: JSON5Value]
    private let path: String
    /// The names that were asked for, which are all that there are once the whole object is read.
    private(set) var asked: [String] = []

    /// Reads a request's body.
    ///
    /// - Throws: ``Problem`` for anything that is not a JSON object in UTF-8.
    init(json body: some Collection<UInt8>) throws(Problem) {
        guard let text = String(validating: body, as: UTF8.self) else {
            throw Problem(.badRequest, "not-json", "the body must be a JSON object in UTF-8")
        }
        let document = JSON5Document(text, as: .json)
        // Of a key that stands twice, readers take different ones: a gateway before us might have seen another code.
        guard document.duplicate == nil else {
            throw Problem(.badRequest, "not-json", "the body must not have a field twice")
        }
        guard document.broken?.isTrailingComma != true else {
            throw Problem(.badRequest, "not-json", "the body has a comma behind the last of its fields")
        }
        guard case .object(let values)? = document.value else {
            throw Problem(.badRequest, "not-json", "the body must be a JSON object, such as {\"code\": \"…\"}")
        }
        self.init(values)
    }

    init(_ values: [String: JSON5Value], path: String = "") {
        self.values = values
        self.path = path
    }

    /// A field's name with those of the objects around it.
    func name(_ field: String) -> String { path + field }

    /// Takes a field; null is as good as absent.
    private mutating func take(_ field: String) -> JSON5Value? {
        asked.append(field)
        guard let value = values.removeValue(forKey: field) else { return nil }
        if value == .nothing { return nil }
        return value
    }

    mutating func text(_ field: String) throws(Problem) -> String? {
        guard let value = take(field) else { return nil }
        guard case .text(let text) = value else { throw .field(name(field), "must be a text in quotation marks") }
        return text
    }

    mutating func flag(_ field: String) throws(Problem) -> Bool? {
        guard let value = take(field) else { return nil }
        guard case .flag(let flag) = value else { throw .field(name(field), "must be true or false") }
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
                    "must have words of 1 to \(length) bytes and whole numbers, by their slots")
            }
            words[field] = word
        }
        return words
    }

    /// - Throws: ``Problem`` where a field is left that nobody has taken.
    ///
    /// It is named by its place in the alphabet of those that are left; its name is the caller's text, and may be a code.
    func refuseTheRest() throws(Problem) {
        guard !values.isEmpty else { return }
        let object = path.isEmpty ? "the body" : "`\(path.dropLast())`"
        throw Problem(
            .unprocessableContent, "unknown-field",
            "\(object) has \(values.count) field(s) that are not known; known are \(asked.joined(separator: ", "))")
    }
}
