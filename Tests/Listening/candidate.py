# SPDX-License-Identifier: GPL-3.0-or-later
"""Speaks codes in a voice that is only tried: an eSpeak NG variant, numbers of the engine, a shelf; as the pipeline would."""
import ctypes, os, struct, sys

import numpy as np
import soxr
from scipy.signal import butter, lfilter

import listen

DATA = os.environ.get("ESPEAK_DATA_PATH", f"/usr/lib/{os.uname().machine}-linux-gnu/espeak-ng-data")
WORDS = dict(zip("0123456789", "zero one two three four five six seven eight nine".split()))
# What the pack gives the engine, in the middle of a code and at its end.
PACK = {
    "0": ["[[zz'i@roU]]"] * 2, "1": ["[[w'O2n]],", "[[w'O2n]]"], "2": ["two,", "two"], "3": ["three,", "three"], "4": ["[[ff'o@]]"] * 2,
    "5": ["[[ff'aIv]]"] * 2, "6": ["six,", "six"], "7": ["[[ss'Ev@n]],", "[[ss'Ev@n]]"], "8": ["eight"] * 2, "9": ["nine,", "nine"],
}
# By how many dB the pack makes a digit's sounds without voice louder.
VOICELESS = {"6": -4.0}
RATE, PITCH, RANGE, VOLUME = 1, 3, 4, 2  # espeak_PARAMETER
PEAK, LEVEL = 0.668, -22.0  # UnitConditioner's


def in_child(work):
    """The bytes that a function gives, called in a forked process: the engine is one global state, and may die."""
    r, w = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(r)
        status = 1
        try:
            with os.fdopen(w, "wb") as f:
                f.write(work())
            status = 0
        except Exception as error:
            sys.stderr.write(f"candidate: {error!r}\n")
        os._exit(status)
    os.close(w)
    with os.fdopen(r, "rb") as f:
        data = f.read()
    if os.waitpid(child, 0)[1]:
        raise RuntimeError("the engine has died")
    return data


