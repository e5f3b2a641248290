// SPDX-License-Identifier: GPL-3.0-or-later

// A server of one's own with SpeakCode in it, here on Hummingbird:
//     curl -d '{"code": "123456", "locale": "ja"}' http://127.0.0.1:PORT/v1/announcements
import Hummingbird
import Logging
import SpeakCodeEspeak
import SpeakCodeService
import SpeakCodeSndfile
import SpeakCodeSoxr

/// Whoever asks; bounds are kept for each address.
struct Client: RequestContext {
    var coreContext: CoreRequestContextStorage
    let address: String?

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        address = source.channel.remoteAddress?.ipAddress
    }
}

let logger = Logger(label: "embedded")
let codes = try AnnouncementService(
    engine: EngineProcess(), resampler: SoxrResampler(), encoder: SoundFileEncoder(), origin: "embedded 1",
    logger: logger)
let responder = CallbackResponder { (request: Request, client: Client) in
    let body = try await request.body.collect(upTo: 1 << 17)
    let answer = await codes.respond(to: request.head, body: Array(buffer: body), peer: client.address)
    let pieces = ResponseBody { writer in
        try await answer.send { try await writer.write(ByteBuffer(bytes: $0)) }
        try await writer.finish(nil)
    }
    return Response(status: answer.head.status, headers: answer.head.headerFields, body: pieces)
}
let port = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 0
try await Application(
    responder: responder, configuration: .init(address: .hostname("127.0.0.1", port: port)), services: [codes],
    logger: logger
).runService()
