// SPDX-License-Identifier: GPL-3.0-or-later

internal import CProgram
internal import SpeakCodeEspeak
internal import SpeakCodeSndfile
internal import SpeakCodeSoxr

/// The version of the command and the library, as in CHANGELOG.md.
let speakCodeVersion = "0.1.0"

/// What decides the bytes of what is said, beside the pack: this program and the libraries that are loaded, which need not
/// be those that it was built with.
let speakCodeOrigin =
    "speakcode \(speakCodeVersion), espeak-ng \(EspeakEngine.libraryVersion), \(SoxrResampler.version), "
    + SoundFileEncoder.version

/// What `--version` says: the version alone in the first line, for programs; then what speaks and codes, and the commit.
let speakCodeVersionText = {
    let commit = String(cString: speakcode_commit())
    return speakCodeVersion + "\neSpeak NG \(EspeakEngine.libraryVersion), \(SoxrResampler.version), "
        + SoundFileEncoder.version + (commit.isEmpty ? "" : "\ncommit \(commit)")
}()
