// SPDX-License-Identifier: GPL-3.0-or-later

package import SpeakCodeLinks

/// Protocols over which a call is heard, by the names under which their links are asked for.
enum CallMedia: String, CaseIterable, Hashable, Sendable {
    case webSocket = "websocket"
    case fastAGI = "agi"
    /// A call that waits in memory: no link is made for it.
    case audioSocket = "audiosocket"

    /// What it is in a link's record, where gateways' documents have the other numbers.
    var carrier: CallCarrier {
        switch self {
        case .webSocket: CallCarrier(1)
        case .fastAGI: CallCarrier(2)
        case .audioSocket: CallCarrier(9)
        }
    }
}

extension CallCarrier {
    static let webSocket = CallMedia.webSocket.carrier
    package static let fastAGI = CallMedia.fastAGI.carrier
    static let audioSocket = CallMedia.audioSocket.carrier
}
