// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation

/// The public test vectors of `samples/vectors`: each test that can make a file compares it with what stands there, or writes it
/// where `SPEAKCODE_WRITE_VECTORS` is set, as `scripts/vectors` does.
public enum Vectors {
    /// Counted up where what a file has in it is called otherwise or left out.
    public static let version = 1

    /// The folder.
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../samples/vectors").standardized

    /// Whether files are written in place of compared.
    public static var areWritten: Bool { ProcessInfo.processInfo.environment["SPEAKCODE_WRITE_VECTORS"] != nil }

    /// What a file says that holds for all of its vectors.
    public static func fact(_ fact: String, of name: String) -> String? {
        guard let data = try? Data(contentsOf: folder.appending(path: "\(name).json")) else { return nil }
        return (try? JSONSerialization.jsonObject(with: data) as? [String: Any])?[fact] as? String
    }

    /// The vectors of a file as it stands there.
    public static func kept<Vector: Decodable>(of name: String) throws -> [Vector] {
        let data = try Data(contentsOf: folder.appending(path: "\(name).json"))
        return try JSONDecoder().decode(Kept<Vector>.self, from: data).vectors
    }

    /// Compares a file with what it should be.
    ///
    /// - Parameters:
    ///   - name: the file's name, without its extension.
    ///   - made: its vectors, each of which becomes a line, so that changes can be read.
    ///   - facts: what holds for all of them.
    /// - Returns: nil where it is current; what to do where it is not.
    public static func difference(
        of name: String, from made: [some Encodable], with facts: [String: String] = [:]
    ) throws -> String? {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let lines = try made.map { String(decoding: try encoder.encode($0), as: UTF8.self) }
        let head = try facts.sorted { $0.key < $1.key }.map { key, value in
            "\"\(key)\":" + String(decoding: try encoder.encode(value), as: UTF8.self) + ","
        }
        let text =
            "{\"version\":\(version)," + head.joined() + "\"vectors\":[\n" + lines.joined(separator: ",\n") + "\n]}\n"
        let file = folder.appending(path: "\(name).json")
        if areWritten {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
            return nil
        }
        guard let present = try? String(contentsOf: file, encoding: .utf8) else {
            return "samples/vectors/\(name).json is not there: run scripts/vectors"
        }
        guard present != text else { return nil }
        let (old, new) = (present.split(separator: "\n"), text.split(separator: "\n"))
        let place = zip(old, new).prefix { $0 == $1 }.count
        return
            "samples/vectors/\(name).json is not what the code makes today, from line \(place + 1) on: run scripts/vectors"
    }
}

/// A file of vectors, as far as a test reads it.
private struct Kept<Vector: Decodable>: Decodable {
    let vectors: [Vector]
}
