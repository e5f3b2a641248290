// SPDX-License-Identifier: GPL-3.0-or-later

internal import Logging
internal import SpeakCode
internal import Synchronization

/// The packs that the installed engine says wrong: each is logged once, and `/readyz` tells of them.
final class RefusedVoices: Sendable {
    private let logger: Logger
    private let reasons = Mutex<[String]>([])

    /// Of more, the first alone is logged and kept, as the last.
    private static let mostKept = 1000

    init(logger: Logger) {
        self.logger = logger
    }

    /// Takes note of an error that another try does not mend.
    ///
    /// - Returns: whether it is one. What it names is the first fault of a pack's symbols or a phrase, and tells nothing of a code.
    @discardableResult
    func note(_ error: BankError) -> Bool {
        switch error.reason {
        case .misspoken, .silent: break
        default: return false
        }
        let reason = error.description
        let isNew = reasons.withLock { reasons in
            guard !reasons.contains(reason), reasons.count <= Self.mostKept else { return false }
            reasons.append(reason)
            return true
        }
        if isNew { logger.error("a voice is refused", metadata: ["error": "\(reason)"]) }
        return true
    }

    /// What is wrong, in the order in which it was found.
    var all: [String] { reasons.withLock { $0 } }
}
