// SPDX-License-Identifier: GPL-3.0-or-later

internal import CSndfile

/// libsndfile writing one file in memory: opened, filled and closed in one call.
enum SoundFile {
    /// Writes a whole file of one channel.
    static func write(_ samples: [Int16], hertz: Int, format: Int) throws(SoundFileError) -> [UInt8] {
        let memory = Memory()
        var info = SF_INFO()
        info.samplerate = Int32(hertz)
        info.channels = 1
        info.format = Int32(format)
        var io = SF_VIRTUAL_IO(
            get_filelen: { Memory.at($0).length },
            seek: { Memory.at($2).seek($0, $1) },
            read: { Memory.at($2).read(into: $0, $1) },
            write: { Memory.at($2).write(from: $0, $1) },
            tell: { Memory.at($0).position })
        let pointer = Unmanaged.passUnretained(memory).toOpaque()
        guard let handle = sf_open_virtual(&io, Int32(SFM_WRITE), &info, pointer) else {
            throw SoundFileError(message: String(cString: sf_strerror(nil)))
        }
        let written = sf_writef_short(handle, samples, sf_count_t(samples.count))
        let problem = written == samples.count ? nil : String(cString: sf_strerror(handle))
        // Closing completes headers, so it comes before the bytes are taken.
        let status = sf_close(handle)
        if let problem { throw SoundFileError(message: problem) }
        guard status == 0 else { throw SoundFileError(message: String(cString: sf_error_number(status))) }
        return withExtendedLifetime(memory) { memory.bytes }
    }
}

/// A growing file in memory, for libsndfile's callbacks.
private final class Memory {
    private(set) var bytes: [UInt8] = []
    private var offset = 0

    var length: sf_count_t { sf_count_t(bytes.count) }
    var position: sf_count_t { sf_count_t(offset) }

    static func at(_ pointer: UnsafeMutableRawPointer?) -> Memory {
        guard let pointer else { preconditionFailure("libsndfile hands back the pointer that it was given.") }
        return Unmanaged<Memory>.fromOpaque(pointer).takeUnretainedValue()
    }

    func seek(_ distance: sf_count_t, _ whence: CInt) -> sf_count_t {
        switch Int(whence) {
        case SF_SEEK_SET: offset = Int(distance)
        case SF_SEEK_CUR: offset += Int(distance)
        case SF_SEEK_END: offset = bytes.count + Int(distance)
        default: return -1
        }
        return position
    }

    func read(into target: UnsafeMutableRawPointer?, _ count: sf_count_t) -> sf_count_t {
        let available = bytes[min(offset, bytes.count)..<min(offset + Int(count), bytes.count)]
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
