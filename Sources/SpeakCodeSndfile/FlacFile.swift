// SPDX-License-Identifier: GPL-3.0-or-later

/// A FLAC file as bytes (RFC 9639), filled up so that its size tells nothing of what is said in it.
enum FlacFile {
    /// So many bits a sample have all files.
    ///
    /// No code takes more in any pack (the tests look at each digit): its pauses take almost none.
    static let usualBits = 12
    /// So many have those whose samples cannot be compressed: 16 where they stand as they are, and one by which libFLAC may
    /// err when it chooses how to code them.
    private static let mostBits = 17
    /// A frame's header, its subframe's, and its check sum (sections 9.1, 9.2, 9.3).
    private static let frameOverhead = 32
    /// libFLAC's frames have at least so many samples.
    private static let shortestFrame = 1152

    /// The file with a PADDING block behind its other metadata (section 8.3), as long as every other of so many samples.
    static func padded(_ file: [UInt8], sampleCount: Int) throws(SoundFileError) -> [UInt8] {
        guard file.starts(with: "fLaC".utf8) else { throw unknown }
        var last = 4
        var end = last + 4 + length(ofBlockAt: last, file)
        while end + 4 <= file.count, file[last] & 0x80 == 0 {
            last = end
            end += 4 + length(ofBlockAt: last, file)
        }
        guard end <= file.count else { throw unknown }
        let frames = sampleCount / shortestFrame + 1
        for bits in [usualBits, mostBits] {
            var room = end + (sampleCount * bits + 7) / 8 + frames * frameOverhead + 4 - file.count
            guard room >= 4 else { continue }
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
        throw unknown
    }

    private static let unknown = SoundFileError(message: "its FLAC has another form than was known")

    private static func length(ofBlockAt place: Int, _ file: [UInt8]) -> Int {
        guard place + 4 <= file.count else { return file.count }
        return file[(place + 1)..<(place + 4)].reduce(0) { $0 << 8 | Int($1) }
    }
}
