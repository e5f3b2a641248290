// SPDX-License-Identifier: GPL-3.0-or-later

/// FreeSWITCH: the documents of mod_httapi, which signs nothing.
struct FreeSWITCH: Gateway {
    let name = "freeswitch"
    let document: CallDocument? = CallDocument(
        // mod_httapi reads no other type.
        "httapi", number: 8, contentType: "text/xml", encode: HTTAPI.document, read: HTTAPI.report)
    let socketDialing: GatewayDialing<SocketDialing>? = Self.calls
}
