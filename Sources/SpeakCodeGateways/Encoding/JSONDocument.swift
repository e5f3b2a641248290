// SPDX-License-Identifier: GPL-3.0-or-later

internal import FoundationEssentials

/// How short answers, documents and messages in JSON are encoded: the same bytes each time, addresses as they are.
package enum JSONDocument {
    package static func encode(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(value))
    }
}
