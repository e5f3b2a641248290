# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks for a voice that is understood: search.py levers|evolve|try|factors|languages|sounds|thresholds|same. See README.md.

A voice's score is the mean log probability of the right digit among ten, the ones before it being known, over codes, lines and
four recognisers: it tells more from a code than whether all six digits arrived. Six bounds what one digit may cost. A change counts
where no recogniser loses by it."""
import argparse, functools, json, multiprocessing, random, subprocess, sys, tempfile, time

import numpy as np
import soxr

import listen
from candidate import Voice

NETWORKS = ["clean", "ulaw+loss5", "loss10", "gsm", "amr122", "amr475", "opus6", "clip0"]
EVERY = NETWORKS + ["gsm+loss3", "adpcm16", "gap200", "band+babble10", "babble5", "white10", "hearing+babble20"]
# hama hears nobody in noise.
LINES = {"whisper": EVERY, "base": EVERY, "moonshine": EVERY, "hama": NETWORKS}
WORST = -6


class Ear(listen.Whisper):
    """A whisper that tells how sure it is of each digit."""

    def sure(self, sounds, codes):
        """Log probabilities among the ten digits: [code, place, digit]."""
        window = 16000 * (8 + 5 * max(0, int(np.ceil((max(map(len, sounds)) - 62000) / 40000))))
        mels = []
        for x in sounds:
            y = soxr.resample(x, listen.RATE, 16000, "HQ").astype(np.float32)
            y = np.pad(y, (0, max(0, window - len(y))))
            mels.append(self.model.feature_extractor(y, padding=0)[:, : window // 160])
        features = self.storage.from_array(np.ascontiguousarray(np.stack(mels), dtype=np.float32))
        tokens = sorted(self.digits, key=self.digits.get)
        prompts = [self.prompt + [tokens[int(d)] for d in code] for code in codes]
        # With the code itself given, the logits say what would have stood in each place of it.
        out = self.model.model.generate(
            features, prompts, beam_size=1, max_length=4 * len(codes[0]), suppress_tokens=[], suppress_blank=False, return_logits_vocab=True)
        logits = np.array([[np.array(step)[tokens] for step in o.logits[0][: len(codes[0])]] for o in out])
        return logits - np.logaddexp.reduce(logits, axis=2, keepdims=True)


@functools.cache
def ear(name):
    return listen.recogniser(name) if name in listen.OTHERS else Ear(name)


def even_codes(count, seed):
    """Codes in which every digit stands equally often in every place, as far as they go."""
    dice, columns = random.Random(seed), []
    for _ in range(6):
        column = [str(i % 10) for i in range(count)]
        dice.shuffle(column)
        columns.append(column)
    return ["".join(c) for c in zip(*columns)]


def score(voice, codes=30, seed=21):
    """{score, recogniser: {line: [mean log probability, share of codes in which each digit was the likeliest]}}; each code goes through
    one of a recogniser's lines."""
    told = {"voice": voice, "score": 3.0 * WORST}
    try:
        spoken = Voice(voice)
    except Exception as error:
        return {**told, "error": repr(error)}
    means = []
    for number, (name, lines) in enumerate(LINES.items()):
        wanted = even_codes(codes, seed + number)
        heard = {}
        for number, code in enumerate(wanted):
            line = lines[number % len(lines)]
            sure = ear(name).sure([listen.channel(listen.levelled(spoken.say(code)), line, f"{code}_")], [code])[0]
            digits = [int(d) for d in code]
            right = np.maximum(sure[np.arange(len(digits)), digits], WORST).mean()
            heard.setdefault(line, []).append([right, np.all(sure.argmax(1) == digits)])
        means.append(np.mean([right for line in heard.values() for right, _ in line]))
        told[name] = {line: [round(float(x), 4) for x in np.mean(heard[line], axis=0)] for line in heard}
    told["score"] = round(float(np.mean(means)), 4)
    return told


def show(told):
    heard = "; ".join(f"{name} " + " ".join(f"{line} {100 * exact:.0f}" for line, (_, exact) in told[name].items()) for name in LINES if name in told)
    return f"{told['score']:8.4f}  {heard or told.get('error')}  {json.dumps(told['voice'])}"


# ---- one lever at a time ----------------------------------------------------------------------------------------------------
def formants(frequency, width=100, height=100, which=(1, 2, 3)):
    return "\n".join(f"formant {i} {frequency} {height} {width}" for i in which)


