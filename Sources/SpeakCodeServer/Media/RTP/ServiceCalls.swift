// SPDX-License-Identifier: GPL-3.0-or-later

internal import NIOCore
internal import SpeakCode
internal import SpeakCodeGateways
internal import SpeakCodeService

/// The calls that the service has placed and carries itself: each hears what was asked for, as any other call of the service.
struct ServiceCalls: LocalCalls {
    let services: CallServices

    func call(_ order: CallOrder) -> (any LocalCall)? {
        (try? CarriedCall(order, services: services)).map { Call(call: $0) }
    }

    private struct Call: LocalCall {
        let call: CarriedCall

        func sound(as coding: SIPMedia.Coding, on loop: any EventLoop) -> (any CallSound)? {
            guard let format = try? AudioFormat(coding.kind), let media = CallSession.Media(format),
                let session = call.session(on: EventLoopExecutor(loop: loop))
            else { return nil }
            session.begin(media)
            return Sound(session)
        }
    }

    private final class Sound: CallSound {
        private let session: CallSession

        init(_ session: CallSession) { self.session = session }

        func nextFrame() -> ArraySlice<UInt8>? { session.nextFrame() }
        var beginsReading: Bool { session.beginsReading }
        var writing: String? { session.writing }
        func press(_ key: Character) { _ = session.press(key) }
        func hangUp(isCut: Bool) { session.end(isCut ? .shutdown : .hungUp) }

        var end: CallEnd {
            switch session.end {
            case .notSpoken: CallEnd(.failed, cause: "not-spoken")
            case .noKey: CallEnd(.completed, cause: "no-key")
            case .time: CallEnd(.completed, cause: "time-over")
            case .shutdown: CallEnd(.completed, cause: CallEnd.serviceEnded)
            case .hungUp, .protocolError, nil: CallEnd(.completed)
            }
        }
    }
}

extension CallEnd {
    /// The cause of a call that this process has ended, since it ends itself.
    static let serviceEnded = "service-ended"
}
