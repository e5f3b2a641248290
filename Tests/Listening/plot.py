# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws what listen.py score --json and search.py wrote: plot.py lines RESULTS OUT.svg | plot.py search LOG OUT.svg"""
import collections, json, sys

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams.update({"svg.hashsalt": "speakcode", "font.size": 9, "axes.spines.top": False, "axes.spines.right": False})
import matplotlib.pyplot as plt

NAMES = {"speakcode": "SpeakCode", "speakcode-female": "SpeakCode, female", "espeak-en-us": "stock eSpeak NG", "flite-rms": "flite rms", "flite-slt": "flite slt", "piper-joe": "Piper joe", "recorded": "recorded prompts"}
EARS = {"whisper": "whisper tiny.en", "base": "whisper base", "moonshine": "Moonshine tiny", "hama": "hama, phonemes"}


def read(path):
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def lines(results, out):
    """Exact codes for each voice and line, all codes on the good line, and the bad lines dealt out, with 95 % intervals."""
    cells = [t for t in read(results) if t["digits"] > t["codes"]]
    panels = [e for e in EARS if any(t["recogniser"] == e for t in cells)]
    figure, axes = plt.subplots(len(panels), 1, figsize=(9, 3.1 * len(panels)))
    for axis, recogniser in zip(axes, panels):
        mine = [t for t in cells if t["recogniser"] == recogniser]
        columns = list(dict.fromkeys(t["line"] for t in mine))
        columns = [c for c in columns if c != "all"] + ["all"]
        voices = [v for v in NAMES if any(t["voice"] == v for t in mine)]
        for number, voice in enumerate(voices):
            found = {t["line"]: t for t in mine if t["voice"] == voice}
            places = [i + (number - len(voices) / 2 + 0.5) * 0.8 / len(voices) for i in range(len(columns))]
            rates = [100 * found[c]["exact"] / found[c]["codes"] for c in columns]
            errors = [[r - 100 * found[c]["low"] for r, c in zip(rates, columns)], [100 * found[c]["high"] - r for r, c in zip(rates, columns)]]
            axis.bar(places, rates, 0.8 / len(voices), label=NAMES[voice], yerr=errors, error_kw={"elinewidth": 0.7})
        axis.set_xticks(range(len(columns)), ["all bad lines" if c == "all" else c for c in columns], rotation=20)
        axis.set_ylabel("exact codes, %")
        axis.set_title(EARS[recogniser], loc="left")
        axis.set_ylim(0, 104)
    axes[0].legend(ncol=6, fontsize=7, loc="lower right", bbox_to_anchor=(1, 1), frameon=False)
    figure.tight_layout()
    figure.savefig(out, metadata={"Date": None})


def search(log, out):
    """The score of every voice tried, in the order of the trying, and the best so far."""
    scores = [t["score"] for t in read(log) if "generation" not in t and t["score"] > -1]
    figure, axis = plt.subplots(figsize=(9, 3))
    axis.plot(scores, ".", markersize=4)
    axis.plot([max(scores[: i + 1]) for i in range(len(scores))], drawstyle="steps-post")
    axis.set_xlabel("voices tried")
    axis.set_ylabel("mean log probability\nof the right digit")
    figure.tight_layout()
    figure.savefig(out, metadata={"Date": None})


if __name__ == "__main__":
    {"lines": lines, "search": search}[sys.argv[1]](*sys.argv[2:])
