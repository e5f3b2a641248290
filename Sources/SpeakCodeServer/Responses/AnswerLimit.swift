// SPDX-License-Identifier: GPL-3.0-or-later

/// How long an answer may be made: less than a proxy or a gateway waits, so that a client is told to come again.
struct AnswerLimit: Sendable {
    let limit: Duration
    let time: SteadyTime

    /// Cancels what makes an answer when its time is over, and hands on what it says then.
    func hold(_ work: @escaping @Sendable () async -> Response) async -> Response? {
        await withTaskGroup(of: Response?.self) { group in
            group.addTask { await work() }
            group.addTask {
                try? await time.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            while let response = await group.next() {
                if let response { return response }
                group.cancelAll()
            }
            return nil
        }
    }
}
