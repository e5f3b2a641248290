// SPDX-License-Identifier: GPL-3.0-or-later

internal import CSndfile

/// libsndfile with one file in memory: opened, written or read, and closed in one call.
enum SoundFile {
    /// Reads a whole file, its channels mixed to one.
    ///
    /// - Parameter longest: the most seconds that are read.
    static func read(
        _ bytes: [UInt8], atMost longest: Int, _ mostSamples: Int = .max
    ) throws(SoundFileError) -> (samples: [Float], hertz: Int) {
        let memory = Memory(bytes)
        var info = SF_INFO()
        var io = Memory.io
        let pointer = Unmanaged.passUnretained(memory).toOpaque()
        return try withExtendedLifetime(memory) { () throws(SoundFileError) in
            guard let handle = sf_open_virtual(&io, Int32(SFM_READ), &info, pointer) else {
                throw SoundFileError(message: String(cString: sf_strerror(nil)))
            }
            defer { sf_close(handle) }
            let (channels, hertz) = (Int(info.channels), Int(info.samplerate))
            guard (1...mostChannels).contains(channels), (1...mostHertz).contains(hertz) else {
                throw SoundFileError(message: "a recording has one or two channels, and a rate of 8000 to 192000 Hz")
            }
            // A header may say anything: what is read is what is there, block by block.
            var samples: [Float] = []
            var block = [Float](repeating: 0, count: 16_384 * channels)
            while case let count = Int(sf_readf_float(handle, &block, 16_384)), count > 0 {
                guard samples.count + count <= longest * hertz else {
                    throw SoundFileError(message: "the file is longer than \(longest / 60) minutes")
                }
                guard samples.count + count <= mostSamples else {
                    throw SoundFileError(message: "the file has more than \(mostSamples) samples; cut it to the call")
                }
                if channels == 1 {
                    samples += block[..<count]
                } else {
                    for frame in 0..<count {
                        let sum = block[(frame * channels)..<((frame + 1) * channels)].reduce(0, +)
                        samples.append(sum / Float(channels))
                    }
                }
            }
            guard sf_error(handle) == 0 else { throw SoundFileError(message: String(cString: sf_strerror(handle))) }
            guard samples.allSatisfy(\.isFinite) else {
                throw SoundFileError(message: "the file has samples that are no numbers")
            }
            return (samples, hertz)
        }
    }

    private static let mostChannels = 8
    private static let mostHertz = 192_000

    /// Writes a whole file of one channel.
    static func write(_ samples: [Int16], hertz: Int, format: Int) throws(SoundFileError) -> [UInt8] {
        let memory = Memory()
        var info = SF_INFO()
        info.samplerate = Int32(hertz)
        info.channels = 1
        info.format = Int32(format)
        var io = Memory.io
        let pointer = Unmanaged.passUnretained(memory).toOpaque()
        guard let handle = sf_open_virtual(&io, Int32(SFM_WRITE), &info, pointer) else {
            throw SoundFileError(message: String(cString: sf_strerror(nil)))
        }
        if format & SF_FORMAT_TYPEMASK == SF_FORMAT_MPEG { setConstantBitRate(of: handle, hertz: hertz) }
        let written = samples.withUnsafeBufferPointer { write($0, to: handle) }
        let problem = written == samples.count ? nil : Task.isCancelled ? "ended" : String(cString: sf_strerror(handle))
        // Closing completes headers, so it comes before the bytes are taken.
        let status = sf_close(handle)
        if let problem { throw SoundFileError(message: problem) }
        guard status == 0 else { throw SoundFileError(message: String(cString: sf_error_number(status))) }
        return withExtendedLifetime(memory) { memory.bytes }
    }

    /// Some hundredths of a second's work: a file that nobody waits for any more is not written to its end.
    private static let batch = 16_384

    /// - Returns: how many samples were written.
    private static func write(_ samples: UnsafeBufferPointer<Int16>, to handle: OpaquePointer) -> Int {
        var written = 0
        while written < samples.count, !Task.isCancelled {
            let batch = UnsafeBufferPointer(rebasing: samples[written...].prefix(Self.batch))
            guard sf_writef_short(handle, batch.baseAddress, sf_count_t(batch.count)) == batch.count else { break }
            written += batch.count
        }
        return written
    }
}

