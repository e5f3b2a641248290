// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCode

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

extension EngineError {
    /// What the system refused to an engine, with what to do about it.
    ///
    /// - Parameters:
    ///   - number: the `errno`.
    ///   - wanted: what was wanted, such as `process`.
    init(refusing wanted: String, because number: CInt) {
        let remedy: String? =
            switch number {
            case EMFILE: "this process has as many files open as it may: raise its limit (`ulimit -n`, LimitNOFILE)"
            case ENFILE: "the system has as many files open as it may: raise its limit (sysctl fs.file-max)"
            case EAGAIN:
                "as many processes run as may: raise the limit (`ulimit -u`, TasksMax, or the container's limit of pids)"
            case ENOMEM: "the system has no memory left for it"
            default: nil
            }
        if let remedy {
            self.init(.exhausted, "no \(wanted) for the engine, since \(remedy)")
        } else {
            self.init(.failed, "no \(wanted) for the engine: \(String(cString: strerror(number)))")
        }
    }
}
