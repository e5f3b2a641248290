// SPDX-License-Identifier: GPL-3.0-or-later

/// Linear samples of one channel.
public struct PCM: Hashable, Sendable {
    /// The samples, 16 bits each.
    public var samples: [Int16]
    /// Samples a second (Hz); an engine's own rate need not be a ``SampleRate``.
    public var hertz: Int

    /// Wraps samples.
    public init(samples: [Int16], hertz: Int) {
        self.samples = samples
        self.hertz = hertz
    }
}

extension PCM: CustomStringConvertible, CustomReflectable {
    /// The length in samples, so that a failing test does not print them all.
    public var description: String { "PCM(\(samples.count) samples at \(hertz) Hz)" }

    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
