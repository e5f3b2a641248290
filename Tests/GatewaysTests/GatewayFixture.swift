// SPDX-License-Identifier: GPL-3.0-or-later

@testable import SpeakCodeGateways

/// What a gateway sends, as it sends it: a gateway of the list has one of these.
struct GatewayFixture: Sendable {
    /// A request for a document, by its query and body.
    struct Report: Sendable {
        var query = ""
        var body = ""
        let means: GatewayReport
    }

    /// Of a gateway that asks for documents: its first request, one with the key 1, and one with none, at least.
    var reports: [Report] = []
    /// Of a gateway that signs: the setting, and a request that it signed.
    var signed: (setting: String, request: SignedRequest)?
    /// Of a gateway with a WebSocket: its first words, up to those that say how audio is wanted, and a key 1.
    var media: (opening: [String], key: String)?

    static let all: [String: GatewayFixture] = [
        "twilio": GatewayFixture(
            reports: form("CallSid=CA1&CallStatus=in-progress"), signed: ("12345", TwilioRequests.standard),
            media: (
                [
                    #"{"event":"connected","protocol":"Call","version":"1.0.0"}"#,
                    #"{"event":"start","sequenceNumber":"1","start":{"streamSid":"MZ1","mediaFormat":"#
                        + #"{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1}},"streamSid":"MZ1"}"#,
                ],
                #"{"event":"dtmf","streamSid":"MZ1","dtmf":{"track":"inbound_track","digit":"1"}}"#
            )),
        "signalwire": GatewayFixture(reports: form("CallSid=c1&CallStatus=in-progress")),
        "plivo": GatewayFixture(
            reports: form("CallUUID=c1&CallStatus=in-progress"),
            signed: (PlivoRequests.token, PlivoRequests.standard)),
        "telnyx": GatewayFixture(
            reports: form("CallSid=v3:c1&CallStatus=in-progress"),
            signed: (TelnyxRequests.publicKey, TelnyxRequests.standard)),
        "vonage": GatewayFixture(
            reports: [
                Report(query: "uuid=c1&conversation_uuid=CON-1", means: .nothing),
                Report(body: #"{"uuid":"c1","dtmf":{"digits":"1","timed_out":false}}"#, means: .key("1")),
                Report(body: #"{"uuid":"c1","dtmf":{"digits":"","timed_out":true}}"#, means: .noKey),
            ], signed: (VonageRequests.secret, VonageRequests.withBody)),
        "jambonz": GatewayFixture(
            reports: [
                Report(body: #"{"call_sid":"c1","direction":"outbound"}"#, means: .nothing),
                Report(body: #"{"call_sid":"c1","reason":"dtmfDetected","digits":"1"}"#, means: .key("1")),
                Report(body: #"{"call_sid":"c1","reason":"timeout"}"#, means: .noKey),
            ], signed: (JambonzRequests.secret, JambonzRequests.standard),
            media: (
                [#"{"sampleRate":16000,"mixType":"mono","callSid":"c1","direction":"outbound"}"#],
                #"{"event":"dtmf","dtmf":"1","duration":"1600"}"#
            )),
        "freeswitch": GatewayFixture(reports: [
            Report(body: "session_id=c1&hostname=pbx", means: .nothing),
            Report(body: "session_id=c1&hostname=pbx&asked=1&digits=1&input_type=dtmf", means: .key("1")),
            Report(body: "session_id=c1&hostname=pbx&asked=1", means: .noKey),
            Report(body: "session_id=c1&hostname=pbx&exiting=true&asked=1", means: .over),
        ]),
        "asterisk": GatewayFixture(
            media: (
                [
                    "MEDIA_START connection_id:gw channel:WebSocket/gw/0x1 channel_id:1.5 format:ulaw "
                        + "optimal_frame_size:160 ptime:20"
                ], "DTMF_END digit:1 channel_id:1.5"
            )),
        "browser": GatewayFixture(media: ([#"{"listen":16000}"#], #"{"key":"1"}"#)),
    ]

    /// The reports of those who tell of keys in a form.
    private static func form(_ call: String) -> [Report] {
        [
            Report(query: call, means: .nothing), Report(body: call, means: .nothing),
            Report(body: call + "&Digits=1", means: .key("1")), Report(body: call + "&Digits=", means: .noKey),
        ]
    }
}
