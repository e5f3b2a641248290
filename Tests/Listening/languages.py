# SPDX-License-Identifier: GPL-3.0-or-later
"""How well digits are understood in other languages: search.py languages SPEAKCODE. See README.md.

Each pack's digits are spoken by the built command in two voices or styles; whisper base says how likely the right digit is among
ten, the ones before it being known."""
import functools, json, math, multiprocessing, os, subprocess, tempfile

import numpy as np
import soundfile as sf

import candidate, listen, search, words

LINES = ["clean", "loss10", "babble10"]
# Whisper's names of languages that packs name otherwise.
NAMES = {"yue": "zh", "fil": "tl", "nb": "no"}
# Those whose digits whisper hears as words and not as figures. (Korean's in words.py are not those of its pack.)
HELD = {"ar", "hi"}


class Ear(search.Ear):
    def __init__(self, language):
        super().__init__("base", NAMES.get(language, language))
        if self.prompt[1] is None:
            raise SystemExit(f"whisper does not know the language {language}")


@functools.cache
def ear(language):
    return words.Ear(language) if language in HELD else Ear(language)


def spoken(command, folder):
    """The samples of each digit at 8 kHz: ({digit: going on}, {digit: falling})."""
    going_on, falling = {}, {}
    for digit in "0123456789":
        file = f"{folder}/{digit}"
        subprocess.run(
            [*command, "-", "--times", "1", "-q", "-o", f"{file}.wav", "--captions", f"{file}.json"], input=4 * digit, text=True, check=True)
        x, rate = sf.read(f"{file}.wav")
        assert rate == listen.RATE
        with open(f"{file}.json", encoding="utf-8") as f:
            cues = [cue for cue in json.load(f)["cues"] if "symbol" in cue]
        # A cue lasts for as long as the longest digit.
        going_on[digit], falling[digit] = (
            np.trim_zeros(x[cue["startSample"] : cue["endSample"]], "b") for cue in (cues[0], cues[-1]))
    return going_on, falling


def heard(job):
    """[line, code, place, digit]: log probabilities."""
    locale, options, speakcode, codes = job
    with tempfile.TemporaryDirectory() as folder:
        units = spoken([speakcode, "--locale", locale, *options], folder)
    sounds = [listen.levelled(candidate.read(code, *units)) for code in codes]
    listener = ear(locale.split("-")[0])
    told = []
    for line in LINES:
        lossy = [listen.channel(x, line, f"{code}_") for x, code in zip(sounds, codes)]
        told.append(np.concatenate([listener.sure(lossy[i : i + 10], codes[i : i + 10]) for i in range(0, len(codes), 10)]))
    return np.stack(told)


def summary(sure, codes):
    """(the right digit's log probability for each code, share of digits that are the likeliest, what is taken for what)."""
    wanted = np.array([[int(d) for d in code] for code in codes])
    right = np.take_along_axis(sure, np.broadcast_to(wanted, sure.shape[:3])[..., None], 3)[..., 0]
    best = sure.argmax(3)
    taken = {}
    for want, got in zip(np.broadcast_to(wanted, best.shape).ravel(), best.ravel()):
        if want != got:
            taken[f"{want}→{got}"] = taken.get(f"{want}→{got}", 0) + 1
    return np.maximum(right, search.WORST).mean(axis=(0, 2)), float(np.mean(best == wanted)), sorted(taken.items(), key=lambda t: -t[1])[:4]


def languages(args):
    codes = search.even_codes(args.codes, args.seed)
    ways = [("the pack's", []), (args.voice, ["--voice", args.voice])]
    if args.style:
        ways = [("standard", ["--style", "standard"]), (args.style, ["--style", args.style])]
    jobs = [(locale, options, args.speakcode, codes) for locale in args.locales.split(",") for _, options in ways]
    print(f"{args.codes} codes, lines {' '.join(LINES)}; the right digit's mean log probability, and how often it is the likeliest of ten")
    with multiprocessing.get_context("spawn").Pool() as pool:
        results = iter(pool.imap(heard, jobs))
        for locale in args.locales.split(","):
            told = [(name, *summary(next(results), codes)) for name, _ in ways]
            for name, right, share, taken in told:
                print(f"{locale:6} {name:14} {right.mean():7.3f} {100 * share:5.1f} %  " + " ".join(f"{pair} {count}" for pair, count in taken))
            gain = told[0][1] - told[1][1]
            print(f"{locale:6} the first's lead {gain.mean():+.3f} ± {gain.std(ddof=1) / math.sqrt(len(gain)):.3f}", flush=True)
