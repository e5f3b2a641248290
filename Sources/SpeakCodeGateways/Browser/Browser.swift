// SPDX-License-Identifier: GPL-3.0-or-later

/// A page in a browser that is a telephone, over a WebSocket of its own.
struct Browser: Gateway {
    let name = "browser"
    let mediaDialect: (any MediaStreamDialect.Type)? = BrowserDialect.self
}
