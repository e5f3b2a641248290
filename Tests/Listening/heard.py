# SPDX-License-Identifier: GPL-3.0-or-later
"""Says one code in several voices, puts it through good and bad lines, and writes a page that plays them side by side:
heard.py SPEAKCODE [OUT] [--prompts]. Asterisk's prompts are under another licence than the rest: they are left out unless asked for,
and then the page is written elsewhere. Babble, which is made of them, is left out."""
import argparse, html, os, subprocess, tempfile

import numpy as np
import soundfile as sf

import listen

CODE = "4071"
LINES = {
    "clean": "a good line", "gsm": "GSM", "amr475": "AMR at 4.75 kbit/s", "loss10": "a tenth of the packets lost",
    "clip0": "clipped at its own level", "white10": "white noise, 10 dB below it"}
# By locale: eSpeak NG's own voice and what it is given, and voices: what they are called, and the command's options.
VOICES = {
    "en-US": ("en-us", "4, 0, 7, 1.", {"SpeakCode": [], "SpeakCode, the woman's voice": ["--voice", "female"]}),
    "es-ES": ("es", "4, 0, 7, 1.", {"SpeakCode": [], "es-pico, recorded": ["--voice", "./voices/recorded/es-pico"]}),
    "ja-JP": ("ja", "よん, ぜろ, なな, いち!", {"SpeakCode": [], "ja-kumo, recorded": ["--voice", "./voices/recorded/ja-kumo"]}),
}
PROMPTS = {"en-US": "en_US_f_Allison", "es-ES": "es_MX_f_Allison"}
STYLE = """body { font: 1rem/1.5 system-ui, sans-serif; max-width: 75rem; margin: 2rem auto; padding: 0 1rem; }
th, td { text-align: start; padding: 0.25rem 1rem 0.25rem 0; }
audio { width: 14rem; }"""


def said(command):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([*command, "-", "--template", "code-only", "--times", "1", "-q", "-o", f"{folder}/a.wav"], input=CODE, text=True, check=True)
        return listen.load(f"{folder}/a.wav")


def stock(voice, text):
    with tempfile.NamedTemporaryFile(suffix=".wav") as f:
        subprocess.run(["espeak-ng", "-v", voice, "-w", f.name, text], check=True)
        return listen.load(f.name)


def prompts(name):
    clips = [sf.read(f"{listen.PROMPTS}/{name}/digits/{digit}.wav") for digit in CODE]
    return listen.join([listen.trimmed(x, rate) for x, rate in clips], clips[0][1])


def write(x, path):
    """Opus, the same bytes each time with the same ffmpeg."""
    samples = (32767 * np.clip(x, -1, 1)).astype("<i2").tobytes()
    subprocess.run(
        ["ffmpeg", "-v", "error", "-y", "-f", "s16le", "-ar", str(listen.RATE), "-ac", "1", "-i", "-", "-c:a", "libopus", "-b:a", "24k",
         "-fflags", "+bitexact", "-flags", "+bitexact", "-map_metadata", "-1", path], input=samples, check=True)


def page(rows):
    yield f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>SpeakCode: voices and lines</title>\n<style>\n{STYLE}\n</style>\n</head>\n<body>"
    yield "<!-- Written by scripts/intelligibility hear. Do not edit by hand. -->\n<h1>Voices and lines</h1>"
    yield f"<p>The code {CODE}, without the sentence, at one level; each voice through the same line, with the same losses and the same noise.</p>"
    for locale, voices in rows.items():
        yield f"<h2>{locale}</h2>\n<table>\n<tr><td></td>" + "".join(f'<th scope="col">{html.escape(voice)}</th>' for voice in voices) + "</tr>"
        for line, name in LINES.items():
            yield f'<tr><th scope="row">{name}</th>'
            yield "\n".join(f'<td><audio controls preload="none" src="{files[line]}"></audio></td>' for files in voices.values()) + "</tr>"
        yield "</table>"
    yield "</body>\n</html>"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("speakcode")
    parser.add_argument("out", nargs="?")
    parser.add_argument("--prompts", action="store_true", help="Asterisk's too, where Debian has installed them")
    args = parser.parse_args()
    out = args.out or (".build/intelligibility/heard" if args.prompts else "docs/intelligibility/heard")
    os.makedirs(out, exist_ok=True)
    rows = {}
    for locale, (engine, text, ours) in VOICES.items():
        sounds = {name: said([args.speakcode, "--locale", locale, *options]) for name, options in ours.items()}
        sounds["eSpeak NG's own"] = stock(engine, text)
        if args.prompts and locale in PROMPTS:
            sounds[f"{PROMPTS[locale]}, Asterisk's"] = prompts(PROMPTS[locale])
        for number, (name, x) in enumerate(sounds.items()):
            files = rows.setdefault(locale, {}).setdefault(name, {})
            for line in LINES:
                files[line] = f"{locale}-{number}-{line}.opus"
                write(listen.channel(listen.levelled(x), line, CODE), f"{out}/{files[line]}")
    with open(f"{out}/index.html", "w", encoding="utf-8") as f:
        f.write("\n".join(page(rows)) + "\n")


if __name__ == "__main__":
    main()
