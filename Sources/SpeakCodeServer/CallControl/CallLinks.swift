// SPDX-License-Identifier: GPL-3.0-or-later

/// The links to a call, as an answer gives them.
struct CallLinks: Sendable {
    /// The service's address, such as `https://codes.example.net`.
    let base: String
    /// The call, sealed.
    let sealed: String
    /// Where this node listens for FastAGI, as `host:port`; nil where it does not.
    let fastAGI: String?
    /// A call that waits on this node for Asterisk's AudioSocket.
    let audioSocket: AudioSocket?

    struct AudioSocket: Hashable, Sendable, Encodable {
        let host: String
        let port: Int
        let uuid: String
    }

    /// What stands before the sealed text in the path of media.
    static let mediaPrefix = "/m/"

    func url(of document: CallDocument) -> String {
        base + CallDocument.prefix + sealed + "." + document.rawValue
    }

    /// The address of WebSocket media.
    var webSocket: String {
        // http and https become ws and wss.
        "ws" + base.dropFirst("http".count) + Self.mediaPrefix + sealed
    }

    /// The address for Asterisk's `AGI()`.
    var agi: String? { fastAGI.map { "agi://\($0)/\(sealed)" } }

    /// The arguments of Asterisk's `AudioSocket()`.
    var audioSocketArguments: String? { audioSocket.map { "\($0.uuid),\($0.host):\($0.port)" } }
}
