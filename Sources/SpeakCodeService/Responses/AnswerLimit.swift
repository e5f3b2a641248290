// SPDX-License-Identifier: GPL-3.0-or-later

internal import HTTPTypes

/// How long an answer may be made: less than a proxy or a gateway waits, so that a client is told to come again.
struct AnswerLimit: Sendable {
    let limit: Duration
    let time: SteadyTime

    /// Cancels what makes an answer when its time is over.
    ///
    /// - Returns: the answer; of one that came too late only what says why, else nil.
    func hold(_ work: @escaping @Sendable () async -> Response) async -> Response? {
        await withTaskGroup(of: Response?.self) { group in
            group.addTask { await work() }
            group.addTask {
                try? await time.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            var isLate = false
            while let response = await group.next() {
                // What is made without what it waited for is not what was asked for.
                if let response { return isLate && response.status.kind == .successful ? nil : response }
                isLate = true
                group.cancelAll()
            }
            return nil
        }
    }
}
