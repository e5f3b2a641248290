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

    /// Writes all of the bytes; blocks while the reader is busy.
    func write(_ bytes: ArraySlice<UInt8>) throws(Fault) {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Self.posixWrite(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                switch errno {
                case EINTR: continue
                case EAGAIN: waitUntilWritable()
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

    /// A descriptor that somebody else has made non-blocking is waited for all the same.
    private func waitUntilWritable() {
        var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&wait, 1, -1)
    }

    private static func posixWrite(_ file: CInt, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
        #if canImport(Glibc)
            Glibc.write(file, bytes, count)
        #else
            Darwin.write(file, bytes, count)
        #endif
    }
}
