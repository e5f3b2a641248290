// SPDX-License-Identifier: GPL-3.0-or-later

/// An Ogg stream as bytes: pages, each with a serial number and a check sum (RFC 3533).
///
/// libsndfile draws serial numbers by chance; the same announcement must be the same bytes on every replica.
enum OggStream {
    /// Every page given one serial number, its check sum made right again.
    static func withFixedSerialNumber(_ file: [UInt8], serialNumber: UInt32 = 0x5350_4B31) -> [UInt8] {
        var file = file
        var page = 0
        while page + 27 <= file.count, file[page..<(page + 4)].elementsEqual("OggS".utf8) {
            let segments = Int(file[page + 26])
            guard page + 27 + segments <= file.count else { break }
            let body = file[(page + 27)..<(page + 27 + segments)].reduce(0) { $0 + Int($1) }
            let end = page + 27 + segments + body
            guard end <= file.count else { break }
            put(serialNumber, at: page + 14, in: &file)
            put(0, at: page + 22, in: &file)
            put(checkSum(of: file[page..<end]), at: page + 22, in: &file)
            page = end
        }
        return file
    }

    private static func put(_ value: UInt32, at offset: Int, in file: inout [UInt8]) {
        for byte in 0..<4 { file[offset + byte] = UInt8(truncatingIfNeeded: value >> (8 * UInt32(byte))) }
    }

    /// RFC 3533, section 6: CRC-32 with the polynomial 0x04C11DB7, from zero, neither reflected nor inverted.
    private static func checkSum(of page: ArraySlice<UInt8>) -> UInt32 {
        page.reduce(0) { sum, byte in sum << 8 ^ table[Int(sum >> 24 ^ UInt32(byte))] }
    }

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index) << 24) { sum, _ in sum >> 31 == 1 ? sum << 1 ^ 0x04C1_1DB7 : sum << 1 }
    }
}
