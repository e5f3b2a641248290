// SPDX-License-Identifier: GPL-3.0-or-later

/// Where the service has computed what takes long, so that nobody who only wants what is there waits for it.
///
/// Nil stands for the pool that all tasks share.
public struct Workers: Sendable {
    /// Make clips of what the engine has said.
    public var clips: (any TaskExecutor)?
    /// Make whole files of compressed formats.
    public var files: (any TaskExecutor)?
    /// How many of those files are made at a time.
    public var filesAtATime: Int
    /// Compress what is heard live, which is due.
    public var live: (any TaskExecutor)?

    /// The executors of each kind of work.
    ///
    /// - Parameters:
    ///   - clips: make clips of what the engine has said.
    ///   - files: make whole files of compressed formats.
    ///   - filesAtATime: how many of those files are made at a time.
    ///   - live: compress what is heard live, which is due.
    public init(
        clips: (any TaskExecutor)? = nil, files: (any TaskExecutor)? = nil, filesAtATime: Int = 1,
        live: (any TaskExecutor)? = nil
    ) {
        self.clips = clips
        self.files = files
        self.filesAtATime = filesAtATime
        self.live = live
    }
}
