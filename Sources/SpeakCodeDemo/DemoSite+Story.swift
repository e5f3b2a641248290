// SPDX-License-Identifier: GPL-3.0-or-later

internal import FoundationEssentials
internal import HTTPTypes
internal import SpeakCodeGateways
internal import SpeakCodeService

extension DemoSite {
    // MARK: The story's page

    func show(_ visit: Visit) async -> SiteAnswer {
        let pages = Pages(visit.language, callee: settings.callee)
        let shown = visit.session.flatMap { name in
            sessions.with(name, at: visit.now) { session in
                session.story.look(at: visit.now)
                defer { session.story.noticeIsShown() }
                return pages.page(of: session.story, facts(of: session))
            }
        }
        if let shown { return .page(shown) }
        let (name, ended) = sessions.begin(at: visit.now)
        for call in ended { hangUp(call, visit.service) }
        let page = sessions.with(name, at: visit.now) { pages.page(of: $0.story, facts(of: $0)) }
        return .page(page ?? "").with([("Set-Cookie", "\(Self.cookie)=\(name); Path=/demo/; SameSite=Strict; HttpOnly")]
        )
    }

    private func facts(of session: Sessions.Session) -> Pages.Facts {
        let number = settings.callee ?? Self.number(of: session.line)
        return Pages.Facts(
            number: String(number.filter(\.isNumber).suffix(4)), minutes: (settings.codesLast + 59) / 60,
            secret: Base32.text(session.secret))
    }

    // MARK: What a person does

    func act(_ visit: Visit) async -> SiteAnswer {
        guard let name = visit.session else { return .seeOther("") }
        let form = visit.form
        let attempt = form["attempt"].flatMap { Int($0) } ?? 0
        let effects: [Story.Effect]? = sessions.with(name, at: visit.now) { session in
            let action = Self.action(form, AppCode(session.secret), visit.now)
            return action.map { session.story.take($0, of: attempt, at: visit.now) } ?? []
        }
        for effect in effects ?? [] {
            switch effect {
            case .hangUp(let call): hangUp(call, visit.service)
            case .call: await call(for: name, visit)
            }
        }
        return .seeOther("")
    }

    private static func action(_ form: FormFields, _ app: AppCode, _ now: Int) -> Story.Action? {
        let typed = form["code"] ?? ""
        return switch form["do"] {
        case "sign-in": .signIn(newCode: Sessions.newCode())
        case "not-arrived": .notArrived
        case "back": .back
        case "send-again": .sendAgain(newCode: Sessions.newCode())
        case "call": .askForCall(newCode: Sessions.newCode())
        case "type": .type(typed)
        case "sign-in-with-app": .signInWithApp
        case "type-app": .typeApp(period: app.period(of: typed, at: now))
        case "start-over": .startOver
        default: nil
        }
    }

    /// Has the code said, by the hook that any site uses.
    private func call(for name: String, _ visit: Visit) async {
        let asked: (code: String, number: String)? =
            sessions.with(name, at: visit.now) { session in
                session.story.code.map { ($0.text, settings.callee ?? Self.number(of: session.line)) }
            } ?? nil
        guard let (code, number) = asked else { return }
        let outcome = await hook.call(
            number, code, in: visit.language.locale, of: visit.service, base: visit.base, at: visit.now)
        if case .accepted(let call) = outcome { await untilItRings(call, visit.service) }
        _ = sessions.with(name, at: visit.now) { session in
            switch outcome {
            case .accepted(let call): session.story.isCalled(call)
            case .refused(let sentence): session.story.isNotCalled(sentence)
            }
        }
    }

    /// Waits a moment, so that the page that is shown next rings.
    private func untilItRings(_ call: String, _ service: SiteService) async {
        for _ in 0..<Self.mostLooks {
            guard service.call(call)?.stage == .queued else { return }
            try? await Task.sleep(for: .milliseconds(10))
        }
    }

    private static let mostLooks = 50

    private func hangUp(_ call: String, _ service: SiteService) {
        guard let state = service.call(call), state.stage != .ended else { return }
        service.hangUp(call)
    }

    // MARK: The telephone

    private struct TelephoneState: Encodable {
        /// `none`, `queued`, `ringing`, `answered` or `ended`.
        let call: String
        /// Names the call to the page.
        var id: String?
        var outcome: String?
        /// The page that is to be shown, where it is another by now.
        let stage: String
        let attempt: Int
    }

