// SPDX-License-Identifier: GPL-3.0-or-later

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// To whom a file with secrets is open beside its owner, looked at as OpenSSH looks at private keys.
enum FileExposure: Hashable {
    /// To nobody, or to a group that its owner, who is another user, has chosen: as `LoadCredential` does, by an access list.
    case none
    /// To others, by this user, who can mend it.
    case byItsOwner
    /// To everybody, by another user.
    case byAnother

    /// - Parameters:
    ///   - mode: the file's, as `stat` has it.
    ///   - owner: its owner.
    ///   - user: who reads it.
    init(mode: UInt32, owner: UInt32, user: UInt32) {
        // What is no file, such as a pipe, is not there for others to open.
        guard mode & UInt32(S_IFMT) == UInt32(S_IFREG) else {
            self = .none
            return
        }
        if owner == user {
            self = mode & 0o077 == 0 ? .none : .byItsOwner
        } else {
            self = mode & 0o007 == 0 ? .none : .byAnother
        }
    }

    /// That of a file; none where there is no file.
    init(of path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            self = .none
            return
        }
        self.init(mode: UInt32(status.st_mode), owner: UInt32(status.st_uid), user: UInt32(geteuid()))
    }
}
