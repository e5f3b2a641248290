// SPDX-License-Identifier: GPL-3.0-or-later

/// What a document tells a gateway to do: play audio, listen to keys meanwhile, and what then.
package enum CallStep: Hashable, Sendable {
    /// Plays audio again and again until the caller hangs up.
    ///
    /// - `keys`: those that are told to `next`; none where it is empty.
    case reading(audio: String, keys: String, next: String)
    /// Plays the gate, its audio having all its readings; hangs up if no key is pressed behind it either.
    case gate(audio: String, keys: String, next: String)
    /// Hangs up.
    case hangUp

    /// Seconds behind a gate's last word in which a key is still waited for.
    static let patience = 5
}
