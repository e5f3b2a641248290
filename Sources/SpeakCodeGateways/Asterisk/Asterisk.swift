// SPDX-License-Identifier: GPL-3.0-or-later

/// Asterisk: `chan_websocket`.
///
/// It asks for no documents. Its AudioSocket and its FastAGI are sockets, and not here.
struct Asterisk: Gateway {
    let name = "asterisk"
    let mediaDialect: (any MediaStreamDialect.Type)? = AsteriskDialect.self
    let socketDialing: GatewayDialing<SocketDialing>? = Self.calls
}
