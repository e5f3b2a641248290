// SPDX-License-Identifier: GPL-3.0-or-later

package import FoundationEssentials

extension UUID {
    /// A UUID that nobody can foresee: version 4 (RFC 9562, section 5.4), from the system's random source.
    ///
    /// Foundation's own `UUID()` reads `/dev/urandom` on Linux and looks at no error: a process without a free descriptor is
    /// given what is left on the stack, which may be what the last one was given (swift-foundation, `uuid.c`, August 2026).
    package static func random() -> UUID {
        var generator = SystemRandomNumberGenerator()
        var bytes = (0..<2).flatMap { _ in withUnsafeBytes(of: generator.next(), Array.init) }
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        return bytes.withUnsafeBytes { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
    }
}
