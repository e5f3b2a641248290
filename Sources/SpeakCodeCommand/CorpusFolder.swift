// SPDX-License-Identifier: GPL-3.0-or-later

internal import FoundationEssentials
internal import SpeakCodeCorpus
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The folder of a corpus: what it is made from, what is made, and how far it is.
///
/// Of each code there is a note once all of its files are there; the notes go when the check sums come.
struct CorpusFolder: Sendable {
    let path: String

    private var plan: String { "\(path)/\(CorpusMaker.planFile)" }
    private var notes: String { "\(path)/.progress" }
    private var sums: String { "\(path)/\(CorpusMaker.sumsFile)" }

    enum State {
        /// Something is still to be made.
        case begun
        /// All of it is there.
        case whole
    }

    /// Makes the folder, or finds it as an earlier run of the same plan has left it.
    ///
    /// - Throws: ``Failure`` for a folder with anything else in it.
    func begin(_ plan: CorpusPlan) throws(Failure) -> State {
        let files = FileManager.default
        if !files.fileExists(atPath: path) { try makeFolder(path) }
        try lock()
        if !files.fileExists(atPath: self.plan) {
            try checkEmpty()
            // First of all, so that a run that was killed here is one that can go on.
            try write(plan.file, to: self.plan)
        }
        guard let known = files.contents(atPath: self.plan), Array(known) == plan.file else {
            throw Failure(
                EX_CANTCREAT,
                "\(path) has another corpus in it, or one of another version; name a new folder with -o")
        }
        if files.fileExists(atPath: sums) { return .whole }
        try makeFolder(notes)
        for folder in plan.layout.folders { try makeFolder("\(path)/\(folder)") }
        return .begun
    }

    /// A folder that cannot be read may have anything in it.
    private func checkEmpty() throws(Failure) {
        guard let folder = opendir(path) else {
            throw Failure(EX_CANTCREAT, "\(path) cannot be read: \(String(cString: strerror(errno)))")
        }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        // Itself and the one that it is in.
        guard count <= 2 else {
            throw Failure(EX_CANTCREAT, "\(path) has something else in it; name a new folder with -o")
        }
    }

    /// Keeps other runs out of the folder for as long as this process lives: of the plan a run would lock the one that it
    /// replaces.
    private func lock() throws(Failure) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        let isMade = Failure(EX_TEMPFAIL, "another run is making \(path); wait for its end")
        guard descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            if descriptor >= 0, errno == EWOULDBLOCK { throw isMade }
            // A file system without locks has no two runs that know of each other.
            return
        }
        // It may have been removed and made again in between.
        var (locked, named) = (stat(), stat())
        guard fstat(descriptor, &locked) == 0, stat(path, &named) == 0, locked.st_ino == named.st_ino,
            locked.st_dev == named.st_dev
        else { throw isMade }
    }

    private func makeFolder(_ path: String) throws(Failure) {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw Failure(EX_CANTCREAT, "\(path) cannot be created: \(String(cString: strerror(errno)))")
        }
    }

    private func write(_ bytes: [UInt8], to path: String) throws(Failure) {
        try OutputFile(path: path).write { sink throws(ByteSink.Fault) in try sink.write(bytes[...]) }
    }

    private func note(of index: Int) -> String { "\(notes)/\(index).jsonl" }

    /// Whether all files of a code are there, as long as they were.
    func has(_ index: Int) -> Bool {
        guard let note = FileManager.default.contents(atPath: note(of: index)),
            let records = CorpusRecord.records(of: String(decoding: note, as: UTF8.self)), !records.isEmpty
        else { return false }
        return records.allSatisfy { record in
            size(of: record.audio) == record.byteCount
                && (record.alignments ?? []).allSatisfy { (size(of: $0.file) ?? 0) > 0 }
        }
    }

    private func size(of file: String) -> Int? {
        var about = stat()
        return stat("\(path)/\(file)", &about) == 0 ? Int(about.st_size) : nil
    }

    /// Writes what was made of a code, and at the end that it is there.
    func write(_ files: [CorpusFile], _ records: String, of index: Int) throws(Failure) {
        for file in files { try write(file.bytes, to: "\(path)/\(file.path)") }
        try write(Array(records.utf8), to: note(of: index))
    }

    /// Writes what is made of the whole, the check sums last.
    func finish(_ maker: CorpusMaker) throws(Failure) {
        let files = FileManager.default
        let records = (0..<maker.plan.codes).map { index in
            String(decoding: files.contents(atPath: note(of: index)) ?? Data(), as: UTF8.self)
        }
        guard let last = maker.last(behind: records) else {
            throw Failure(EX_DATAERR, "\(notes) has something else in it than this command writes; remove \(path)")
        }
        // The plan is there from the beginning.
        for file in last where file.path != CorpusMaker.planFile { try write(file.bytes, to: "\(path)/\(file.path)") }
        try? files.removeItem(atPath: notes)
    }

    /// The digest of the check sums, as `sha256sum` says it.
    func digestLine() throws(Failure) -> String {
        guard let bytes = FileManager.default.contents(atPath: sums) else {
            throw Failure(EX_NOINPUT, "\(sums) cannot be read: \(String(cString: strerror(errno)))")
        }
        return "\(CorpusMaker.sum(of: Array(bytes)))  \(sums)"
    }
}

/// How far a corpus is, at a terminal.
final class CorpusProgress: Sendable {
    private let codes: Int
    private let isQuiet: Bool
    private let start = ContinuousClock.now
    private let state = Mutex((done: 0, before: 0))

    init(of codes: Int, isQuiet: Bool) {
        self.codes = codes
        self.isQuiet = isQuiet
    }

    /// Begins with what an earlier run has made.
    func begin(with done: Int) {
        state.withLock { $0 = (done, done) }
        show()
    }

    /// Tells that one more code is there.
    func advance() {
        state.withLock { $0.done += 1 }
        show()
    }

    private func show() {
        guard !isQuiet, Terminal.isWatched else { return }
        let (done, before) = state.withLock { $0 }
        let line = Self.line(done, of: codes, before: before, after: ContinuousClock.now - start)
        // In tenths, where each line stays.
        let tenths = done * 10 / max(1, codes)
        Terminal.showLine(line, plain: "\(tenths * 10) % of \(codes) codes")
    }

    /// A bar of twenty signs, the count, and the time that is left where that can be told.
    static func line(_ done: Int, of codes: Int, before: Int, after time: Duration) -> String {
        let signs = done * 20 / max(1, codes)
        let bar = String(repeating: "#", count: signs) + String(repeating: ".", count: 20 - signs)
        guard done > before, done < codes else { return "[\(bar)] \(done) of \(codes) codes" }
        let left = (time / (done - before) * (codes - done)).components.seconds
        return "[\(bar)] \(done) of \(codes) codes, \(left / 60):\(left % 60 < 10 ? "0" : "")\(left % 60) left"
    }
}
