// SPDX-License-Identifier: GPL-3.0-or-later

internal import FoundationEssentials

/// The file in which what was counted of calls outlives the process.
///
/// It is written anew and put in the place of the one before, so that it is whole whenever the process ends.
actor CallLedgerFile {
    /// Why a file cannot be written.
    struct CannotBeKept: Error, CustomStringConvertible {
        let description: String
    }

    private let path: String
    /// Told of a file that cannot be read.
    private let complain: @Sendable (String) -> Void
    private var kept = 0

    init(_ path: String, complain: @escaping @Sendable (String) -> Void) {
        (self.path, self.complain) = (path, complain)
    }

    /// What was kept; nothing where there is no file.
    ///
    /// One that cannot be read is put aside, and said.
    nonisolated func read() -> CallLedger {
        guard FileManager.default.fileExists(atPath: path) else { return CallLedger() }
        if let text = try? String(contentsOfFile: path, encoding: .utf8), let ledger = CallLedger(text: text) {
            return ledger
        }
        let aside = path + ".broken"
        try? FileManager.default.removeItem(atPath: aside)
        do {
            try FileManager.default.moveItem(atPath: path, toPath: aside)
            complain("callsFile cannot be read; it was put aside as \(aside), and calls are counted from none")
        } catch {
            complain("callsFile can neither be read nor put aside; calls are counted from none")
        }
        return CallLedger()
    }

    /// Writes what there is, unless a version was written that is as new.
    ///
    /// Who comes while a file is written is kept with all others who come then, by one file.
    ///
    /// - Throws: ``CannotBeKept``.
    func keep(_ version: Int, _ now: @Sendable () -> (version: Int, ledger: CallLedger)) throws {
        guard kept < version else { return }
        let (version, ledger) = now()
        let url = URL(filePath: path)
        do {
            // A new file beside it, then renamed.
            try Data(ledger.text.utf8).write(to: url, options: .atomic)
        } catch {
            throw CannotBeKept(description: "callsFile cannot be written")
        }
        kept = version
    }
}
