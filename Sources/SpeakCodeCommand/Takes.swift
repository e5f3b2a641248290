// SPDX-License-Identifier: GPL-3.0-or-later

internal import FoundationEssentials
internal import SpeakCode
internal import SpeakCodePackTools

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The recordings of a voice, as they lie on the disk.
struct Takes {
    /// The recordings, each of another line.
    private(set) var all: [Adoption.Take] = []
    /// Where each name was found.
    private var sources: [String: String] = [:]

    private static let endings = ["wav", "flac", "mp3"]

    /// Reads a folder of files, or one long file with labels.
    ///
    /// - Throws: ``Failure`` or `VoicePackError` that names the file.
    init(in path: String, labels: String?, of pack: VoicePack) throws {
        let script = try RecordingScript(of: pack, places: RecordingScript.allPlaces)
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw Failure(EX_NOINPUT, "\(path): \(String(cString: strerror(errno)))")
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            try cut(path, labels: labels ?? Self.labels(beside: path), by: script)
            return
        }
        guard labels == nil else { throw Failure.usage("--labels goes with one long file, and \(path) is a folder") }
        let files = try Self.files(in: path)
        guard !files.isEmpty else {
            throw Failure(
                EX_NOINPUT,
                "\(path) has no WAV, FLAC or MP3 file; `speakcode voices script \(pack.locale)` says how to name them")
        }
        for file in files {
            let stem = String(file[..<(file.lastIndex(of: ".") ?? file.endIndex)])
            let (line, name) = try Self.line(named: stem, of: script, in: "\(path)/\(file)")
            try add(
                name, line, from: "\(path)/\(file)", try Signal(file: "\(path)/\(file)", decoder: MutedDecoder()))
        }
    }

    /// Reads the prompts of a telephone switch.
    ///
    /// - Throws: ``Failure`` or `VoicePackError` that names the file.
    init(promptsIn folder: String, _ layout: PromptLayout, of pack: VoicePack) throws {
        for prompt in layout.prompts(for: pack) {
            let places = prompt.paths.map { "\(folder)/\($0)" }
            guard let file = places.first(where: { access($0, R_OK) == 0 }) else { continue }
            try add(prompt.name, prompt.line, from: file, try Signal(file: file, decoder: MutedDecoder()))
        }
        // Of a style of which only some are there, as Asterisk's niner is, nothing is of use.
        for line in Adoption.missing(from: Set(all.map(\.name)), of: pack, fill: .nobody) {
            let style = line.name.text.prefix(through: line.name.text.lastIndex(of: "/") ?? line.name.text.startIndex)
            if style != "digits/\(VoicePack.standard)/" { all.removeAll { $0.name.text.hasPrefix(style) } }
        }
        guard !all.isEmpty else {
            let first = layout.prompts(for: pack).first?.paths.first ?? ""
            throw Failure(
                EX_NOINPUT, "\(folder) is no folder of such prompts: there is no \(first) in it")
        }
    }

    private mutating func add(
        _ name: RecordingName, _ line: RecordingScript.Line, from source: String, _ signal: Signal
    ) throws(Failure) {
        if let other = sources.updateValue(source, forKey: name.text) {
            throw Failure(EX_DATAERR, "\(source) is of the same line as \(other); keep one of them")
        }
        guard signal.hertz >= 8000 else {
            throw Failure(EX_DATAERR, "\(source) has \(signal.hertz) samples a second; 8000 are the least")
        }
        all.append(Adoption.Take(name: name, caption: line.caption, source: source, signal: signal))
    }

    // MARK: Names

    /// The line of a name; a hyphen or underscore may stand for a slash, which no file's own name can have.
    private static func line(
        named name: String, of script: RecordingScript, in source: String
    ) throws(Failure) -> (RecordingScript.Line, RecordingName) {
        if let found = script.line(named: name) { return (found.line, found.name) }
        for mark in ["-", "_"] {
            let flat = Set(["phrases", "digits", "letters"]).first { name.hasPrefix($0 + mark) }
            guard let flat else { continue }
            let match = script.lines.lazy.flatMap { [RecordingName(of: $0.unit), RecordingName(sharedBy: $0.unit)] }
                .first { $0.text.hasPrefix(flat) && $0.text.replacing("/", with: mark) == name }
            if let match, let found = script.line(named: match.text) { return (found.line, found.name) }
        }
        throw Failure(
            EX_DATAERR,
            "\(source) is named as no line of the \(script.pack.locale) script; `speakcode voices script \(script.pack.locale)` "
                + "lists the names, such as \(script.lines.last?.name.text ?? "")")
    }

    /// The sound files below a folder, in order; hidden ones are nobody's.
    private static func files(in folder: String, below: String = "", depth: Int = 0) throws(Failure) -> [String] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: below.isEmpty ? folder : "\(folder)/\(below)")
        } catch {
            throw Failure(EX_NOINPUT, "\(folder)/\(below) is not a folder that can be read")
        }
        var files: [String] = []
        for name in names.sorted() where !name.hasPrefix(".") {
            let path = below.isEmpty ? name : "\(below)/\(name)"
            var status = stat()
            guard stat("\(folder)/\(path)", &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR {
                // Names have three parts at the most.
                if depth < 3 { files += try Self.files(in: folder, below: path, depth: depth + 1) }
            } else if endings.contains(name.split(separator: ".").last?.lowercased() ?? "") {
                files.append(path)
            }
        }
        return files
    }

    // MARK: One long file

    /// The labels that lie beside a file: `take.txt` beside `take.wav`.
    private static func labels(beside path: String) throws(Failure) -> String {
        let stem = path.lastIndex(of: ".").map { path[..<$0] } ?? path[...]
        guard access("\(stem).txt", R_OK) == 0 else {
            throw .usage("\(path) is one file: name its labels with --labels; Audacity exports them as a text file")
        }
        return "\(stem).txt"
    }

    /// Cuts a long recording at its labels: start and end in seconds, and a name, with tabs between, a label a line.
    private mutating func cut(_ path: String, labels: String, by script: RecordingScript) throws {
        let whole = try Signal(file: path, decoder: MutedDecoder())
        guard let data = FileManager.default.contents(atPath: labels),
            let text = String(validating: data, as: UTF8.self)
        else { throw Failure(EX_NOINPUT, "\(labels) cannot be read as UTF-8 text") }
        for (number, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            // A line that begins with \ has a label's frequencies.
            guard line.contains(where: { !$0.isWhitespace }), !line.hasPrefix("\\") else { continue }
            let place = "\(labels):\(number + 1)"
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
            guard fields.count == 3, let start = Self.seconds(fields[0]), let end = Self.seconds(fields[1]), start < end
            else {
                throw Failure(
                    EX_DATAERR, "\(place): must be a start and a later end in seconds and a name, with tabs between")
            }
            let name = fields[2].drop(while: \.isWhitespace)
            let trimmed = String(name.reversed().drop(while: \.isWhitespace).reversed())
            let (line, recording) = try Self.line(named: trimmed, of: script, in: place)
            let (first, last) = (Int(start * Double(whole.hertz)), Int(end * Double(whole.hertz)))
            guard last <= whole.samples.count + whole.hertz / 10 else {
                throw Failure(EX_DATAERR, "\(place): ends behind the end of \(path)")
            }
            let samples = Array(whole.samples[min(first, whole.samples.count)..<min(last, whole.samples.count)])
            try add(recording, line, from: "\(place) \(recording)", Signal(samples: samples, hertz: whole.hertz))
        }
        guard !all.isEmpty else { throw Failure(EX_DATAERR, "\(labels) has no label") }
    }

    private static func seconds(_ text: Substring) -> Double? {
        // Audacity writes the decimal sign of its language.
        guard let value = Double(text.replacing(",", with: ".")), (0...86_400).contains(value) else { return nil }
        return value
    }
}
