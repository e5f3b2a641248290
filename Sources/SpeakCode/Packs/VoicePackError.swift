// SPDX-License-Identifier: GPL-3.0-or-later

/// Why a voice pack cannot be used: which file, where in it, what is wrong.
public struct VoicePackError: Error, Hashable, Sendable {
    /// The kinds of problem, for programs.
    public enum Reason: Hashable, Sendable {
        /// No pack speaks the locale that was asked for.
        case unknownLocale
        /// The pack's file cannot be read.
        case unreadable
        /// The file is not JSON5.
        case syntax
        /// A value is missing, misspelt, of the wrong kind or out of its bounds.
        case value
    }

    /// The kind of problem.
    public let reason: Reason
    /// The pack's file, or the locale that was asked for.
    public let source: String
    /// The line in the file, from 1, where it is known.
    public let line: Int?
    /// The character of the line, from 1, where it is known.
    public let column: Int?
    /// What is wrong, and what to do.
    public let problem: String

    init(_ reason: Reason, source: String, line: Int? = nil, column: Int? = nil, problem: String) {
        self.reason = reason
        self.source = source
        self.line = line
        self.column = column
        self.problem = problem
    }
}

extension VoicePackError: CustomStringConvertible {
    /// The problem in one line, the file, line and column before it.
    public var description: String {
        let place = [line, column].compactMap { $0 }.map { ":\($0)" }.joined()
        return "\(source.isEmpty ? "''" : source)\(place): \(problem)"
    }
}
