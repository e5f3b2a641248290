// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCodeTesting
import TestSupport
import Testing

/// What anybody may send to the port of a call that rings; the call goes on.
@Suite("Torture of SIP", .timeLimit(.minutes(5)))
struct TortureTests {
    /// The kinds of RFC 4475, each in words of our own: what is well-formed and hard to read, and what is not.
    private static let messages: [(String, String)] = [
        (
            "folded lines, short names and blanks everywhere (3.1.1.1)",
            "INVITE sip:me@h;unknown SIP/2.0\r\nTO :\r\n <sip:me@h> ;   tag    = 1x\r\nfrom   : \"A \\\\\\\"\"  <sip:a@h>\r\n  ;\r\n  tag = 2x\r\nMaX-fOrWaRdS: 0068\r\ni: 1@h\r\ncseq: 0009\r\n  INVITE\r\nVia  : SIP  /   2.0\r\n /UDP\r\n    127.0.0.1;branch=z9hG4bK1\r\ns :\r\nNew:   x\r\n y\r\nOdd: ;;,,;;,;\r\nl: 0\r\n\r\n"
        ),
        (
            "a method and a user of every character that may be (3.1.1.2)",
            "!odd-Method0123456789_*+`.%indeed'~ sip:1_u~(a!b)&c+d$/e?,/;;*:&f+g=1@h SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK-.!%66*_+`'~\r\nTo: \"\\\u{7}\\\u{0}\\\u{7F}\" <sip:x@h>\r\nFrom: a~` b'+_ <sip:y@h>;p''~+*_!.-%=\"ö\";tag=_t'+`*%!-.\r\nCall-ID: i.t%ZK-!.*_+'@w`~)(><:\\/\"][?}{\r\nCSeq: 1 !odd-Method0123456789_*+`.%indeed'~\r\nContent-Length: 0\r\n\r\n"
        ),
        (
            "nulls that are escaped (3.1.1.4)",
            "REGISTER sip:h SIP/2.0\r\nTo: sip:null-%00-null@h\r\nFrom: sip:null-%00-null@h;tag=1\r\nCall-ID: 4\r\nCSeq: 4 REGISTER\r\nVia: SIP/2.0/UDP h;rport;branch=z9hG4bK4\r\nContact: <sip:%00@h>\r\nContact: <sip:%00%00@h>\r\nL:0\r\n\r\n"
        ),
        (
            "values that are long (3.1.1.7)",
            "INVITE sip:u@h SIP/2.0\r\nTo: \"\(String(repeating: "long ", count: 900))\" <sip:\(String(repeating: "u", count: 900))@h>\r\nFrom: <sip:\(String(repeating: "a", count: 900))@h>;tag=\(String(repeating: "t", count: 900))\r\n\((0..<40).map { "v: SIP/2.0/UDP h\($0);branch=z9hG4bK\($0)\r\n" }.joined())Call-ID: \(String(repeating: "c", count: 900))\r\nCSeq: 7 INVITE\r\nl: 0\r\n\r\n"
        ),
        (
            "more behind the end (3.1.1.8)",
            "REGISTER sip:h SIP/2.0\r\nTo: <sip:j@h>\r\nFrom: <sip:j@h>;tag=8\r\nCall-ID: 8\r\nCSeq: 8 REGISTER\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK8\r\nContent-Length: 0\r\n\r\nINVITE sip:j@h SIP/2.0\r\nTo: sip:j@h\r\n\r\n"
        ),
        ("a status that is no number", "SIP/2.0 abc Nothing\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK9\r\n\r\n"),
        (
            "a status that is too large (3.1.2.19)",
            "SIP/2.0 4294967301 better not\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK10\r\nTo: <sip:a@h>;tag=1\r\nFrom: <sip:b@h>;tag=2\r\nCall-ID: 10\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n"
        ),
        (
            "numbers that are too large (3.1.2.4)",
            "REGISTER sip:h SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK11;ttl=999999\r\nTo: <sip:a@h>\r\nFrom: <sip:b@h>;tag=11\r\nCall-ID: 11\r\nCSeq: 36893488147419103232 REGISTER\r\nMax-Forwards: 300\r\nExpires: 10000000000000000000000000000000\r\nContact: <sip:c@h>;expires=280297596632815\r\nContent-Length: 0\r\n\r\n"
        ),
        (
            "a length below zero (3.1.2.3)",
            "INVITE sip:a@h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK12\r\nTo: <sip:a@h>\r\nFrom: <sip:b@h>;tag=12\r\nCall-ID: 12\r\nCSeq: 12 INVITE\r\nContent-Length: -999\r\n\r\nv=0\r\n"
        ),
        (
            "a length of more than there is (3.1.2.2)",
            "INVITE sip:a@h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK13\r\nTo: <sip:a@h>\r\nFrom: <sip:b@h>;tag=13\r\nCall-ID: 13\r\nCSeq: 13 INVITE\r\nContent-Length: 9999\r\n\r\nv=0\r\n"
        ),
        (
            "quotation marks that do not end (3.1.2.6)",
            "INVITE sip:a@h SIP/2.0\r\nTo: \"Mr J. User <sip:j.user@h>\r\nFrom: sip:b@h;tag=14\r\nCall-ID: 14\r\nCSeq: 14 INVITE\r\nVia: SIP/2.0/UDP h:5060;branch=z9hG4bK14\r\nContent-Length: 0\r\n\r\n"
        ),
        (
            "angles around the address that is asked for (3.1.2.7)",
            "INVITE <sip:a@h> SIP/2.0\r\nTo: sip:a@h\r\nFrom: sip:b@h;tag=15\r\nCall-ID: 15\r\nCSeq: 15 INVITE\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK15\r\nContent-Length: 0\r\n\r\n"
        ),
        (
            "blanks within it (3.1.2.8)",
            "INVITE sip:a@h; lr SIP/2.0\r\nTo: sip:a@h\r\nFrom: sip:b@h;tag=16\r\nCall-ID: 16\r\nCSeq: 16 INVITE\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK16\r\nContent-Length: 0\r\n\r\n"
        ),
        (
            "another version of the protocol (3.1.2.16)",
            "OPTIONS sip:a@h SIP/7.0\r\nTo: sip:a@h\r\nFrom: sip:b@h;tag=17\r\nCall-ID: 17\r\nCSeq: 17 OPTIONS\r\nVia: SIP/7.0/UDP h;branch=z9hG4bK17\r\nContent-Length: 0\r\n\r\n"
        ),
        (
            "methods that do not agree (3.1.2.17)",
            "OPTIONS sip:a@h SIP/2.0\r\nTo: sip:a@h\r\nFrom: sip:b@h;tag=18\r\nCall-ID: 18\r\nCSeq: 18 INVITE\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK18\r\nContent-Length: 0\r\n\r\n"
        ),
        (
            "nothing that must be there (3.3.1)",
            "INVITE sip:a@h SIP/2.0\r\nCSeq: 193942 INVITE\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK19\r\nContent-Length: 0\r\n\r\n"
        ),
        (
            "schemes that nobody knows (3.3.2)",
            "OPTIONS nobody:knows:this SIP/2.0\r\nTo: isbn:2983792873\r\nFrom: <http://h>;tag=20\r\nCall-ID: 20\r\nCSeq: 20 OPTIONS\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK20\r\nContent-Length: 0\r\n\r\n"
        ),
        (
            "headers twice that may be once (3.3.8)",
            "INVITE sip:a@h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK21\r\nCSeq: 5 INVITE\r\nCall-ID: 21\r\nCall-ID: 22\r\nTo: sip:a@h\r\nTo: sip:c@h\r\nFrom: sip:b@h;tag=1\r\nFrom: sip:d@h;tag=2\r\nMax-Forwards: 7\r\nMax-Forwards: 5\r\nCSeq: 59 INVITE\r\nContent-Length: 8\r\nContent-Length: 0\r\n\r\nv=0\r\n"
        ),
        (
            "an answer that nobody asked for (3.3.10)",
            "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKno\r\nCall-ID: 23\r\nCSeq: 8 INVITE\r\nTo: <sip:a@h>;tag=1\r\nFrom: <sip:b@h>;tag=2\r\nContact: <sip:c@h>\r\nContent-Length: 0\r\n\r\n"
        ),
        ("nothing at all", "\r\n\r\n\r\n\r\n"), ("one letter", "I"), ("nulls", String(repeating: "\0", count: 100)),
        (
            "a BYE of no call",
            "BYE sip:a@h SIP/2.0\r\nTo: sip:a@h;tag=1\r\nFrom: sip:b@h;tag=24\r\nCall-ID: 24\r\nCSeq: 24 BYE\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK24\r\nContent-Length: 0\r\n\r\n"
        ),
        (
            "a call to a caller",
            "INVITE sip:a@h SIP/2.0\r\nTo: sip:a@h\r\nFrom: sip:b@h;tag=25\r\nCall-ID: 25\r\nCSeq: 25 INVITE\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK25\r\nContact: <sip:b@h>\r\nContent-Length: 0\r\n\r\n"
        ),
        (
            "escapes in the address and around it (3.1.1.3, 3.1.1.5)",
            made(
                "INVITE sip:sips%3Auser%40h@h SIP/2.0", 30, "RE%47IST%45R%31: x",
                "Contact: <sip:cal%6Cer@h;%6C%72;n%61me=v%61lue%25%34%31>")
        ),
        (
            "no blank before an angle (3.1.1.6)",
            made("OPTIONS sip:a@h SIP/2.0", 31, "Contact: caller<sip:a@h>;tag=1", to: "\"Quoted\"<sip:a@h>")
        ),
        ("semicolons in the user (3.1.1.9)", made("OPTIONS sip:user;par=u%40example.net@h SIP/2.0", 32)),
        (
            "transports of every kind (3.1.1.10)",
            made(
                "OPTIONS sip:a@h SIP/2.0", 33, "Via: SIP/2.0/SCTP h;branch=z9hG4bK33b",
                "Via: SIP/2.0/TLS h;branch=z9hG4bK33c", "Via: SIP/2.0/UNKNOWN h;branch=z9hG4bK33d")
        ),
        (
            "a body of several parts (3.1.1.11)",
            made(
                "MESSAGE sip:a@h SIP/2.0", 34, "Content-Type: multipart/mixed;boundary=7a9",
                body:
                    "--7a9\r\nContent-Type: text/plain\r\n\r\nx\r\n--7a9\r\nContent-Type: application/octet-stream\r\n\r\n\u{0}\u{1}\u{2}\r\n--7a9--"
            )
        ),
        (
            "separators that separate nothing (3.1.2.1)",
            "INVITE sip:a@h SIP/2.0\r\nTo: \"J\" <sip:a@h>;;,;,,\r\nFrom: sip:b@h;tag=35;;,;\r\nVia: SIP/2.0/UDP h;;,;,,;branch=z9hG4bK35\r\nContact: \"J\" <sip:c@h>;;;;\r\nCall-ID: 35\r\nCSeq: 35 INVITE;,;\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
        ),
        (
            "numbers of an answer that are too large (3.1.2.5)",
            "SIP/2.0 503 Unavailable\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK36;ttl=9999999\r\nTo: <sip:a@h>\r\nFrom: <sip:b@h>;tag=36\r\nCall-ID: 36\r\nCSeq: 9292394834772304023312 OPTIONS\r\nRetry-After: 949302838503028349304023988\r\nWarning: 1812 o \"x\"\r\nContent-Length: 0\r\n\r\n"
        ),
        ("blanks around the first line (3.1.2.9, 3.1.2.10)", made("INVITE  sip:a@h  SIP/2.0  ", 37)),
        ("a header within the address (3.1.2.11)", made("INVITE sip:a@h?Route=%3Csip:x%3E SIP/2.0", 38)),
        ("a date of no zone (3.1.2.12)", made("INVITE sip:a@h SIP/2.0", 39, "Date: Fri, 01 Jan 2010 16:00:00 EST")),
        (
            "a contact whose parameters are its address's (3.1.2.13)",
            made("REGISTER sip:h SIP/2.0", 40, "Contact: sip:u@h?Route=%3Csip:x%3E")
        ),
        ("an address with a blank in it (3.1.2.14)", made("OPTIONS sip:a@h SIP/2.0", 41, to: "\"W Qs\" < sip:a@h >")),
        (
            "a name that would need quotation marks (3.1.2.15)",
            made(
                "OPTIONS sip:a@h SIP/2.0", 42, "Contact: Bell, Alexander <sip:b@h;unknown>",
                to: "Watson, Thomas < sip:t@h >")
        ),
        ("a method and a sequence of others (3.1.2.18)", made("NEWMETHOD sip:a@h SIP/2.0", 43, sequence: "8 INVITE")),
        (
            "a branch without what makes it one (3.2.1)",
            "OPTIONS sip:a@h SIP/2.0\r\nTo: sip:a@h\r\nFrom: sip:b@h;tag=44\r\nMax-Forwards: 70\r\nCall-ID: 44\r\nCSeq: 44 OPTIONS\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK\r\nContent-Length: 0\r\n\r\n"
        ),
        ("an address of a scheme for something else (3.3.3)", made("OPTIONS soap.beep://192.0.2.103:3002 SIP/2.0", 45)),
        (
            "headers of schemes that nobody knows (3.3.4)",
            made("REGISTER sip:h SIP/2.0", 46, "Contact: <name:John_Smith>", to: "isbn:2983792873")
        ),
        (
            "an extension that is required (3.3.5)",
            made(
                "OPTIONS sip:a@h SIP/2.0", 47, "Require: nothingSupportsThis, nothingSupportsThisEither",
                "Proxy-Require: noProxiesSupportThis")
        ),
        (
            "a body that nobody knows (3.3.6)",
            made("INVITE sip:a@h SIP/2.0", 48, "Content-Type: application/unknownformat", body: "<audio>x</audio>")
        ),
        (
            "credentials of a scheme that nobody knows (3.3.7)",
            made("REGISTER sip:h SIP/2.0", 49, "Authorization: NoOneKnowsThisScheme opaque-data=here")
        ),
        (
            "lengths that do not agree (3.3.9)",
            made("OPTIONS sip:a@h SIP/2.0", 50, "Content-Length: 13", body: "nothing")
        ),
        ("no more hops (3.3.11)", made("OPTIONS sip:a@h SIP/2.0", 51, "Max-Forwards: 0")),
        (
            "parameters of a contact and of its address (3.3.12, 3.3.13)",
            made(
                "REGISTER sip:h SIP/2.0", 52, "Contact: sip:+19725552222@g1.h;unknownparam",
                "Contact: <sip:+19725552222@g1.h;unknownparam>")
        ),
        (
            "headers escaped in an address (3.3.14)",
            made("REGISTER sip:h SIP/2.0", 53, "Contact: <sip:u@h?Route=%3Csip:sip.h%3E>")
        ),
        (
            "a body that is not accepted (3.3.15)",
            made("INVITE sip:a@h SIP/2.0", 54, "Accept: text/nobodyKnowsThis", body: RingingCall.media)
        ),
        (
            "a call as RFC 2543 had it (3.4.1)",
            "INVITE sip:a@h SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nFrom: <sip:b@h>\r\nTo: <sip:a@h>\r\nCall-ID: 55\r\nCSeq: 1 INVITE\r\n\r\n"
        ),
    ]

