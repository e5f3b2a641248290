// SPDX-License-Identifier: GPL-3.0-or-later

package import SpeakCodeLinks

/// A kind of document by which gateways are told what to do in a call.
package struct CallDocument: Sendable {
    /// Its name, and the extension of its links.
    package let name: String
    /// What it is in a link's record.
    package let carrier: CallCarrier
    /// The media type, as its gateway wants it.
    package let contentType: String
    private let encode: @Sendable (CallStep) throws -> [UInt8]
    private let read: @Sendable (_ query: String, _ body: [UInt8]) -> GatewayReport

    /// - Parameters:
    ///   - number: what it is in a link's record, where no number ever becomes another's.
    ///   - encode: the document for a step, in the gateway's own terms.
    ///   - read: what a request for the document reports, by its query, without the question mark, and its body.
    init(
        _ name: String, number: UInt8, contentType: String,
        encode: @escaping @Sendable (CallStep) throws -> [UInt8],
        read: @escaping @Sendable (_ query: String, _ body: [UInt8]) -> GatewayReport
    ) {
        self.name = name
        carrier = CallCarrier(number)
        self.contentType = contentType
        self.encode = encode
        self.read = read
    }

    /// The document for a step.
    ///
    /// - Throws: what the encoder throws, which it does not for texts and numbers.
    package func encoded(_ step: CallStep) throws -> [UInt8] { try encode(step) }

    /// What the gateway reports with its request for a document.
    ///
    /// - Parameters:
    ///   - query: without its question mark.
    ///   - body: a form, or JSON.
    package func report(query: String, body: [UInt8]) -> GatewayReport { read(query, body) }
}

extension CallDocument: Hashable, CustomStringConvertible {
    /// Whether they are the same kind of document: a name is never another's.
    package static func == (one: CallDocument, other: CallDocument) -> Bool { one.name == other.name }

    package func hash(into hasher: inout Hasher) { hasher.combine(name) }

    package var description: String { name }
}
