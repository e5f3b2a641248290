// SPDX-License-Identifier: GPL-3.0-or-later

internal import CSndfile
internal import SpeakCode

/// libsndfile encoding for a listener: samples in, and out come the bytes that are ready.
///
/// Of one task: neither the library's handle nor this is for several at once.
final class SndfileStream: SoundStream {
    /// How bytes are let out, so that their number tells nothing of the samples.
    enum Evenness {
        case asItComes
        case ogg(OggStream)
        case mp3(MP3Flow)
    }

    private let outflow = Outflow()
    private var handle: OpaquePointer?
    private var evenly: Evenness

    init(hertz: Int, format: Int, evenly: Evenness) throws(SoundFileError) {
        self.evenly = evenly
        var info = SF_INFO()
        info.samplerate = Int32(hertz)
        info.channels = 1
        info.format = Int32(format)
        var io = SF_VIRTUAL_IO(
            get_filelen: { Outflow.at($0).end },
            seek: { Outflow.at($2).seek($0, $1) },
            read: { _, _, _ in 0 },
            write: { Outflow.at($2).write(from: $0, $1) },
            tell: { Outflow.at($0).position })
        handle = sf_open_virtual(&io, Int32(SFM_WRITE), &info, Unmanaged.passUnretained(outflow).toOpaque())
        guard let handle else { throw SoundFileError(message: String(cString: sf_strerror(nil))) }
        if format & SF_FORMAT_TYPEMASK == SF_FORMAT_MPEG { SoundFile.setConstantBitRate(of: handle, hertz: hertz) }
        var latency = 200.0
        sf_command(handle, Int32(SFC_SET_OGG_PAGE_LATENCY_MS), &latency, Int32(MemoryLayout<Double>.size))
    }

    deinit {
        if let handle { sf_close(handle) }
    }

    func encode(_ samples: [Int16]) throws -> [UInt8] {
        guard let handle else { return [] }
        guard sf_writef_short(handle, samples, sf_count_t(samples.count)) == samples.count else {
            throw SoundFileError(message: String(cString: sf_strerror(handle)))
        }
        return try evened(outflow.drain(), of: samples.count)
    }

    func finish() throws -> [UInt8] {
        guard let handle else { return [] }
        self.handle = nil
        let status = sf_close(handle)
        guard status == 0 else { throw SoundFileError(message: String(cString: sf_error_number(status))) }
        let rest = try evened(outflow.drain(), of: 0)
        switch evenly {
        case .asItComes: return rest
        case .ogg(var pages): return rest + pages.finish()
        case .mp3(var flow): return rest + flow.finish()
        }
    }

    private func evened(_ bytes: [UInt8], of samples: Int) throws(SoundFileError) -> [UInt8] {
        switch evenly {
        case .asItComes: return bytes
        case .ogg(var pages):
            defer { evenly = .ogg(pages) }
            return try pages.take(bytes)
        case .mp3(var flow):
            defer { evenly = .mp3(flow) }
            return flow.take(bytes, of: samples)
        }
    }
}

/// A file whose beginning has been sent away, for libsndfile's callbacks: what is written there later is too late.
private final class Outflow {
    private var bytes: [UInt8] = []
    /// How much has been drained.
    private var sent = 0
    private var offset = 0

    var end: sf_count_t { sf_count_t(sent + bytes.count) }
    var position: sf_count_t { sf_count_t(offset) }

    static func at(_ pointer: UnsafeMutableRawPointer?) -> Outflow {
        guard let pointer else { preconditionFailure("libsndfile hands back the pointer that it was given.") }
        return Unmanaged<Outflow>.fromOpaque(pointer).takeUnretainedValue()
    }

    func seek(_ distance: sf_count_t, _ whence: CInt) -> sf_count_t {
        switch Int(whence) {
        case SF_SEEK_SET: offset = Int(distance)
        case SF_SEEK_CUR: offset += Int(distance)
        case SF_SEEK_END: offset = Int(end) + Int(distance)
        default: return -1
        }
        return position
    }

    func write(from source: UnsafeRawPointer?, _ count: sf_count_t) -> sf_count_t {
        let new = UnsafeRawBufferPointer(start: source, count: Int(count))
        for (index, byte) in new.enumerated() {
            let place = offset + index - sent
            if place >= bytes.count {
                bytes += [UInt8](repeating: 0, count: place - bytes.count)
                bytes.append(byte)
            } else if place >= 0 {
                bytes[place] = byte
            }
        }
        offset += new.count
        return count
    }

    func drain() -> [UInt8] {
        defer {
            sent += bytes.count
            bytes = []
        }
        return bytes
    }
}
