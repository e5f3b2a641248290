// SPDX-License-Identifier: GPL-3.0-or-later

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A file that appears whole or not at all: written beside its place and renamed into it.
///
/// A crash, a full disk or Ctrl-C leaves the file that was there as it was.
struct OutputFile {
    /// The path that was asked for.
    let path: String

    /// Whether the path is something that is written to as it is: a named pipe, a device, `/dev/stdout`.
    var isStream: Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFREG && status.st_mode & S_IFMT != S_IFDIR
    }

    /// Whether the path leads to a terminal, as `/dev/tty` does.
    var isTerminal: Bool {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFCHR else { return false }
        let descriptor = open(path, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return isatty(descriptor) == 1
    }

    /// Writes the file.
    ///
    /// - Throws: ``Failure`` that names the file and what to do.
    func write(_ body: (ByteSink) throws(ByteSink.Fault) -> Void) throws(Failure) {
        if isStream { return try writeThrough(body) }
        let target = Self.resolved(path)
        let beside = try Self.create(beside: target, named: path)
        defer { HangUp.shared.forget(beside.farewell) }
        do throws(ByteSink.Fault) {
            try body(ByteSink(descriptor: beside.descriptor))
        } catch {
            close(beside.descriptor)
            unlink(beside.path)
            throw Self.failure(EX_IOERR, path, error)
        }
        // A network file system may tell of a full disk as late as this.
        let isClosed = close(beside.descriptor) == 0
        guard isClosed, rename(beside.path, target) == 0 else {
            let reason = String(cString: strerror(errno))
            unlink(beside.path)
            throw Failure(EX_IOERR, "\(path) could not be written: \(reason)")
        }
    }

    /// Opens a pipe or device to write to for as long as its reader listens.
    func openStream() throws(Failure) -> ByteSink {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw Failure(EX_CANTCREAT, "\(path) cannot be opened: \(String(cString: strerror(errno)))")
        }
        return ByteSink(descriptor: descriptor)
    }

    private func writeThrough(_ body: (ByteSink) throws(ByteSink.Fault) -> Void) throws(Failure) {
        let sink = try openStream()
        defer { close(sink.descriptor) }
        do throws(ByteSink.Fault) {
            try body(sink)
        } catch {
            if case .closed = error { return }
            throw Self.failure(EX_IOERR, path, error)
        }
    }

    /// The file that a chain of symbolic links leads to, so that the link stays a link.
    private static func resolved(_ path: String) -> String {
        guard let real = realpath(path, nil) else { return path }
        defer { free(real) }
        return String(cString: real)
    }

    /// A new file in the target's folder, with the target's permissions or else the usual ones.
    private static func create(
        beside target: String, named path: String
    ) throws(Failure) -> (path: String, descriptor: CInt, farewell: Int) {
        var status = stat()
        if stat(target, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            throw Failure(EX_CANTCREAT, "\(path) is a folder; name a file in it")
        }
        if stat(target, &status) == 0, access(target, W_OK) != 0 {
            throw Failure(EX_CANTCREAT, "\(path) may not be written: \(String(cString: strerror(errno)))")
        }
        let mode: mode_t = stat(target, &status) == 0 ? status.st_mode & 0o777 : 0o666
        let folder = target.lastIndex(of: "/").map { target[...$0] } ?? ""
        for _ in 0..<8 {
            let name = "\(folder).speakcode-\(getpid())-\(UInt32.random(in: 0 ... .max)).part"
            // Before the file is there, so that no moment is left in which a signal leaves it behind.
            let farewell = HangUp.shared.onHangUp { unlink(name) }
            let descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
            if descriptor >= 0 {
                // The mask has cut the mode of a new file; an old one keeps what it had.
                if stat(target, &status) == 0 { fchmod(descriptor, mode) }
                return (name, descriptor, farewell)
            }
            let failure = errno
            HangUp.shared.forget(farewell)
            errno = failure
            guard failure == EEXIST else { break }
        }
        throw Failure(EX_CANTCREAT, "\(path) cannot be created: \(String(cString: strerror(errno)))")
    }

    private static func failure(_ exitCode: Int32, _ path: String, _ fault: ByteSink.Fault) -> Failure {
        switch fault {
        case .closed: Failure(exitCode, "\(path) could not be written: nobody reads it")
        case .system(let reason): Failure(exitCode, "\(path) could not be written: \(reason)")
        }
    }
}
