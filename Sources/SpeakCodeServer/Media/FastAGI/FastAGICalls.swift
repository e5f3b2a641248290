// SPDX-License-Identifier: GPL-3.0-or-later

internal import Logging
internal import ServiceLifecycle
internal import SpeakCodeService

/// The calls over FastAGI, and what they fetch their audio from while the service ends.
///
/// All ports are given up at once then, for the next instance, but who is before the gate is still to hear the code, which
/// Asterisk fetches over HTTP.
struct FastAGICalls: Service, CustomStringConvertible {
    let media: MediaListener
    let files: Listener
    let ports: MediaPorts
    let logger: Logger

    var description: String { media.description }

    private enum Part {
        case calls, files
    }

    func run() async throws {
        try await withThrowingTaskGroup(of: Part.self) { group in
            group.addTask {
                try await media.run()
                return .calls
            }
            group.addTask {
                await serveFiles()
                return .files
            }
            while let done = try await group.next() {
                if done == .calls { group.cancelAll() }
            }
        }
    }

    private func serveFiles() async {
        do { try await gracefulShutdown() } catch { return }
        guard media.hasCalls else { return }
        do {
            try await files.runAside { port in
                ports.now.http = port
                logger.info("calls over FastAGI fetch audio aside", metadata: ["port": "\(port)"])
            }
        } catch {
            logger.warning(
                "calls over FastAGI can fetch no more audio: there was no port", metadata: ["error": "\(error)"])
        }
    }
}
