// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCode
internal import SpeakCodePackTools

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Reads voice folders, and tells what is wrong with them.
struct VoiceFolderCheck {
    let catalog: VoicePackCatalog
    let wantsReport: Bool

    /// Checks folders.
    ///
    /// - Throws: ``Failure`` where something is wrong.
    func run(_ folders: [String]) throws {
        var faults = 0
        for folder in folders {
            let voice = try RecordedVoice(folder: folder, decoder: MutedDecoder())
            let found = voice.report(in: try voice.pack(in: catalog))
            faults += found.findings.count
            for finding in found.findings { print("\(folder): \(finding)") }
            if wantsReport {
                print(Self.text(of: found, voice))
            } else if found.findings.isEmpty {
                print("\(folder): good, \(voice.count) recordings; \(Self.rest(of: found, voice))")
            }
        }
        guard faults == 0 else {
            throw Failure(EX_DATAERR, "\(faults) faults; docs/voices.md says how to mend them")
        }
    }

    private static func text(of report: RecordedVoice.Report, _ voice: RecordedVoice) -> String {
        let levels = report.levels.map { "\(Int($0.lowerBound.rounded()))…\(Int($0.upperBound.rounded()))" } ?? "–"
        return """
            voice       \(voice.name), \(voice.locale)
            speaker     \(([voice.speaker] + [voice.gender?.rawValue].compactMap(\.self)).joined(separator: ", "))
            licence     \(voice.licence)
            date        \(voice.date ?? "–")
            source      \(voice.source ?? "–")
            recordings  \(voice.count)
            symbols, s  \(LanguagesTable.seconds(report.symbolDurations))
            phrases, s  \(LanguagesTable.seconds(report.phraseDurations))
            levels, dBov  \(levels)
            the rest    \(rest(of: report, voice))
            faults      \(report.findings.count)
            """
    }

    /// What becomes of the lines that are not recorded.
    private static func rest(of report: RecordedVoice.Report, _ voice: RecordedVoice) -> String {
        let count = report.unrecorded.count
        guard count > 0 else { return "all that the pack says is recorded" }
        return switch voice.fill {
        case .engine: "eSpeak NG says the \(count) lines that are not recorded"
        case .nobody: "\(count) lines are not recorded, and not said"
        }
    }
}
