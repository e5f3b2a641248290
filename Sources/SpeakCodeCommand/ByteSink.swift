// SPDX-License-Identifier: GPL-3.0-or-later

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// An open descriptor that bytes are written to.
struct ByteSink {
    /// The descriptor.
    let descriptor: CInt

    /// Why bytes could not be written.
    enum Fault: Error {
        /// Nobody reads any more: the listener has hung up.
        case closed
        /// The system's own words.
        case system(String)
    }

    /// Standard output.
    static let standardOutput = ByteSink(descriptor: STDOUT_FILENO)
    /// Standard error.
    static let standardError = ByteSink(descriptor: STDERR_FILENO)

    /// Writes all of the bytes; blocks while the reader is busy.
    func write(_ bytes: ArraySlice<UInt8>) throws(Fault) {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { writeSome(descriptor, $0) }
            if count < 0 {
                switch errno {
                case EINTR: continue
                case EAGAIN: wait(for: POLLOUT, on: descriptor)
                case EPIPE: throw .closed
                default: throw .system(String(cString: strerror(errno)))
                }
            } else {
                rest = rest.dropFirst(count)
            }
        }
    }

    /// Writes slices in few large pieces.
    ///
    /// The first piece must hold more than a header: sox looks at the first 256 bytes of a pipe and cannot look back when
    /// they come in two.
    func write(_ slices: some Sequence<ArraySlice<UInt8>>) throws(Fault) {
        var piece: [UInt8] = []
        piece.reserveCapacity(Self.pieceLength)
        for slice in slices {
            piece += slice
            guard piece.count >= Self.pieceLength else { continue }
            try write(piece[...])
            piece.removeAll(keepingCapacity: true)
        }
        try write(piece[...])
    }

    private static let pieceLength = 65_536
}

/// Waits until a descriptor that somebody else has made non-blocking can be read from (`POLLIN`) or written to (`POLLOUT`).
func wait(for event: CInt, on descriptor: CInt) {
    var wait = pollfd(fd: descriptor, events: Int16(event), revents: 0)
    _ = poll(&wait, 1, -1)
}

/// The system's `write`, which a method of that name hides.
private func writeSome(_ descriptor: CInt, _ bytes: UnsafeRawBufferPointer) -> Int {
    write(descriptor, bytes.baseAddress, bytes.count)
}
