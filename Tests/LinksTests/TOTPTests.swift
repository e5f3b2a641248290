// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCode
import SpeakCodeLinks
import Testing

@Suite("The app's code")
struct TOTPTests {
    private static let twenty = Array("12345678901234567890".utf8)

    private static func secret(ofLength count: Int) -> [UInt8] {
        Array((0..<count).map { UInt8(ascii: "0") + UInt8(($0 + 1) % 10) })
    }

    /// RFC 4226, appendix D.
    @Test(
        "is RFC 4226's for each counter",
        arguments: zip(
            UInt64(0)...9,
            [
                "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489",
            ]))
    func counters(counter: UInt64, code: String) throws {
        let totp = try TOTP(secret: Self.twenty)
        #expect(try totp.code(counter: counter) == VerificationCode(code))
    }

    /// RFC 6238, appendix B: the time, and the code by SHA-1, SHA-256, SHA-512.
    @Test(
        "is RFC 6238's at each time",
        arguments: [
            (59, ["94287082", "46119246", "90693936"]), (1_111_111_109, ["07081804", "68084774", "25091201"]),
            (1_111_111_111, ["14050471", "67062674", "99943326"]),
            (1_234_567_890, ["89005924", "91819424", "93441116"]),
            (2_000_000_000, ["69279037", "90698825", "38618901"]),
            (20_000_000_000, ["65353130", "77737706", "47863826"]),
        ])
    func times(second: Int, codes: [String]) throws {
        for (algorithm, code) in zip(TOTP.Algorithm.allCases, codes) {
            let length = [TOTP.Algorithm.sha1: 20, .sha256: 32, .sha512: 64][algorithm] ?? 0
            let totp = try TOTP(secret: Self.secret(ofLength: length), algorithm: algorithm, digits: 8)
            #expect(try totp.code(at: .seconds(second)) == VerificationCode(code), "\(algorithm)")
            #expect(totp.code(at: .seconds(second)).length == 8)
        }
    }

    @Test("has fewer digits from the right, zeros before them included")
    func digits() throws {
        for (digits, code) in [(6, "081804"), (7, "7081804"), (8, "07081804")] {
            let totp = try TOTP(secret: Self.twenty, digits: digits)
            #expect(try totp.code(at: .seconds(1_111_111_109)) == VerificationCode(code))
        }
    }

    @Test("lives from the beginning of its period to the end", arguments: [1, 15, 30, 60, 86_400])
    func lives(period: Int) throws {
        let totp = try TOTP(secret: Self.twenty, period: period)
        let begin = Duration.seconds(1_700_000_000 / period * period)
        let end = begin + .seconds(period)
        #expect(totp.life(at: begin) == .seconds(period))
        #expect(totp.life(at: end - .milliseconds(1)) == .milliseconds(1))
        #expect(totp.code(at: begin) == totp.code(at: end - .milliseconds(1)))
        #expect(totp.code(at: begin) != totp.code(at: end))
    }

    @Test("is that of the beginning where a clock stands before it")
    func beforeTheBeginning() throws {
        let totp = try TOTP(secret: Self.twenty)
        #expect(totp.code(at: .seconds(-1)) == totp.code(at: .zero))
        #expect(totp.life(at: .seconds(-1)) == .seconds(30))
    }

    @Test(
        "is read as sites and apps write it",
        arguments: [
            "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "gezd gnbv gy3t qojq gezd gnbv gy3t qojq\n",
            "GEZD-GNBV-GY3T-QOJQ-GEZD-GNBV-GY3T-QOJQ", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ======",
            "otpauth://totp/Bank:anna%40example.net?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Bank",
            "OTPAUTH://TOTP/anna?issuer=Bank&secret=gezdgnbvgy3tqojqgezdgnbvgy3tqojq&algorithm=sha-1&digits=6&period=30",
            "otpauth://totp?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ%3D%3D&image=https%3A%2F%2Fexample.net#more",
        ])
    func written(text: String) throws {
        #expect(try TOTP(text) == TOTP(secret: Self.twenty))
    }

    @Test("takes algorithm, digits and period from a URI")
    func fields() throws {
        let totp = try TOTP("otpauth://totp/a?secret=GEZDGNBVGY3TQOJQ&algorithm=SHA512&digits=8&period=60")
        #expect(totp.algorithm == .sha512)
        #expect(totp.digits == 8)
        #expect(totp.period == 60)
    }

