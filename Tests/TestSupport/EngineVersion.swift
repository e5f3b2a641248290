// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCodeEspeak

/// The version of eSpeak NG that the tests run with: the system's, or that of `SPEAKCODE_ESPEAK` (`scripts/engine --help`).
public enum EngineVersion {
    /// Such as `1.52.0`.
    public static let text = EspeakEngine.libraryVersion

    /// Whether it is one of some versions, such as `1.51`.
    public static func isOne(of versions: String...) -> Bool { versions.contains(where: text.hasPrefix) }
}
