# SPDX-License-Identifier: GPL-3.0-or-later
"""Says random codes in each recorded voice of voices/recorded and in eSpeak NG's voice of the same locale, and joins human prompts
where Debian has them: recorded.py SPEAKCODE OUT [--codes N] [--seed N] [VOICE …]. Prints for each voice the words of a `listen.py score`."""
import argparse, glob, os, re, subprocess

import soundfile as sf

import listen

# Debian's asterisk-core-sounds-LANGUAGE-wav.
HUMAN = {"en": "en_US_f_Allison", "es": "es_MX_f_Allison", "fr": "fr_CA_f_June", "it": "it_IT_f_Paola", "ru": "ru_RU_f_IvrvoiceRU"}


def say(command, code, path):
    subprocess.run(
        [*command, "-", "--times", "1", "-q", "-o", f"{path}.wav", "--captions", f"{path}.json"], input=code, text=True, check=True)


def prompts(folder, code, path):
    clips = [sf.read(f"{folder}/{digit}.wav") for digit in code]
    sf.write(f"{path}.wav", listen.join([listen.trimmed(x, r) for x, r in clips], clips[0][1], 0.5), clips[0][1])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("speakcode")
    parser.add_argument("out")
    parser.add_argument("voices", nargs="*")
    parser.add_argument("--codes", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1501)
    args = parser.parse_args()
    numbers = subprocess.run(
        ["python3", listen.__file__, "codes", str(args.codes), "--seed", str(args.seed)], capture_output=True, text=True, check=True).stdout.split()
    for folder in sorted(glob.glob("voices/recorded/*/voice.json5")):
        folder = os.path.dirname(folder)
        voice = os.path.basename(folder)
        if args.voices and voice not in args.voices:
            continue
        with open(f"{folder}/voice.json5", encoding="utf-8") as f:
            locale = re.search(r'"?locale"?\s*:\s*"([^"]+)"', f.read()).group(1)
        language = locale.split("-")[0]
        speak = [args.speakcode, "--locale", locale]
        ways = {
            voice: lambda code, path: say([*speak, "--voice", f"./{folder}"], code, path),
            "espeak-ng": lambda code, path: say(speak, code, path),
        }
        human = f"{listen.PROMPTS}/{HUMAN.get(language)}/digits"
        if os.path.isdir(human):
            ways["human"] = lambda code, path: prompts(human, code, path)
        for name, way in ways.items():
            os.makedirs(f"{args.out}/{locale}/{name}", exist_ok=True)
            for code in numbers:
                way(code, f"{args.out}/{locale}/{name}/{code}_")
        print(f"--language {language} --recogniser base", *(f"{args.out}/{locale}/{name}" for name in ways))


if __name__ == "__main__":
    main()
