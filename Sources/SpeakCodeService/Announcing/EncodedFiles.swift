// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCode
internal import Synchronization

/// Files of formats that are encoded as a whole, for the HEAD, GET and ranges that one call makes.
///
/// A file is made once for all who ask for it at the same time, so many files at a time and each in its turn; who goes away
/// leaves the line, and a file that nobody waits for any more is not made to its end. Files hold codes, so they are few and
/// are let go after a minute.
final class EncodedFiles: Sendable {
    /// Makes a file; throws early where its task is cancelled.
    typealias Making = @Sendable () throws(BankError) -> Rendition

    /// What becomes of a wish.
    enum Outcome: Sendable {
        case made(Rendition)
        case failed(BankError)
        /// The line is full.
        case busy
    }

    private struct Job {
        let number: Int
        /// Who asked for it first.
        let client: String
        let make: Making
        /// Nil while it stands in line.
        var task: Task<Void, Never>?
        var waiters: [Int: CheckedContinuation<Outcome, Never>] = [:]
    }

    private struct State {
        var files: [String: (rendition: Rendition, until: Duration)] = [:]
        /// The tags of the files, the oldest first.
        var order: [String] = []
        var bytes = 0
        var jobs: [String: Job] = [:]
        /// The tags of the jobs that have not begun, the first come first.
        var line: [String] = []
        var running = 0
        /// How many of a client's jobs have not ended; what bounds them is time, and not a number.
        var clients = Shares<String>(most: .max)
        /// How long a file takes to be made, a running mean.
        var cost = EncodedFiles.firstCost
        var nextNumber = 0

        mutating func number() -> Int {
            nextNumber += 1
            return nextNumber
        }
    }

    private static let lifetime: Duration = .seconds(60)
    private static let mostBytes = 32 << 20
    /// What a file is taken to cost before one has been made: three readings in Opus on one core.
    private static let firstCost: Duration = .milliseconds(50)

    private let time: SteadyTime
    private let workers: (any TaskExecutor)?
    private let atATime: Int
    private let inLine: Int
    private let patience: Duration
    private let state = Mutex(State())

    /// - Parameters:
    ///   - time: what files age by.
    ///   - workers: where they are made.
    ///   - atATime: how many are made at a time.
    ///   - inLine: how many may wait to be made.
    ///   - patience: how long a file may wait for its turn, by what files have cost: who cannot be served within it is
    ///     told so at once, and does not wait in vain. One address has half of it.
    init(
        time: SteadyTime, workers: (any TaskExecutor)?, atATime: Int, inLine: Int = 1024, patience: Duration
    ) {
        self.time = time
        self.workers = workers
        self.atATime = atATime
        self.inLine = inLine
        self.patience = patience
    }

    // MARK: Keeping

    /// The file of a tag; nil where none is kept.
    subscript(tag: String) -> Rendition? {
        state.withLock { state in
            letAgedGo(&state)
            return state.files[tag]?.rendition
        }
    }

    /// How many are kept.
    var count: Int { state.withLock(\.files.count) }

    /// How many wait for files that are being made.
    var waiters: Int { state.withLock { $0.jobs.values.reduce(0) { $0 + $1.waiters.count } } }

    /// Lets go what is too old.
    func sweep() {
        state.withLock { letAgedGo(&$0) }
    }

    /// Lets all files go; those that are being made are finished.
    func clear() {
        state.withLock { state in
            (state.files, state.order, state.bytes) = ([:], [], 0)
        }
    }

    private func keep(_ rendition: Rendition, as tag: String, _ state: inout State) {
        letAgedGo(&state)
        guard rendition.byteCount <= Self.mostBytes, state.files[tag] == nil else { return }
        state.files[tag] = (rendition, time.now + Self.lifetime)
        state.order.append(tag)
        state.bytes += rendition.byteCount
        while state.bytes > Self.mostBytes { Self.letOldestGo(&state) }
    }

    private func letAgedGo(_ state: inout State) {
        let now = time.now
        while let first = state.order.first, let file = state.files[first], file.until <= now {
            Self.letOldestGo(&state)
        }
    }