    /// A message that lacks nothing, but for what is hard in it.
    private static func made(
        _ first: String, _ number: Int, _ lines: String..., to: String = "sip:a@h", sequence: String? = nil,
        body: String = ""
    ) -> String {
        let method = first.prefix { $0 != " " }
        return
            ([
                first, "Via: SIP/2.0/UDP h;branch=z9hG4bK\(number)", "To: \(to)", "From: sip:b@h;tag=\(number)",
                "Call-ID: \(number)", "CSeq: \(sequence ?? "\(number) \(method)")",
            ] + lines + ["Content-Length: \(body.utf8.count)", ""])
            .map { $0 + "\r\n" }.joined() + body
    }

    @Test("leaves a call that rings as it is")
    func torture() async throws {
        let ringing = try RingingCall()
        for (_, message) in Self.messages { ringing.send(message.utf8) }
        #expect(try await ringing.finish().map(\.word) == ["ringing", "answered"])
    }

    @Test(
        "of an answer without words, or with any (3.1.1.12, 3.1.1.13), is understood",
        arguments: ["", "= 2**3 * 5**2 но сто девяносто девять - простое"])
    func words(reason: String) async throws {
        let ringing = try RingingCall()
        let answer = ringing.answer(183)
        ringing.send(answer.replacing("SIP/2.0 183 Answer", with: "SIP/2.0 183 \(reason)").utf8)
        #expect(await ringing.events { $0.word == "ringing" }.map(\.word) == ["ringing"])
        try ringing.cancel()
    }

