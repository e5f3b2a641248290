# SPDX-License-Identifier: GPL-3.0-or-later
"""whisper base, held to ten words of a language in place of the ten figures; it tells how sure it is of each. See README.md.

The decoder is computed here, in float32 from whisper's own weights: all ten words of a place at once, behind what stands before them, which is kept.
CTranslate2 computes each word of each place anew, in five times the time."""
import math, struct

import numpy as np
import soxr
from scipy.special import erf

import listen

# What whisper base writes for the digits of a language, 0 to 9, where it writes freely what a good voice says; Hindi in Latin letters and by ear.
WORDS = {
    "ar": "صفر واحد اثنان ثلاثة أربعة خمسة ستة سبعة ثمانية تسعة",
    "hi": "Shunya Ek Do Ting Char Paj Shae Sat Art No",
    "ko": "영 하나 둘 셋 넷 다섯 여섯 일곱 여덟 아홉",
}


def weights(path):
    """{name: array} of the decoder of a file of CTranslate2's, version 6."""
    told = {}
    with open(path, "rb") as f:
        def number(kind):
            return struct.unpack("<" + kind, f.read(struct.calcsize("<" + kind)))[0]

        def name():
            return f.read(number("H"))[:-1].decode()

        if number("I") != 6:
            raise SystemExit(f"{path} has another version than 6")
        name(), number("I")
        for _ in range(number("I")):
            what, shape = name(), [number("I") for _ in range(number("B"))]
            kind, size = number("B"), number("I")
            data = f.read(size)
            if what.startswith("decoder/") and kind == 4:
                told[what.removeprefix("decoder/")] = np.frombuffer(data, np.float16).reshape(shape).astype(np.float32)
    return told


def softmax(x):
    x = np.exp(x - x.max(-1, keepdims=True))
    return x / x.sum(-1, keepdims=True)


