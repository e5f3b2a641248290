# SPDX-License-Identifier: GPL-3.0-or-later
"""At which noise each digit is heard, and whether levels that make all digits equal help: search.py thresholds LOCALE. See README.md.

Hearing tests level each digit of a set so that all have one threshold in noise of the set's own spectrum. Here the listener is a
recogniser that is told the digits before; a second, physical meter is the share of time and frequency in which the digit stands out.
What the recogniser guesses where it hears nothing but noise, at the lowest ratio, is each digit's chance."""
import math, tempfile

import numpy as np
from scipy.signal import lfilter
from scipy.special import expit

import candidate, languages, listen, search

MOST = 3.0  # dB, up or down
OUT = 3.0  # dB above the noise: what is glimpsed
RATIOS = [-15, -9, -5, -1, 3, 8, 14]
LAPSES = 0.02  # hearings that fail in any noise


def own_noise(units, length, rng):
    """Noise of the digits' mean spectrum, by a filter of 256 taps."""
    sound = np.concatenate(list(units.values()))
    frames = sound[: len(sound) // 256 * 256].reshape(-1, 256) * np.hanning(256)
    spectrum = np.sqrt(np.mean(np.abs(np.fft.rfft(frames)) ** 2, axis=0))
    taps = np.roll(np.fft.irfft(spectrum), 128) * np.hanning(256)
    return lfilter(taps, 1, rng.standard_normal(length + 256))[256:]


def raised(units, levels):
    """The digits, each by its dB."""
    return {d: x * 10 ** (levels[int(d)] / 20) for d, x in units.items()}


def noisy(code, units, ratio, key):
    """A code in noise: the ratio is that of the digits before they were levelled, so that noise is the same whatever their levels."""
    going_on, falling, plain = units
    x = candidate.read(code, going_on, falling)
    noise = own_noise(plain, len(x), np.random.default_rng(int(code) + key))
    level = np.mean([10 * math.log10(np.mean(u * u)) for u in plain.values()]) - ratio
    return listen.levelled(x + noise * 10 ** (level / 20) / np.sqrt(np.mean(noise * noise)))


def heard(ear, codes, units, ratio, key=0):
    sounds = [noisy(code, units, ratio, key) for code in codes]
    return np.concatenate([ear.sure(sounds[i : i + 10], codes[i : i + 10]) for i in range(0, len(codes), 10)])


def fitted(ratios, right, chance):
    """(threshold in dB, slope in per cent a dB) of the likeliest logistic curve from chance to all but the lapses: half way between the two."""
    ratios, right, whole = np.array(ratios), np.array(right), 1 - LAPSES - chance
    middles, widths = np.meshgrid(np.arange(-20, 24.1, 0.5), (0.7, 1, 1.4, 2, 2.8, 4), indexing="ij")
    p = chance + whole * expit((ratios - middles[..., None]) / widths[..., None])
    likely = np.where(right, np.log(p), np.log1p(-p)).sum(-1)
    best = np.unravel_index(likely.argmax(), likely.shape)
    return middles[best], 100 * whole / (4 * widths[best])


def bands(x, step=80, size=256):
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(x, size), size)[::step] * np.hanning(size)
    power = np.abs(np.fft.rfft(frames)) ** 2
    # A third of an octave each, 200 to 3,400 Hz.
    edges = 200 * 2 ** (np.arange(14) / 3)
    bins = np.arange(power.shape[1]) * listen.RATE / size
    return np.stack([power[:, (bins >= low) & (bins < high)].sum(1) for low, high in zip(edges, edges[1:])], 1)


def glimpsed(x, noise, share=0.15):
    """The ratio in dB of sound to noise at which this share of the digit's cells stands out."""
    loud = np.mean(noise * noise) / np.mean(x * x)
    over = 10 * np.log10(bands(x) / bands(noise).mean(0) * loud + 1e-9)
    return OUT - float(np.quantile(over, 1 - share))


def thresholds(args):
    ears = {"base": languages.ear(args.locale.split("-")[0])}
    if args.locale.startswith("en"):
        ears["tiny.en"] = search.ear("whisper")
    with tempfile.TemporaryDirectory() as folder:
        going_on, falling = languages.spoken([args.speakcode, "--template", "code-only", "--locale", args.locale], folder)
    plain = (going_on, falling, going_on)
    codes = search.even_codes(args.codes, args.seed)
    digits = np.array([[int(d) for d in code] for code in codes])
    noise = own_noise(going_on, 80000, np.random.default_rng(1))
    glimpses = np.array([glimpsed(going_on[str(d)], noise) for d in range(10)])
    found = []
    for name, ear in ears.items():
        told = [heard(ear, codes, plain, ratio).argmax(2) for ratio in RATIOS]
        right = [t == digits for t in told]
        chances = [min(max(float(np.mean(told[0] == d)), 0.02), 0.5) for d in range(10)]
        for ratio, r in zip(RATIOS, right):
            print(f"{name} {ratio:4d} dB " + " ".join(f"{100 * np.mean(r[digits == d]):4.0f}" for d in range(10)), flush=True)
        fits = [
            fitted(*zip(*((ratio, hit) for ratio, r in zip(RATIOS, right) for hit in r[digits == d])), chances[d]) for d in range(10)]
        found.append([f[0] for f in fits])
        print(f"{name} thresholds, dB  " + " ".join(f"{t:6.1f}" for t, _ in fits), f" deviation {np.std([t for t, _ in fits]):.1f}")
        print(f"{name} slopes, % a dB  " + " ".join(f"{s:6.1f}" for _, s in fits))
        print(f"{name} with glimpses: correlation {np.corrcoef(found[-1], glimpses)[0, 1]:+.2f}")
    print("glimpses, dB          " + " ".join(f"{g:6.1f}" for g in glimpses), f" deviation {np.std(glimpses):.1f}")
    mean = np.mean(found, axis=0)
    levels = np.clip(mean - mean.mean(), -MOST, MOST)
    # The whole as loud as before.
    levels -= 10 * math.log10(np.mean(10 ** (levels / 10)))
    print("levels, dB            " + " ".join(f"{level:+6.1f}" for level in levels), flush=True)
    equal = (raised(going_on, levels), raised(falling, levels), going_on)
    # Where about half and where most of the digits are heard.
    ratios = args.ratios or [round(mean.mean()) + more for more in (0, 4)]
    unseen = search.even_codes(args.unseen, args.seed + 1)
    wanted = np.array([[int(d) for d in code] for code in unseen])
    for name, ear in ears.items():
        for ratio in ratios:
            told = []
            for units in (plain, equal):
                sure = heard(ear, unseen, units, ratio, 7)
                told.append((np.all(sure.argmax(2) == wanted, axis=1), np.mean(sure.argmax(2) == wanted)))
            (before, digit), (after, digit_after) = told
            only, other = int(np.sum(after & ~before)), int(np.sum(before & ~after))
            print(f"{name} {ratio} dB: codes {before.sum()} of {len(unseen)}, equal {after.sum()} ({only} to {other}, p = {listen.mcnemar(only, other):.2g}); "
                  f"digits {100 * digit:.1f} %, equal {100 * digit_after:.1f} %", flush=True)
