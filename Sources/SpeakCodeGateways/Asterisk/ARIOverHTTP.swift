// SPDX-License-Identifier: GPL-3.0-or-later

internal import FoundationEssentials
internal import HTTPTypes
internal import JSON5

/// REST for an Asterisk that takes it over HTTP alone, as all before 22.5 and 20.15: each request that a session writes as one of
/// HTTP, and its answer as the session reads answers.
///
/// The answers differ in nothing but what carries them: `res/ari/ari_websockets.c` of github.com/asterisk/asterisk hands the
/// requests of a socket to the handlers of `res/res_ari.c`.
struct ARIOverHTTP: MessageExchange {
    /// Such as `http://127.0.0.1:8088/ari`.
    let base: String
    let credential: GatewayCredential

    /// The address at which events are told over a WebSocket.
    func events(of application: String) -> String { "ws" + base.dropFirst("http".count) + "/events?app=" + application }

    func request(_ message: [UInt8]) -> GatewayRequest? {
        guard let asked = JSON5Value.object(in: message), asked["type"]?.text == "RESTRequest",
            let word = asked["method"]?.text, let method = HTTPRequest.Method(rawValue: word),
            let uri = asked["uri"]?.text
        else { return nil }
        var request = GatewayRequest(method, base + "/" + uri, as: credential)
        if let body = asked["message_body"]?.text {
            request.headers[.contentType] = "application/json"
            request.body = Array(body.utf8)
        }
        return request
    }

    func message(_ asked: [UInt8], answeredBy answer: GatewayAnswer?) -> [UInt8] {
        struct Response: Encodable {
            let type = "RESTResponse"
            let request: String
            let status: Int

            enum CodingKeys: String, CodingKey {
                case type
                case request = "request_id"
                case status = "status_code"
            }
        }
        let name = JSON5Value.object(in: asked)?["request_id"]?.text ?? ""
        // Without an answer nobody can tell: what was asked for is looked up, as behind a server's own error.
        let response = Response(request: name, status: answer?.status ?? 504)
        return (try? JSONDocument.encode(response)) ?? []
    }

    /// Whether this user is let in, and is one who may place calls.
    func check(of application: String) -> SetupCheck {
        let keys = SetupKeys(account: "asteriskUser", credential: "asteriskPassword", url: "asteriskURL")
        let remedy = "Give Asterisk's http.conf and ari.conf this address and this user."
        let request = GatewayRequest(.get, base + "/asterisk/info", as: credential)
        return keys.check("asteriskURL", request, missing: remedy) {
            JSON5Value.object(in: $0.body)?["system"] == nil
                ? .fail("asteriskURL", "what answers there is not Asterisk's REST interface", remedy)
                : .pass("asteriskURL", "Asterisk answers, and knows the user")
        }
    }
}
