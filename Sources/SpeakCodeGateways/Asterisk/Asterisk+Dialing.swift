// SPDX-License-Identifier: GPL-3.0-or-later

extension Asterisk {
    static let calls = GatewayDialing<SocketDialing>([
        GatewaySetting("asteriskDial", "how Asterisk reaches a number, such as PJSIP/{number}@trunk"),
        GatewaySetting(
            "asteriskUser", "the user by whom Asterisk opens its WebSocket to /asterisk, or ARI's with asteriskURL",
            isNeeded: true),
        GatewaySetting("asteriskPassword", "the password with which it does", .secret, isNeeded: true),
        GatewaySetting(
            "asteriskNumbers", "the numbers that Asterisk calls from, the first by default", .list, isNeeded: true),
        GatewaySetting(
            "asteriskURL",
            "the address of ARI, such as http://127.0.0.1:8088/ari, of an Asterisk that opens no WebSocket itself", .url
        ),
        GatewaySetting("asteriskApplication", "the Stasis application that Asterisk registers, else speakcode"),
        GatewaySetting("asteriskContext", "the context in which an answered call goes on, else speakcode"),
    ]) { values throws(DialingError) in
        let callers = try values.callers("asteriskNumbers")
        let application = try values.name("asteriskApplication", "speakcode")
        let session = ARISession(
            application: application,
            endpoint: try DialString(values.needed("asteriskDial"), key: "asteriskDial"),
            context: try values.name("asteriskContext", "speakcode"), callers: callers)
        let (user, password) = (try values.name("asteriskUser"), try values.credential("asteriskPassword"))
        guard values["asteriskURL"] != nil else {
            return SocketDialing(
                door: .webSocket(path: "/asterisk", subprotocol: "ari", user: user, password: password),
                numbers: callers.numbers, hears: [.audioSocket, .fastAGI], session: session)
        }
        let rest = ARIOverHTTP(
            base: try values.base("asteriskURL", allowsPlain: true), credential: .basic(user: user, password: password))
        guard let events = WebSocketAddress(rest.events(of: application)) else {
            throw DialingError(
                "asteriskURL", "must be an address with a host and a port, such as http://127.0.0.1:8088/ari")
        }
        return SocketDialing(
            door: .openWebSocket(events, authorization: rest.credential.header),
            numbers: callers.numbers, hears: [.audioSocket, .fastAGI], session: session,
            checks: [rest.check(of: application)], exchange: rest)
    }
}
