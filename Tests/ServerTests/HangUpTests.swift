// SPDX-License-Identifier: GPL-3.0-or-later

import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL
import SpeakCode
import SpeakCodeSndfile
import Synchronization
import TestSupport
import Testing

@testable import SpeakCodeServer

/// Encodes a file when a test says so, and knows whether anybody still waited for it.
private final class HeldEncoder: SoundEncoder {
    private struct State {
        var begun = 0
        var cancelled = 0
        var isReleased = false
    }

    private let state = Mutex(State())
    private let encoder = SoundFileEncoder()

    func encode(_ samples: [Int16], as coding: SampleCoding) throws -> [UInt8] {
        try encoder.encode(samples, as: coding)
    }

    func file(of samples: [Int16], as format: AudioFormat) throws -> [UInt8] {
        // The known sound by which codecs are told apart, of a quarter of a second, is nobody's file.
        guard samples.count > format.sampleRate.hertz / 2 else { return try encoder.file(of: samples, as: format) }
        state.withLock { $0.begun += 1 }
        while !state.withLock(\.isReleased) {
            if Task.isCancelled {
                state.withLock { $0.cancelled += 1 }
                throw CancellationError()
            }
            usleep(1000)
        }
        return try encoder.file(of: samples, as: format)
    }

    func stream(as format: AudioFormat) throws -> any SoundStream { try encoder.stream(as: format) }

    func release() { state.withLock { $0.isReleased = true } }

    /// Waits until a file is encoded.
    func waitForBeginning() async throws { try await wait { $0.begun > 0 } }

    /// Waits until a file is given up.
    func waitForCancellation() async throws { try await wait { $0.cancelled > 0 } }

    private func wait(_ isThere: (borrowing State) -> Bool) async throws {
        let began = ContinuousClock.now
        while !state.withLock({ isThere($0) }), began.duration(to: .now) < .seconds(20) {
            try await Task.sleep(for: .milliseconds(2))
        }
        #expect(state.withLock { isThere($0) })
    }
}

@Suite("A file that is encoded for one client", .serialized, .timeLimit(.minutes(10)))
struct HangUpTests {
    private let encoder = HeldEncoder()
    /// Nothing is given up since it takes long.
    private static let flags = ["answerSeconds": "300"]

    private static func ask(_ service: TestService, _ version: String) async throws -> Unread {
        let url = try #require(try await service.links(#"{"code":"7","readings":1}"#)["ogg"])
        let port = try #require(Int(service.base.split(separator: ":").last ?? ""))
        return try #require(
            Unread("GET \(url.dropFirst(service.base.count)) \(version)\r\nHost: x\r\n\r\n", port: port))
    }

    @Test("is given up when the client closes, which comes as a FIN", arguments: ["HTTP/1.1", "HTTP/1.0"])
    func closed(version: String) async throws {
        try await TestService.run(Self.flags, encoder: encoder) { service in
            let client = try await Self.ask(service, version)
            try await encoder.waitForBeginning()
            client.end()
            try await encoder.waitForCancellation()
            encoder.release()
        }
    }

    @Test(
        "is made to its end for a client who says that it sends no more, and reads",
        arguments: ["HTTP/1.1", "HTTP/1.0"])
    func halfClosed(version: String) async throws {
        try await TestService.run(Self.flags, encoder: encoder) { service in
            let client = try await Self.ask(service, version)
            try await encoder.waitForBeginning()
            client.endOutput()
            // What begins the answer finds out whether anybody is there.
            #expect(client.readText(9) == version + " ")
            encoder.release()
            let (count, beginning) = client.read()
            let head = try #require(beginning.firstRange(of: "\r\n\r\n"))
            #expect(beginning.hasPrefix("200 OK\r\n"))
            let length = try #require(beginning.firstMatch(of: /Content-Length: (\d+)/).flatMap { Int($0.1) })
            #expect(count - beginning[..<head.upperBound].utf8.count == length)
            client.end()
        }
    }

    @Test("is given up when the client ends its stream of HTTP/2, or its connection of TLS", arguments: [true, false])
    func cancelled(isStream: Bool) async throws {
        try await withTemporaryFolder { folder in
            let (certificate, key) = (folder.appending(path: "c.pem").path, folder.appending(path: "k.pem").path)
            try ProcessTests.makeCertificate("one.example", certificate, key)
            let flags = ["certificate": certificate, "privateKey": key].merging(Self.flags) { $1 }
            try await TestService.run(flags, encoder: encoder) { service in
                let url = try #require(try await service.links(#"{"code":"7","readings":1}"#)["ogg"])
                var configuration = HTTPClient.Configuration()
                configuration.tlsConfiguration = .makeClientConfiguration()
                configuration.tlsConfiguration?.certificateVerification = .none
                configuration.httpVersion = isStream ? .automatic : .http1Only
                let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
                let asking = Task { try await client.execute(HTTPClientRequest(url: url), timeout: .seconds(30)) }
                try await encoder.waitForBeginning()
                asking.cancel()
                try await encoder.waitForCancellation()
                encoder.release()
                _ = await asking.result
                try await client.shutdown()
            }
        }
    }
}
