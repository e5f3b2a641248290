// SPDX-License-Identifier: GPL-3.0-or-later

import HTTPTypes
import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

@Suite("A request's conditions")
struct ConditionsTests {
    private static let tag = "\"abc\""
    private static let issued = 784_111_777  // Sun, 06 Nov 1994 08:49:37 GMT

    private static func outcome(
        _ headers: [(HTTPField.Name, String)], method: HTTPRequest.Method = .get
    ) -> Conditions.Outcome {
        var fields = HTTPFields()
        for (name, value) in headers { fields.append(HTTPField(name: name, value: value)) }
        return Conditions.outcome(fields, method: method, tag: tag, modified: issued, length: 1000)
    }

    @Test(
        "ask for ranges as RFC 9110 has them",
        arguments: [
            ("bytes=0-", .part(0..<1000)), ("bytes=0-1", .part(0..<2)), ("bytes=0-0", .part(0..<1)),
            ("bytes=999-", .part(999..<1000)), ("bytes=500-5000", .part(500..<1000)), ("bytes=-1", .part(999..<1000)),
            ("bytes=-5000", .part(0..<1000)), ("bytes= 0-1 ", .part(0..<2)), ("Bytes=0-1", .part(0..<2)),
            ("bytes=1000-", .unsatisfiable), ("bytes=1000-2000", .unsatisfiable), ("bytes=-0", .unsatisfiable),
            ("bytes=99999999999999999999-", .unsatisfiable), ("bytes=0-99999999999999999999", .part(0..<1000)),
            ("bytes=5-1", .whole), ("bytes=a-b", .whole), ("bytes=-", .whole), ("bytes=", .whole), ("bytes", .whole),
            ("lines=0-1", .whole), ("bytes=0-1,5-6", .whole), ("bytes=+1-2", .whole), ("", .whole),
        ] as [(String, Conditions.Outcome)])
    func range(header: String, expected: Conditions.Outcome) {
        #expect(Self.outcome([(.range, header)]) == expected)
        #expect(Self.outcome([(.range, header)], method: .head) == .whole, "ranges are of GET")
    }

    @Test(
        "are met by what the client has",
        arguments: [
            ([(.ifNoneMatch, "\"abc\"")], .notModified), ([(.ifNoneMatch, "W/\"abc\"")], .notModified),
            ([(.ifNoneMatch, "\"x\", \"abc\"")], .notModified), ([(.ifNoneMatch, "*")], .notModified),
            ([(.ifNoneMatch, "\"x\"")], .whole), ([(.ifNoneMatch, "abc")], .whole),
            ([(.ifModifiedSince, "Sun, 06 Nov 1994 08:49:37 GMT")], .notModified),
            ([(.ifModifiedSince, "Sunday, 06-Nov-94 08:49:37 GMT")], .notModified),
            ([(.ifModifiedSince, "Sun Nov  6 08:49:37 1994")], .notModified),
            ([(.ifModifiedSince, "Sun, 06 Nov 1994 08:49:36 GMT")], .whole),
            ([(.ifModifiedSince, "yesterday")], .whole),
            // The tag counts for more than the date.
            ([(.ifNoneMatch, "\"x\""), (.ifModifiedSince, "Sun, 06 Nov 1994 08:49:37 GMT")], .whole),
            ([(.ifMatch, "\"abc\"")], .whole), ([(.ifMatch, "\"x\"")], .failed), ([(.ifMatch, "W/\"abc\"")], .failed),
            ([(.ifUnmodifiedSince, "Sun, 06 Nov 1994 08:49:36 GMT")], .failed),
            ([(.ifUnmodifiedSince, "Sun, 06 Nov 1994 08:49:37 GMT")], .whole),
            ([(.ifMatch, "*"), (.ifUnmodifiedSince, "Sun, 06 Nov 1994 08:49:36 GMT")], .whole),
            ([(.ifRange, "\"abc\""), (.range, "bytes=0-1")], .part(0..<2)),
            ([(.ifRange, "\"x\""), (.range, "bytes=0-1")], .whole),
            ([(.ifRange, "W/\"abc\""), (.range, "bytes=0-1")], .whole),
            ([(.ifRange, "Sun, 06 Nov 1994 08:49:37 GMT"), (.range, "bytes=0-1")], .part(0..<2)),
            ([(.ifNoneMatch, "\"abc\""), (.range, "bytes=0-1")], .notModified),
        ] as [([(HTTPField.Name, String)], Conditions.Outcome)])
    func conditions(headers: [(HTTPField.Name, String)], expected: Conditions.Outcome) {
        #expect(Self.outcome(headers) == expected)
    }

    @Test(
        "have dates that read as they are written",
        arguments: [0, 784_111_777, 951_782_400, 1_795_413_600, 4_102_444_799])
    func dates(seconds: Int) {
        #expect(HTTPDate.seconds(HTTPDate.text(seconds)) == seconds)
    }

    @Test("have dates as RFC 9110 writes them")
    func date() {
        #expect(HTTPDate.text(Self.issued) == "Sun, 06 Nov 1994 08:49:37 GMT")
    }
}
