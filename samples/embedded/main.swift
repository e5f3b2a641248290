// SPDX-License-Identifier: GPL-3.0-or-later

// A server of one's own with SpeakCode in it, here of SwiftNIO alone:
//     curl -d '{"code": "123456", "locale": "ja"}' http://127.0.0.1:PORT/v1/announcements
import HTTPTypes
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import SpeakCodeEspeak
import SpeakCodeService
import SpeakCodeSndfile
import SpeakCodeSoxr

typealias Client = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

let logger = Logger(label: "embedded")
let codes = try AnnouncementService(
    engine: EngineProcess(), resampler: SoxrResampler(), encoder: SoundFileEncoder(), origin: "embedded 1",
    logger: logger)
let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
    .bind(host: "127.0.0.1", port: CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 0) { channel in
        channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.configureHTTPServerPipeline()
            return try Client(wrappingChannelSynchronously: channel)
        }
    }
logger.info("listening on \(server.channel.localAddress?.port ?? 0)")

try await withThrowingDiscardingTaskGroup { tasks in
    tasks.addTask { await codes.run() }
    try await server.executeThenClose { clients in
        for try await client in clients { tasks.addTask { try? await serve(client) } }
    }
}

func serve(_ client: Client) async throws {
    try await client.executeThenClose { parts, answers in
        var request = HTTPRequest(method: .get, scheme: nil, authority: nil, path: "/")
        var body: [UInt8] = []
        for try await part in parts {
            switch part {
            case .head(let head):
                body = []
                request = HTTPRequest(
                    method: HTTPRequest.Method(head.method.rawValue) ?? .get, scheme: nil,
                    authority: head.headers.first(name: "host"), path: head.uri)
                for (name, value) in head.headers {
                    if let name = HTTPField.Name(name) {
                        request.headerFields.append(HTTPField(name: name, value: value))
                    }
                }
            case .body(let bytes): if body.count < 1 << 17 { body += bytes.readableBytesView }
            case .end:
                let answer = await codes.respond(to: request, body: body, peer: client.channel.remoteAddress?.ipAddress)
                let fields = answer.head.headerFields.map { ($0.name.rawName, $0.value) }
                let status = HTTPResponseStatus(statusCode: answer.head.status.code)
                try await answers.write(
                    .head(HTTPResponseHead(version: .http1_1, status: status, headers: HTTPHeaders(fields))))
                try await answer.send { try await answers.write(.body(.byteBuffer(ByteBuffer(bytes: $0)))) }
                try await answers.write(.end(nil))
            }
        }
    }
}
