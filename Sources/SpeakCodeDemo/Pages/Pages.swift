// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCodeService

/// The site's pages, as markup.
package struct Pages: Sendable {
    private let words: Words
    /// Where calls go; nil for the telephone on the page.
    private let callee: String?

    package init(_ language: SiteLanguage, callee: String? = nil) {
        (words, self.callee) = (Words(language), callee)
    }

    /// What a page of the story knows, beside the story.
    package struct Facts: Sendable {
        /// The last digits of the number that codes are sent to.
        package var number: String
        /// Minutes for which a code is valid, rounded up.
        package var minutes: Int
        /// What the app was set up with.
        package var secret: String

        package init(number: String, minutes: Int, secret: String) {
            (self.number, self.minutes, self.secret) = (number, minutes, secret)
        }
    }

    private static let layout = Template(PackageResources.layout_html)
    private static let telephone = Template(PackageResources.telephone_html)
    private static let outside = Template(PackageResources.outside_html)
    private static let bench = Template(PackageResources.bench_html)

    package static func template(of stage: Story.Stage) -> Template { templates[stage] ?? Template("") }

    private static let templates: [Story.Stage: Template] = [
        .signIn: Template(PackageResources.sign_in_html), .sent: Template(PackageResources.sent_html),
        .choosing: Template(PackageResources.choosing_html), .expired: Template(PackageResources.expired_html),
        .locked: Template(PackageResources.locked_html), .accepted: Template(PackageResources.accepted_html),
        .app: Template(PackageResources.app_html), .done: Template(PackageResources.done_html),
    ]

    /// The page of a story, as it stands.
    package func page(of story: Story, _ facts: Facts) -> String {
        var values = values(facts)
        values["attempt"] = "\(story.attempt)"
        values["app-words"] = words.json("app.js.")
        values["invalid"] = story.notice.map(Self.isOfInput) == true ? "true" : "false"
        values["notice"] = notice(story.notice, facts)
        values["described"] = story.notice == nil ? "code-hint" : "code-hint notice"
        let main = fill(Self.template(of: story.stage), values)
        let title = words["\(story.stage.rawValue).title"] ?? ""
        return layout(main, aside: aside, title: title, script: "site.js", current: "story")
    }

    /// The bench.
    package func bench() -> String {
        let main = fill(Self.bench, ["bench-words": words.json("bench.js.")])
        return layout(main, aside: "", title: words["bench.title"] ?? "", script: "bench.js", current: "bench")
    }

    private func values(_ facts: Facts) -> [String: String] {
        ["number": facts.number, "minutes": "\(facts.minutes)", "secret": facts.secret]
    }

    private var aside: String {
        guard let callee else { return fill(Self.telephone, ["telephone-words": words.json("telephone.js.")]) }
        return fill(Self.outside, ["callee": callee, "telephone-words": words.json("telephone.js.")])
    }

    /// Whether a notice is of what was typed.
    private static func isOfInput(_ notice: Story.Notice) -> Bool {
        switch notice {
        case .wrong, .noCode: true
        case .sentAgain, .calling, .notCalled, .outOfDate: false
        }
    }

    private func notice(_ notice: Story.Notice?, _ facts: Facts) -> String {
        guard let notice else { return "" }
        var values = values(facts)
        let text: String?
        switch notice {
        case .sentAgain: text = words["notice.sent-again", values]
        case .calling: text = words[callee == nil ? "notice.calling" : "notice.calling-outside", values]
        case .notCalled(let sentence): text = sentence ?? words["notice.not-called"]
        case .wrong(let left):
            values["left"] = "\(left)"
            text = words["notice.wrong", values]
        case .noCode: text = words["notice.no-code"]
        case .outOfDate: text = words["notice.out-of-date"]
        }
        let kind = notice.isError ? "error" : "done"
        return "<p class=\"notice \(kind)\" id=\"notice\" role=\"\(notice.isError ? "alert" : "status")\">"
            + Template.escaped(text ?? "") + "</p>"
    }

    private func layout(_ main: String, aside: String, title: String, script: String, current: String) -> String {
        fill(
            Self.layout,
            [
                "lang": words.language.rawValue, "title": title, "script": script, "main": main, "aside": aside,
                "page": current, "story-current": current == "story" ? "page" : "false",
                "bench-current": current == "bench" ? "page" : "false",
                "english-current": words.language == .english ? "true" : "false",
                "japanese-current": words.language == .japanese ? "true" : "false",
            ])
    }

    /// Fills a page with values, and with texts whose places are filled with them.
    private func fill(_ template: Template, _ values: [String: String]) -> String {
        template.filled { values[$0] ?? words[$0, values] }
    }

    /// The names in a page that neither stand in `words.json` nor are values, for a test.
    package static let valueNames: Set<String> = [
        "number", "minutes", "secret", "attempt", "app-words", "invalid", "notice", "described", "bench-words",
        "telephone-words",
        "callee", "lang", "title", "script", "main", "aside", "page", "story-current", "bench-current",
        "english-current", "japanese-current",
    ]

    /// All pages, for a test.
    package static var all: [Template] { Array(templates.values) + [layout, telephone, outside, bench] }
}
