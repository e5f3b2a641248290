// SPDX-License-Identifier: GPL-3.0-or-later

public import SpeakCode

extension PCM {
    /// Reads 16-bit samples, low byte first, such as those behind the header of a WAV file.
    public init(littleEndian bytes: some Sequence<UInt8>, hertz: Int) {
        var low: UInt8?
        var samples: [Int16] = []
        for byte in bytes {
            if let first = low {
                samples.append(Int16(bitPattern: UInt16(first) | UInt16(byte) << 8))
                low = nil
            } else {
                low = byte
            }
        }
        self.init(samples: samples, hertz: hertz)
    }
}
