// SPDX-License-Identifier: GPL-3.0-or-later

internal import FoundationEssentials
internal import HTTPTypes
internal import SpeakCodeGateways
package import SpeakCodeService

/// A small site whose sign-in has two steps, in front of the service itself, and a bench to hear all languages at.
///
/// It is for this machine alone: a request that names another host is refused, and no page asks another.
package struct DemoSite: Site {
    /// How it is set up.
    package struct Settings: Sendable {
        /// Whom to call, as `sip:…` or `+…`; nil for the telephone on the page.
        package var callee: String?
        /// Seconds for which a code is valid.
        package var codesLast = 600

        package init() {}
    }

    package let prefix = "/demo/"
    package let telephone: PageTelephone
    package let hook = SignedHook()
    package let sessions: Sessions
    let settings: Settings
    let time: @Sendable () -> Int

    package init(
        _ settings: Settings = Settings(), telephone: PageTelephone = PageTelephone(),
        time: @escaping @Sendable () -> Int
    ) {
        (self.settings, self.telephone, self.time) = (settings, telephone, time)
        sessions = Sessions(codesLast: settings.codesLast)
    }

    /// By which calls ring on the page.
    package var route: CallRoute { CallRoute(name: PageTelephone.route, dialer: telephone, hearing: .webSocket) }

    /// The settings of the service behind it.
    package var serviceSettings: [String: String] {
        var values = [
            "identityServers": "standard", "standardSecret": hook.secret,
            // Calls to oneself are neither dear nor a nuisance.
            "callWaits": "0", "callsPerNumber": "1000", "callsPerRange": "0",
            // Who ends the demo is not waited for.
            "graceSeconds": "1",
        ]
        if let callee = settings.callee {
            values["callPrefixes"] =
                callee.hasPrefix("+")
                ? callee : "sip:" + (callee.split(separator: "@").last ?? "").prefix { $0 != ":" && $0 != ";" }
        } else {
            (values["callPrefixes"], values["callThrough"]) = ("+1212555", PageTelephone.route)
        }
        return values
    }

    /// Numbers that are nobody's (North American Numbering Plan, 555-0100 to 555-0199).
    static func number(of line: Int) -> String {
        "+121255501" + (line < 10 ? "0" : "") + "\(line)"
    }

    // MARK: Requests

    /// A request, and whose it is.
    struct Visit: Sendable {
        let request: SiteRequest
        let service: SiteService
        let base: String
        let now: Int
        let language: SiteLanguage
        let session: String?
        var form: FormFields { FormFields(body: request.body) }
    }

    package func respond(to request: SiteRequest, of service: SiteService) async -> SiteAnswer {
        guard let host = Self.loopback(request.authority) else {
            return .text(.misdirectedRequest, "This demo is for the machine that it runs on: open http://127.0.0.1")
        }
        let isPost = request.method == .post
        guard !isPost || Self.isOwn(request.headers, host) else {
            return .text(.forbidden, "Forms are taken from the pages of this demo only")
        }
        let cookies = Cookies(request.headers)
        let visit = Visit(
            request: request, service: service, base: "http://\(host)", now: time(),
            language: cookies["speakcode-language"].flatMap { SiteLanguage(rawValue: $0) }
                ?? SiteLanguage(accepted: request.headers[.acceptLanguage]),
            session: cookies[Self.cookie])
        var answer = await route(visit, String(request.path.dropFirst(prefix.count)), isPost)
        answer = answer.with(Self.headers(host))
        return answer
    }

    private func route(_ visit: Visit, _ name: String, _ isPost: Bool) async -> SiteAnswer {
        switch (name, isPost) {
        case ("", false): return await show(visit)
        case ("", true): return await act(visit)
        case ("language", true): return Self.speak(visit)
        case ("telephone", false): return state(visit)
        case ("telephone", true): return useTelephone(visit)
        case ("app", false): return appCode(visit)
        case ("app", true): return await readAppCode(visit)
        case ("bench", false): return .page(Pages(visit.language).bench())
        case ("packs", false): return BenchPacks.list()
        case ("lines", false): return BenchPacks.lines(of: FormFields(query: visit.request.query)["locale"])
        case ("line", false): return await BenchPacks.hear(FormFields(query: visit.request.query), visit.service)
        case (_, false): return Asset.named(name).map(\.answer) ?? .text(.notFound, "There is nothing at this address")
        default: return .text(.methodNotAllowed, "This address takes no forms")
        }
    }

    // MARK: Who asks

    static let cookie = "speakcode-demo"

    /// The host and port of a request, where they are this machine's: another name would be a page of somebody else's that
    /// has had its name lead here.
    static func loopback(_ authority: String?) -> String? {
        guard let authority else { return nil }
        let isBracketed = authority.hasPrefix("[")
        let host = isBracketed ? authority.prefix { $0 != "]" } + "]" : authority.prefix { $0 != ":" }
        let rest = authority.dropFirst(host.count)
        guard ["127.0.0.1", "localhost", "[::1]"].contains(host.lowercased()),
            rest.isEmpty
                || rest.first == ":" && (1...5).contains(rest.count - 1)
                    && rest.dropFirst().allSatisfy({ $0.isASCII && $0.isNumber })
        else { return nil }
        return authority.lowercased()
    }

    /// Whether a form comes from a page of this site.
    private static func isOwn(_ headers: HTTPFields, _ host: String) -> Bool {
        if let site = HTTPField.Name("Sec-Fetch-Site").flatMap({ headers[$0] }), site != "same-origin" { return false }
        return headers[.origin].map { $0 == "http://\(host)" } ?? true
    }

    /// What holds for all pages: nothing but this site's own files runs, and nobody else is asked for anything.
    private static func headers(_ host: String) -> [(String, String)] {
        [
            (
                "Content-Security-Policy",
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
                    + "connect-src 'self' ws://\(host); form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
            ),
            ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "same-origin"),
            ("Cross-Origin-Opener-Policy", "same-origin"), ("Cross-Origin-Resource-Policy", "same-origin"),
            ("Permissions-Policy", "camera=(), microphone=(), geolocation=()"),
        ]
    }

    private static func speak(_ visit: Visit) -> SiteAnswer {
        let form = visit.form
        let to = form["page"] == "bench" ? "bench" : ""
        guard let language = form["language"].flatMap({ SiteLanguage(rawValue: $0) }) else { return .seeOther(to) }
        return .seeOther(to).with([
            ("Set-Cookie", "speakcode-language=\(language.rawValue); Path=/demo/; SameSite=Strict; HttpOnly")
        ])
    }
}

/// The cookies of a request (RFC 6265, section 4.2).
struct Cookies: Sendable {
    private let values: [String: String]

    init(_ headers: HTTPFields) {
        let pairs = headers[values: .cookie].flatMap { $0.split(separator: ";") }.compactMap { pair in
            let parts = pair.drop { $0 == " " }.split(separator: "=", maxSplits: 1)
            return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
        }
        values = Dictionary(pairs) { first, _ in first }
    }

    subscript(name: String) -> String? { values[name] }
}
