// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCodeGateways
internal import SpeakCodeLinks

/// The links to a call, as an answer gives them: each is sealed for what asks by it.
struct CallLinks: Sendable {
    /// The service's address, such as `https://codes.example.net`.
    let base: String
    let call: Announcement
    let ring: LinkKeyring
    /// Where this node listens for FastAGI, as `host:port`; nil where it does not.
    let fastAGI: String?
    /// A call that waits for Asterisk's AudioSocket; nil where that was not asked for.
    let audioSocket: AudioSocket?

    struct AudioSocket: Hashable, Sendable, Encodable {
        let host: String
        let port: Int
        let uuid: String
    }

    /// What stands before the sealed text in the path of media.
    static let mediaPrefix = "/m/"

    /// The link of a document.
    ///
    /// - Throws: as ``LinkKeyring/seal(_:)``, like the others.
    func url(of document: CallDocument) throws -> String {
        base + CallEndpoint.prefix + (try sealed(for: document.carrier)) + "." + document.name
    }

    /// The links of all documents, by their names; none of a code that changes, since documents have files played.
    ///
    /// - Throws: as ``LinkKeyring/seal(_:)``.
    func documents() throws -> [String: String] {
        guard !call.changes else { return [:] }
        return Dictionary(uniqueKeysWithValues: try Gateways.documents.map { ($0.name, try url(of: $0)) })
    }

    /// The address of WebSocket media.
    func webSocket() throws -> String {
        // http and https become ws and wss.
        "ws" + base.dropFirst("http".count) + Self.mediaPrefix + (try sealed(for: .webSocket))
    }

    /// The address for Asterisk's `AGI()`.
    func agi() throws -> String? {
        // It has files played as well.
        guard !call.changes else { return nil }
        return try fastAGI.map { "agi://\($0)/\(try sealed(for: .fastAGI))" }
    }

    /// The arguments of Asterisk's `AudioSocket()`, which finds the port behind the last colon of an address in brackets only.
    var audioSocketArguments: String? {
        audioSocket.map { socket in
            "\(socket.uuid),\(socket.host.contains(":") ? "[\(socket.host)]" : socket.host):\(socket.port)"
        }
    }

    private func sealed(for carrier: CallCarrier) throws -> String {
        var call = call
        call.call?.carrier = carrier
        return try ring.seal(call)
    }
}
