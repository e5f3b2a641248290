// SPDX-License-Identifier: GPL-3.0-or-later

internal import Crypto
internal import FoundationEssentials
internal import Synchronization

/// Who is at the site, by what stands in their cookie: a few at a time, each for half an hour behind what they did last.
package final class Sessions: Sendable {
    /// A browser, whatever tabs it has.
    package struct Session: Sendable {
        package var story: Story
        /// Names the number at which it is called: two at a time have different ones.
        package let line: Int
        /// What its app makes codes of.
        package let secret: [UInt8]
        fileprivate var used: Int
    }

    private let state = Mutex<[String: Session]>([:])
    private let codesLast: Int

    /// As many as there are numbers that are nobody's.
    package static let most = 100
    package static let lifetime = 1800

    package init(codesLast: Int) { self.codesLast = codesLast }

    package var count: Int { state.withLock(\.count) }

    /// Has something done with a session.
    ///
    /// - Returns: nil for a name that is nobody's.
    package func with<Made: Sendable>(_ name: String, at now: Int, _ body: (inout Session) -> Made) -> Made? {
        state.withLock { sessions in
            guard var session = sessions[name], session.used + Self.lifetime > now else { return nil }
            session.used = now
            defer { sessions[name] = session }
            return body(&session)
        }
    }

    /// Begins a session; where there are as many as may be, the one that was unused the longest ends.
    ///
    /// - Returns: its name, which nobody can guess, and the name of the call of the one that has ended.
    package func begin(at now: Int) -> (name: String, ended: [String]) {
        let name = Self.random(32).map { Self.hexadecimal($0) }.joined()
        let ended = state.withLock { sessions in
            var ended: [String?] = []
            func end(_ name: String) { ended.append(sessions.removeValue(forKey: name)?.story.call) }
            for (name, session) in sessions where session.used + Self.lifetime <= now { end(name) }
            if sessions.count >= Self.most, let oldest = sessions.min(by: { $0.value.used < $1.value.used }) {
                end(oldest.key)
            }
            let taken = Set(sessions.values.map(\.line))
            let line = (0..<Self.most).first { !taken.contains($0) } ?? 0
            sessions[name] = Session(
                story: Story(codesLast: codesLast), line: line, secret: Self.random(20), used: now)
            return ended.compactMap(\.self)
        }
        return (name, ended)
    }

    private static func random(_ count: Int) -> [UInt8] {
        SymmetricKey(size: .init(bitCount: count * 8)).withUnsafeBytes { Array($0) }
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }

    /// A code of six digits.
    package static func newCode() -> String {
        var generator = SystemRandomNumberGenerator()
        let number = Int.random(in: 0..<1_000_000, using: &generator)
        let digits = String(number)
        return String(repeating: "0", count: 6 - digits.count) + digits
    }
}
