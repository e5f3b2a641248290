# SPDX-License-Identifier: GPL-3.0-or-later
"""Ears of other kinds than whisper, for English: listen.py's recognisers `moonshine` and `hama`. See README.md.

A voice that is tuned by one kind of ear is tuned to it. Moonshine reads the sound itself and no spectrogram; hama writes phonemes and
knows no language, so it does not guess."""
import importlib.util, os

import numpy as np
import soxr

import listen


def normalised(logits):
    return logits - np.logaddexp.reduce(logits, axis=-1, keepdims=True)


class Moonshine:
    """Moonshine tiny, with only "d, d, d, d, d, d" allowed. The model travels in the package moonshine-voice."""

    START, SPACE, COMMA = 1, 29871, 29892  # tokens
    BEAM = 4

    def __init__(self):
        import onnxruntime
        folder = os.path.join(importlib.util.find_spec("moonshine_voice").submodule_search_locations[0], "assets", "tiny-en")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.encoder = onnxruntime.InferenceSession(f"{folder}/encoder_model.ort", options)
        self.decoder = onnxruntime.InferenceSession(f"{folder}/decoder_model_merged.ort", options)
        self.outputs = [o.name for o in self.decoder.get_outputs()]
        self.past = {i.name: i.shape for i in self.decoder.get_inputs() if i.name.startswith("past")}
        words = self.words(f"{folder}/tokenizer.bin")
        # The first 259 tokens are bytes and signs.
        self.digits = [words.index(str(d).encode(), 259) for d in range(10)]

    @staticmethod
    def words(path):
        with open(path, "rb") as f:
            data = f.read()
        words, at = [], 0
        while at < len(data):
            length, at = data[at], at + 1
            if length >= 128:
                length, at = length - 128 + data[at] * 128, at + 1
            words.append(data[at : at + length])
            at += length
        return words

    def encode(self, x):
        y = soxr.resample(x, listen.RATE, 16000, "HQ").astype(np.float32)[None]
        return self.encoder.run(None, {"input_values": y, "attention_mask": np.ones_like(y, dtype=np.int64)})[0], y.shape[1]

    def step(self, encoded, tokens, past):
        """(logits of what follows, state) after one more token of each beam; a past of None is the beginning."""
        states, length = encoded
        feed = {
            "encoder_attention_mask": np.ones((len(tokens), length), np.int64), "input_ids": np.array(tokens)[:, None],
            "encoder_hidden_states": np.repeat(states, len(tokens), 0), "use_cache_branch": np.array([past is not None])}
        feed.update(past or {name: np.zeros((0, shape[1], 1, shape[3]), np.float32) for name, shape in self.past.items()})
        told = dict(zip(self.outputs, self.decoder.run(None, feed)))
        new = {name: past[name] if past and "encoder" in name else told[name.replace("past_key_values", "present")] for name in self.past}
        return told["logits"][:, -1], new

    def begin(self, x):
        encoded = self.encode(x)
        _, past = self.step(encoded, [self.START], None)
        return (encoded, *self.step(encoded, [self.SPACE], past))

    def then(self, encoded, digits, past):
        for tokens in ([self.digits[d] for d in digits], [self.COMMA] * len(digits), [self.SPACE] * len(digits)):
            logits, past = self.step(encoded, tokens, past)
        return logits, past

    def __call__(self, x, digits=6):
        encoded, logits, past = self.begin(x)
        beams = [("", 0.0)]
        for place in range(digits):
            sure = normalised(logits[:, self.digits].astype(float))
            best = sorted(((beams[k][1] + sure[k, d], k, d) for k in range(len(beams)) for d in range(10)), reverse=True)[: self.BEAM]
            beams = [(beams[k][0] + str(d), score) for score, k, d in best]
            if place < digits - 1:
                kept = [k for _, k, _ in best]
                logits, past = self.then(encoded, [d for _, _, d in best], {name: state[kept] for name, state in past.items()})
        return beams[0][0]

    def sure(self, sounds, codes):
        """Log probabilities among the ten digits, the ones before being known: [code, place, digit]."""
        return np.array([self.known(x, code) for x, code in zip(sounds, codes)])

    def known(self, x, code):
        encoded, logits, past = self.begin(x)
        told = []
        for place, digit in enumerate(code):
            told.append(normalised(logits[0, self.digits].astype(float)))
            if place < len(code) - 1:
                logits, past = self.then(encoded, [int(digit)], past)
        return told