extension SoundFile {
    /// Has an MP3 file or stream take as many bits for each second, where libsndfile's own way takes more for what is harder
    /// to code, and so tells what is said.
    ///
    /// A frame must have room for LAME's 177 bytes about the file, or none are written, and players guess how long it is.
    static func setConstantBitRate(of handle: OpaquePointer, hertz: Int) {
        // The most that `mpeg_l3_encode.c` takes at the rate in kbit/s, which a level of 0 is, the least, a level of 1, and ours.
        let (most, least, wanted) = hertz >= 32_000 ? (320.0, 32.0, 64.0) : hertz >= 16_000 ? (160, 8, 64) : (64, 8, 32)
        var mode = Int32(SF_BITRATE_MODE_CONSTANT)
        sf_command(handle, Int32(SFC_SET_BITRATE_MODE), &mode, Int32(MemoryLayout<Int32>.size))
        // It cuts off what stands behind the point.
        var level = (most - wanted - 0.5) / (most - least)
        sf_command(handle, Int32(SFC_SET_COMPRESSION_LEVEL), &level, Int32(MemoryLayout<Double>.size))
    }
}

/// A growing file in memory, for libsndfile's callbacks.
private final class Memory {
    private(set) var bytes: [UInt8]
    private var offset = 0

    init(_ bytes: [UInt8] = []) {
        self.bytes = bytes
    }

    static var io: SF_VIRTUAL_IO {
        SF_VIRTUAL_IO(
            get_filelen: { Memory.at($0).length },
            seek: { Memory.at($2).seek($0, $1) },
            read: { Memory.at($2).read(into: $0, $1) },
            write: { Memory.at($2).write(from: $0, $1) },
            tell: { Memory.at($0).position })
    }

    var length: sf_count_t { sf_count_t(bytes.count) }
    var position: sf_count_t { sf_count_t(offset) }

    static func at(_ pointer: UnsafeMutableRawPointer?) -> Memory {
        guard let pointer else { preconditionFailure("libsndfile hands back the pointer that it was given.") }
        return Unmanaged<Memory>.fromOpaque(pointer).takeUnretainedValue()
    }

    func seek(_ distance: sf_count_t, _ whence: CInt) -> sf_count_t {
        let start: Int
        switch Int(whence) {
        case SF_SEEK_SET: start = 0
        case SF_SEEK_CUR: start = offset
        case SF_SEEK_END: start = bytes.count
        default: return -1
        }
        // A damaged file may say anything of where its parts are.
        let (target, overflows) = start.addingReportingOverflow(Int(distance))
        guard !overflows, target >= 0 else { return -1 }
        offset = target
        return position
    }

    func read(into target: UnsafeMutableRawPointer?, _ count: sf_count_t) -> sf_count_t {
        // Where a damaged file sends the library to, there may be nothing.
        let start = min(offset, bytes.count)
        let available = bytes[start..<(start + min(max(0, Int(count)), bytes.count - start))]
        UnsafeMutableRawBufferPointer(start: target, count: available.count).copyBytes(from: available)
        offset += available.count
        return sf_count_t(available.count)
    }

    func write(from source: UnsafeRawPointer?, _ count: sf_count_t) -> sf_count_t {
        let new = UnsafeRawBufferPointer(start: source, count: Int(count))
        if offset > bytes.count { bytes += [UInt8](repeating: 0, count: offset - bytes.count) }
        let overlap = min(bytes.count - offset, new.count)
        bytes.replaceSubrange(offset..<(offset + overlap), with: new[..<overlap])
        bytes += new[overlap...]
        offset += new.count
        return count
    }
}

/// What libsndfile says when it refuses.
public struct SoundFileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The library's own words.
    public let message: String

    /// The library's own words, and its name.
    public var description: String { "libsndfile: \(message)" }
}
