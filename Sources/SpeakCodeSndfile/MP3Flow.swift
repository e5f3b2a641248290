// SPDX-License-Identifier: GPL-3.0-or-later

/// Lets MP3 of a constant bit rate out by the clock of its samples.
///
/// LAME gives the bits that one frame leaves over to the frames behind it, and a frame's bytes out when they are filled:
/// what comes of a second of sound comes in more or fewer bytes, and makes it up later. Held back for as long as that may
/// take, it comes in as many bytes as the clock says.
struct MP3Flow {
    private var held: [UInt8] = []
    private var samples = 0
    private var sent = 0
    /// What the first frame's header says.
    private var pace: Pace?

    /// The bits and samples of a second, and the samples of a frame.
    private struct Pace {
        let bits: Int
        let hertz: Int
        let frame: Int
    }

    /// LAME looks two frames ahead, and what a frame leaves over is at most 511 bytes (ISO 11172-3, `main_data_begin`):
    /// less than four of the shortest frames that it makes at our rates.
    private static let framesHeld = 7

    /// Takes what came of so many samples.
    ///
    /// - Returns: what is due.
    mutating func take(_ bytes: [UInt8], of samples: Int) -> [UInt8] {
        held += bytes
        self.samples += samples
        pace = pace ?? Self.pace(of: held)
        guard let pace else { return [] }
        let due = max(0, self.samples - Self.framesHeld * pace.frame) * pace.bits / (8 * pace.hertz)
        let count = min(held.count, due - sent)
        sent += count
        defer { held.removeFirst(count) }
        return Array(held[..<count])
    }

    /// What is left.
    mutating func finish() -> [UInt8] {
        defer { held = [] }
        return held
    }

    /// ISO 11172-3, 2.4.2.3, and ISO 13818-3: layer III's bit rate and sampling frequency by a frame's first bytes.
    private static func pace(of bytes: [UInt8]) -> Pace? {
        guard bytes.count >= 4, bytes[0] == 0xFF, bytes[1] & 0xE6 == 0xE2 else { return nil }
        let isFirst = bytes[1] & 0x18 == 0x18
        let rates =
            isFirst
            ? [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]
            : [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160]
        let frequency = Int(bytes[2] >> 2 & 3)
        guard rates.indices.contains(Int(bytes[2] >> 4) - 1), frequency < 3 else { return nil }
        let halvings = isFirst ? 0 : bytes[1] & 0x10 == 0 ? 2 : 1
        return Pace(
            bits: rates[Int(bytes[2] >> 4) - 1] * 1000, hertz: [44_100, 48_000, 32_000][frequency] >> halvings,
            frame: isFirst ? 1152 : 576)
    }
}