    @Test("of offers within a call, bent at random, leaves it as well")
    func bentOffers() async throws {
        var generator = SeededGenerator(seed: 13)
        let ringing = try RingingCall()
        _ = try await ringing.take()
        let good = Array(
            RingingCall.media(
                "m=audio 4002 RTP/AVP 8 0 96", "a=rtpmap:96 telephone-event/8000", "a=fmtp:96 0-15", "a=ptime:20",
                "a=rtcp:5005", "a=sendrecv"
            ).utf8)
        var taken = 0
        for number in 2..<502 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0...2, using: &generator) {
                case 0: bytes[place] = UInt8.random(in: 0...127, using: &generator)
                case 1: bytes.removeLast(min(bytes.count - 1, Int.random(in: 1...40, using: &generator)))
                default: bytes.insert(contentsOf: bytes.prefix(place).suffix(30), at: place)
                }
            }
            ringing.send(ringing.request("INVITE", number, body: String(decoding: bytes, as: UTF8.self)).utf8)
            let answer = try ringing.phone.message("SIP/2.0 ")
            #expect(answer.contains("CSeq: \(number) INVITE"))
            if answer.hasPrefix("SIP/2.0 200") { taken += 1 }
            ringing.send(ringing.request("ACK", number).utf8)
        }
        #expect((50..<500).contains(taken))
        try ringing.end()
    }

    @Test("of its own answers, bent at random, leaves it as well")
    func bent() async throws {
        var generator = SeededGenerator(seed: 11)
        let ringing = try RingingCall()
        let good = [ringing.answer(180), ringing.answer(200, body: RingingCall.media)].map { Array($0.utf8) }
        for round in 0..<4000 {
            var bytes = good[round % 2]
            // Of no call that there is, so that this one goes on.
            if let branch = bytes.firstRange(of: Array("branch=z9hG4bK".utf8)) {
                bytes[branch.upperBound] = UInt8(ascii: "x")
            }
            for _ in 0..<Int.random(in: 1...8, using: &generator) {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0...2, using: &generator) {
                case 0: bytes[place] = UInt8.random(in: 0 ... .max, using: &generator)
                case 1: bytes.removeLast(min(bytes.count - 1, Int.random(in: 1...40, using: &generator)))
                default: bytes.insert(contentsOf: bytes.prefix(place).suffix(30), at: place)
                }
            }
            ringing.send(bytes)
            // What is sent at once and not read is lost, and would test nothing.
            if round.isMultiple(of: 50) {
                ringing.send(Self.question(round).utf8)
                _ = try ringing.phone.message("SIP/2.0 200 OK")
            }
        }
        #expect(try await ringing.finish().last?.word == "answered")
    }

    @Test("is asked what it can, and answers")
    func options() async throws {
        let ringing = try RingingCall()
        ringing.send(Self.question(1).utf8)
        let answer = try ringing.phone.message("SIP/2.0 200 OK")
        #expect(answer.contains("Allow: INVITE, ACK, CANCEL, BYE, OPTIONS"))
        #expect(try await ringing.finish().last?.word == "answered")
    }

    private static func question(_ number: Int) -> String {
        "OPTIONS sip:a@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;rport;branch=z9hG4bKq\(number)\r\nTo: <sip:a@h>\r\nFrom: <sip:b@h>;tag=q\r\nCall-ID: q\(number)\r\nCSeq: \(number) OPTIONS\r\nContent-Length: 0\r\n\r\n"
    }
}
