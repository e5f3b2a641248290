// SPDX-License-Identifier: GPL-3.0-or-later

public import SpeakCode

extension PCM {
    /// Reads 16-bit samples, low byte first, such as those behind the header of a WAV file.
    public init(littleEndian bytes: some Sequence<UInt8>, hertz: Int) {
        let bytes = Array(bytes)
        // One copy of memory, since a loop over a minute of audio is what a debug build spends its time on.
        var samples = [Int16](repeating: 0, count: bytes.count / 2)
        samples.withUnsafeMutableBytes { $0.copyBytes(from: bytes.prefix(2 * (bytes.count / 2))) }
        if Int16(1).littleEndian != 1 { samples = samples.map(Int16.init(littleEndian:)) }
        self.init(samples: samples, hertz: hertz)
    }
}
