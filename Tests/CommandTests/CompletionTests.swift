// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import TestSupport
import Testing

/// What a shell makes of a line in which `⇥` is the key Tab, at a terminal of its own.
@Suite("Completions", .timeLimit(.minutes(10)))
struct CompletionTests {
    static let lines = [
        // Options, locales, styles, formats and files, without a verb.
        ("--loc⇥ja⇥--pac⇥sl⇥", "--locale ja-JP --pacing slow"),
        ("0000 --second⇥pt-B⇥--sty⇥ica⇥--let⇥rad⇥", "0000 --second-locale pt-BR --style icao --letters radio"),
        ("--format fla⇥0000 -o heard.w⇥", "--format flac 0000 -o heard.wav"),
        ("0000 --templ⇥good⇥--voi⇥s pac⇥", "0000 --template goodbye --voices packs"),
        ("0000 --voice fem⇥--register inf⇥--sample⇥16⇥", "0000 --voice female --register informal --sample-rate 16000"),
        ("0000 --captions heard.v⇥--rep⇥", "0000 --captions heard.vtt --repeat"),
        // The verbs, and theirs.
        ("spe⇥0000 --qui⇥", "speak 0000 --quiet"), ("voi⇥ch⇥--mark⇥", "voices check --markdown"),
        ("voices hear ja⇥-o heard.w⇥", "voices hear ja-JP -o heard.wav"),
        ("ser⇥--log⇥warn⇥--locale uk⇥--conf⇥ser⇥", "serve --log-level warning --locale uk-UA --config serve.json"),
        // Recorded voices, those that are kept and one in this folder, and what makes them.
        ("0000 --voice ju⇥", "0000 --voice june"), ("0000 --voice ./mi⇥", "0000 --voice ./mine"),
        ("voices hear ju⇥-o heard.w⇥", "voices hear june -o heard.wav"),
        ("voices scr⇥fr-F⇥--for⇥cs⇥", "voices script fr-FR --format csv"),
        (
            "voices ado⇥heard.w⇥--loc⇥pt-B⇥--fil⇥eng⇥--acc⇥noi⇥",
            "voices adopt heard.wav --locale pt-BR --fill engine --accept noisy"
        ),
        ("serve --link⇥heard.w⇥", "serve --link-keys-file heard.wav"), ("doc⇥--ins⇥", "doctor --insecure"),
    ]

    @Test("complete each word of a line", arguments: ["bash", "zsh", "fish"])
    func shells(name: String) async throws {
        let shell = try Shell()
        defer { shell.remove() }
        _ = try await shell.bash(
            """
            mkdir -p packs mine .local/share/speakcode/voices/june; touch heard.wav heard.vtt serve.json
            touch {mine,.local/share/speakcode/voices/june}/voice.json5
            """)
        let start =
            switch name {
            case "bash":
                "PS1=; speakcode() { case $1 in ---*) command speakcode \\\"$@\\\"; return;; esac; printf '%s\\\\n' \\\"$*\\\" >> ../told; }; . ../script"
            case "zsh":
                "PS1=; autoload -U compinit; compinit -D -u; speakcode() { case $1 in ---*) command speakcode \\\"$@\\\"; return;; esac; print -r -- \\\"$*\\\" >> ../told }; . ../script"
            default:
                "function fish_prompt; end; function speakcode; echo $argv >> ../told; end; source ../script"
            }
        let typed = Self.lines.map { "speakcode \($0.0.replacing("⇥", with: "\\t"))" }.joined(separator: "\\n")
        let options = [
            "bash": "\"--norc\", \"--noprofile\", \"-i\"", "zsh": "\"-f\", \"-i\"", "fish": "\"-N\", \"-i\"",
        ]
        let outcome = try await shell.python(
            """
            import os, pty, shutil, subprocess
            script = subprocess.run(
                [os.environ["speakcode"], "--generate-completion-script", "\(name)"], stdout=subprocess.PIPE, check=True)
            open("script", "wb").write(script.stdout)
            # What completes is the shell's own, and not what is installed here.
            os.environ.update(
                TERM="xterm", HOME=os.getcwd(), XDG_DATA_DIRS="/nonexistent", XDG_CONFIG_HOME=os.getcwd(), ZDOTDIR=os.getcwd())
            os.environ.pop("XDG_DATA_HOME", None)
            # Voices are asked of the command itself; what is typed is only written down.
            os.environ["PATH"] = os.path.dirname(os.environ["speakcode"]) + ":" + os.environ["PATH"]
            os.mkdir("here"); os.chdir("here")
            for file in ("packs", "mine", "heard.wav", "heard.vtt", "serve.json"): os.rename("../" + file, file)
            program = shutil.which("\(name)")
            child, terminal = pty.fork()
            if child == 0: os.execv(program, [program, \(options[name] ?? "")])
            os.write(terminal, b"\(start)\\n" + "\(typed)\\n".encode() + b"exit\\n")
            while True:
                try:
                    if not os.read(terminal, 4096): break
                except OSError: break
            os.waitpid(child, 0)
            """)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let told = String(decoding: try shell.bytes("told"), as: UTF8.self).split(separator: "\n").map {
            // zsh takes the stroke behind a folder away when the line is entered.
            $0.trimmingCharacters(in: .whitespaces).replacing("packs/", with: "packs").replacing("mine/", with: "mine")
        }
        #expect(told == Self.lines.map(\.1))
    }

    @Test("are asked for as the parser has it, and nothing else is made of it", arguments: ["", " bash", "=bash"])
    func script(shell name: String) async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let outcome = try await shell.bash(
            "\"$speakcode\" --generate-completion-script\(name)", environment: ["SHELL": "/bin/bash"])
        #expect(outcome.status == 0)
        #expect(outcome.text.contains("complete -o filenames -F _speakcode_without_verb speakcode"))
        let unknown = try await shell.speakcode("--generate-completion-script", "tcsh")
        #expect(unknown.status == 64)
    }
}
