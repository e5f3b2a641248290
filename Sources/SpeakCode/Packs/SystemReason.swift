// SPDX-License-Identifier: GPL-3.0-or-later

import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension Error {
    /// What the system says of a file that could not be read; nil where it is not the system that complains.
    package var systemReason: String? {
        guard let cocoa = self as? CocoaError, let reason = (cocoa.underlying as? POSIXError)?.code else { return nil }
        return switch reason {
        case .ENOENT: "is not there"
        case .EMFILE, .ENFILE: "cannot be read while so many files are open (see `ulimit -n`)"
        default: "cannot be read: \(String(cString: strerror(reason.rawValue)))"
        }
    }
}
