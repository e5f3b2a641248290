// SPDX-License-Identifier: GPL-3.0-or-later

internal import Crypto
internal import FoundationEssentials

/// An identity server that asks for a code to be brought to somebody, as it does: what it sends, and what it makes of the
/// answer.
///
/// Sources: each server's own code or pages, as `SpeakCodeGateways` names them.
public struct FakeIdentityServer: Sendable {
    /// Whose requests it sends.
    public enum Kind: String, CaseIterable, Sendable {
        case okta, fusionauth, linotp, supabase, kratos, zitadel, authentik, logto, authgear, privacyidea, casdoor
        case otpgateway, standard
    }

    /// A request: a POST.
    public struct Request: Sendable {
        /// By their names.
        public let headers: [String: String]
        /// JSON, or a form.
        public let body: [UInt8]
    }

    /// What a server makes of an answer.
    public enum Verdict: Hashable, Sendable {
        /// It tells the person that the code is on its way.
        case delivered
        case failed
        /// It asks again.
        case asksAgain
    }

    /// Whose requests it sends.
    public let kind: Kind
    /// The API key that it presents, or what it signs with: of Supabase and Standard Webhooks `whsec_` and base64.
    public let secret: String

    /// - Parameters:
    ///   - kind: whose requests it sends.
    ///   - secret: the key that it presents, or what it signs with; nil for one that fits.
    public init(_ kind: Kind, secret: String? = nil) {
        self.kind = kind
        self.secret = secret ?? "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    }

    /// Whether it signs, and presents no key.
    public var signs: Bool { [.supabase, .zitadel, .authgear, .standard].contains(kind) }

    /// Whether the time stands in what it signs, so that what is old can be refused.
    public var signsTime: Bool { signs && kind != .authgear }

    /// The number of tries that it has, with the first.
    public var attempts: Int {
        switch kind {
        case .okta: 2
        case .supabase: 3
        case .kratos: 6
        default: 1
        }
    }

    /// A request for a code to be brought.
    ///
    /// - Parameters:
    ///   - code: the code.
    ///   - number: with a plus and its country's code; Supabase leaves the plus out.
    ///   - isText: whether it is to be sent as a text, where the server says so.
    ///   - locale: the person's language, where the server tells it.
    ///   - time: in seconds since 1970, for a signature.
    ///   - attempt: the first, the second …; what is told apart by it differs.
    public func request(
        for code: String, to number: String, asText isText: Bool = false, locale: String? = nil, at time: Int,
        attempt: Int = 1
    ) -> Request {
        request(of: Array(body(code, number, isText, locale).utf8), at: time, attempt: attempt)
    }

    /// A request with another body than it has, signed as its own.
    ///
    /// - Parameters:
    ///   - body: the body.
    ///   - time: in seconds since 1970, for a signature.
    ///   - attempt: the first, the second …; what is told apart by it differs.
    public func request(of body: [UInt8], at time: Int, attempt: Int = 1) -> Request {
        var headers = [
            "Content-Type": isForm ? "application/x-www-form-urlencoded" : "application/json",
            "User-Agent": "fake-\(kind.rawValue)",
        ]
        switch kind {
        case .supabase, .standard:
            let id = "msg_\(attempt)"
            let key = Data(base64Encoded: String(secret.split(separator: "_").last ?? "")) ?? Data()
            let signature = authenticated("\(id).\(time).", body, Array(key)).base64EncodedString()
            headers["webhook-id"] = id
            headers["webhook-timestamp"] = "\(time)"
            // Of several secrets, Supabase has a comma and a blank between the signatures.
            headers["webhook-signature"] = (kind == .supabase ? "v1,AAAA, " : "") + "v1,\(signature)"
        case .zitadel:
            headers["ZITADEL-Signature"] = "t=\(time),v1=" + hexadecimal(authenticated("\(time).", body))
        case .authgear: headers["x-authgear-body-signature"] = hexadecimal(authenticated("", body))
        case .okta, .kratos: headers["Authorization"] = secret
        case .fusionauth, .privacyidea, .otpgateway:
            headers["Authorization"] = "Basic " + Data("user:\(secret)".utf8).base64EncodedString()
        case .linotp, .authentik, .logto: headers["Authorization"] = "Bearer \(secret)"
        case .casdoor: headers["X-API-Key"] = secret
        }
        return Request(headers: headers, body: body)
    }

    private var isForm: Bool { kind == .privacyidea || kind == .casdoor }

    private func authenticated(_ beginning: String, _ body: [UInt8], _ key: [UInt8]? = nil) -> Data {
        Data(
            HMAC<SHA256>.authenticationCode(
                for: Array(beginning.utf8) + body, using: SymmetricKey(data: key ?? Array(secret.utf8))))
    }

    private func hexadecimal(_ bytes: Data) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private func body(_ code: String, _ number: String, _ isText: Bool, _ locale: String?) -> String {
        let bare = String(number.drop { $0 == "+" })
        let tag = locale ?? "en"
        return switch kind {
        case .okta:
            #"{"eventId":"e","eventType":"com.okta.telephony.provider","requestType":"com.okta.user.telephony.mfa-verification","#
                + #""data":{"context":{"request":{"ipAddress":"192.0.2.7"}},"userProfile":{"login":"a@example.net"},"#
                + #""messageProfile":{"msgTemplate":"Your code is","phoneNumber":"\#(number)","otpExpires":"2026-11-30T08:05:00Z","#
                + #""deliveryChannel":"\#(isText ? "SMS" : "CALL")","otpCode":"\#(code)","locale":"\#(tag.uppercased())"}}}"#
        case .fusionauth:
            #"{"code":"\#(code)","phoneNumber":"\#(number)","message":"Your code is \#(code)","type":"\#(isText ? "SMS" : "Voice")","userId":"u"}"#
        case .linotp:
            #"{"call":{"calleeNumber":"\#(number)","messageTemplate":"Your code is {otp}","otp":"\#(code)","locale":"\#(tag)","#
                + #""twilioConfig":{"accountSid":"AC","authToken":"t","voice":"alice"}}}"#
        case .supabase:
            #"{"metadata":{"uuid":"u","time":"t","name":"send-sms"},"user":{"id":"u","phone":"\#(bare)","user_metadata":{"locale":"\#(tag)"}},"#
                + #""sms":{"otp":"\#(code)","phone":"\#(bare)"}}"#
        case .kratos:
            #"{"recipient":"\#(number)","template_type":"login_code_valid","template_data":{"login_code":"\#(code)","to":"\#(number)"},"locale":"\#(tag)"}"#
        case .zitadel:
            #"{"contextInfo":{"eventType":"session.otp.sms.challenged","provider":{"id":"1"},"recipientPhoneNumber":"\#(number)"},"#
                + #""templateData":{"text":"\#(code) is your code"},"args":{"oTP":"\#(code)","expiry":300}}"#
        case .authentik: #"{"From":"+4930","To":"\#(number)","Body":"\#(code)","Message":"Use \#(code) to sign in"}"#
        case .logto:
            #"{"to":"\#(number)","type":"SignIn","payload":{"code":"\#(code)","uiLocales":"\#(tag) en"},"ip":"192.0.2.7"}"#
        case .authgear:
            #"{"to":"\#(number)","body":"\#(code) is your code","language_tag":"\#(tag)","app_id":"a","template_name":"login","#
                + #""template_variables":{"code":"\#(code)"}}"#
        case .privacyidea: "phone=\(number.replacing("+", with: "%2B"))&otp=\(code)&lang=\(tag)"
        case .casdoor: "phone=\(number.replacing("+", with: "%2B"))&content=Your+code+is+\(code)."
        case .otpgateway:
            #"{"otp":{"namespace":"n","id":"i","to":"\#(number)","otp":"\#(code)","max_attempts":5,"ttl":300},"subject":"","body":"\#(code)"}"#
        case .standard: #"{"to":"\#(number)","code":"\#(code)","locale":"\#(tag)"}"#
        }
    }

    /// What the server makes of an answer.
    ///
    /// - Parameters:
    ///   - status: of HTTP.
    ///   - headers: by their names, in small letters.
    ///   - body: as it came.
    public func verdict(status: Int, headers: [String: String], body: [UInt8]) -> Verdict {
        let text = String(decoding: body, as: UTF8.self)
        let isJSON = headers["content-type"]?.hasPrefix("application/json") == true
        switch kind {
        case .okta:
            guard (200..<300).contains(status) else { return status >= 500 ? .asksAgain : .failed }
            let success = ["SUCCESSFUL", "PENDING"].contains { text.contains(#""status":"\#($0)""#) }
            return isJSON && text.contains(#""type":"com.okta.telephony.action""#) && success ? .delivered : .failed
        case .supabase:
            switch status {
            case 204 where body.isEmpty: return .delivered
            case 200, 202: return isJSON && !text.contains(#""error""#) ? .delivered : .failed
            case 429, 503: return headers["retry-after"] == nil ? .failed : .asksAgain
            default: return .failed
            }
        case .kratos: return (200..<300).contains(status) ? .delivered : .asksAgain
        case .authentik: return status < 400 ? .delivered : .failed
        case .authgear:
            return (200..<300).contains(status) && text.contains(#""code":"ok""#) ? .delivered : .failed
        case .privacyidea: return [200, 201, 202].contains(status) ? .delivered : .failed
        case .casdoor: return status == 200 ? .delivered : .failed
        case .otpgateway: return .delivered
        case .fusionauth, .linotp, .zitadel, .logto, .standard:
            return (200..<300).contains(status) ? .delivered : .failed
        }
    }
}