    @Test(
        "names the field that is wrong, and shows nothing of it",
        arguments: [
            ("", TOTPError.Field.uri), ("https://example.net/?secret=GEZDGNBV", .uri),
            (String(repeating: "A", count: 2049), .uri), ("otpauth://hotp/a?secret=GEZDGNBV&counter=1", .type),
            ("otpauth://totp/a%4?secret=GEZDGNBV", .label), ("otpauth://totp/a", .secret),
            ("otpauth://totp/a?secret=", .secret), ("otpauth://totp/a?secret=GEZDGNB1", .secret),
            ("otpauth://totp/a?secret=GEZDGN%", .secret), ("otpauth://totp/a?secret=GEZDGNBVG", .secret),
            ("otpauth://totp/a?secret=GEZD====GNBV", .secret), ("GEZDGNB0", .secret), ("=", .secret),
            (String(repeating: "GEZDGNBV", count: 13), .secret),
            ("otpauth://totp/a?secret=GEZDGNBV&secret=GEZDGNBV", .secret),
            ("otpauth://totp/a?secret=GEZDGNBV&algorithm=MD5", .algorithm),
            ("otpauth://totp/a?secret=GEZDGNBV&digits=5", .digits),
            ("otpauth://totp/a?secret=GEZDGNBV&digits=9", .digits),
            ("otpauth://totp/a?secret=GEZDGNBV&digits=+6", .digits),
            ("otpauth://totp/a?secret=GEZDGNBV&digits=", .digits),
            ("otpauth://totp/a?secret=GEZDGNBV&period=0", .period),
            ("otpauth://totp/a?secret=GEZDGNBV&period=86401", .period),
            ("otpauth://totp/a?secret=GEZDGNBV&period=99999999999999999999", .period),
        ])
    func malformed(text: String, field: TOTPError.Field) {
        let error = #expect(throws: TOTPError.self) { try TOTP(text) }
        #expect(error?.field == field)
        #expect(error?.description.contains(field.rawValue) == true)
        #expect(error?.description.contains("GEZD") == false)
    }

    @Test("does not show itself")
    func hidden() throws {
        let totp = try TOTP("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
        var dumped = ""
        dump(totp, to: &dumped)
        for text in ["\(totp)", String(reflecting: totp), dumped] {
            #expect(!text.contains("GEZD") && !text.contains("1234567890") && !text.contains("49"))
        }
    }
}

@Suite("What is read of the app's code")
struct TOTPReadingTests {
    /// Half an hour past an hour: the border of a period.
    private static let begin = Duration.seconds(1_700_000_010 / 30 * 30)
    private static let totp = try? TOTP("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")

    @Test("is the code of the time, with six seconds of life or more", arguments: [0, 1000, 15_000, 24_000])
    func alive(milliseconds: Int) throws {
        let totp = try #require(Self.totp)
        let next = totp.next(at: Self.begin + .milliseconds(milliseconds))
        #expect(next.wait == .zero)
        #expect(next.code == totp.code(at: Self.begin))
    }

    @Test("is silence and the code behind it where less is left", arguments: [24_001, 27_000, 29_999])
    func dying(milliseconds: Int) throws {
        let totp = try #require(Self.totp)
        let next = totp.next(at: Self.begin + .milliseconds(milliseconds))
        #expect(next.wait == .milliseconds(30_000 - milliseconds))
        #expect(next.code == totp.code(at: Self.begin + .seconds(30)))
    }

    @Test("leaves half of a short period to be read", arguments: [1, 4, 10])
    func shortPeriods(period: Int) throws {
        let totp = try TOTP("otpauth://totp/a?secret=GEZDGNBV&period=\(period)")
        let begin = Duration.seconds(1_700_000_000 / period * period)
        #expect(totp.next(at: begin + .seconds(period) / 2).wait == .zero)
        #expect(totp.next(at: begin + .seconds(period) / 2 + .milliseconds(1)).wait > .zero)
    }

    @Test("follows a clock that is set, forwards and back")
    func clockSteps() throws {
        let totp = try #require(Self.totp)
        let here = totp.next(at: Self.begin).code
        #expect(totp.next(at: Self.begin + .seconds(86_400)).code != here)
        #expect(totp.next(at: Self.begin - .seconds(86_400)).code != here)
        #expect(totp.next(at: Self.begin).code == here)
        #expect(totp.next(at: .seconds(-86_400)).code == totp.code(at: .zero))
    }

    @Test("is sealed with all that its codes follow from, and shows nothing of it", arguments: TOTP.Algorithm.allCases)
    func sealed(algorithm: TOTP.Algorithm) throws {
        let totp = try TOTP(secret: [UInt8](0..<64), algorithm: algorithm, digits: 8, period: 86_400)
        let wording = Wording(template: "timed", values: ["minutes": "10"])
        let announcement = Announcement(
            content: .totp(totp, wording), locale: try #require(LanguageTag("ja-JP")), pacing: RequestedPacing(),
            readings: 3, longest: 60, issued: 1_700_000_000, expires: 1_700_000_600)
        let ring = LinkKeyring([LinkKey()])
        let sealed = try ring.seal(announcement)
        #expect(ring.open(sealed, for: .audio)?.announcement == announcement)
        #expect(sealed.utf8.count < 470)
        #expect(announcement.changes)
    }
}
