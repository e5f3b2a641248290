// SPDX-License-Identifier: GPL-3.0-or-later

/// A phrase of a pack as it is asked for: its name, the register, and what stands in its slots.
public struct Phrase: Hashable, Sendable {
    /// The phrase's name in the pack, such as `opening`.
    public let name: String
    /// The register where it differs from the pack's own; nil for the phrase as the pack has it.
    public let register: Register?
    /// The names of the values that stand in its slots, by the slots' names: `minutes`, `10`.
    public let values: [String: String]

    /// Asks for a phrase.
    public init(_ name: String, register: Register? = nil, values: [String: String] = [:]) {
        self.name = name
        self.register = register
        self.values = values
    }
}

extension Phrase: ExpressibleByStringLiteral {
    /// The phrase of that name without anything in slots, as the pack has it.
    public init(stringLiteral name: String) {
        self.init(name)
    }
}

extension Phrase: CustomStringConvertible {
    /// The name, and the rest where there is any: `validity.informal minutes=10`.
    public var description: String {
        name + (register.map { ".\($0.rawValue)" } ?? "")
            + values.sorted { $0.key < $1.key }.map { " \($0)=\($1)" }.joined()
    }
}
