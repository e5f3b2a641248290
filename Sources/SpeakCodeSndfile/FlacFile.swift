// SPDX-License-Identifier: GPL-3.0-or-later

/// A FLAC file as bytes (RFC 9639), filled up so that its size tells nothing of what is said in it.
enum FlacFile {
    /// The most bytes that libFLAC needs for so many samples, whatever they are.
    ///
    /// It takes no way of coding a subframe that it reckons longer than the samples as they are, with 16 bits each, and errs by
    /// at most half a bit for each: it sums up `|residual| >> (parameter - 1)` and takes half of their number off
    /// (`count_rice_bits_in_partition_` in `stream_encoder.c`). A bound that speech keeps to would tell of what does not.
    static func mostBytes(for sampleCount: Int, inFramesOf frameLength: Int) -> Int {
        (sampleCount * 33 + 15) / 16 + (sampleCount / frameLength + 1) * frameOverhead
    }

    /// A frame's header and check sum, its subframe's header and parameters, and what rounding adds (sections 9.1 to 9.3).
    private static let frameOverhead = 64

    /// The file with a PADDING block behind its other metadata (section 8.3), as long as every other of so many samples.
    static func padded(_ file: [UInt8], sampleCount: Int) throws(SoundFileError) -> [UInt8] {
        // The fewest samples of a frame but the last stand in the first block (section 8.2).
        guard file.starts(with: "fLaC".utf8), file.count > 10, case let frameLength = Int(file[8]) << 8 | Int(file[9]),
            frameLength >= 16
        else { throw unknown }
        var last = 4
        var end = last + 4 + length(ofBlockAt: last, file)
        while end + 4 <= file.count, file[last] & 0x80 == 0 {
            last = end
            end += 4 + length(ofBlockAt: last, file)
        }
        guard end <= file.count else { throw unknown }
        var room = end + mostBytes(for: sampleCount, inFramesOf: frameLength) + 4 - file.count
        guard room >= 4 else { throw unknown }
        var padded = Array(file[..<end])
        padded[last] &= 0x7F
        while room > 0 {
            // A block is at most 2^24 - 1 bytes long, and what is left behind one must have room for a header.
            var size = min(room - 4, 0xFF_FFFF)
            if (1..<4).contains(room - 4 - size) { size -= 4 }
            room -= 4 + size
            padded.append(room == 0 ? 0x81 : 1)
            padded += [16, 8, 0].map { UInt8(truncatingIfNeeded: size >> $0) }
            padded += [UInt8](repeating: 0, count: size)
        }
        return padded + file[end...]
    }

    private static let unknown = SoundFileError(message: "its FLAC has another form than was known")

    private static func length(ofBlockAt place: Int, _ file: [UInt8]) -> Int {
        guard place + 4 <= file.count else { return file.count }
        return file[(place + 1)..<(place + 4)].reduce(0) { $0 << 8 | Int($1) }
    }
}
