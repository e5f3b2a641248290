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
        locale = nil
        phoneNumber = nil
        pacing = .normal
        gap = nil
        pause = nil
        rate = nil
        pitch = nil
        voice = nil
        style = nil
        letters = nil
        letterCase = .ignored
        register = nil
        slot = []
        secondLocale = nil
        template = VoicePack.standard
        voices = nil
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
                case "--locale": Self.read(&locale, from: &rest)
                case "--pacing": Self.read(&pacing, from: &rest)
                case "--gap": Self.read(&gap, from: &rest)
                case "--pause": Self.read(&pause, from: &rest)
                case "--rate": Self.read(&rate, from: &rest)
                case "--pitch": Self.read(&pitch, from: &rest)
                case "--voice": Self.read(&voice, from: &rest)
                case "--style": Self.read(&style, from: &rest)
                case "--case": Self.read(&letterCase, from: &rest)
                case "--letters": Self.read(&letters, from: &rest)
                case "--register": Self.read(&register, from: &rest)
                case "--second-locale": Self.read(&secondLocale, from: &rest)
                case "--template": Self.read(&template, from: &rest)
                case "--voices": Self.read(&voices, from: &rest)
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
