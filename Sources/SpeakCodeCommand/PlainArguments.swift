// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser
internal import SpeakCode

extension SpeakOptions {
    /// Reads a command line in which every option is spelled out, given once, and right; nil for any other.
    ///
    /// The parser needs 4 ms of processor time for this, as much as three digits take to speak. It stays the judge:
    /// what is not plain goes to it, and a test holds the two together.
    init?(plain arguments: [String]) {
        self.init()
        code = []
        `repeat` = false
        times = nil
        limit = nil
        reading = ReadingOptions()
        reading.locale = nil
        reading.phoneNumber = nil
        reading.pacing = .normal
        reading.gap = nil
        reading.pause = nil
        reading.rate = nil
        reading.pitch = nil
        reading.voice = nil
        reading.style = nil
        reading.letters = nil
        reading.letterCase = .ignored
        reading.register = nil
        reading.slot = []
        reading.secondLocale = nil
        reading.template = VoicePack.standard
        reading.voices = nil
        output = nil
        format = nil
        sampleRate = nil
        captions = nil
        captionStyle = .words
        play = false
        json = false
        quiet = false

        var rest = arguments[...]
        var given: Set<String> = []
        while let argument = rest.popFirst() {
            guard !argument.isEmpty, given.insert(argument).inserted || !argument.hasPrefix("-") else { return nil }
            guard argument.hasPrefix("-"), argument != "-" else {
                code.append(argument)
                continue
            }
            let isPlain =
                switch argument {
                case "--repeat": Self.set(&`repeat`)
                case "--times": Self.read(&times, from: &rest)
                case "--for": Self.read(&limit, from: &rest)
                case "--locale": Self.read(&reading.locale, from: &rest)
                case "--pacing": Self.read(&reading.pacing, from: &rest)
                case "--gap": Self.read(&reading.gap, from: &rest)
                case "--pause": Self.read(&reading.pause, from: &rest)
                case "--rate": Self.read(&reading.rate, from: &rest)
                case "--pitch": Self.read(&reading.pitch, from: &rest)
                case "--voice": Self.read(&reading.voice, from: &rest)
                case "--style": Self.read(&reading.style, from: &rest)
                case "--case": Self.read(&reading.letterCase, from: &rest)
                case "--letters": Self.read(&reading.letters, from: &rest)
                case "--register": Self.read(&reading.register, from: &rest)
                case "--second-locale": Self.read(&reading.secondLocale, from: &rest)
                case "--template": Self.read(&reading.template, from: &rest)
                case "--voices": Self.read(&reading.voices, from: &rest)
                case "-o", "--output": Self.read(&output, from: &rest)
                case "--format": Self.read(&format, from: &rest)
                case "--sample-rate": Self.read(&sampleRate, from: &rest)
                case "--captions": Self.read(&captions, from: &rest)
                case "--caption-style": Self.read(&captionStyle, from: &rest)
                case "--play": Self.set(&play)
                case "--json": Self.set(&json)
                case "-q", "--quiet": Self.set(&quiet)
                default: false
                }
            guard isPlain else { return nil }
        }
    }

    private static func set(_ flag: inout Bool) -> Bool {
        flag = true
        return true
    }

    private static func read<Value: ExpressibleByArgument>(
        _ option: inout Value, from rest: inout ArraySlice<String>
    ) -> Bool {
        guard let argument = rest.popFirst(), !argument.isEmpty, argument == "-" || !argument.hasPrefix("-"),
            let value = Value(argument: argument)
        else { return false }
        option = value
        return true
    }

    private static func read<Value: ExpressibleByArgument>(
        _ option: inout Value?, from rest: inout ArraySlice<String>
    ) -> Bool {
        guard let argument = rest.popFirst(), !argument.isEmpty, argument == "-" || !argument.hasPrefix("-"),
            let value = Value(argument: argument)
        else { return false }
        option = value
        return true
    }
}
