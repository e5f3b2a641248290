// SPDX-License-Identifier: GPL-3.0-or-later

internal import NIOCore

/// Runs tasks on an event loop.
///
/// For tasks that are mostly about a connection; what computes for long belongs on other threads.
final class EventLoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    init(loop: any EventLoop) {
        self.loop = loop
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

extension Task where Failure == Never {
    /// Begins work on an event loop: each change of threads costs more than an answer.
    @discardableResult
    static func onLoop(
        _ loop: any EventLoop, _ work: @escaping @Sendable () async -> Success
    ) -> Task<Success, Never> {
        Task(executorPreference: EventLoopExecutor(loop: loop), operation: work)
    }
}
