// SPDX-License-Identifier: GPL-3.0-or-later

internal import NIOCore
internal import NIOPosix
internal import SpeakCodeService

/// Threads for what computes for long, so that neither event loops nor the pool that all tasks share wait for it.
///
/// There are as many of a kind as half of the processors: the rest is for those who only want what is there.
final class WorkerThreads: TaskExecutor {
    /// Make clips of what the engine has said.
    static let clips = WorkerThreads()
    /// Make whole files of compressed formats.
    static let files = WorkerThreads()
    /// Compress what is heard live, which is due.
    static let live = WorkerThreads()

    let count: Int
    private let pool: NIOThreadPool

    /// They live as long as the process.
    private init() {
        count = max(1, System.coreCount / 2)
        pool = NIOThreadPool(numberOfThreads: count)
        pool.start()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        pool.submit { [self] _ in job.runSynchronously(on: asUnownedTaskExecutor()) }
    }
}

extension Workers {
    /// The threads of this process.
    static let ofThisProcess = Workers(
        clips: WorkerThreads.clips, files: WorkerThreads.files, filesAtATime: WorkerThreads.files.count,
        live: WorkerThreads.live)
}
