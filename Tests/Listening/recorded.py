# SPDX-License-Identifier: GPL-3.0-or-later
"""Says random codes in each recorded voice of voices/recorded, in Asterisk's prompts where Debian has installed them, adopted as a
voice, and in eSpeak NG's voice of the same locale, all through the command and without the sentence:
recorded.py say SPEAKCODE OUT [--codes N] [--seed N] [LOCALE …] prints for each locale the words of a `listen.py score`;
recorded.py table RESULTS writes what that has added to its JSON lines as the table of docs/intelligibility.md."""
import argparse, glob, json, os, re, subprocess, sys

import listen

# Debian's asterisk-core-sounds-LANGUAGE-wav, and the locale in which each is compared.
PROMPTS = {
    "en-US": "en_US_f_Allison", "es-ES": "es_MX_f_Allison", "fr-FR": "fr_CA_f_June", "it-IT": "it_IT_m_Carlo", "ru-RU": "ru_RU_f_IvrvoiceRU",
}
ENGINE = "espeak-ng"


def say(command, code, path):
    subprocess.run(
        [*command, "-", "--template", "code-only", "--times", "1", "-q", "-o", f"{path}.wav", "--captions", f"{path}.json"],
        input=code, text=True, check=True)


def voices(speakcode, out):
    """{locale: {what a voice is called: its folder}}, the engine's own voice first, which has none."""
    found = {}
    for folder in map(os.path.dirname, sorted(glob.glob("voices/recorded/*/voice.json5"))):
        with open(f"{folder}/voice.json5", encoding="utf-8") as f:
            locale = re.search(r'"?locale"?\s*:\s*"([^"]+)"', f.read()).group(1)
        found.setdefault(locale, {ENGINE: None})[os.path.basename(folder)] = f"./{folder}"
    for locale, name in PROMPTS.items():
        if os.path.isdir(f"{listen.PROMPTS}/{name}"):
            folder = f"{out}/{name}"
            adopt = [speakcode, "voices", "adopt", "--asterisk", f"{listen.PROMPTS}/{name}", "--fill", "none", "--replace", "-o", folder]
            subprocess.run(adopt, check=True, stdout=subprocess.DEVNULL)
            found.setdefault(locale, {ENGINE: None})[name] = os.path.abspath(folder)
    return found


def speak(args):
    command = [sys.executable, listen.__file__, "codes", str(args.codes), "--seed", str(args.seed)]
    codes = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    found = voices(args.speakcode, args.out)
    # A locale that is asked for and has no recording is said in the engine's voice alone.
    for locale in args.locales or sorted(found):
        ways = found.get(locale, {ENGINE: None})
        for name, folder in ways.items():
            os.makedirs(f"{args.out}/{locale}/{name}", exist_ok=True)
            for code in codes:
                say([args.speakcode, "--locale", locale, *(["--voice", folder] if folder else [])], code, f"{args.out}/{locale}/{name}/{code}_")
        print(f"--language {locale.split('-')[0]} --recogniser base", *(f"{args.out}/{locale}/{name}" for name in ways), flush=True)


def table(args):
    rows = {}
    with open(args.results, encoding="utf-8") as f:
        for cell in map(json.loads, f):
            rows.setdefault((cell["folder"].split("/")[-2], cell["voice"]), {})[cell["line"]] = cell
    lines = [line for line in next(iter(rows.values())) if line != "all"]
    print("| locale | voice | " + " | ".join(lines) + " |\n|---|---|" + len(lines) * "---|")
    for (locale, voice), cells in rows.items():
        told = [
            f"{100 * c['exact'] / c['codes']:.0f} [{100 * c['low']:.0f}–{100 * c['high']:.0f}] ({100 * c['errors'] / c['digits']:.1f})"
            for c in (cells[line] for line in lines)]
        print(f"| {locale} | {'eSpeak NG' if voice == ENGINE else f'`{voice}`'} | " + " | ".join(told) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    sub = parser.add_subparsers(required=True)
    p = sub.add_parser("say")
    p.add_argument("speakcode")
    p.add_argument("out")
    p.add_argument("locales", nargs="*")
    p.add_argument("--codes", type=int, default=100)
    p.add_argument("--seed", type=int, default=20261130)
    p.set_defaults(run=speak)
    p = sub.add_parser("table")
    p.add_argument("results")
    p.set_defaults(run=table)
    args = parser.parse_args()
    args.run(args)


if __name__ == "__main__":
    main()
