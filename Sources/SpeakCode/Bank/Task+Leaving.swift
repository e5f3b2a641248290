// SPDX-License-Identifier: GPL-3.0-or-later

extension Task where Failure == Never {
    /// What becomes of a task: nil as soon as this caller is cancelled, while the task goes on for the others.
    package func valueUnlessCancelled() async -> Success? {
        let (values, continuation) = AsyncStream.makeStream(of: Success.self)
        Task<Void, Never> {
            continuation.yield(await value)
            continuation.finish()
        }
        return await values.first { _ in true }
    }
}
