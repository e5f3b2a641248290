// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCode

/// What one listener of an endless representation is sent, piece by piece when it is due.
struct LiveSound: Sendable {
    private let rendition: LiveRendition<SteadyClock>
    /// Begins the encoding of a compressed format; nil where samples are coded one by one.
    private let encoding: (@Sendable () throws -> any SoundStream)?
    private let executor: (any TaskExecutor)?

    /// - Parameter executor: where it is encoded.
    init(
        _ rendition: LiveRendition<SteadyClock>, on executor: (any TaskExecutor)? = nil,
        encoding: (@Sendable () throws -> any SoundStream)? = nil
    ) {
        self.rendition = rendition
        self.executor = executor
        self.encoding = encoding
    }

    /// One piece of the stream.
    struct Piece: Sendable {
        let bytes: ArraySlice<UInt8>
        let endsReading: Bool
    }

    /// Hands each piece on when it is due.
    ///
    /// - Parameter body: takes a piece; false ends the stream.
    /// - Throws: what the body or the encoder throws.
    func forEach(_ body: (Piece) async throws -> Bool) async throws {
        let encoder = try await withTaskExecutorPreference(executor) { try encoding?() }
        if encoder == nil, !rendition.header.isEmpty {
            guard try await body(Piece(bytes: rendition.header[...], endsReading: false)) else { return }
        }
        for await frame in rendition {
            var bytes = frame.bytes
            if let encoder {
                bytes = try await withTaskExecutorPreference(executor) {
                    try encoder.encode(SampleCoding.linearSamples(of: frame.bytes))[...]
                }
            }
            guard try await body(Piece(bytes: bytes, endsReading: frame.endsReading)) else { break }
        }
        let rest = try await withTaskExecutorPreference(executor) { try encoder?.finish() }
        if let rest, !rest.isEmpty {
            _ = try await body(Piece(bytes: rest[...], endsReading: false))
        }
    }
}
