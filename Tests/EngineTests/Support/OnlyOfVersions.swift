// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

extension Trait where Self == ConditionTrait {
    /// For a test of what some versions of the engine say, and others say otherwise.
    static func only(_ versions: String...) -> ConditionTrait {
        .enabled(
            if: versions.contains(where: EngineVersion.text.hasPrefix),
            "holds what eSpeak NG \(versions.joined(separator: " and ")) says; this is \(EngineVersion.text)")
    }
}
