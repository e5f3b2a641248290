// SPDX-License-Identifier: GPL-3.0-or-later

internal import FoundationEssentials
internal import HTTPTypes

/// What a gateway knows this service by.
enum GatewayCredential: Hashable, Sendable {
    /// RFC 7617.
    case basic(user: String, password: String)
    /// RFC 6750.
    case bearer(String)

    var header: String {
        switch self {
        case .basic(let user, let password): "Basic " + Data("\(user):\(password)".utf8).base64EncodedString()
        case .bearer(let token): "Bearer " + token
        }
    }
}

extension GatewayCredential: CustomStringConvertible, CustomReflectable {
    var description: String { "GatewayCredential" }
    var customMirror: Mirror { Mirror(self, children: []) }
}

extension GatewayRequest {
    /// A request without a body.
    init(_ method: HTTPRequest.Method, _ url: String, as credential: GatewayCredential) {
        self.init(method, url, headers: [.accept: "application/json", .authorization: credential.header])
    }

    /// A request with a form.
    init(_ method: HTTPRequest.Method, _ url: String, as credential: GatewayCredential, form: [(String, String)]) {
        self.init(method, url, as: credential)
        headers[.contentType] = "application/x-www-form-urlencoded"
        body = FormFields.encoded(form)
    }

    /// A request with JSON, which texts and numbers always become.
    init(_ method: HTTPRequest.Method, _ url: String, as credential: GatewayCredential, json: some Encodable) {
        self.init(method, url, as: credential)
        headers[.contentType] = "application/json"
        body = (try? JSONDocument.encode(json)) ?? []
    }
}
