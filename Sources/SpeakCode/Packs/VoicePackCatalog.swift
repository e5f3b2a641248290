// SPDX-License-Identifier: GPL-3.0-or-later

import FoundationEssentials
internal import Synchronization

/// The voice packs at hand: those built into the binary, and over them those of an operator's own folder.
///
/// Packs are read when they are asked for. The catalogue itself knows their locales only, from the files' names.
public struct VoicePackCatalog: Sendable {
    /// The packs built into the binary.
    public static let builtIn = VoicePackCatalog(
        sources: Dictionary(
            BuiltInVoicePacks.sources.map { (LanguageTag(subtags: $0.locale), .builtIn($0.compact)) },
            uniquingKeysWith: { first, _ in first }))

    private enum Source: Sendable {
        case builtIn(StaticString)
        case file(String)
    }

    /// Those that have been asked for: nothing changes them, and whoever makes a service anew waits for none of them.
    private static let read = Mutex<[LanguageTag: VoicePack]>([:])

    private var sources: [LanguageTag: Source]
    private var wording: OperatorWording?

    private init(sources: [LanguageTag: Source]) {
        self.sources = sources
    }

    /// The built-in packs with the packs of a folder over them: `ja-JP.json5` there replaces the built-in Japanese.
    ///
    /// A file `wording.json5` there adds templates, phrases and values to all packs (docs/templates.md).
    ///
    /// - Parameter folder: the folder's path. Files that do not end in `.json5` are left alone.
    /// - Throws: ``VoicePackError`` where the folder cannot be read, or has a pack whose name is not a locale.
    public init(overlaidBy folder: String) throws(VoicePackError) {
        self = .builtIn
        let files: [String]
        do {
            files = try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            throw VoicePackError(
                .unreadable, source: folder,
                problem: error.systemReason ?? "is not a folder that can be read")
        }
        for file in files where file.hasSuffix(".json5") {
            if file == OperatorWording.fileName {
                let path = "\(folder)/\(file)"
                wording = try OperatorWording(json5: VoicePack.text(ofFile: path), source: path)
                continue
            }
            guard let locale = LanguageTag(file.dropLast(6)), "\(locale).json5" == file else {
                throw VoicePackError(
                    .value, source: "\(folder)/\(file)", problem: "must be named by its locale, such as ja-JP.json5")
            }
            sources[locale] = .file("\(folder)/\(file)")
        }
    }

    /// The locales that have a pack, in alphabetical order.
    public var locales: [LanguageTag] {
        sources.keys.sorted { $0.description < $1.description }
    }

    /// The pack of the best locale for a wanted one, by BCP 47 lookup (``LanguageTag/lookup(in:allowingFallback:)``).
    ///
    /// - Parameters:
    ///   - wanted: a BCP 47 tag such as `ja`, or a POSIX locale name such as `ja_JP.UTF-8`; `C`, `POSIX` and nothing at all
    ///     are American English.
    ///   - fallback: whether a language that its speakers understand is good enough.
    /// - Throws: ``VoicePackError``: an unknown locale, with the ones that may have been meant, or a pack that is broken.
    public func pack(
        for wanted: some StringProtocol, allowingFallback fallback: Bool = true
    ) throws(VoicePackError) -> VoicePack {
        guard let tag = LanguageTag.isNone(wanted) ? LanguageTag("en-US") : LanguageTag(wanted) else {
            throw VoicePackError(
                .unknownLocale, source: String(wanted.prefix(40)),
                problem: "is not a language tag; try \(spelledLike(String(wanted)))")
        }
        guard let found = tag.lookup(in: sources.keys, allowingFallback: fallback) else {
            throw VoicePackError(
                .unknownLocale, source: "\(tag)",
                problem: "no voice speaks this language\(spoken(in: tag.language))")
        }
        return try pack(at: found)
    }

    /// Every pack, by locale.
    ///
    /// - Throws: ``VoicePackError`` for the first pack that is broken.
    public func packs() throws(VoicePackError) -> [VoicePack] {
        try locales.map { (locale: LanguageTag) throws(VoicePackError) in try pack(at: locale) }
    }