LEVERS = [
    {}, {"variant": "m3"}, {"variant": "f2"}, *({"sound": f"klatt {k}"} for k in (1, 2, 3, 4, 5)), {"variant": "m3", "sound": "klatt 3"},
    *({"sound": "klatt 1", **more} for more in (
        {"pitch": 15}, {"pitch": 55}, {"range": 10}, {"range": 75}, {"rate": 115}, {"rate": 165}, {"gap": 0.3}, {"gap": 0.8},
        {"endings": ["", ""]}, {"endings": [",", ","]}, {"shelf": 6}, {"shelf": 12}, {"ratio": 2}, {"ratio": 3}, {"shelf": 6, "ratio": 2})),
    *({"sound": f"klatt 1\n{more}"} for more in (
        "consonants 70 70", "consonants 150 150", "consonants 220 150", formants(100, width=70), formants(100, width=150), formants(92),
        formants(108), formants(100, height=150, which=(2, 3)), "stressLength 200 180 250 230 0 0 320 360", "breath 0 4 4 4 4 4 4 4", "flutter 0")),
]


# ---- all together -----------------------------------------------------------------------------------------------------------
def evolved(x, female=False):
    """The voice at a place of the space that is searched; each coordinate is about as wide as the others."""
    def scaled(value, factor, low, high):
        return float(min(max(100 * 2 ** (factor * value), low), high))

    base = 112 if female else 100
    frequency = [min(max(base + 5 * v, 84), 130) for v in x[8:12]]
    width, height = [scaled(v, 0.4, 45, 220) for v in x[12:15]], [100] + [scaled(v, 0.4, 45, 220) for v in x[15:17]]
    sound = [f"klatt {1 if x[0] < 0 else 3}", f"consonants {1.3 * scaled(x[6], 0.4, 31, 231):.0f} {1.1 * scaled(x[7], 0.4, 36, 273):.0f}"]
    sound += [f"formant {i + 1} {frequency[i]:.0f} {height[i]:.0f} {width[i]:.0f}" for i in range(3)]
    sound += [f"formant {i} {frequency[3]:.0f} 100 100" for i in (4, 5)]
    if female:
        sound.append("pitch 142 220")
    return {
        "sound": "\n".join(sound), "pitch": round(min(max(32 + 12 * x[1], 3), 75)), "range": round(min(max(60 + 25 * x[2], 5), 99)),
        "rate": round(min(max(140 + 14 * x[3], 105), 185)), "shelf": round(min(max(8 + 5 * x[4], 0), 20), 1),
        "corner": round(10 * scaled(x[5], 0.4, 60, 170)),
    }


def evolve(args):
    import cma

    place = np.zeros(17)
    place[[0, 6, 7]], place[8:12], place[12:15] = (-0.1, 0.9, 0.6), -1, 0.6
    search = cma.CMAEvolutionStrategy(place, 0.55, {"popsize": 12, "seed": args.seed, "verbose": -9})
    make, until = functools.partial(evolved, female=args.female), time.monotonic() + 60 * args.minutes
    with multiprocessing.get_context("spawn").Pool() as pool, open(args.log, "a", encoding="utf-8") as log:
        while time.monotonic() < until:
            places = search.ask()
            told = pool.map(score, map(make, places), chunksize=1)
            search.tell(places, [-t["score"] for t in told])
            log.writelines(json.dumps(t) + "\n" for t in told)
            log.flush()
            print(f"generation {search.countiter}: mean {np.mean([t['score'] for t in told]):.4f}, sigma {search.sigma:.3f}, best", flush=True)
            print(show(max(told, key=lambda t: t["score"])), flush=True)
        print("the middle of what is left:", show(score(make(search.mean))))


def tried(args):
    voices = LEVERS if args.run is levers else [json.loads(line) for line in sys.stdin]
    with multiprocessing.get_context("spawn").Pool() as pool, open(args.log, "a", encoding="utf-8") as log:
        for told in pool.imap(functools.partial(score, codes=args.codes, seed=args.seed), voices):
            log.write(json.dumps(told) + "\n")
            print(show(told), flush=True)


def levers(args):
    tried(args)


def factors(args):
    import factors as experiment

    experiment.factors(args)


def languages(args):
    import languages as others

    others.languages(args)


def sounds(args):
    import sounds as others

    others.sounds(args)


def thresholds(args):
    import thresholds as others

    others.thresholds(args)


