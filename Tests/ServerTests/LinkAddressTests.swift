// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCode
import SpeakCodeGateways
import SpeakCodeLinks
import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

@Suite("A link's address")
struct LinkAddressTests {
    /// With the fewest words that an announcement can have.
    static func shortest() throws -> Announcement {
        Announcement(
            content: .gate(nil), locale: try #require(LanguageTag("de")), pacing: RequestedPacing(), readings: 1,
            longest: 1, issued: 1, expires: 2)
    }

    /// With the longest words that may be asked for.
    static func longest() throws -> Announcement {
        let word = AnnouncementRequest.longestWord
        let values = Dictionary(
            uniqueKeysWithValues: (1...AnnouncementRequest.mostSlots).map { slot in
                let text = String(repeating: "\(slot)", count: AnnouncementRequest.longestSlot)
                return (text, text)
            })
        var longest = Announcement(
            content: .code(
                try VerificationCode(Array(repeating: "A", count: 32).joined(separator: "-")),
                Wording(
                    style: String(repeating: "s", count: word), letterStyle: String(repeating: "l", count: word),
                    template: String(repeating: "t", count: word), register: .informal, values: values)),
            locale: try #require(LanguageTag("sl-Latn-IT-nedis")), second: LanguageTag("zh-Hant-HK-jyutping"),
            pacing: RequestedPacing(), readings: 100,
            longest: 600, issued: 1, expires: 2)
        longest.call = CallState(carrier: .webSocket, isGateAhead: true)
        return longest
    }

    @Test("has 34 to 500 characters, at its longest too")
    func length() throws {
        let ring = LinkKeyring([LinkKey()])
        let longest = try Self.longest()
        let sealed = try ring.seal(longest)
        #expect(ring.open(sealed)?.announcement == longest)
        let base = "https://a-rather-long-name.of-a-host.example.net:8443"
        for representation in Representation.all {
            let url = base + LinkEndpoint.prefix + sealed + representation.suffix
            #expect((34...500).contains(url.utf8.count))
            #expect(url.dropFirst(base.count).count { $0 == "." } == 1)
        }
        let links = CallLinks(
            base: base, call: longest, ring: ring, fastAGI: nil, audioSocket: nil)
        for url in try Gateways.documents.map(links.url) + [links.webSocket()] {
            #expect((34...500).contains(url.utf8.count))
        }
    }

    @Test(
        "brackets an address of IPv6 for Asterisk, which looks for the port behind its first colon",
        arguments: [("2001:db8::5", "[2001:db8::5]:9092"), ("media.example.net", "media.example.net:9092")])
    func audioSocket(host: String, address: String) throws {
        let links = CallLinks(
            base: "http://a", call: try Self.shortest(), ring: LinkKeyring([LinkKey()]), fastAGI: nil,
            audioSocket: .init(host: host, port: 9092, uuid: "u"))
        #expect(links.audioSocketArguments == "u," + address)
    }
}
