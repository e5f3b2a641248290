# SPDX-License-Identifier: GPL-3.0-or-later
"""Which setting helps which digit. See README.md.

Every digit of every code is spoken in another of many random settings: numbers of the voice and the engine, and what the engine
is given for the digit. The log probability of the right digit is then regressed on the settings, for all digits together and for
each alone. One hearing so tells of six digits and of all settings at once, where a comparison of two voices tells of one."""
import functools, json, math, multiprocessing, os, random, re

import numpy as np

import candidate, listen, search

EARS = list(search.LINES)
WORST = -4

# What is varied: its usual value, and how far one standard deviation goes. A step below 1 is one of octaves.
ENGINE = {"rate": (136, 7), "pitch": (44, 3.5), "range": (72, 10), "shelf": (11.5, 1.8), "corner": (1200, 0.18)}
STEPS = {"consonants": 0.18, "frequency": 2.1, "height": 0.18, "width": 0.18, "gain": 1.0}

# What the engine is given, punctuation included; the first is what the pack has.
WORDS = {
    "0": ["[[zz'i@roU]]", "[[zz'i@roU]],", "zero,", "zero"],
    "1": ["[[w'O2n]],", "one,", "one?", "[[w''Vn]],", "[[w'Vnn]],", "[[w'0n]],"],
    "2": ["two,", "two!", "two?", "[[tt'u:]],"],
    "3": ["three,", "three?"],
    "4": ["[[ff'o@]]", "[[ff'o@]],", "four,", "four"],
    "5": ["[[ff'aIv]]", "five", "five,", "five!", "[[f'aIvv]]"],
    "6": ["six,", "six", "[[s'Ikks]],", "[[s'Ikss]],"],
    "7": ["[[ss'Ev@n]],", "seven,", "seven?", "[[ss'Ev@nn]],"],
    "8": ["eight", "eight,", "eight?", "[[?'eIt]]"],
    "9": ["nine,", "nine", "[[n'aInn]],", "[[nn'aInn]],", "[[?n'aIn]],"],
}


def usual(name):
    """The numbers of a voice in voices/, by names such as `formant 2 height`, and the lines that have none of them."""
    numbers, rest = {}, []
    with open(os.path.join(os.path.dirname(__file__), f"../../voices/{name}"), encoding="utf-8") as f:
        for line in f.read().splitlines():
            formant, consonants = re.match(r"formant (\d) +(\d+) +(\d+) +(\d+)", line), re.match(r"consonants (\d+) (\d+)", line)
            if formant:
                for kind, value in zip(("frequency", "height", "width"), formant.groups()[1:]):
                    numbers[f"formant {formant[1]} {kind}"] = float(value)
            elif consonants:
                numbers["consonants 1"], numbers["consonants 2"] = map(float, consonants.groups())
            elif line and not line.startswith(("//", "language ", "name ", "gender ")):
                rest.append(line)
    return numbers, rest


def moved(value, step, by):
    return value * 2 ** (step * by) if step < 1 else value + step * by


class Space:
    """What is varied of a voice; a place in it has a coordinate for each name, in standard deviations."""

    def __init__(self, name):
        self.numbers, self.rest = usual(name)
        # The fourth and the fifth formant move together, as they are.
        kept = {"formant 1 height", "formant 4 height", "formant 4 width"}
        self.names = [n for n in self.numbers if n not in kept and not n.startswith("formant 5")] + list(ENGINE)

    def voice(self, place, words):
        by = dict(zip(self.names, place))
        value = {n: round(moved(v, STEPS[n.split()[-1] if "formant" in n else "consonants"], by.get(n, 0))) for n, v in self.numbers.items()}
        value["formant 5 frequency"] = value["formant 4 frequency"]
        sound = self.rest + [f"consonants {value['consonants 1']} {value['consonants 2']}"]
        sound += [f"formant {i} " + " ".join(f"{value[f'formant {i} {kind}']}" for kind in ("frequency", "height", "width")) for i in range(1, 6)]
        engine = {n: moved(v, step, by[n]) for n, (v, step) in ENGINE.items()}
        engine.update({n: min(max(round(engine[n]), 0), 99) for n in ("pitch", "range")}, rate=round(engine["rate"]))
        return {"sound": "\n".join(sound), "words": words, "endings": ["", ""], "voiceless": candidate.VOICELESS, **engine}


def spoken(voice):
    try:
        return {d: x.astype(np.float32) for d, x in candidate.Voice(voice).falling.items()}
    except (RuntimeError, IndexError):
        # The engine has died of it, or said nothing.
        return None