    /// How the call is; asked again and again by the page.
    func state(_ visit: Visit) -> SiteAnswer {
        let mine = FormFields(query: visit.request.query)["mine"]
        let story: Story? = visit.session.flatMap { name in
            sessions.with(name, at: visit.now) { session in
                session.story.look(at: visit.now)
                return session.story
            }
        }
        guard let story else { return .json(TelephoneState(call: "none", stage: "sign-in", attempt: 0)) }
        if let mine, mine == story.call { telephone.isSeen(mine) }
        guard let id = story.call, let call = visit.service.call(id) else {
            return .json(TelephoneState(call: "none", stage: story.stage.rawValue, attempt: story.attempt))
        }
        return .json(
            TelephoneState(
                call: "\(call.stage)", id: id, outcome: call.outcome?.rawValue, stage: story.stage.rawValue,
                attempt: story.attempt))
    }

    private struct Taken: Encodable {
        /// The path of the call's sound.
        let media: String
    }

    /// Takes the call, declines it, hangs up.
    func useTelephone(_ visit: Visit) -> SiteAnswer {
        let call: String? = visit.session.flatMap { sessions.with($0, at: visit.now) { $0.story.call } ?? nil }
        let form = visit.form
        // Of a call that has been another's, or is over, nothing is said.
        guard let call, form["id"] == call else { return .text(.conflict, "There is no such call any more") }
        switch form["do"] {
        case "answer":
            guard let media = telephone.answer(call) else {
                return .text(.conflict, "The call is taken, or rings no more")
            }
            return .json(Taken(media: media))
        case "hang-up":
            if settings.callee == nil { telephone.hangUp(call) } else { visit.service.hangUp(call) }
            return SiteAnswer(.noContent)
        default: return .text(.unprocessableContent, "do must be answer or hang-up")
        }
    }

    // MARK: The app

    private struct AppState: Encodable {
        let code: String
        /// Seconds for which it is shown.
        let left: Int
        let period: Int
    }

    private func secret(_ visit: Visit) -> [UInt8]? {
        visit.session.flatMap { name in sessions.with(name, at: visit.now) { $0.secret } }
    }

    func appCode(_ visit: Visit) -> SiteAnswer {
        guard let secret = secret(visit) else { return .text(.notFound, "There is no app here; open the first page") }
        let number = AppCode.number(at: visit.now)
        return .json(
            AppState(
                code: AppCode(secret).code(in: number), left: AppCode.period - visit.now % AppCode.period,
                period: AppCode.period))
    }

    private struct Announcement: Encodable {
        let code: String
        let locale: String
        let template = "code-only"
        let readings = 1
    }

    private struct Links: Decodable {
        struct All: Decodable {
            let sound: String
            let captions: String

            enum CodingKeys: String, CodingKey {
                case sound = "sln16"
                case captions = "json"
            }
        }
        let links: All
    }

    private struct Reading: Encodable {
        let sound: String
        let captions: String
        /// The period of the code, so that a new one can be told from the same.
        let number: Int
    }

    /// A reading of the app's code of this moment, as links to its sound and captions.
    func readAppCode(_ visit: Visit) async -> SiteAnswer {
        guard let secret = secret(visit) else { return .text(.notFound, "There is no app here; open the first page") }
        let number = AppCode.number(at: visit.now)
        let wanted = Announcement(code: AppCode(secret).code(in: number), locale: visit.language.locale)
        guard let body = try? JSONDocument.encode(wanted) else { return .text(.internalServerError, "Failed") }
        let answer = await visit.service.ask(
            .post, "/v1/announcements", headers: [.contentType: "application/json", .accept: "application/json"],
            body: body, base: visit.base)
        guard let links = try? JSONDecoder().decode(Links.self, from: Data(answer.body)).links else {
            return .text(.serviceUnavailable, "It cannot be read aloud now")
        }
        return .json(
            Reading(
                sound: String(links.sound.dropFirst(visit.base.count)),
                captions: String(links.captions.dropFirst(visit.base.count)), number: number))
    }
}

/// RFC 4648, section 6, without padding: how secrets of apps are written.
enum Base32 {
    private static let symbols = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")

    static func text(_ bytes: [UInt8]) -> String {
        var (text, value, bits) = ("", 0, 0)
        for byte in bytes {
            (value, bits) = (value << 8 | Int(byte), bits + 8)
            while bits >= 5 {
                bits -= 5
                text.append(symbols[value >> bits & 31])
                value &= (1 << bits) - 1
            }
        }
        if bits > 0 { text.append(symbols[value << (5 - bits) & 31]) }
        return text
    }
}
