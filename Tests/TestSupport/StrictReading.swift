// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation

/// An element of XML, as a strict parser reads it.
///
/// Foundation's parsers differ from release to release: that of Swift 6.3 takes elements that are not closed.
public struct StrictXML: Decodable, Sendable {
    /// Its name.
    public let name: String
    /// Its attributes' values, by name.
    public let attributes: [String: String]
    /// The elements that stand in it.
    public let children: [StrictXML]

    /// Reads a document with Python's expat.
    ///
    /// - Throws: ``NotStrict`` where it is not well-formed.
    public init(_ text: some Sequence<UInt8>) async throws {
        let reader = """
            import json, sys, xml.etree.ElementTree as tree
            def told(e): return {"name": e.tag, "attributes": e.attrib, "children": [told(c) for c in e]}
            json.dump(told(tree.fromstring(sys.stdin.buffer.read())), sys.stdout)
            """
        self = try JSONDecoder().decode(Self.self, from: await read(text, with: reader))
    }

    /// This element and all within it.
    public var elements: [StrictXML] { [self] + children.flatMap(\.elements) }
}

/// JSON as RFC 8259 has it, which Foundation reads more kindly: it takes a comma behind the last value, and a key twice.
public enum StrictJSON {
    /// Checks a text with Python's `json`.
    ///
    /// - Throws: ``NotStrict`` where it is no JSON, or an object has a key twice.
    public static func check(_ text: some Sequence<UInt8>) async throws {
        let reader = """
            import json, sys
            def refuse(what): raise ValueError(what)
            def once(pairs): return dict(pairs) if len(dict(pairs)) == len(pairs) else refuse("a key twice")
            json.loads(sys.stdin.buffer.read(), parse_constant=refuse, object_pairs_hook=once)
            """
        _ = try await read(text, with: reader)
    }
}

/// What a strict parser says of a text that it does not take.
public struct NotStrict: Error, CustomStringConvertible {
    /// The parser's own words.
    public let description: String
}

private func read(_ text: some Sequence<UInt8>, with reader: String) async throws -> Data {
    let outcome = try await run("/usr/bin/env", ["python3", "-I", "-c", reader], input: Data(text))
    guard outcome.status == 0 else { throw NotStrict(description: outcome.errorLines.last.map(String.init) ?? "") }
    return outcome.output
}
