// SPDX-License-Identifier: GPL-3.0-or-later

extension Asterisk {
    static let calls = GatewayDialing<SocketDialing>([
        GatewaySetting("asteriskDial", "how Asterisk reaches a number, such as PJSIP/{number}@trunk"),
        GatewaySetting("asteriskUser", "the user by whom Asterisk opens its WebSocket to /asterisk", isNeeded: true),
        GatewaySetting("asteriskPassword", "the password with which it does", .secret, isNeeded: true),
        GatewaySetting(
            "asteriskNumbers", "the numbers that Asterisk calls from, the first by default", .list, isNeeded: true),
        GatewaySetting("asteriskApplication", "the Stasis application that Asterisk registers, else speakcode"),
        GatewaySetting("asteriskContext", "the context in which an answered call goes on, else speakcode"),
    ]) { values throws(DialingError) in
        let callers = try values.callers("asteriskNumbers")
        let session = ARISession(
            application: try values.name("asteriskApplication", "speakcode"),
            endpoint: try DialString(values.needed("asteriskDial"), key: "asteriskDial"),
            context: try values.name("asteriskContext", "speakcode"), callers: callers)
        return SocketDialing(
            door: .webSocket(
                path: "/asterisk", subprotocol: "ari", user: try values.name("asteriskUser"),
                password: try values.credential("asteriskPassword")),
            numbers: callers.numbers, hears: [.audioSocket, .fastAGI], session: session, check: nil)
    }
}
