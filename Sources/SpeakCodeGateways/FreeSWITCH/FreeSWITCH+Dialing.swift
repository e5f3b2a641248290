// SPDX-License-Identifier: GPL-3.0-or-later

extension FreeSWITCH {
    static let calls = GatewayDialing<SocketDialing>([
        GatewaySetting("freeswitchEventSocket", "the address of FreeSWITCH's event socket, such as 127.0.0.1:8021"),
        GatewaySetting("freeswitchPassword", "the password of FreeSWITCH's event socket", .secret, isNeeded: true),
        GatewaySetting(
            "freeswitchDial", "how FreeSWITCH reaches a number, such as sofia/gateway/trunk/{number}", isNeeded: true),
        GatewaySetting(
            "freeswitchNumbers", "the numbers that FreeSWITCH calls from, the first by default", .list, isNeeded: true),
        GatewaySetting(
            "freeswitchText",
            "whether FreeSWITCH offers real-time text and is given the code for it: true, or false, the default"),
    ]) { values throws(DialingError) in
        let (host, port) = try values.address("freeswitchEventSocket")
        let callers = try values.callers("freeswitchNumbers")
        let password = try values.credential("freeswitchPassword")
        let endpoint = try DialString(values.needed("freeswitchDial"), key: "freeswitchDial")
        let session = EventSocketSession(
            password: password, endpoint: endpoint, callers: callers,
            writes: try values.flag("freeswitchText", usually: false))
        return SocketDialing(
            door: .connect(host: host, port: port), numbers: callers.numbers, hears: [.document], session: session,
            check: EventSocketCheck(password: password, trunk: endpoint.trunk))
    }
}