SPOKEN = None


def begin(path):
    global SPOKEN
    SPOKEN = np.load(path, allow_pickle=True)


def heard(job):
    code, settings, gains, line, name = job
    parts = [np.zeros(int(0.3 * listen.RATE))]
    for digit, setting, gain in zip(code, settings, gains):
        parts += [SPOKEN[setting][digit] * 10 ** (gain / 20), np.zeros(listen.RATE // 2)]
    x = listen.levelled(np.concatenate(parts))
    sure = search.ear(name).sure([listen.channel(x, line, f"{code}_{settings[0]}")], [code])[0]
    return job, [max(WORST, float(sure[i, int(d)])) for i, d in enumerate(code)]


def fit(a, y):
    """Ordinary least squares: (coefficients, their standard errors)."""
    a = np.c_[a, np.ones(len(a))]
    b = np.linalg.lstsq(a, y, rcond=None)[0]
    covariance = np.linalg.pinv(a.T @ a) * np.var(y - a @ b)
    return b[:-1], np.sqrt(np.diag(covariance))[:-1]


def factors(args):
    space, dice = Space(args.voice), random.Random(args.seed)
    rng = np.random.default_rng(args.seed)
    half = rng.standard_normal((args.settings // 2, len(space.names)))
    places = np.concatenate([half, -half])
    words = [{d: dice.choice(choices[:1] * 2 + choices) for d, choices in WORDS.items()} for _ in places]
    context = multiprocessing.get_context("spawn")
    with context.Pool() as pool:
        units = pool.map(spoken, map(space.voice, places, words), chunksize=4)
    alive = [i for i, u in enumerate(units) if u]
    places, words = places[alive], [words[i] for i in alive]
    path = f"{args.log}.units.npy"
    np.save(path, np.array([units[i] for i in alive], dtype=object), allow_pickle=True)
    ways = [(line, ear) for ear in EARS for line in search.LINES[ear]]
    codes = search.even_codes(math.ceil(args.hears / len(ways)), args.seed)
    jobs = [
        (codes[i // len(ways)], rng.integers(0, len(alive), 6).tolist(), (STEPS["gain"] * rng.standard_normal(6)).tolist(), *ways[i % len(ways)])
        for i in range(args.hears)
    ]
    dice.shuffle(jobs)
    seen = []
    with context.Pool(initializer=begin, initargs=(path,)) as pool, open(args.log, "a", encoding="utf-8") as log:
        for (code, settings, gains, line, name), sure in pool.imap_unordered(heard, jobs, chunksize=4):
            log.write(json.dumps([code, settings, gains, line, name, sure]) + "\n")
            for i, (digit, setting, gain, y) in enumerate(zip(code, settings, gains, sure)):
                seen.append((digit, words[setting][digit], [*places[setting], gain / STEPS["gain"]], (digit, line, name, min(i, 1) + i // 5), name, y))
    os.remove(path)
    tell(space.names + ["gain"], seen)


def tell(names, seen):
    """Prints what each setting gives, in thousandths of a log probability for each standard deviation, or against the first word."""
    y = np.array([s[5] for s in seen])
    _, cell = np.unique([str(s[3]) for s in seen], return_inverse=True)
    # What digit, line, recogniser and place do is not the settings'.
    y = y - (np.bincount(cell, y) / np.bincount(cell))[cell]
    place, ears = np.array([s[2] for s in seen]), np.array([s[4] for s in seen])
    digits, said = np.array([s[0] for s in seen]), np.array([s[1] for s in seen])
    print(f"mean {np.mean([s[5] for s in seen]):.4f}; each: all ± standard error ({', '.join(EARS)})")
    for digit in [None, *WORDS]:
        mine = np.full(len(y), True) if digit is None else digits == digit
        others = [] if digit is None else WORDS[digit][1:]
        a = np.c_[np.array([said == w for w in others], float).T.reshape(len(y), -1), place]
        (b, error), each = fit(a[mine], y[mine]), [fit(a[mine & (ears == e)], y[mine & (ears == e)])[0] for e in EARS]
        print("all digits" if digit is None else f"{digit}, {np.mean([s[5] for s in seen if s[0] == digit]):.3f}, against {WORDS[digit][0]}")
        for k, name in enumerate(others + names):
            if digit is None or name in others or abs(b[k]) > 2 * error[k]:
                print(f"    {name:24} {1000 * b[k]:6.0f} ± {1000 * error[k]:.0f} ({', '.join(f'{1000 * e[k]:.0f}' for e in each)})")
