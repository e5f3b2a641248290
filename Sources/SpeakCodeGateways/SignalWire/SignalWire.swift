// SPDX-License-Identifier: GPL-3.0-or-later

/// SignalWire, which takes TwiML as it is (cXML) and signs as its author does: its signing key stands in that one's setting.
struct SignalWire: Gateway {
    let name = "signalwire"
    let document: CallDocument? = .twiml
}
