// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCode
import SpeakCodeTesting
import Synchronization
import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

/// Runs what it is given when a test says so.
private final class HeldExecutor: TaskExecutor {
    private let jobs = Mutex<[UnownedJob]>([])

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
    }

    var count: Int { jobs.withLock(\.count) }

    func runOne() async {
        guard let job = jobs.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) else { return }
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { [self] in
                job.runSynchronously(on: asUnownedTaskExecutor())
                continuation.resume()
            }
        }
    }
}

/// What was done, in its order.
private final class Record<Deed: Sendable>: Sendable {
    private let deeds = Mutex<[Deed]>([])

    var all: [Deed] { deeds.withLock(\.self) }

    func note(_ deed: Deed) {
        deeds.withLock { $0.append(deed) }
    }
}

@Suite("Encoded files", .timeLimit(.minutes(10)))
struct EncodedFilesTests {
    private let clock = ManualClock()
    private let executor = HeldExecutor()

    private func files(inLine: Int = 32, patience: Duration = .seconds(60)) -> EncodedFiles {
        EncodedFiles(time: SteadyTime(clock), workers: executor, atATime: 1, inLine: inLine, patience: patience)
    }

    private static func rendition() async throws -> Rendition {
        let reader = CodeReader(engine: FakeEngine(), resampler: PlainResampler(), encoder: PlainEncoder())
        let pack = try VoicePackCatalog.builtIn.pack(for: "en-US")
        let script = try Script(code: try VerificationCode("7351"), pack: pack)
        return try await reader.render(script)
    }

    /// Waits until so many wait for files.
    private func wait(for waiters: Int, in files: EncodedFiles) async {
        while files.waiters != waiters { await Task.yield() }
    }

    @Test("are made once for all who ask for one at the same time, and not again while they are kept")
    func once() async throws {
        let (files, rendition) = (files(), try await Self.rendition())
        let made = Record<Int>()
        let asking = (0..<300).map { _ in
            Task {
                await files.file(for: "tag") {
                    made.note(1)
                    return rendition
                }
            }
        }
        await wait(for: 300, in: files)
        #expect(executor.count == 1)
        await executor.runOne()
        for one in asking { #expect(await one.value.isMade) }
        #expect(made.all.count == 1 && files["tag"]?.byteCount == rendition.byteCount)
        #expect(await files.file(for: "tag") { () throws(BankError) in throw BankError(.audio("")) }.isMade)
    }

    @Test("are made so many at a time, each in its turn, and nobody is let into a line that is full")
    func line() async throws {
        let (files, rendition) = (files(inLine: 2), try await Self.rendition())
        let order = Record<String>()
        func ask(_ tag: String) -> Task<EncodedFiles.Outcome, Never> {
            Task {
                await files.file(for: tag) {
                    order.note(tag)
                    return rendition
                }
            }
        }
        var asking: [Task<EncodedFiles.Outcome, Never>] = []
        for (count, tag) in ["a", "b", "c"].enumerated() {
            asking.append(ask(tag))
            await wait(for: count + 1, in: files)
        }
        if case .busy = await ask("d").value {} else { Issue.record("the line is full") }
        for made in 1...3 {
            #expect(executor.count == 1, "one at a time")
            await executor.runOne()
            #expect(order.all.count == made)
        }
        for one in asking { #expect(await one.value.isMade) }
        #expect(order.all == ["a", "b", "c"])
    }

    @Test("take into the line whom they can serve in time, by what files have cost, and refuse the others at once")
    func patience() async throws {
        let (files, rendition) = (files(patience: .seconds(2)), try await Self.rendition())
        func ask(_ tag: String, of client: String) -> Task<EncodedFiles.Outcome, Never> {
            Task { [clock] in
                await files.file(for: tag, of: client) {
                    clock.advance(by: .seconds(4))
                    return rendition
                }
            }
        }
        let costly = ask("costly", of: "a")
        await wait(for: 1, in: files)
        await executor.runOne()
        #expect(await costly.value.isMade)
        // One file of four seconds and seven of a twentieth make a mean of 0.54 s: one is made, and three wait their turn.
        var asking: [Task<EncodedFiles.Outcome, Never>] = []
        for number in 1...4 {
            if number == 3 {
                // One address has half of the time: with one that is made, a second would be too late.
                if case .busy = await ask("of a", of: "a").value {} else { Issue.record("a has had its half") }
            }
            asking.append(ask("\(number)", of: number == 1 ? "a" : "b\(number)"))
            await wait(for: number, in: files)
        }
        if case .busy = await ask("5", of: "c").value {} else { Issue.record("the fifth would wait too long") }
        for _ in asking { await executor.runOne() }
        for one in asking { #expect(await one.value.isMade, "who was let in is served") }
    }

    @Test("are not made to their end when nobody waits any more, but for who comes next")
    func cancelled() async throws {
        let (files, rendition) = (files(), try await Self.rendition())
        let wasCancelled = Record<Bool>()
        func ask() -> Task<EncodedFiles.Outcome, Never> {
            Task {
                await files.file(for: "tag") { () throws(BankError) in
                    wasCancelled.note(Task.isCancelled)
                    if Task.isCancelled { throw BankError(.cancelled) }
                    return rendition
                }
            }
        }
        let gone = [ask(), ask()]
        await wait(for: 2, in: files)
        gone[0].cancel()
        #expect(await !gone[0].value.isMade, "it is let go at once")
        #expect(files.waiters == 1)
        gone[1].cancel()
        #expect(await !gone[1].value.isMade)
        let next = ask()
        await wait(for: 1, in: files)
        await executor.runOne()
        await executor.runOne()
        #expect(await next.value.isMade)
        #expect(wasCancelled.all == [true, false])
    }

    @Test("leave the line with those who waited for them")
    func leavesLine() async throws {
        let (files, rendition) = (files(inLine: 1), try await Self.rendition())
        let first = Task { await files.file(for: "a") { rendition } }
        await wait(for: 1, in: files)
        let second = Task {
            await files.file(for: "b") { () throws(BankError) in throw BankError(.audio("it was made")) }
        }
        await wait(for: 2, in: files)
        second.cancel()
        _ = await second.value
        let third = Task { await files.file(for: "c") { rendition } }
        await wait(for: 2, in: files)
        await executor.runOne()
        await executor.runOne()
        for one in [first, third] { #expect(await one.value.isMade) }
        #expect(executor.count == 0)
    }

    @Test("are let go after a minute, though nobody asks")
    func sweep() async throws {
        let (files, rendition) = (files(), try await Self.rendition())
        let asking = Task { await files.file(for: "tag") { rendition } }
        await wait(for: 1, in: files)
        await executor.runOne()
        _ = await asking.value
        clock.advance(by: .seconds(59))
        files.sweep()
        #expect(files.count == 1)
        clock.advance(by: .seconds(1))
        files.sweep()
        #expect(files.count == 0)
    }
}

extension EncodedFiles.Outcome {
    fileprivate var isMade: Bool {
        if case .made = self { true } else { false }
    }
}
