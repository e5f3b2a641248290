// SPDX-License-Identifier: GPL-3.0-or-later

import NIOCore
import NIOPosix
import NIOSSL
import Testing

/// A gateway's side of a WebSocket, written by hand to RFC 6455 and to nobody's library.
struct WebSocketPeer: ~Copyable {
    /// A frame as it came.
    enum Frame: Hashable {
        case text(String)
        case binary([UInt8])
        case ping([UInt8])
        case pong([UInt8])
        case close(UInt16?)
    }

    /// The answer to the handshake, to its empty line.
    private(set) var head = ""
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var bytes: [UInt8] = []

    static let key = "dGhlIHNhbXBsZSBub25jZQ=="

    /// Connects to an address such as `ws://127.0.0.1:8080/m/…` for as long as a test needs it.
    ///
    /// - Parameters:
    ///   - subprotocol: what is offered.
    ///   - headers: others than those of a handshake.
    ///   - early: frames that are sent with the handshake, without waiting for its answer.
    static func connect(
        to url: String, subprotocol: String? = nil, headers: [String: String] = [:], early: [UInt8] = [],
        _ body: (inout WebSocketPeer) async throws -> Void
    ) async throws {
        let rest = try #require(url.firstMatch(of: /(wss?):\/\/([^:\/]+):(\d+)(\/.*)/))
        let usesTLS = rest.1 == "wss"
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: String(rest.2), port: try #require(Int(rest.3))) { channel in
                channel.eventLoop.makeCompletedFuture {
                    if usesTLS {
                        var configuration = TLSConfiguration.makeClientConfiguration()
                        configuration.certificateVerification = .none
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(
                                context: NIOSSLContext(configuration: configuration), serverHostname: nil))
                    }
                    return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        // What never comes fails a test, and does not hold it.
        let alarm = channel.channel.eventLoop.scheduleTask(in: .seconds(60)) { channel.channel.close(promise: nil) }
        defer { alarm.cancel() }
        try await channel.executeThenClose { inbound, outbound in
            var peer = WebSocketPeer(inbound: inbound.makeAsyncIterator(), outbound: outbound)
            var request = "GET \(rest.4) HTTP/1.1\r\nHost: \(rest.2):\(rest.3)\r\nUpgrade: websocket\r\n"
            request += "Connection: Upgrade\r\nSec-WebSocket-Key: \(key)\r\nSec-WebSocket-Version: 13\r\n"
            if let subprotocol { request += "Sec-WebSocket-Protocol: \(subprotocol)\r\n" }
            for (name, value) in headers { request += "\(name): \(value)\r\n" }
            try await outbound.write(ByteBuffer(bytes: Array((request + "\r\n").utf8) + early))
            while let byte = try await peer.byte() {
                peer.head.unicodeScalars.append(Unicode.Scalar(byte))
                if peer.head.hasSuffix("\r\n\r\n") { break }
            }
            try await body(&peer)
        }
    }

    private init(
        inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator,
        outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) {
        self.inbound = inbound
        self.outbound = outbound
    }

    private mutating func byte() async throws -> UInt8? {
        guard try await fill(1) else { return nil }
        return bytes.removeFirst()
    }

    private mutating func fill(_ count: Int) async throws -> Bool {
        while bytes.count < count {
            guard let more = try? await inbound.next() else { return false }
            bytes += more.readableBytesView
        }
        return true
    }

    /// The next frame; nil where the connection has ended.
    mutating func next() async throws -> Frame? {
        guard try await fill(2) else { return nil }
        let (first, second) = (bytes[0], bytes[1])
        #expect(second & 0x80 == 0, "a server does not mask")
        #expect(first & 0xF0 == 0x80, "whole messages, no extension")
        var (length, start) = (Int(second), 2)
        if length == 126 {
            guard try await fill(4) else { return nil }
            (length, start) = (Int(bytes[2]) << 8 | Int(bytes[3]), 4)
        } else if length == 127 {
            guard try await fill(10) else { return nil }
            (length, start) = (bytes[2..<10].reduce(0) { $0 << 8 | Int($1) }, 10)
        }
        guard try await fill(start + length) else { return nil }
        let payload = Array(bytes[start..<(start + length)])
        bytes.removeFirst(start + length)
        switch first & 0x0F {
        case 1: return .text(String(decoding: payload, as: UTF8.self))
        case 2: return .binary(payload)
        case 8: return .close(payload.count < 2 ? nil : UInt16(payload[0]) << 8 | UInt16(payload[1]))
        case 9: return .ping(payload)
        case 10: return .pong(payload)
        default:
            Issue.record("an opcode that nobody knows")
            return nil
        }
    }

    /// The next text message; audio, pings and pongs before it are left out.
    mutating func nextText() async throws -> String? {
        while let frame = try await next() {
            if case .text(let text) = frame { return text }
            if case .close = frame { return nil }
        }
        return nil
    }

    /// Reads until the server closes; the code that it gives.
    mutating func closed() async throws -> UInt16? {
        while let frame = try await next() {
            if case .close(let code) = frame { return code }
        }
        return nil
    }

    // MARK: Out

    func send(_ text: String) async throws { try await send(1, Array(text.utf8)) }

    func send(_ opcode: UInt8, _ payload: [UInt8], isFinal: Bool = true, isMasked: Bool = true) async throws {
        try await outbound.write(
            ByteBuffer(bytes: Self.frame(opcode, payload, isFinal: isFinal, isMasked: isMasked)))
    }

    static func frame(_ opcode: UInt8, _ payload: [UInt8], isFinal: Bool = true, isMasked: Bool = true) -> [UInt8] {
        var frame = [(isFinal ? 0x80 : 0) | opcode]
        let bit: UInt8 = isMasked ? 0x80 : 0
        switch payload.count {
        case ..<126: frame.append(bit | UInt8(payload.count))
        case ..<65_536: frame += [bit | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        default:
            frame.append(bit | 127)
            frame += (0..<8).reversed().map { UInt8(truncatingIfNeeded: payload.count >> (8 * $0)) }
        }
        guard isMasked else { return frame + payload }
        let mask: [UInt8] = [0x12, 0x34, 0x56, 0x78]
        return frame + mask + payload.enumerated().map { $1 ^ mask[$0 % 4] }
    }
}

extension WebSocketPeer {
    /// Sends bytes as they are.
    func send(bytes: [UInt8]) async throws { try await outbound.write(ByteBuffer(bytes: bytes)) }
}