class Hama:
    """hama, whose phonemes are aligned with so many digits, and something between each two. Its model travels in the package.

    Not a meter in noise, where it does not hear recorded prompts either."""

    SAID = ["z ɪ ɹ oʊ", "z ɛ ɹ oʊ", "z i ɹ oʊ", "w ʌ n", "w ə n", "t u", "θ ɹ i", "f ɔ ɹ", "f aɪ v", "s ɪ k s", "s ɛ v ə n", "eɪ t", "n aɪ n"]
    DIGITS = np.array([0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    NEVER = -1e9
    LOUDER = 2.0  # than listen.LEVEL: what it hears best

    def __init__(self):
        import hama
        self.model = hama.ASRModel()
        tokens = self.model.decoder_tokens
        self.blank, self.between = self.model.blank_id, tokens.index("<wb>")
        self.words = [[tokens.index(p) for p in said.split()] for said in self.SAID]

    def frames(self, x):
        """Log probabilities of phonemes: [time, phoneme]."""
        m, y = self.model, (self.LOUDER * soxr.resample(x, listen.RATE, 16000, "HQ")).reshape(1, -1).astype(np.float32)
        told, lengths = m.session.run(
            [m._log_probs_output_name, m._out_lengths_output_name],
            {m._waveform_input_name: y, m._waveform_lengths_input_name: np.array([y.shape[1]], dtype=np.int64)})
        return normalised(np.asarray(told[0][: int(np.ravel(lengths)[0])], float))

    def lattice(self, words, frames):
        """What each state of each word costs: (emissions [word, state, time], last states); blanks stand between its phonemes."""
        emissions = np.full((len(words), 2 * max(map(len, words)) - 1, len(frames)), self.NEVER)
        for row, phonemes in enumerate(words):
            for i, phoneme in enumerate(phonemes):
                emissions[row, 2 * i] = frames[:, phoneme]
                if i:
                    emissions[row, 2 * i - 1] = frames[:, self.blank]
        return emissions, np.array([2 * len(w) - 2 for w in words])

    def ended(self, before, lattice):
        """(score [time, word] of a word that ends at a time, when it began), given that of being before it."""
        emissions, last = lattice
        rows = np.arange(len(last))
        score = np.full(emissions.shape[:2], self.NEVER)
        began = np.zeros(score.shape, int)
        scores, begins = [], []
        for t in range(emissions.shape[2]):
            ways = np.full((3, *score.shape), self.NEVER)  # to stay, to go on, to go on without a blank
            ways[0], ways[1, :, 1:] = score, score[:, :-1]
            ways[2, :, 2::2] = score[:, :-2:2]
            best = ways.argmax(0)
            origin = np.stack([began, np.roll(began, 1, 1), np.roll(began, 2, 1)])
            score, began = np.take_along_axis(ways, best[None], 0)[0], np.take_along_axis(origin, best[None], 0)[0]
            enters = (before[t - 1] if t else self.NEVER) > score[:, 0]
            score[enters, 0], began[enters, 0] = before[t - 1], t
            score = score + emissions[:, :, t]
            scores.append(score[rows, last])
            begins.append(began[rows, last])
        return np.array(scores), np.array(begins)

    def pause(self, gap, ended):
        """(score of being behind a word that ended, when it did): [time]."""
        score, since, at, when = [], [], self.NEVER, 0
        for t in range(len(gap)):
            if t and ended[t - 1] > at:
                at, when = ended[t - 1], t - 1
            at += gap[t]
            score.append(at)
            since.append(when)
        return np.array(score), since

    def __call__(self, x, digits=6):
        frames = self.frames(x)
        gap, lattice = np.logaddexp(frames[:, self.blank], frames[:, self.between]), self.lattice(self.words, frames)
        before, told = np.cumsum(gap), []
        for _ in range(digits):
            scores, begins = self.ended(before, lattice)
            before, since = self.pause(gap, scores.max(1))
            told.append((scores.argmax(1), begins, since))
        code, t = "", len(gap) - 1
        for word, begins, since in reversed(told):
            end = since[t]
            code = str(self.DIGITS[word[end]]) + code
            t = begins[end, word[end]] - 1
        return code

    def sure(self, sounds, codes):
        """Log probabilities among the ten digits, all others being known: [code, place, digit]."""
        return np.array([self.known(x, code) for x, code in zip(sounds, codes)])

    def known(self, x, code):
        frames = self.frames(x)
        gap = np.logaddexp(frames[:, self.blank], frames[:, self.between])
        lattice = self.lattice(self.words, frames)
        ahead = self.before(gap, lattice, code)
        back = self.before(gap[::-1], self.lattice([w[::-1] for w in self.words], frames[::-1]), code[::-1])
        told = []
        for place in range(len(code)):
            scores, _ = self.ended(ahead[place], lattice)
            behind = np.append(back[len(code) - 1 - place][::-1][1:], self.NEVER)
            words = (scores + behind[:, None]).max(0)
            told.append([words[self.DIGITS == d].max() for d in range(10)])
        return normalised(np.array(told))

    def before(self, gap, lattice, code):
        """The score of being before each of a code's digits, the ones before being known: [place][time]."""
        before = [np.cumsum(gap)]
        for digit in code[:-1]:
            scores, _ = self.ended(before[-1], lattice)
            before.append(self.pause(gap, scores[:, self.DIGITS == int(digit)].max(1))[0])
        return before
