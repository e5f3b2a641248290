// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Testing

@testable import SpeakCodeCommand

/// What is read without the parser is what the parser would have read.
@Suite struct PlainArgumentsTests {
    @Test(arguments: [
        "0000", "-", "00 00", "0000 --times 2 -o x.wav", "0000 --repeat -q", "--json 0000 --output - --quiet --play",
        "0000 --for 60s --locale ja --pacing slow --gap 0.8s --pause 2 --rate 120 --pitch 40 --voice +f2",
        "0000 --letters icao --register informal --second-locale en --style radio --template goodbye --voices packs --format ulaw --sample-rate 16000 --captions x.vtt --caption-style cumulative",
    ])
    func plainIsWhatTheParserReads(line: String) throws {
        let arguments = line.split(separator: " ").map(String.init)
        let plain = try #require(SpeakOptions(plain: arguments))
        #expect(Self.values(plain) == Self.values(try SpeakOptions.parse(arguments)))
    }

    @Test(arguments: [
        "0000 --times=2", "0000 --times", "0000 --times two", "0000 --times -2", "0000 --times 2 --times 3",
        "0000 -qo x",
        "0000 --nosuch", "-- 0000", "0000 --format nosuch", "0000 --sample-rate 1", "0000 --help",
    ])
    func whatIsNotPlainIsTheParsers(line: String) {
        let options = SpeakOptions(plain: line.split(separator: " ").map(String.init))
        #expect(options == nil)
    }

    private static func values(_ options: SpeakOptions) -> [String] {
        [Mirror(reflecting: options), Mirror(reflecting: options.reading)].flatMap(\.children)
            .map { "\($0.label ?? ""): \($0.value)" }
    }
}
