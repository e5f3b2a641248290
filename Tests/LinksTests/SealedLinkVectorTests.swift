// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCode
import TestSupport
import Testing

@testable import SpeakCodeLinks

/// `samples/vectors/sealed-links.json`: links under a key that is no secret.
@Suite("The vectors of sealed links")
struct SealedLinkVectorTests {
    /// 32 bytes that anybody knows.
    private static let key = Data("a key of test vectors, no secret".utf8).base64EncodedString()

    struct Vector: Codable {
        let code: String
        let locale: String
        let second: String?
        let style: String?
        let template: String
        let preset: String
        let rendition: String
        let readings: Int
        let longest: Int
        let issued: Int
        let expires: Int
        /// In hexadecimal digits: the record that is sealed, and the sealed link in base64url.
        let record: String
        let link: String
    }

    private static func vector(
        _ code: String, _ locale: String, second: String? = nil, style: String? = nil, template: String = "standard",
        _ preset: Pacing.Preset = .normal, _ delivery: Delivery = .spoken, readings: Int = 3
    ) throws -> Vector {
        let announcement = Announcement(
            content: .code(try VerificationCode(code), Wording(style: style, template: template)),
            locale: try #require(LanguageTag(locale)), second: second.flatMap { LanguageTag($0) },
            pacing: RequestedPacing(preset: preset), delivery: delivery, readings: readings, longest: 60,
            issued: 1_795_000_000, expires: 1_795_000_600)
        let ring = LinkKeyring([try LinkKey(text: key)])
        // What follows from a sealed text is the same each time.
        let link = try ring.seal(announcement, within: "vectors")
        #expect(ring.open(link)?.announcement == announcement)
        return Vector(
            code: code, locale: locale, second: second, style: style, template: template, preset: preset.rawValue,
            rendition: delivery.name, readings: readings, longest: 60, issued: 1_795_000_000, expires: 1_795_000_600,
            record: AnnouncementRecord.encode(announcement).map {
                String($0 >> 4, radix: 16) + String($0 & 15, radix: 16)
            }
            .joined(), link: link)
    }

    /// Whatever the vectors become: every later version of the same major opens what 1.0.0 has sealed.
    @Test("of 1.0.0 open")
    func ofTheFirstRelease() throws {
        let link =
            "AQIIO5cDWufwl7MRiGX2Jrhv-6SMePxznQpFyWYfMW2VQj3G_Zr27AHneizkFmSBntMFUSBEJUWYPu4qON-_qAD2IH"
            + "GSzLZcqkMoPq63dmmO25gtwm-Iao6Au8BkZjR-YdNSpPcdWPHN-qqmhsXlxEMFyETlAbtvIeVjfPfGQBNM"
        let ring = LinkKeyring([try LinkKey(text: Self.key)])
        let announcement = try #require(ring.open(link)?.announcement)
        #expect(announcement.content == .code(try VerificationCode("735 198"), Wording(style: "telephone")))
        #expect("\(announcement.locale)" == "de-DE" && announcement.readings == 3)
        #expect(announcement.expires == 1_795_000_600)
    }

    @Test("are what the code makes, and open")
    func current() throws {
        let vectors = try [
            Self.vector("0", "en-US"), Self.vector("735198", "ja-JP"),
            Self.vector("735 198", "de-DE", style: "telephone"),
            Self.vector("AB-12-CD", "en-GB", style: "icao", .adaptive, readings: 5),
            Self.vector("00000000000000000000000000000000", "fr-FR", second: "en-US", .slow),
            Self.vector("123456", "es-ES", template: "code-only"),
            Self.vector("123456", "en-US", .normal, .typed(.baud45)),
            Self.vector("123456", "en-US", .normal, .mixed(.baud50)),
        ]
        #expect(try Vectors.difference(of: "sealed-links", from: vectors, with: ["key": Self.key]) == nil)
    }
}
