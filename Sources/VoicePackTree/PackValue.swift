// SPDX-License-Identifier: GPL-3.0-or-later

internal import FoundationEssentials

/// A value of a pack's file: what JSON5 can say, before it is asked what it means.
package indirect enum PackValue: Hashable, Sendable {
    case text(String)
    case number(Double)
    case flag(Bool)
    case list([PackValue])
    case object([String: PackValue])
    /// JSON's `null`.
    case nothing
}

extension PackValue {
    /// Reads JSON5.
    ///
    /// - Throws: an error without a place where the text is not JSON5: the decoder does not tell one.
    package init(json5: String) throws {
        let decoder = JSONDecoder()
        decoder.allowsJSON5 = true
        self = try decoder.decode(PackValue.self, from: Data(json5.utf8))
    }
}

extension PackValue: Decodable {
    private struct Key: CodingKey {
        let stringValue: String
        let intValue: Int? = nil

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    package init(from decoder: any Decoder) throws {
        if let object = try? decoder.container(keyedBy: Key.self) {
            var members: [String: PackValue] = [:]
            for key in object.allKeys { members[key.stringValue] = try object.decode(PackValue.self, forKey: key) }
            self = .object(members)
        } else if var list = try? decoder.unkeyedContainer() {
            var elements: [PackValue] = []
            while !list.isAtEnd { elements.append(try list.decode(PackValue.self)) }
            self = .list(elements)
        } else {
            let value = try decoder.singleValueContainer()
            if let text = try? value.decode(String.self) {
                self = .text(text)
            } else if let flag = try? value.decode(Bool.self) {
                self = .flag(flag)
            } else if value.decodeNil() {
                self = .nothing
            } else {
                self = .number(try value.decode(Double.self))
            }
        }
    }
}
