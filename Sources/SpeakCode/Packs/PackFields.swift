// SPDX-License-Identifier: GPL-3.0-or-later

internal import JSON5

/// A value of a pack that breaks a rule of the format: where it is, and what is wrong.
package struct PackViolation: Error {
    package let path: [String]
    package let problem: String
}

/// A value of a pack's file and its place there, asked for as what it must be.
struct PackField {
    let value: JSON5Value
    let path: [String]

    func violation(_ problem: String) -> PackViolation { PackViolation(path: path, problem: problem) }

    func text() throws(PackViolation) -> String {
        guard case .text(let text) = value else { throw mustBe("a text") }
        return text
    }

    func number() throws(PackViolation) -> Double {
        guard case .number(let number) = value else { throw mustBe("a number") }
        return number
    }

    func wholeNumber() throws(PackViolation) -> Int {
        guard case .number(let number) = value, let whole = Int(exactly: number) else { throw mustBe("a whole number") }
        return whole
    }

    func texts() throws(PackViolation) -> [String] {
        try list().map { (element: PackField) throws(PackViolation) in try element.text() }
    }

    func list() throws(PackViolation) -> [PackField] {
        guard case .list(let elements) = value else { throw mustBe("a list") }
        return elements.enumerated().map { PackField(value: $1, path: path + ["\($0)"]) }
    }

    /// The members of an object whose keys are names that the pack gives.
    func members() throws(PackViolation) -> [String: PackField] {
        guard case .object(let members) = value else { throw mustBe("an object") }
        var fields: [String: PackField] = [:]
        for (key, value) in members { fields[key] = PackField(value: value, path: path + [key]) }
        return fields
    }

    /// The members of an object that has no keys but these, so that a misspelt one is not lost in silence.
    func members(known: [String]) throws(PackViolation) -> PackFields {
        let members = try members()
        if let stranger = members.keys.filter({ !known.contains($0) }).min() {
            throw PackViolation(
                path: path + [stranger],
                problem: "is not known here; known are \(known.sorted().joined(separator: ", "))")
        }
        return PackFields(members: members, path: path)
    }

    private func mustBe(_ kind: String) -> PackViolation {
        violation("must be \(kind)\(value == .nothing ? ", not null" : "")")
    }
}

/// The members of an object whose keys the format knows.
struct PackFields {
    fileprivate let members: [String: PackField]
    let path: [String]

    /// A member that must be there.
    func required(_ key: String) throws(PackViolation) -> PackField {
        guard let field = members[key] else { throw PackViolation(path: path, problem: "lacks `\(key)`") }
        return field
    }

    /// A member that may be left out.
    subscript(key: String) -> PackField? { members[key] }
}