class Decoder:
    HEADS = 8

    def __init__(self, path):
        self.w = weights(path)
        self.layers = sum(name.endswith("/ffn/linear_0/weight") for name in self.w)
        self.projection = np.ascontiguousarray(self.w["embeddings/weight"].T)

    def linear(self, x, name):
        return x @ self.w[f"{name}/weight"].T + self.w[f"{name}/bias"]

    def normal(self, x, name):
        middle = x - x.mean(-1, keepdims=True)
        return middle / np.sqrt((middle * middle).mean(-1, keepdims=True) + 1e-5) * self.w[f"{name}/gamma"] + self.w[f"{name}/beta"]

    def heads(self, x):
        return x.reshape(len(x), self.HEADS, -1).transpose(1, 0, 2)

    def attention(self, q, k, v, hidden=None):
        scores = self.heads(q) @ k.transpose(0, 2, 1) / math.sqrt(q.shape[1] // self.HEADS)
        told = softmax(scores if hidden is None else np.where(hidden, -1e9, scores)) @ v
        return told.transpose(1, 0, 2).reshape(len(q), -1)

    def heard(self, encoded):
        """What every token looks at of a sound that whisper's encoder has read: [layer][keys, values]."""
        return [
            [self.heads(part) for part in np.split(self.linear(encoded, f"layer_{i}/attention/linear_1"), 2, 1)] for i in range(self.layers)]

    def __call__(self, tokens, places, seen, heard, before, wanted):
        """(log probabilities of those wanted behind each token, what later ones need of it). `seen` says which of these tokens each one looks at;
        all of `before` is looked at."""
        x = self.w["embeddings/weight"][tokens] + self.w["position_encodings/encodings"][places]
        hidden, kept = ~np.pad(seen, ((0, 0), (before[0][0].shape[1] if before else 0, 0)), constant_values=True), []
        for i in range(self.layers):
            name = f"layer_{i}"
            q, k, v = np.split(self.linear(self.normal(x, f"{name}/self_attention/layer_norm"), f"{name}/self_attention/linear_0"), 3, 1)
            kept.append([self.heads(k), self.heads(v)])
            k, v = [np.concatenate([a, b], 1) for a, b in zip(before[i], kept[i])] if before else kept[i]
            x = x + self.linear(self.attention(q, k, v, hidden), f"{name}/self_attention/linear_1")
            q = self.linear(self.normal(x, f"{name}/attention/layer_norm"), f"{name}/attention/linear_0")
            x = x + self.linear(self.attention(q, *heard[i]), f"{name}/attention/linear_2")
            y = self.linear(self.normal(x, f"{name}/ffn/layer_norm"), f"{name}/ffn/linear_0")
            x = x + self.linear(0.5 * y * (1 + erf(y / np.float32(math.sqrt(2)))), f"{name}/ffn/linear_1")
        logits = self.normal(x, "layer_norm") @ self.projection
        most, chosen = logits.max(1, keepdims=True), logits[:, wanted]
        logits -= most
        return chosen - most - np.log(np.exp(logits, out=logits).sum(1, keepdims=True)), kept


class Ear(listen.Whisper):
    """Held to so many of ten words with commas between. They are tried where their first token is among so many of the likeliest."""

    def __init__(self, language, words=None, between=",", likeliest=4):
        super().__init__("base", language)
        tokens = self.model.hf_tokenizer
        self.words = [tokens.encode(f" {word}", add_special_tokens=False).ids for word in words or WORDS[language].split()]
        self.between, self.likeliest = tokens.encode(between, add_special_tokens=False).ids, likeliest
        self.decoder = Decoder(f"{listen.joined_base()}/model.bin")
        # The ten words one behind another; each token sees those of its own word before it.
        self.tree = [token for word in self.words for token in word + self.between]
        self.wanted = sorted(set(self.tree))
        self.column = {token: i for i, token in enumerate(self.wanted)}
        lengths = [len(word + self.between) for word in self.words]
        self.starts, self.lengths = np.cumsum([0] + lengths[:-1]), lengths
        self.places = np.concatenate([np.arange(n) for n in lengths])
        owner = np.repeat(np.arange(10), lengths)
        self.seen = (owner[:, None] == owner) & np.tri(len(owner), dtype=bool)

    def walked(self, x, digits, code=None):
        """([place, word]: log probabilities among the ten; the words that stand before each place), these being the code's or, without one,
        the likeliest of those whose first tokens are likeliest: more of a control's codes are heard so than when all ten are tried."""
        y = soxr.resample(x, listen.RATE, 16000, "HQ").astype(np.float32)
        seconds = 8 + 5 * max(0, math.ceil((len(x) - 62000) / 40000))
        mel = self.model.feature_extractor(np.pad(y, (0, max(0, seconds * 16000 - len(y)))), padding=0)[:, : seconds * 100]
        encoded = np.array(self.model.model.encode(self.storage.from_array(np.ascontiguousarray(mel[None], dtype=np.float32))))[0]
        heard, count = self.decoder.heard(encoded.astype(np.float32)), len(self.prompt)
        first, before = self.decoder(self.prompt, np.arange(count), np.tri(count, dtype=bool), heard, None, self.wanted)
        first, told, chosen = first[-1], [], []
        for place in range(digits):
            after, kept = self.decoder(self.tree, count + self.places, self.seen, heard, before, self.wanted)
            sure = np.array([
                first[self.column[word[0]]] + sum(
                    after[start + i, self.column[token]] for i, token in enumerate((word + (self.between if place < digits - 1 else []))[1:]))
                for start, word in zip(self.starts, self.words)])
            told.append(sure - np.logaddexp.reduce(sure))
            likeliest = sorted({word[0] for word in self.words}, key=lambda token: -first[self.column[token]])[: self.likeliest]
            digit = int(code[place]) if code else max((d for d in range(10) if self.words[d][0] in likeliest), key=lambda d: sure[d])
            chosen.append(digit)
            rows = slice(self.starts[digit], self.starts[digit] + self.lengths[digit])
            before = [[np.concatenate([a, b[:, rows]], 1) for a, b in zip(old, new)] for old, new in zip(before, kept)]
            first, count = after[rows.stop - 1], count + self.lengths[digit]
        return np.array(told), chosen

    def sure(self, sounds, codes):
        """Log probabilities among the ten, the ones before being known: [code, place, digit]."""
        return np.stack([self.walked(x, len(code), code)[0] for x, code in zip(sounds, codes)])

    def __call__(self, x, digits=6):
        return "".join(map(str, self.walked(x, digits)[1]))