def speak(voice, texts, rate, pitch, range_):
    """(rate in Hz, samples of each text), each spoken in a process of its own by a voice whose file has this text."""
    def work():
        lib = ctypes.CDLL("libespeak-ng.so.1")
        lib.espeak_ng_InitializePath(None)
        if lib.espeak_ng_Initialize(None) or lib.espeak_ng_InitializeOutput(1, 1000, None):
            raise RuntimeError("no eSpeak NG")
        file = os.memfd_create("voice")
        os.write(file, voice.encode())
        if lib.espeak_ng_SetVoiceByFile(f"/dev/fd/{file}".encode()):
            raise RuntimeError("no such voice")
        for parameter, value in ((RATE, rate), (PITCH, pitch), (RANGE, range_), (VOLUME, 50)):
            lib.espeak_ng_SetParameter(parameter, value, 0)
        heard = []

        def hear(samples, count, _):
            if count > 0 and samples:
                heard.append(ctypes.string_at(samples, 2 * count))
            return 0

        callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)(hear)
        lib.espeak_SetSynthCallback(callback)

        def say(text):
            # UTF-8; with phonemes where they are given.
            flags = 0x101 if text.startswith(b"[[") else 1
            lib.espeak_ng_Synthesize(ctypes.c_char_p(text), ctypes.c_size_t(len(text) + 1), 0, 0, 0, flags, None, None)
            return b"".join(heard)

        spoken = [in_child(lambda text=text: say(text.encode())) for text in texts]
        return struct.pack("<i", lib.espeak_ng_GetSampleRate()) + b"".join(struct.pack("<i", len(s)) + s for s in spoken)

    data, at, spoken = in_child(work), 4, []
    for _ in texts:
        (length,) = struct.unpack_from("<i", data, at)
        spoken.append(np.frombuffer(data, "<i2", length // 2, at + 4) / 32768.0)
        at += 4 + length
    return struct.unpack_from("<i", data)[0], spoken


def shelf(frequency, gain, hertz):
    """Biquad.highShelf: (b, a)."""
    a, w = 10 ** (gain / 40), 2 * np.pi * frequency / hertz
    c, s = np.cos(w), 2 * np.sqrt(a) * np.sin(w) / np.sqrt(2)
    return (
        [a * (a + 1 + (a - 1) * c + s), -2 * a * (a - 1 + (a + 1) * c), a * (a + 1 + (a - 1) * c - s)],
        [a + 1 - (a - 1) * c + s, 2 * (a - 1 - (a + 1) * c), a + 1 - (a - 1) * c - s],
    )


def compressed(x, ratio, hertz, floor=35):
    """The envelope's dynamic range divided by a ratio: what SSDRC's second half does, less its fixed curve."""
    a = np.exp(-1 / (hertz * 0.005))
    envelope = lfilter([1 - a], [1, -a], np.abs(x))
    envelope = lfilter([1 - a], [1, -a], envelope[::-1])[::-1]
    return x * (np.maximum(envelope, envelope.max() * 10 ** (-floor / 20)) / envelope.max()) ** (1 / ratio - 1)


def limited(x, hertz):
    reach, gains = hertz // 250, np.ones(len(x))
    window = 0.5 + 0.5 * np.cos(np.pi * np.abs(np.arange(-reach, reach + 1)) / reach)
    for place in np.flatnonzero(np.abs(x) > PEAK):
        low, high = max(0, place - reach), min(len(x), place + reach + 1)
        cut = 1 - (1 - PEAK / abs(x[place])) * window[low - place + reach : high - place + reach]
        gains[low:high] = np.minimum(gains[low:high], cut)
    return x * gains


def voiceless_raised(x, gain, hertz):
    """VoicelessSounds.raise."""
    low, pole, slow = x, np.exp(-2 * np.pi * 400 / hertz), np.exp(-200 / hertz)
    for _ in range(2):
        low = lfilter([1 - pole], [1, -pole], low)
    low = np.abs(low)
    for _ in range(2):
        low = lfilter([1 - slow], [1, -slow], low)[::-1]
    reach = hertz // 200
    share = np.convolve(low < 0.2 * low.max(), np.ones(2 * reach + 1) / (2 * reach + 1), "full")[reach : reach + len(x)]
    return x * 10 ** (gain / 20 * share)


def conditioned(x, hertz, voice, voiceless=0):
    """What UnitConditioner makes of a unit, at 8 kHz."""
    x = lfilter(*butter(2, 40, "high", fs=hertz), x)
    if voiceless:
        x = voiceless_raised(x, voiceless, hertz)
    if voice.get("shelf"):
        x = lfilter(*shelf(voice.get("corner", 1200), voice["shelf"], hertz), x)
    on = np.flatnonzero(np.abs(x) > np.max(np.abs(x)) * 0.002)
    x = soxr.resample(x[max(0, on[0] - hertz // 200) : on[-1] + hertz // 200 + 1], hertz, listen.RATE, "VHQ")
    if voice.get("ratio", 1) > 1:
        x = compressed(x, voice["ratio"], listen.RATE)
    n = min(listen.RATE * 3 // 1000, len(x) // 2)
    edge = 0.5 - 0.5 * np.cos(np.pi * (np.arange(n) + 0.5) / n)
    x[:n] *= edge
    x[len(x) - n :] *= edge[::-1]
    level = listen.active_level(np.concatenate([x, np.zeros(listen.RATE // 4)]))[0]
    return limited(x * 10 ** ((LEVEL - level) / 20), listen.RATE)


def lines(path):
    """The lines of a variant's file, without those that name it."""
    with open(path, encoding="utf-8") as f:
        return "".join(line for line in f if not line.startswith(("//", "language ", "name ", "gender ")))


def read(code, going_on, falling, gap=0.5):
    """A code read from the samples of each digit, as the pipeline puts them together: to a beat, with seconds of gap by the mean."""
    parts = [np.zeros(int(0.3 * listen.RATE))]
    for place, digit in enumerate(code):
        units = falling if place == len(code) - 1 else going_on
        lengths = [len(unit) for unit in units.values()]
        beat = int(max(np.mean(lengths) + gap * listen.RATE, max(lengths) + min(gap, 0.3) * listen.RATE))
        parts += [units[digit], np.zeros(beat - len(units[digit]))]
    return np.concatenate(parts)


class Voice:
    """A voice that is tried, given as a dictionary: `variant` (one of voices/ or of eSpeak NG's) and `sound` (more lines of a voice file);
    `rate`, `pitch`, `range`; `shelf` (dB above `corner` Hz); `ratio` of compression; `gap` in seconds;
    `voiceless`, by digit, in dB; `words`, each a text or a pair of what is said in the middle and at the end; `endings` of the texts."""

    def __init__(self, voice, language="gmw/en-US", words=WORDS):
        with open(f"{DATA}/lang/{language}", encoding="utf-8") as f:
            text = f.read()
        if voice.get("variant"):
            ours = os.path.join(os.path.dirname(__file__), "../../voices", voice["variant"])
            text += "\n" + lines(ours if os.path.exists(ours) else f"{DATA}/voices/!v/{voice['variant']}")
        text += "\n" + voice.get("sound", "") + "\n"
        going_on, falling = voice.get("endings", [",", ""])
        said = {**words, **voice.get("words", {})}
        pairs = {d: w if isinstance(w, list) else [w + going_on, w + falling] for d, w in said.items()}
        texts = [pairs[d][form] for form in (0, 1) for d in "0123456789"]
        hertz, spoken = speak(text, texts, voice.get("rate", 140), voice.get("pitch", 35), voice.get("range", 40))
        voiceless = voice.get("voiceless", {})
        units = [conditioned(x, hertz, voice, voiceless.get(d, 0)) for x, d in zip(spoken, 2 * "0123456789")]
        self.going_on, self.falling = dict(zip("0123456789", units)), dict(zip("0123456789", units[10:]))
        self.gap = voice.get("gap", 0.5)

    def say(self, code):
        return read(code, self.going_on, self.falling, self.gap)
