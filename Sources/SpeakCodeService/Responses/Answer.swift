// SPDX-License-Identifier: GPL-3.0-or-later

public import HTTPTypes
internal import SpeakCode

/// An answer for a server of yours to send: a head, and bytes behind it.
public struct Answer: Sendable {
    /// Status and header fields, with `Content-Length` where there is one and without `Date`.
    public let head: HTTPResponse
    /// The bytes that follow; nil where there is no end to them.
    public let length: Int?
    private let response: Response
    private let log: AccessLog

    init(_ response: Response, log: AccessLog) {
        self.response = response
        self.log = log
        var head = HTTPResponse(status: response.status, headerFields: response.headers)
        if response.status != .notModified {
            head.headerFields[.contentLength] = response.contentLength.map(String.init)
        }
        self.head = head
        length =
            switch response.body {
            case .none, .webSocket, .dialing: 0
            case .bytes, .slices: response.contentLength
            case .live: nil
            }
    }

    /// Sends the body piece by piece, and writes the answer's line into the access log.
    ///
    /// Audio with an end comes in pieces of one length, since TLS shows where a piece ends, and the length of a word tells the
    /// word. Of audio without an end each piece comes when it is due, until the listener hangs up, its time is over or the
    /// service ends.
    ///
    /// - Parameter write: takes a piece, and returns when it has gone.
    /// - Throws: what `write` throws, which is taken for a listener who has hung up.
    public func send(_ write: (ArraySlice<UInt8>) async throws -> Void) async throws {
        var entry = response.entry
        do {
            switch response.body {
            case .none, .webSocket, .dialing: break
            case .bytes(let bytes): try await write(bytes[...])
            case .slices(let slices): try await Self.send(slices, write)
            case .live(let call):
                if let failure = await call.send(to: write, logging: entry, to: log) { throw failure }
                return
            }
        } catch {
            entry?.hungUp = true
            if let entry { log.write(entry) }
            throw error
        }
        if let entry { log.write(entry) }
    }

    /// What a record of TLS holds at most (RFC 8446, section 5.1).
    private static let pieceLength = 16_384

    private static func send(
        _ slices: Rendition.Slices, _ write: (ArraySlice<UInt8>) async throws -> Void
    ) async throws {
        var piece: [UInt8] = []
        for slice in slices {
            var rest = slice
            while !rest.isEmpty {
                let part = rest.prefix(pieceLength - piece.count)
                piece += part
                rest = rest.dropFirst(part.count)
                guard piece.count == pieceLength else { continue }
                try await write(piece[...])
                piece.removeAll(keepingCapacity: true)
            }
        }
        if !piece.isEmpty { try await write(piece[...]) }
    }
}
