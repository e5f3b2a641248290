// SPDX-License-Identifier: GPL-3.0-or-later

/// A telephony gateway, as a value: all that is particular to it, and nothing that opens a socket.
///
/// Each stands in a folder of its own, and in one line of ``Gateways/all``. What a gateway does not have is nil.
package protocol Gateway: Sendable {
    /// Its name where it is named to programs, in small letters; never another's.
    var name: String { get }
    /// The document by which it is told what to do in a call.
    var document: CallDocument? { get }
    /// How it signs its requests.
    var signing: GatewaySigning? { get }
    /// How it is asked to place calls by requests.
    var dialing: GatewayDialing<any Dialing>? { get }
    /// How it is asked to place calls over a socket.
    var socketDialing: GatewayDialing<SocketDialing>? { get }
    /// What it says over a WebSocket, and is told.
    var mediaDialect: (any MediaStreamDialect.Type)? { get }
}

extension Gateway {
    package var document: CallDocument? { nil }
    package var signing: GatewaySigning? { nil }
    package var dialing: GatewayDialing<any Dialing>? { nil }
    package var socketDialing: GatewayDialing<SocketDialing>? { nil }
    package var mediaDialect: (any MediaStreamDialect.Type)? { nil }
}
