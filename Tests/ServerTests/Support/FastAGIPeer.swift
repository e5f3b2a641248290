// SPDX-License-Identifier: GPL-3.0-or-later

import NIOCore
import NIOPosix
import Testing

/// Asterisk's side of FastAGI, as it is on the wire: it connects, describes the call, carries commands out one by one.
final class FastAGIPeer {
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var received = ByteBuffer()

    private init(
        _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator,
        _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) {
        self.inbound = inbound
        self.outbound = outbound
    }

    /// Connects as for a dialplan's `AGI(…)`; hangs the connection up when the body is done.
    static func connect(to agi: String, _ body: (FastAGIPeer) async throws -> Void) async throws {
        let address = try #require(agi.firstMatch(of: /agi:\/\/([^:\/]+):(\d+)/))
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: String(address.1), port: try #require(Int(address.2))) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        try await channel.executeThenClose { inbound, outbound in
            try await body(FastAGIPeer(inbound.makeAsyncIterator(), outbound))
        }
    }

    /// What Asterisk 22 sends of a call (`res_agi.c`, `launch_netscript` and `setup_env`).
    static func environment(script: String?, arguments: [String] = []) -> String {
        var lines = ["agi_network: yes"]
        if let script, !script.isEmpty { lines.append("agi_network_script: \(script)") }
        lines += [
            "agi_request: agi://127.0.0.1/…", "agi_channel: PJSIP/loop-0000015e", "agi_language: en",
            "agi_type: PJSIP", "agi_uniqueid: 1795395532.353", "agi_version: 22.10.1", "agi_callerid: caller",
            "agi_calleridname: GW caller", "agi_callingpres: 0", "agi_callingani2: 0", "agi_callington: 0",
            "agi_callingtns: 0", "agi_dnid: unknown", "agi_rdnis: unknown", "agi_context: default",
            "agi_extension: s", "agi_priority: 2", "agi_enhanced: 0.0", "agi_accountcode: ",
            "agi_threadid: 139872",
        ]
        lines += arguments.enumerated().map { "agi_arg_\($0.offset + 1): \($0.element)" }
        return lines.joined(separator: "\n") + "\n\n"
    }

    /// The script of an address, as Asterisk cuts it off.
    static func script(of agi: String) -> String {
        String(agi.dropFirst("agi://".count).drop { $0 != "/" }.dropFirst())
    }

    /// Sends bytes; what the other side does not take any more is lost, as in the kernel.
    func send(_ text: String) async {
        try? await outbound.write(ByteBuffer(string: text))
    }

    func send(_ bytes: [UInt8]) async {
        try? await outbound.write(ByteBuffer(bytes: bytes))
    }

    /// The next command; nil where the service has closed the connection.
    func command() async -> String? {
        while true {
            if let end = received.readableBytesView.firstIndex(of: UInt8(ascii: "\n")) {
                let line = received.readString(length: end - received.readerIndex)
                received.moveReaderIndex(forwardBy: 1)
                return line
            }
            guard let more = try? await inbound.next(isolation: nil) else { return nil }
            received.writeImmutableBuffer(more)
        }
    }

    /// Begins a call, and has it answered.
    func begin(_ agi: String) async {
        await send(Self.environment(script: Self.script(of: agi)))
        #expect(await command() == "ANSWER")
        await send("200 result=0\n")
    }

    /// What is to be played, and which keys interrupt it; nil where it is told something else, or nothing any more.
    func file() async -> File? {
        var next = await command()
        // Nobody presses a key while the voice is spoken.
        while next == "WAIT FOR DIGIT 200" {
            await send("200 result=0\n")
            next = await command()
        }
        guard let command = next else { return nil }
        let file = File(command)
        if file == nil { Issue.record("no file is played: \(command)") }
        return file
    }

    struct File: Hashable {
        let url: String
        let keys: String

        init?(_ command: String) {
            guard let parts = command.wholeMatch(of: /STREAM FILE (\S+) "([0-9*#]*)"/) else { return nil }
            (url, keys) = (String(parts.1), String(parts.2))
        }

        /// Fetches it; how long it lasts.
        func duration(with service: TestService) async throws -> Duration {
            let answer = try await service.get(url)
            #expect(answer.status == 200 && answer["content-type"] == "audio/wav")
            return .seconds(Double(answer.body.count - 44) / 16_000)
        }
    }

    /// Plays a file to its end, as long as it lasts.
    @discardableResult
    func play(_ file: File, with service: TestService) async throws -> Duration {
        let duration = try await file.duration(with: service)
        try await Task.sleep(for: duration)
        await send("200 result=0 endpos=\(Int(duration / .seconds(1) * 8000))\n")
        return duration
    }
}