    private func pack(at locale: LanguageTag) throws(VoicePackError) -> VoicePack {
        let pack: VoicePack =
            switch sources[locale] {
            case .builtIn(let compact): try Self.builtIn(compact, locale)
            case .file(let path): try VoicePack(file: path)
            case nil: throw VoicePackError(.unknownLocale, source: "\(locale)", problem: "has no pack")
            }
        return try wording?.applied(to: pack) ?? pack
    }

    private static func builtIn(
        _ compact: StaticString, _ locale: LanguageTag
    ) throws(VoicePackError) -> VoicePack {
        if let pack = read.withLock({ $0[locale] }) { return pack }
        let pack = try VoicePack(compact: compact, source: "\(locale).json5")
        read.withLock { $0[locale] = pack }
        return pack
    }

    /// What is spoken in the country whose code was taken for that of its language, as `jp` for `ja`.
    private func spoken(in country: String) -> String {
        let packs = locales.filter { $0.region == country.uppercased() }.map(\.description)
        guard !packs.isEmpty else { return "" }
        return "; \(country.uppercased()) is a country: for it there is \(packs.joined(separator: ", "))"
    }

    /// The locales that are written most like a text, three at the most.
    private func spelledLike(_ text: String) -> String {
        let wanted = Array(text.lowercased().utf8.prefix(12))
        return
            locales
            .map { (name: $0.description, distance: Self.distance(wanted, Array($0.description.lowercased().utf8))) }
            .sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }
            .prefix(3).map(\.name).joined(separator: ", ")
    }

    /// Levenshtein's distance; a difference behind the language counts half.
    private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Double {
        var row = (0...b.count).map { Double($0) / 2 }
        for i in a.indices {
            var diagonal = row[0]
            row[0] += 1
            for j in b.indices {
                let cost = a[i] == b[j] ? 0.0 : (j < 2 ? 1 : 0.5)
                (diagonal, row[j + 1]) = (row[j + 1], min(diagonal + cost, row[j + 1] + 1, row[j] + 0.5))
            }
        }
        return row[b.count]
    }
}

extension VoicePack {
    /// The most bytes of a pack's file: a hundred times those of the built-in packs.
    public static let longestFile = 1 << 20

    /// Reads a pack from its file, which must be a regular one of at most ``longestFile`` bytes, or a link to one.
    ///
    /// - Throws: ``VoicePackError`` with the file, the line and what is wrong.
    public init(file path: String) throws(VoicePackError) {
        try self.init(json5: Self.text(ofFile: path), source: path)
    }

    static func text(ofFile path: String) throws(VoicePackError) -> String {
        try check(path, isFileOfAtMost: longestFile, what: "a voice pack")
        do {
            return try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw VoicePackError(
                .unreadable, source: path,
                problem: error.systemReason ?? "cannot be read as UTF-8 text")
        }
    }

    /// The bytes of a recording's file.
    static func bytes(ofFile path: String, atMost longest: Int) throws(VoicePackError) -> [UInt8] {
        try check(path, isFileOfAtMost: longest, what: "a recording")
        do {
            return Array(try Data(contentsOf: URL(filePath: path)))
        } catch {
            throw VoicePackError(
                .unreadable, source: path, problem: error.systemReason ?? "cannot be read")
        }
    }

    private static func check(
        _ path: String, isFileOfAtMost longest: Int, what: String
    ) throws(VoicePackError) {
        func refusal(_ problem: String) -> VoicePackError {
            VoicePackError(.unreadable, source: path, problem: problem)
        }
        do {
            // Asked before it is opened: to open a pipe waits for somebody who writes, and a device has no end.
            let file = try FileManager.default.attributesOfItem(
                atPath: URL(filePath: path).resolvingSymlinksInPath().path)
            let type = file[.type] as? FileAttributeType
            guard type != .typeSymbolicLink else { throw refusal("is a link that leads nowhere") }
            guard type == .typeRegular else { throw refusal("is not a regular file") }
            // Foundation has a number of its own here, FoundationEssentials this one.
            let size = file[.size] as? UInt ?? (file[.size] as? Int).map { UInt(clamping: $0) }
            guard let size, size <= longest else {
                throw refusal("is larger than \(what), which has at most \(longest >> 20) MiB")
            }
        } catch let error as VoicePackError {
            throw error
        } catch {
            throw refusal(error.systemReason ?? "cannot be read")
        }
    }
}
