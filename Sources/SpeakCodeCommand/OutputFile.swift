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
        try prepare(body)?.appear()
    }

    /// Writes the file beside its place.
    ///
    /// - Returns: the file that is to appear; nil for a stream, which has been written to.
    /// - Throws: ``Failure`` that names the file and what to do.
    func prepare(_ body: (ByteSink) throws(ByteSink.Fault) -> Void) throws(Failure) -> Prepared? {
        if isStream {
            try writeThrough(body)
            return nil
        }
        let target = try resolved()
        let (beside, sink) = try create(beside: target)
        let prepared = Prepared(path: path, target: target, beside: beside)
        do throws(ByteSink.Fault) {
            try body(sink)
        } catch {
            close(sink.descriptor)
            prepared.vanish()
            throw Self.failure(EX_IOERR, path, error)
        }
        // A network file system may tell of a full disk as late as this.
        guard close(sink.descriptor) == 0 else {
            let reason = String(cString: strerror(errno))
            prepared.vanish()
            throw Failure(EX_IOERR, "\(path) could not be written: \(reason)")
        }
        return prepared
    }

    /// A file that has been written and is not in its place yet.
    struct Prepared {
        fileprivate let path: String
        fileprivate let target: String
        fileprivate let beside: PassingFile

        /// Puts the file in its place.
        func appear() throws(Failure) {
            guard rename(beside.path, target) == 0 else {
                let reason = String(cString: strerror(errno))
                vanish()
                throw Failure(EX_IOERR, "\(path) could not be written: \(reason)")
            }
            beside.keep()
        }

        /// Removes the file; what was in its place stays.
        func vanish() { beside.remove() }
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

    /// The file that a chain of symbolic links leads to, there or not, so that the link stays a link.
    private func resolved() throws(Failure) -> String {
        var target = path
        for _ in 0..<40 {
            var link = [CChar](repeating: 0, count: Int(PATH_MAX))
            let length = readlink(target, &link, link.count)
            guard length > 0 else { return target }
            let next = String(decoding: link[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
            let folder = target.lastIndex(of: "/").map { target[...$0] } ?? ""
            target = next.hasPrefix("/") ? next : folder + next
        }
        throw Failure(EX_CANTCREAT, "\(path) cannot be created: \(String(cString: strerror(ELOOP)))")
    }

    /// A new file in the target's folder, with the target's permissions or else the usual ones.
    private func create(beside target: String) throws(Failure) -> (PassingFile, ByteSink) {
        var status = stat()
        if stat(target, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            throw Failure(EX_CANTCREAT, "\(path) is a folder; name a file in it")
        }
        if stat(target, &status) == 0, access(target, W_OK) != 0 {
            throw Failure(EX_CANTCREAT, "\(path) may not be written: \(String(cString: strerror(errno)))")
        }
        let mode: mode_t = stat(target, &status) == 0 ? status.st_mode & 0o777 : 0o666
        let folder = target.lastIndex(of: "/").map { String(target[...$0]) } ?? ""
        guard let (file, sink) = PassingFile.create(in: folder, suffix: ".part", mode: mode) else {
            throw Failure(EX_CANTCREAT, "\(path) cannot be created: \(String(cString: strerror(errno)))")
        }
        // The mask has cut the mode of a new file; an old one keeps what it had.
        if stat(target, &status) == 0 { fchmod(sink.descriptor, mode) }
        return (file, sink)
    }

    private static func failure(_ exitCode: Int32, _ path: String, _ fault: ByteSink.Fault) -> Failure {
        switch fault {
        case .closed: Failure(exitCode, "\(path) could not be written: nobody reads it")
        case .system(let reason): Failure(exitCode, "\(path) could not be written: \(reason)")
        }
    }
}

/// A file that is removed at the latest when somebody hangs up, unless it is kept.
struct PassingFile {
    /// Where it is.
    let path: String

    private let farewell: Int

    /// Creates a file of a new name.
    ///
    /// - Parameters:
    ///   - folder: where, with a slash at its end; empty for the current folder.
    ///   - suffix: how its name ends.
    ///   - mode: its permissions, from which the mask is taken away.
    /// - Returns: nil with `errno` where the system lets none be created.
    static func create(in folder: String, suffix: String, mode: mode_t) -> (PassingFile, ByteSink)? {
        for _ in 0..<8 {
            let path = "\(folder).speakcode-\(getpid())-\(UInt32.random(in: 0 ... .max))\(suffix)"
            // Before the file is there, so that no moment is left in which a signal leaves it behind.
            let farewell = HangUp.shared.onHangUp { unlink(path) }
            let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
            if descriptor >= 0 {
                return (PassingFile(path: path, farewell: farewell), ByteSink(descriptor: descriptor))
            }
            let failure = errno
            HangUp.shared.forget(farewell)
            errno = failure
            guard failure == EEXIST else { break }
        }
        return nil
    }

    /// Leaves the file, or what has become of it, where it is.
    func keep() { HangUp.shared.forget(farewell) }

    /// Removes the file.
    func remove() {
        unlink(path)
        HangUp.shared.forget(farewell)
    }
}
