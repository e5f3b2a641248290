// SPDX-License-Identifier: GPL-3.0-or-later

internal import HTTPTypes
internal import HummingbirdCore
internal import NIOCore
internal import SpeakCodeService

extension ServiceResponder {
    /// Answers a request of HTTP/2.
    ///
    /// - Throws: what breaks the stream off.
    func respond(
        to request: HummingbirdCore.Request, on channel: any Channel, with writer: consuming ResponseWriter
    ) async throws {
        let outcome = respond(
            to: Request(
                method: request.method, path: Request.path(of: request.head.path ?? "/"),
                query: Request.query(of: request.head.path ?? "/"),
                // RFC 9113, section 8.3.1: a client may have Host in place of it.
                authority: request.head.authority ?? request.headers[Self.host], headers: request.headers,
                body: .coming { most in
                    do {
                        return Array(try await request.body.collect(upTo: most).readableBytesView)
                    } catch is NIOTooManyBytesError {
                        return nil
                    }
                },
                peer: (channel.parent ?? channel).remoteAddress?.ipAddress))
        let response: SpeakCodeService.Response
        switch outcome {
        case .now(let made): response = made
        case .later(let work):
            let connection = channel.parent ?? channel
            connection.triggerUserOutboundEvent(IdleClose.Work.begins, promise: nil)
            response = await Self.make(on: channel, work)
            connection.triggerUserOutboundEvent(IdleClose.Work.ends, promise: nil)
        }
        var head = HTTPResponse(status: response.status, headerFields: response.headers)
        head.headerFields[.contentLength] =
            response.status == .notModified ? nil : response.contentLength.map(String.init)
        head.headerFields[.date] = date()
        // RFC 9113, section 8.2.2.
        head.headerFields[.upgrade] = nil
        if let length = response.contentLength {
            channel.triggerUserOutboundEvent(StreamDeadline.Answer(byteCount: length), promise: nil)
        }
        switch response.body {
        case .none, .bytes:
            if let entry = response.entry { log.write(entry) }
            guard case .bytes(let bytes) = response.body else { return try await writer.writeResponse(head) }
            try await writer.write(response: head, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
        case .slices(let slices):
            var entry = response.entry
            do {
                var body: any ResponseBodyWriter = try await writer.writeHead(head)
                try await body.write(batchesOf: FrameBuffers(slices).inEvenPieces())
                if let entry { log.write(entry) }
                try await body.finish(nil)
            } catch {
                entry?.hungUp = true
                if let entry { log.write(entry) }
                throw error
            }
        // It is answered to the header Upgrade, which HTTP/2 has not.
        case .webSocket, .dialing: throw Problem.needsWebSocket
        case .live(let call):
            var body = Writer(base: try await writer.writeHead(head))
            let alarm = channel.eventLoop.scheduleTask(in: TimeAmount(call.latestEnd)) { channel.close(promise: nil) }
            defer { alarm.cancel() }
            if let failure = await call.send(to: &body, logging: response.entry, to: log) { throw failure }
            try await body.base.finish(nil)
        }
    }

    /// Makes an answer; of a stream that is closed meanwhile nobody waits for it any more.
    private static func make(
        on stream: any Channel, _ work: @escaping @Sendable () async -> SpeakCodeService.Response
    ) async -> SpeakCodeService.Response {
        let making = Task.onLoop(stream.eventLoop, work)
        stream.closeFuture.whenComplete { _ in making.cancel() }
        return await withTaskCancellationHandler {
            await making.value
        } onCancel: {
            making.cancel()
        }
    }

    private static let host = {
        guard let name = HTTPField.Name("Host") else { preconditionFailure("Host is a header's name.") }
        return name
    }()

    private struct Writer: BodyWriter {
        var base: any ResponseBodyWriter

        mutating func write(_ bytes: ArraySlice<UInt8>) async throws {
            try await base.write(ByteBuffer(bytes: bytes))
        }
    }
}

extension ResponseBodyWriter {
    /// Writes buffers in batches, each with one call of the kernel where the listener keeps up.
    ///
    /// A telephone's announcement is one batch. What waits to be read is clips that all calls share, and no memory of this
    /// call's.
    fileprivate mutating func write(batchesOf buffers: some Sequence<ByteBuffer>) async throws {
        var batch: [ByteBuffer] = []
        var bytes = 0
        for buffer in buffers {
            batch.append(buffer)
            bytes += buffer.readableBytes
            if bytes >= 1 << 20 {
                try await write(contentsOf: batch)
                batch.removeAll(keepingCapacity: true)
                bytes = 0
            }
        }
        if !batch.isEmpty { try await write(contentsOf: batch) }
    }
}
