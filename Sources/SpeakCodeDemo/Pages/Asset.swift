// SPDX-License-Identifier: GPL-3.0-or-later

internal import FoundationEssentials
internal import HTTPTypes
internal import SpeakCodeGateways
internal import SpeakCodeService

/// A file that pages load.
struct Asset: Sendable {
    let type: String
    let bytes: [UInt8]

    private static let module = "text/javascript; charset=utf-8"

    private static let all: [String: Asset] = [
        "demo.css": Asset(type: "text/css; charset=utf-8", bytes: PackageResources.demo_css),
        "icon.svg": Asset(type: "image/svg+xml", bytes: PackageResources.icon_svg),
        "site.js": Asset(type: module, bytes: PackageResources.site_js),
        "telephone.js": Asset(type: module, bytes: PackageResources.telephone_js),
        "player.js": Asset(type: module, bytes: PackageResources.player_js),
        "worklet.js": Asset(type: module, bytes: PackageResources.worklet_js),
        "app.js": Asset(type: module, bytes: PackageResources.app_js),
        "bench.js": Asset(type: module, bytes: PackageResources.bench_js),
    ]

    static func named(_ name: String) -> Asset? { all[name] }

    var answer: SiteAnswer {
        SiteAnswer(.ok, headers: [.contentType: type, .cacheControl: "no-cache"], body: bytes)
    }
}

extension SiteAnswer {
    static func page(_ markup: String) -> SiteAnswer {
        SiteAnswer(
            .ok, headers: [.contentType: "text/html; charset=utf-8", .cacheControl: "no-store"],
            body: Array(markup.utf8))
    }

    static func text(_ status: HTTPResponse.Status, _ text: String) -> SiteAnswer {
        SiteAnswer(
            status, headers: [.contentType: "text/plain; charset=utf-8", .cacheControl: "no-store"],
            body: Array((text + "\n").utf8))
    }

    static func json(_ value: some Encodable) -> SiteAnswer {
        SiteAnswer(
            .ok, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: (try? JSONDocument.encode(value)) ?? [])
    }

    /// Shows a page of the site behind a form.
    static func seeOther(_ name: String) -> SiteAnswer {
        SiteAnswer(.seeOther, headers: [.location: "/demo/" + name, .cacheControl: "no-store"])
    }

    func with(_ fields: [(String, String)]) -> SiteAnswer {
        var headers = headers
        for (name, value) in fields {
            if let name = HTTPField.Name(name) { headers.append(HTTPField(name: name, value: value)) }
        }
        return SiteAnswer(status, headers: headers, body: body)
    }
}
