# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether whisper base hears digits of a language at all: controls.py CLIPS LANGUAGE [--speakcode COMMAND --locale TAG] [--words "… … …"].
CLIPS is a folder of 0.wav to 9.wav, a good voice's. See README.md.

The clips are trimmed, levelled and joined with 0.3 s between; the command says the same codes without the sentence. Only the ten figures are
possible, or with --words only those ten words."""
import argparse, os, subprocess, sys, tempfile

import numpy as np
import soundfile as sf
import soxr

import listen, words


def clip(path):
    x, rate = sf.read(path)
    x = x[:, 0] if x.ndim > 1 else x
    x = soxr.resample(x, rate, listen.RATE, "VHQ")
    on = np.flatnonzero(np.abs(x) > 0.02 * np.abs(x).max())
    x = x[max(0, on[0] - listen.RATE // 100) : on[-1] + listen.RATE // 50]
    level = listen.active_level(np.concatenate([x, np.zeros(listen.RATE // 4)]))[0]
    return x * 10 ** ((listen.LEVEL - level) / 20)


def joined(folder, code, gap=0.3):
    pause = np.zeros(int(gap * listen.RATE))
    return np.concatenate([pause, *(part for digit in code for part in (clip(f"{folder}/{digit}.wav"), pause))])


def spoken(command, code):
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/{code}_"
        subprocess.run(
            [*command, "-", "--template", "code-only", "--times", "1", "-q", "-o", f"{path}.wav", "--captions", f"{path}.json"],
            input=code, text=True, check=True)
        return listen.load(f"{path}.wav")


def tell(name, codes, got):
    exact, wrong, counts, taken = [a == b for a, b in zip(codes, got)], 0, {}, {}
    for code, other in zip(codes, got):
        for a, b in listen.align(code, other):
            bad, all_ = counts.get(a, (0, 0))
            counts[a] = bad + (a != b), all_ + 1
            if a != b:
                wrong, taken[f"{a}→{b}"] = wrong + 1, taken.get(f"{a}→{b}", 0) + 1
    shares = [(sum(exact), len(codes)), (wrong, 6 * len(codes))]
    told = [f"{k} of {n} [{100 * low:.0f}–{100 * high:.0f} %]" for k, n in shares for low, high in [listen.wilson(k, n)]]
    print(f"{name}: codes {told[0]}, digits wrong {told[1]}; wrong by digit " + " ".join(f"{d}:{b}/{n}" for d, (b, n) in sorted(counts.items()))
          + "; " + " ".join(f"{k} {n}" for k, n in sorted(taken.items(), key=lambda t: -t[1])[:8]), flush=True)
    return exact


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clips")
    parser.add_argument("language", help="that whisper is told")
    parser.add_argument("--words", help="ten words, of 0 to 9, or - for those of words.py")
    parser.add_argument("--speakcode"); parser.add_argument("--locale"); parser.add_argument("--voices")
    parser.add_argument("--codes", type=int, default=20); parser.add_argument("--seed", type=int, default=20261130)
    args = parser.parse_args()
    ear = words.Ear(args.language, None if args.words == "-" else args.words.split()) if args.words else listen.Whisper("base", args.language)
    # Of the first thirty codes of a seed the first: listen.py's own.
    command = [sys.executable, listen.__file__, "codes", str(max(30, args.codes)), "--seed", str(args.seed)]
    codes = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[: args.codes]
    control = tell("control", codes, [ear(listen.levelled(joined(args.clips, code))) for code in codes])
    if args.speakcode:
        options = [part for name in ("locale", "voices") if getattr(args, name) for part in (f"--{name}", getattr(args, name))]
        ours = tell("ours", codes, [ear(listen.levelled(spoken([os.path.abspath(args.speakcode), *options], code))) for code in codes])
        only, other = sum(a and not b for a, b in zip(control, ours)), sum(b and not a for a, b in zip(control, ours))
        print(f"only the control's {only}, only ours {other} (p = {listen.mcnemar(only, other):.2g})")


if __name__ == "__main__":
    main()
