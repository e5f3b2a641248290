// SPDX-License-Identifier: GPL-3.0-or-later

public import Logging
internal import NIOPosix
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Log lines on their way to a descriptor: a thread of its own writes them, so that nobody else waits for who reads them.
///
/// What is written while the line is full is dropped, and counted, as is what a full disk does not take; as soon as it flows
/// again the log says how much.
public final class LogQueue: Sendable {
    private struct State {
        var lines: [String] = []
        var bytes = 0
        var isWriting = false
        /// The lines dropped since the start, and those that the log has told of.
        var dropped = 0
        var told = 0
        /// Whether what was written last ends within a line.
        var isCut = false
        var onDrop: (@Sendable () -> Void)?
        /// Those who wait until all is written.
        var waiting: [AsyncStream<Never>.Continuation] = []
    }

    private let descriptor: CInt
    private let mostBytes: Int
    private let thread = NIOThreadPool(numberOfThreads: 1)
    private let state = Mutex(State())

    /// A queue without lines.
    ///
    /// - Parameters:
    ///   - descriptor: where they go.
    ///   - mostBytes: how much may wait; a megabyte is about 4,000 lines.
    public init(descriptor: CInt, mostBytes: Int = 1 << 20) {
        self.descriptor = descriptor
        self.mostBytes = mostBytes
        thread.start()
    }

    deinit {
        thread.shutdownGracefully { _ in }
    }

    /// What writes a logger's lines into the queue.
    public func handler(label: String) -> any LogHandler {
        StreamLogHandler(label: label, stream: Stream(queue: self))
    }

    private struct Stream: TextOutputStream {
        let queue: LogQueue

        mutating func write(_ line: String) { queue.write(line) }
    }

    /// What is written at once; on the thread alone.
    private struct Direct: TextOutputStream {
        let queue: LogQueue
        /// How many dropped lines it tells of, those before as well.
        let told: Int

        mutating func write(_ line: String) {
            if queue.put(line) == 0 { queue.state.withLock { $0.told = told } }
        }
    }

    /// The lines dropped since the start.
    var dropped: Int { state.withLock(\.dropped) }

    /// Has each dropped line told of, those before as well.
    func onDrop(_ tell: @escaping @Sendable () -> Void) {
        let before = state.withLock { state in
            state.onDrop = tell
            return state.dropped
        }
        for _ in 0..<before { tell() }
    }

    /// Lets a line be written; returns at once.
    func write(_ line: String) {
        enum Fate { case waits, begins, isDropped((@Sendable () -> Void)?) }
        let fate: Fate = state.withLock { state in
            guard state.bytes + line.utf8.count <= mostBytes else {
                state.dropped += 1
                return .isDropped(state.onDrop)
            }
            state.lines.append(line)
            state.bytes += line.utf8.count
            defer { state.isWriting = true }
            return state.isWriting ? .waits : .begins
        }
        switch fate {
        case .waits: break
        case .begins: thread.submit { [self] _ in writeAll() }
        case .isDropped(let tell): tell?()
        }
    }

    /// Waits until all is written, but not for ever.
    public func flush(within limit: Duration, on clock: some Clock<Duration>) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [self] in
                let (written, continuation) = AsyncStream.makeStream(of: Never.self)
                let isDone = state.withLock { state in
                    if state.isWriting { state.waiting.append(continuation) }
                    return !state.isWriting
                }
                if isDone { continuation.finish() }
                for await _ in written {}
            }
            group.addTask { try? await clock.sleep(for: limit) }
            await group.next()
            group.cancelAll()
        }
    }

    // MARK: The thread

    private func writeAll() {
        // Whoever reads the log may be gone, which is no reason to end.
        var pipe = sigset_t()
        sigemptyset(&pipe)
        sigaddset(&pipe, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &pipe, nil)
        while let text = next() {
            drop(put(text))
            tellOfDropped()
        }
    }

    /// All that waits; nil where nothing does.
    private func next() -> String? {
        let (text, waiting) = state.withLock { state -> (String?, [AsyncStream<Never>.Continuation]) in
            defer { (state.lines, state.bytes) = ([], 0) }
            guard state.lines.isEmpty else { return (state.lines.joined(), []) }
            state.isWriting = false
            defer { state.waiting = [] }
            return (nil, state.waiting)
        }
        for continuation in waiting { continuation.finish() }
        return text
    }

    /// Writes to the descriptor for as long as it takes; gives up on one that takes nothing any more, such as a full disk.
    ///
    /// - Returns: how many lines are not there, or not as a whole.
    private func put(_ lines: String) -> Int {
        // What is cut off shall not run into the next line.
        let ending = state.withLock(\.isCut) ? "\n" : ""
        var text = ending + lines
        return text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while let start = rest.baseAddress, !rest.isEmpty {
                #if canImport(Glibc)
                    let count = Glibc.write(descriptor, start, rest.count)
                #else
                    let count = Darwin.write(descriptor, start, rest.count)
                #endif
                if count >= 0 {
                    rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
                } else if errno == EAGAIN {
                    // Somebody else who has it open wants not to wait for it.
                    var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    _ = poll(&ready, 1, -1)
                } else if errno != EINTR {
                    break
                }
            }
            let newline = UInt8(ascii: "\n")
            if rest.count < bytes.count {
                let isCut = bytes[bytes.count - rest.count - 1] != newline
                state.withLock { $0.isCut = isCut }
            }
            let left = rest.count { $0 == newline }
            return rest.count == bytes.count ? left - ending.utf8.count : left
        }
    }

    /// Counts lines that are not there.
    private func drop(_ count: Int) {
        guard count > 0 else { return }
        let tell = state.withLock { state in
            state.dropped += count
            return state.onDrop
        }
        for _ in 0..<count { tell?() }
    }

    private func tellOfDropped() {
        let (dropped, told) = state.withLock { ($0.dropped, $0.told) }
        guard dropped > told else { return }
        // Past the line, which may be full again, and would drop this as well.
        Logger(label: "speakcode") { [self] in
            StreamLogHandler(label: $0, stream: Direct(queue: self, told: dropped))
        }
        .warning(
            "log lines were dropped, since nobody read the log or it could not be written",
            metadata: ["lines": "\(dropped - told)"])
    }
}