def same(args):
    """Whether the candidate's way and the pipeline make the same of each digit; the search is worth nothing else."""
    import factors as experiment
    import soundfile as sf

    space = experiment.Space("speakcode-male-en")
    words = {d: choices[0] for d, choices in experiment.WORDS.items()}
    spoken = experiment.spoken(space.voice(np.zeros(len(space.names)), words))
    for digit in words:
        with tempfile.TemporaryDirectory() as folder:
            # In the middle of a code, where each digit has the ending that goes on.
            command = [args.speakcode, "-", "--times", "1", "-o", f"{folder}/a.wav", "--captions", f"{folder}/a.json", "-q"]
            subprocess.run(command, input=2 * digit, text=True, check=True)
            x, rate = sf.read(f"{folder}/a.wav")
            with open(f"{folder}/a.json", encoding="utf-8") as f:
                start = next(round(cue["start"] * rate) for cue in json.load(f)["cues"] if "symbol" in cue)
        ours = spoken[digit]
        apart = np.max(np.abs(x[start : start + len(ours)] - ours))
        print(f"{digit}: at most {apart:.5f} apart")
        if apart > 0.02 or np.any(x[start + len(ours) + 8 : start + len(ours) + 800]):
            raise SystemExit("candidate.py does not say what the pipeline says")


if __name__ == "__main__":
    top = argparse.ArgumentParser(description=__doc__)
    sub = top.add_subparsers(required=True)
    for name, run, text in (("levers", levers, "one change at a time"), ("try", tried, "voices from standard input, JSON, one a line")):
        p = sub.add_parser(name, help=text)
        p.add_argument("--codes", type=int, default=30)
        p.add_argument("--seed", type=int, default=21)
        p.set_defaults(run=run)
    p = sub.add_parser("evolve", help="all levers together, by CMA-ES")
    p.add_argument("--minutes", type=float, default=30)
    p.add_argument("--seed", type=int, default=5)
    p.add_argument("--female", action="store_true")
    p.set_defaults(run=evolve)
    p = sub.add_parser("factors", help="what helps which digit, from random settings")
    p.add_argument("--voice", default="speakcode-male-en", help="a file of voices/")
    p.add_argument("--settings", type=int, default=200)
    p.add_argument("--hears", type=int, default=5000, help="so many codes are heard")
    p.add_argument("--seed", type=int, default=77)
    p.set_defaults(run=factors)
    p = sub.add_parser("same", help="whether voices are tried as the pipeline would speak them")
    p.add_argument("speakcode", help="the command")
    p.set_defaults(run=same)
    p = sub.add_parser("languages", help="how digits are understood in other languages")
    p.add_argument("speakcode", help="the command")
    p.add_argument("--locales", default="af-ZA,ar-SA,bg-BG,bn-BD,ca-ES,cs-CZ,da-DK,de-DE,el-GR,en-GB,es-419,es-ES,fa-IR,fi-FI,fil-PH,fr-FR,gu-IN,he-IL,hi-IN,hr-HR,hu-HU,id-ID,it-IT,ja-JP,ko-KR,mr-IN,ms-MY,nb-NO,ne-NP,nl-NL,pa-IN,pl-PL,pt-BR,pt-PT,ro-RO,ru-RU,sk-SK,sv-SE,sw-KE,ta-IN,te-IN,tr-TR,uk-UA,ur-PK")
    p.add_argument("--voice", default="+m3", help="what the pack's own voice is compared with, in the words of speakcode")
    p.add_argument("--style", help="compare the pack's usual words with those of a style, such as telephone, in place of the voices")
    p.add_argument("--codes", type=int, default=20)
    p.add_argument("--seed", type=int, default=31)
    p.set_defaults(run=languages)
    p = sub.add_parser("sounds", help="phonemes and voices for the digits of another language")
    p.add_argument("locales", help="such as es-ES,it-IT")
    p.add_argument("--generations", type=int, default=7)
    p.add_argument("--voices", type=int, default=24, help="so many are heard in each generation")
    p.add_argument("--codes", type=int, default=100, help="so many at the end")
    p.add_argument("--finals", type=int, default=60, help="so many codes decide between the best words")
    p.add_argument("--steps", default="levers,words,voice")
    p.add_argument("--seed", type=int, default=41)
    p.set_defaults(run=sounds)
    p = sub.add_parser("thresholds", help="at which noise each digit is heard")
    p.add_argument("speakcode", help="the command")
    p.add_argument("locale")
    p.add_argument("--codes", type=int, default=30)
    p.add_argument("--unseen", type=int, default=100, help="so many codes tell whether equal digits help")
    p.add_argument("--ratios", type=int, nargs="*", help="of sound to noise, in dB, for those; else about the thresholds")
    p.add_argument("--seed", type=int, default=91)
    p.set_defaults(run=thresholds)
    for p in sub.choices.values():
        p.add_argument("--log", default="search.jsonl", help="where every voice tried is written")
    args = top.parse_args()
    args.run(args)
