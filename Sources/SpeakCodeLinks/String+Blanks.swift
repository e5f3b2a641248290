// SPDX-License-Identifier: GPL-3.0-or-later

extension StringProtocol {
    /// Without white space around it.
    package var withoutBlanks: SubSequence {
        let start = drop(while: \.isWhitespace)
        guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return start }
        return start[...end]
    }
}
