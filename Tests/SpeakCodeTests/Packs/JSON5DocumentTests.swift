// SPDX-License-Identifier: GPL-3.0-or-later

import JSON5
import Testing

@Suite("A text in JSON or JSON5")
struct JSON5DocumentTests {
    @Test(
        "has the same value in both",
        arguments: [
            ("{}", "o0:"), (" [ ] ", "l0:"), ("\u{FEFF}[1]", "l1:n1:"), ("-0", "n0:"), ("1e3", "n1000:"),
            ("0.25", "f4:0.25"),
            ("1E-2", "f4:0.01"), ("9007199254740993", "f18:9007199254740992.0"), ("[true,false,null]", "l3:y0:x0:z0:"),
            (#""\"\\\/\u0041\u00e9""#, "t6:\"\\/A\u{E9}"),
            (#""\ud83d\ude00""#, "t4:\u{1F600}"), (#"{"":{"a":[{}]}}"#, "o1:0:o1:1:al1:o0:"),
        ])
    func both(text: String, compact: String) {
        #expect(JSON5Document(text, as: .json).value?.compact == compact)
        #expect(JSON5Document(text, as: .json5).value?.compact == compact)
    }

    @Test(
        "may have more in JSON5, which JSON refuses",
        arguments: [
            ("{a: 1, $b_2: 2, ünï: 3,}", "o3:4:$b_2n2:1:an1:5:ünïn3:"), ("[1,]", "l1:n1:"), ("'\"'", #"t1:""#),
            ("// a\n/* b\n */ +.5", "f3:0.5"), ("5.", "n5:"), ("0x1F", "n31:"), ("-Infinity", "f4:-inf"),
            ("'a\\\nb'", "t2:ab"), (#"'\x41\'\q'"#, "t3:A'q"), ("\u{A0}1\u{2028}", "n1:"),
        ])
    func more(text: String, compact: String) {
        #expect(JSON5Document(text, as: .json5).value?.compact == compact)
        let json = JSON5Document(text, as: .json)
        #expect(json.value == nil && json.broken != nil)
    }

    @Test(
        "is broken where it stops being one, and has no value",
        arguments: [
            ("", 1, 1), ("{", 1, 2), ("[1\n2]", 2, 1), ("[1,\n,]", 2, 1), ("{\"a\" 1}", 1, 6), ("{1: 2}", 1, 2),
            ("[01]", 1, 2), ("[1.2.3]", 1, 2), ("[--1]", 1, 2), ("[1e]", 1, 2), ("[.]", 1, 2), ("[0x]", 1, 2),
            ("[1e400]", 1, 2), ("[tru]", 1, 2), ("1 2", 1, 3), ("\n[\"a\n\"]", 2, 2), ("{'é': [}", 1, 8),
            ("\u{FEFF}}", 1, 1), ("[\"\\ud800\"]", 1, 9), ("[\"\\ud800\\u0041\"]", 1, 15), ("[\"\\u12\"]", 1, 7),
            ("[\"\u{1}\"]", 1, 4), ("\n /* \n", 2, 2), ("[]]", 1, 3),
        ])
    func broken(text: String, line: Int, column: Int) {
        let document = JSON5Document(text)
        #expect(document.value == nil)
        #expect(document.broken?.position == JSON5Document.Position(line: line, column: column))
    }

    @Test(
        "is refused as JSON where RFC 8259 has no such thing, whoever takes it elsewhere",
        arguments: [
            "", " ", "[1,]", "[,1]", "[1 2]", "{\"a\":1,}", "{a:1}", "{'a':1}", "[+1]", "[.5]", "[5.]", "[-]", "[-.5]",
            "[0x1]", "[01]", "[-01]", "[1e]", "[1e+]", "[1e1.5]", "[NaN]", "[Infinity]", "[-Infinity]", "[True]",
            "[nul]",
            "['a']", "[\"\t\"]", "[\"\n\"]", "[\"\\a\"]", "[\"\\x41\"]", "[\"\\\n\"]", "[\"\\u00G0\"]",
            "[\"\\u\u{FF11}234\"]",
            "[\"\\udc00\"]", "[\"\\ud800\\ud800\"]", "[\"a]", "[1]x", "[1]//", "/**/[1]", "\u{A0}[1]", "[1]\u{2028}",
            "\u{B}[1]", "[1\u{FEFF}]", "\u{FEFF}\u{FEFF}[1]", "[1e999]", "[-1e999]", "[1e-999]", "{\"a\"}", "{:1}",
            "{\"a\":}", "[}", "{]", "[\u{0}]", "[\u{FF11}]",
        ])
    func strict(text: String) {
        let document = JSON5Document(text, as: .json)
        #expect(document.value == nil && document.broken != nil)
    }

    @Test("may be 64 values deep and no deeper, however long it is", arguments: [("[", "]"), ("{\"a\":", "}")])
    func deep(opening: String, closing: String) {
        func nested(_ depth: Int) -> JSON5Value? {
            let text = String(repeating: opening, count: depth) + "1" + String(repeating: closing, count: depth)
            return JSON5Document(text, as: .json).value
        }
        #expect(nested(64) != nil)
        #expect(nested(65) == nil && nested(100_000) == nil)
    }

    @Test("names the key that stands twice, however it is spelled, and its place")
    func twice() throws {
        let twice = try #require(JSON5Document("{a: {b: 1},\n c: {'b': 1,\n \"\\u0062\": 2}}").duplicate)
        #expect(twice.path == ["c", "b"] && twice.position == JSON5Document.Position(line: 3, column: 2))
        #expect(JSON5Document("{a: {b: 1}, b: 1}").duplicate == nil)
    }

    @Test("tells the line of a value, or of the nearest one around it")
    func lines() {
        let document = JSON5Document("{\n  // x\n  a: {\n b: [1,\n 2]}}", findsLines: true)
        #expect(document.line(of: ["a"]) == 3)
        #expect(document.line(of: ["a", "b", "1"]) == 5)
        #expect(document.line(of: ["a", "b", "7"]) == 4)
        #expect(document.line(of: ["a", "z"]) == 3)
        #expect(document.line(of: ["z"]) == nil)
    }

    @Test("says of a comma behind the last that it is one, in JSON", arguments: ["[1,]", "{\"a\":1 ,\n}"])
    func comma(text: String) {
        #expect(JSON5Document(text, as: .json).broken?.isTrailingComma == true)
        #expect(JSON5Document("[1,,]", as: .json).broken?.isTrailingComma == false)
    }
}