    private static func letOldestGo(_ state: inout State) {
        let oldest = state.order.removeFirst()
        if let file = state.files.removeValue(forKey: oldest) { state.bytes -= file.rendition.byteCount }
    }

    // MARK: Making

    /// Waits for a file, which is made unless somebody waits for it already.
    ///
    /// - Parameters:
    ///   - tag: names its bytes, and is no secret.
    ///   - client: the address that asks.
    func file(for tag: String, of client: String = "", _ make: @escaping Making) async -> Outcome {
        let waiter = state.withLock { $0.number() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let outcome = state.withLock { state in
                    join(tag, client, make, waiter, continuation, &state)
                }
                if let outcome { continuation.resume(returning: outcome) }
            }
        } onCancel: {
            state.withLock { leave(tag, waiter, &$0) }?.resume(returning: .failed(BankError(.cancelled)))
        }
    }

    /// - Returns: what is known at once; nil where it is waited for.
    private func join(
        _ tag: String, _ client: String, _ make: @escaping Making, _ waiter: Int,
        _ continuation: CheckedContinuation<Outcome, Never>,
        _ state: inout State
    ) -> Outcome? {
        // Who is cancelled from here on is found among the waiters.
        if Task.isCancelled { return .failed(BankError(.cancelled)) }
        if let kept = state.files[tag]?.rendition { return .made(kept) }
        if state.jobs[tag] == nil {
            guard state.running < atATime || hasRoom(state, for: client) else { return .busy }
            state.jobs[tag] = Job(number: state.number(), client: client, make: make)
            _ = state.clients.take(client)
            state.line.append(tag)
        }
        state.jobs[tag]?.waiters[waiter] = continuation
        begin(&state)
        return nil
    }

    private func hasRoom(_ state: borrowing State, for client: String) -> Bool {
        func waits(behind jobs: Int) -> Duration { state.cost * ((jobs + atATime) / atATime) }
        return state.line.count < inLine && waits(behind: state.line.count) <= patience
            && waits(behind: state.clients[client]) <= patience / 2
    }

    /// Lets a job go, whose client has one less.
    private func remove(_ tag: String, _ state: inout State) -> Job? {
        guard let job = state.jobs.removeValue(forKey: tag) else { return nil }
        state.clients.giveBack(job.client)
        return job
    }

    private func leave(
        _ tag: String, _ waiter: Int, _ state: inout State
    ) -> CheckedContinuation<Outcome, Never>? {
        guard let continuation = state.jobs[tag]?.waiters.removeValue(forKey: waiter) else { return nil }
        if let job = state.jobs[tag], job.waiters.isEmpty {
            _ = remove(tag, &state)
            job.task?.cancel()
            if job.task == nil { state.line.removeAll { $0 == tag } }
        }
        return continuation
    }

    /// Begins the jobs whose turn it is.
    private func begin(_ state: inout State) {
        while state.running < atATime, !state.line.isEmpty {
            let tag = state.line.removeFirst()
            guard let job = state.jobs[tag] else { continue }
            state.running += 1
            state.jobs[tag]?.task = Task(executorPreference: workers) { [self, make = job.make, number = job.number] in
                let began = time.now
                let outcome: Outcome
                do throws(BankError) { outcome = .made(try make()) } catch { outcome = .failed(error) }
                settle(tag, number, outcome, after: time.now - began)
            }
        }
    }

    private func settle(_ tag: String, _ number: Int, _ outcome: Outcome, after cost: Duration) {
        let waiters = state.withLock { state in
            state.running -= 1
            defer { begin(&state) }
            if case .made(let rendition) = outcome {
                state.cost = (state.cost * 7 + cost) / 8
                keep(rendition, as: tag, &state)
            }
            // Another may have begun since nobody waited for this one.
            guard state.jobs[tag]?.number == number else { return [CheckedContinuation<Outcome, Never>]() }
            return remove(tag, &state).map { Array($0.waiters.values) } ?? []
        }
        for waiter in waiters { waiter.resume(returning: outcome) }
    }
}
