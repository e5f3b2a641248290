// SPDX-License-Identifier: GPL-3.0-or-later

/// A unit as it is sent: coded samples in a buffer that all renditions share.
package struct Clip: Sendable {
    /// The coded samples.
    ///
    /// Slices of it share its memory.
    package let bytes: [UInt8]
    /// The number of samples.
    package let sampleCount: Int

    /// The samples of a clip that is 16-bit linear, low byte first.
    ///
    /// They are not kept beside the bytes, which would double a clip: to copy them takes next to no time.
    var linearSamples: [Int16] { SampleCoding.linearSamples(of: bytes[...]) }

    init(bytes: [UInt8], coding: SampleCoding) {
        self.bytes = bytes
        sampleCount = bytes.count / coding.bytesPerSample
    }
}

/// What one part of a script is spoken with.
struct Voicing: Sendable {
    /// The clips of at least the units that it needs.
    var clips: [SpeechUnit: Clip]
    /// The time of each symbol of its code; nil where none is read.
    var slots: TimeSlots?
    /// What is written as tones; of the first part, where there is something.
    var typed: Clip?
}

/// What clips are made for: a sample rate and a coding.
package struct ClipFormat: Hashable, Sendable {
    /// Samples a second.
    package let sampleRate: SampleRate
    /// How each sample is coded.
    package let coding: SampleCoding

    /// Combines a rate with a coding.
    package init(sampleRate: SampleRate, coding: SampleCoding = .linear16LittleEndian) {
        self.sampleRate = sampleRate
        self.coding = coding
    }
}
