// SPDX-License-Identifier: GPL-3.0-or-later

package import HTTPTypes
internal import JSON5

/// An identity server that makes codes and has them brought to people by others, as a value: what its requests say, how they
/// are known to be its own, and which answer it takes for success.
///
/// Each stands in a folder of its own, and in one line of ``IdentityServers/all``.
package protocol IdentityServer: Sendable {
    /// Its name in addresses, in small letters; never another's.
    var name: String { get }
    /// How it signs its requests; nil for one that presents a key of this service's.
    var signing: GatewaySigning? { get }
    /// Whether it writes numbers with their country's code, but without a plus.
    var omitsPlus: Bool { get }

    /// The code and the number of a request.
    func message(in request: IdentityRequest) throws(IdentityError) -> VerificationMessage

    /// What it is answered.
    ///
    /// An answer may be shown to a person: it has a sentence for them, and nothing of the code, the number or the service.
    func answer(to outcome: IdentityOutcome) -> GatewayAnswer
}

extension IdentityServer {
    package var signing: GatewaySigning? { nil }
    package var omitsPlus: Bool { false }
    package func answer(to outcome: IdentityOutcome) -> GatewayAnswer { .plain(outcome) }
}

/// The identity servers that are spoken to here.
package enum IdentityServers {
    /// All of them: the one list.
    package static let all: [any IdentityServer] = [
        Okta(), FusionAuth(), LinOTP(), Supabase(), Kratos(), Zitadel(), Authentik(), Logto(), Authgear(),
        PrivacyIDEA(), Casdoor(), OTPGateway(), Standard(),
    ]

    /// How they sign, of those who do.
    package static let signings: [GatewaySigning] = all.compactMap(\.signing)

    /// The server of a name, such as `okta`.
    package static func server(named name: some StringProtocol) -> (any IdentityServer)? {
        all.first { $0.name.utf8.elementsEqual(name.utf8) }
    }
}

/// A request of an identity server's: a POST.
///
/// It does not show itself, since it has a code and a number in it.
package struct IdentityRequest: Sendable {
    let headers: HTTPFields
    let body: [UInt8]
    /// The body, where it is an object of JSON.
    let object: [String: JSON5Value]?
    /// The body, where it is a form.
    let form: FormFields?

    package init(headers: HTTPFields, body: [UInt8]) {
        (self.headers, self.body) = (headers, body)
        let type = headers[.contentType]?.prefix { $0 != ";" && $0 != " " && $0 != "\t" }.lowercased()
        form = type == "application/x-www-form-urlencoded" ? FormFields(body: body) : nil
        object = form == nil ? JSON5Value.object(in: body) : nil
    }

    /// A text at a path of keys, or a whole number, as figures; nil for anything else, and for an empty one.
    func text(_ path: String...) -> String? {
        var value = object.map(JSON5Value.object)
        for key in path { value = value?.members?[key] }
        if let text = value?.text { return text }
        guard case .number? = value else { return nil }
        return value?.whole.map(String.init)
    }

    /// The first of some fields of the form, or of the object, that is there.
    func field(_ names: String...) -> String? {
        names.lazy.compactMap { name in
            form.map { form in form[name].flatMap { $0.isEmpty ? nil : $0 } } ?? text(name)
        }.first
    }
}

extension IdentityRequest: CustomStringConvertible, CustomReflectable {
    package var description: String { "IdentityRequest" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// What an identity server wants to be brought to somebody.
///
/// It does not show itself.
package struct VerificationMessage: Hashable, Sendable {
    /// As it was sent.
    package let code: String
    /// As it was sent: international or national.
    package let number: String
    /// A language tag in whatever form; nil where none is told.
    package let locale: String?
    package let means: Means

    /// By what it is to be brought.
    package enum Means: Hashable, Sendable {
        case call
        case textMessage
        /// The server does not say.
        case unsaid
    }

    init(_ code: String?, to number: String?, locale: String? = nil, by means: Means = .unsaid) throws(IdentityError) {
        guard let code else { throw .noCode }
        guard let number else { throw .noNumber }
        (self.code, self.number, self.locale, self.means) = (code, number, locale, means)
    }
}

extension VerificationMessage: CustomStringConvertible, CustomReflectable {
    package var description: String { "VerificationMessage" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// Why a request has nothing to say.
package enum IdentityError: Error, Hashable, Sendable {
    case noCode
    case noNumber
    /// Its text has several numbers that could be the code.
    case severalCodes
}

/// What became of an identity server's request.
package enum IdentityOutcome: Hashable, Sendable {
    /// The call is going to be placed, and has this name.
    case accepted(String)
    case refused(IdentityRefusal)
}
