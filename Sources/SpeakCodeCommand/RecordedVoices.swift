// SPDX-License-Identifier: GPL-3.0-or-later

internal import FoundationEssentials
internal import SpeakCode

/// The voices that people have lent to this machine: a folder that is named, or one of the places where they are kept.
struct RecordedVoices {
    /// The folders in which voice folders are kept, those that come first before others of the same name.
    let shelves: [String]

    /// The places of this user and of this program.
    ///
    /// The first is `$XDG_DATA_HOME/speakcode/voices`, the last is beside the program: `PREFIX/share/speakcode/voices`.
    static let usual = RecordedVoices(
        shelves: [ownShelf, ThisProgram.prefix.map { "\($0)/share/speakcode/voices" }].compactMap(\.self))

    /// Where this user's voices are kept; nil for a user without a home.
    static var ownShelf: String? {
        let environment = ProcessInfo.processInfo.environment
        // The XDG Base Directory Specification: a path that does not begin at the root counts as none.
        if let data = environment["XDG_DATA_HOME"], data.hasPrefix("/") { return "\(data)/speakcode/voices" }
        return environment["HOME"].flatMap { $0.isEmpty ? nil : "\($0)/.local/share/speakcode/voices" }
    }

    /// The folder of the voice that a name means: a path from the root, from here or to a voice folder that is there, else
    /// the name of a voice that is kept.
    ///
    /// eSpeak NG's own voices have names with slashes, too, such as `gmq/nb`.
    ///
    /// - Returns: nil for a name that is no recorded voice's.
    func folder(of name: String) -> String? {
        if ["/", "./", "../"].contains(where: name.hasPrefix) { return name }
        if name.contains("/") { return RecordedVoice.isVoice(name) ? name : nil }
        guard !name.isEmpty, !name.hasPrefix(".") else { return nil }
        return shelves.map { "\($0)/\(name)" }.first(where: RecordedVoice.isVoice)
    }

    /// The voice that a name means.
    ///
    /// - Returns: nil for a name that is no recorded voice's.
    /// - Throws: `VoicePackError` for a voice that is broken.
    func voice(named name: String) throws(VoicePackError) -> RecordedVoice? {
        guard let folder = folder(of: name) else { return nil }
        return try RecordedVoice(folder: folder, decoder: MutedDecoder())
    }

    /// What every voice that is kept, or lies in this folder, is called on a command line.
    var names: [String] {
        let kept = shelves.flatMap { shelf in Self.voices(in: shelf) }
        return Set(kept).sorted() + Self.voices(in: ".").map { "./\($0)" }
    }

    private static func voices(in folder: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { !$0.hasPrefix(".") && RecordedVoice.isVoice("\(folder)/\($0)") }.sorted()
    }

    /// All voices that are kept, those that can be read and what is wrong with the others.
    func all() -> (voices: [RecordedVoice], faults: [VoicePackError]) {
        var voices: [RecordedVoice] = []
        var faults: [VoicePackError] = []
        var seen: Set<String> = []
        for shelf in shelves {
            for name in Self.voices(in: shelf) where seen.insert(name).inserted {
                let folder = "\(shelf)/\(name)"
                do throws(VoicePackError) {
                    voices.append(try RecordedVoice(folder: folder, decoder: MutedDecoder()))
                } catch {
                    faults.append(error)
                }
            }
        }
        return (voices, faults)
    }
}
