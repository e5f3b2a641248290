// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser
internal import SpeakCode

/// What a shell reads to complete a command line of `speakcode`.
///
/// The parser's own script knows verbs alone: behind a code, or an option of speaking, it offers nothing. The lines here
/// stand in front of it and put the verb that nobody types into the words.
enum CompletionScript {
    /// The option that asks for it, as the parser has it.
    static let option = "--generate-completion-script"

    /// The shell whose script a command line asks for; nil where it asks for none, or for one that is not known.
    static func shell(in arguments: [String]) -> CompletionShell? {
        guard let first = arguments.first, first.hasPrefix(option) else { return nil }
        let rest = first.dropFirst(option.count)
        if rest.isEmpty, arguments.count == 1 { return .autodetected() }
        if rest.isEmpty, arguments.count == 2 { return CompletionShell(rawValue: arguments[1]) }
        return rest.hasPrefix("=") && arguments.count == 1 ? CompletionShell(rawValue: String(rest.dropFirst())) : nil
    }

    /// The script for a shell.
    static func text(for shell: CompletionShell) -> String {
        let verbs = RootCommand.completionScript(for: shell)
        let names = RootCommand.verbs
        switch shell {
        case .bash:
            return verbs + """

                # A code needs no verb: without one the words are those of speak.
                _speakcode_without_verb() {
                    case ${COMP_WORDS[1]-} in
                    \(names.joined(separator: "|"))) ;;
                    *)
                        if ((COMP_CWORD > 1)) || [[ ${COMP_WORDS[1]-} == -* ]]; then
                            local -a typed=("${COMP_WORDS[0]}" speak "${COMP_WORDS[@]:1}")
                            local -a COMP_WORDS=("${typed[@]}")
                            local -i COMP_CWORD=$((COMP_CWORD + 1))
                        fi
                        ;;
                    esac
                    _speakcode "$@"
                }

                complete -o filenames -F _speakcode_without_verb speakcode

                """
        case .zsh:
            let start = "\n_speakcode() {\n"
            return Self.withoutMessages(verbs).replacing(
                start,
                with: """

                    # A code needs no verb: without one the words are those of speak.
                    _speakcode() {
                        if [[ ${words[2]} != (\(names.joined(separator: "|"))) ]] && { (( CURRENT > 2 )) || [[ ${words[2]} == -* ]] }; then
                            words=("${words[1]}" speak "${words[@]:1}")
                            (( CURRENT++ ))
                        fi
                        _speakcode_verbs "${@}"
                    }

                    _speakcode_verbs() {

                    """, maxReplacements: 1)
        default:
            return verbs + """

                # A code needs no verb: without one the words are those of speak.
                functions --copy __speakcode_tokens __speakcode_typed_tokens
                function __speakcode_tokens
                    set -l tokens (__speakcode_typed_tokens $argv)
                    if set -q tokens[2]
                        contains -- $tokens[2] \(names.joined(separator: " ")); or set tokens $tokens[1] speak $tokens[2..]
                    else if string match -q -- '-*' (commandline -t)
                        set tokens $tokens speak
                    end
                    string join -- \\n $tokens
                end

                """
        }
    }

    /// Arguments for which there are no words, so that an option which is begun is put in, and not listed below the line:
    /// zsh takes the argument's name for something to show.
    private static func withoutMessages(_ script: String) -> String {
        script.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let spec = line.drop { $0 == " " }
            guard spec.hasPrefix("'*:") || spec.hasPrefix("':"), spec.hasSuffix(":'") else { return String(line) }
            return line.dropLast() + "{__speakcode_complete}'"
        }.joined(separator: "\n")
    }

    /// Words that are completed, looked up only where a script is made: every start makes every option.
    static func words(_ words: @autoclosure () -> [String]) -> CompletionKind {
        .list(CommandLine.arguments.dropFirst().first?.hasPrefix(option) == true ? words() : [])
    }

    /// The locales that have a pack.
    static var locales: CompletionKind { words(VoicePackCatalog.builtIn.locales.map(\.description)) }

    /// Who can be asked to speak: a gender, or a recorded voice that is kept or lies here, looked up when Tab is pressed.
    static var speakers: CompletionKind {
        .custom { _, _, _ in EngineVoice.Gender.allCases.map(\.rawValue) + RecordedVoices.usual.names }
    }

    /// What can be heard: the pack of a locale, or a recorded voice.
    static var packsAndVoices: CompletionKind {
        .custom { _, _, _ in VoicePackCatalog.builtIn.locales.map(\.description) + RecordedVoices.usual.names }
    }
}
