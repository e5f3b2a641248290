// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import NIOCore
import SpeakCode
import SpeakCodeSndfile
import SpeakCodeTesting
import Synchronization
import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

@Suite("What computes for long", .timeLimit(.minutes(10)))
struct WorkerThreadsTests {
    /// Where things were done, by the names of threads.
    private final class Places: Sendable {
        private let places = Mutex<[String: Set<String>]>([:])

        var all: [String: Set<String>] { places.withLock(\.self) }

        func note(_ work: String) {
            let name = (try? String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8)) ?? ""
            places.withLock { _ = $0[work, default: []].insert(name) }
        }
    }

    private struct WatchedResampler: Resampler {
        let places: Places

        func resample(_ signals: [[Float]], from source: Int, to target: SampleRate) throws -> [[Float]] {
            places.note("resampling")
            return PlainResampler().resample(signals, from: source, to: target)
        }
    }

    private struct WatchedEncoder: SoundEncoder {
        let places: Places
        private let encoder = SoundFileEncoder()

        init(places: Places) { self.places = places }

        func encode(_ samples: [Int16], as coding: SampleCoding) throws -> [UInt8] {
            places.note("coding")
            return try encoder.encode(samples, as: coding)
        }

        func file(of samples: [Int16], as format: AudioFormat) throws -> [UInt8] {
            places.note("file")
            return try encoder.file(of: samples, as: format)
        }

        func stream(as format: AudioFormat) throws -> any SoundStream {
            places.note("stream")
            return WatchedStream(places: places, stream: try encoder.stream(as: format))
        }
    }

    private final class WatchedStream: SoundStream {
        let places: Places
        let stream: any SoundStream

        init(places: Places, stream: any SoundStream) { (self.places, self.stream) = (places, stream) }

        func encode(_ samples: [Int16]) throws -> [UInt8] {
            places.note("stream")
            return try stream.encode(samples)
        }

        func finish() throws -> [UInt8] {
            places.note("stream")
            return try stream.finish()
        }
    }

    @Test("is done on threads of its own: neither on event loops nor in the pool that all tasks share")
    func places() async throws {
        let places = Places()
        try await TestService.run(
            ["liveSeconds": "1", "locale": "en-US"], resampler: WatchedResampler(places: places),
            encoder: WatchedEncoder(places: places)
        ) { service in
            let links = try await service.links(#"{"code":"7","locale":"de-DE","readings":1}"#)
            for name in ["sln16", "ogg", "flac", "live.mp3", "live.ogg"] {
                #expect(try await service.get(try #require(links[name])).status == 200)
            }
        }
        #expect(Set(places.all.keys) == ["resampling", "coding", "file", "stream"])
        for (work, names) in places.all {
            #expect(names.allSatisfy { $0.hasPrefix("TP-#") }, "\(work): \(names)")
        }
    }
}
