# SPDX-License-Identifier: GPL-3.0-or-later
"""How many bits of a code its announcement's lengths tell: the entropy of each length over random codes."""

import argparse
import collections
import concurrent.futures
import json
import math
import os
import pathlib
import random
import subprocess
import tempfile

FORMATS = ["wav", "flac", "ogg", "mp3"]
CAPTIONS = ["vtt", "srt", "json"]
NUMBERS = ["duration", "activeLevel", "peak"]


def observe(command: str, code: str, locale: str) -> dict[str, object]:
    """Everything that whoever sees sizes and `--json` learns of one code."""
    seen: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as folder:
        for number, audio in enumerate(FORMATS):
            path = pathlib.Path(folder, "a." + audio)
            captions = pathlib.Path(folder, "c." + CAPTIONS[number % len(CAPTIONS)])
            arguments = ["-", "--locale", locale, "-o", path, "--captions", captions, "--json"]
            # The seed of libsndfile's serial numbers does not matter: lengths are looked at, not bytes.
            run = subprocess.run([command, *arguments], input=code, capture_output=True, text=True, check=True)
            seen[audio] = path.stat().st_size
            seen["captions " + captions.suffix[1:]] = captions.stat().st_size
            if number == 0:
                summary = json.loads(run.stdout)
                seen |= {"--json " + name: summary[name] for name in NUMBERS}
    return seen


def entropy(values: list[object]) -> float:
    """Bits that a value tells of which of so many equally likely codes it was; a lower bound, of at most log2 of their number."""
    counts = collections.Counter(values).values()
    return sum(count / len(values) * math.log2(len(values) / count) for count in counts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command")
    parser.add_argument("--codes", type=int, default=200)
    parser.add_argument("--digits", type=int, default=6)
    parser.add_argument("--locales", default="en-US")
    parser.add_argument("--at-most", type=float, default=0)
    options = parser.parse_args()
    command = os.path.abspath(options.command)
    locales = options.locales.split(",")
    chosen = random.Random(14)
    codes = ["".join(chosen.choices("0123456789", k=options.digits)) for _ in range(options.codes)]
    bits: dict[str, list[float]] = collections.defaultdict(list)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for locale in locales:
            seen = list(pool.map(lambda code: observe(command, code, locale), codes))
            for name in seen[0]:
                bits[name].append(entropy([one[name] for one in seen]))
    print(f"bits told, of at most {math.log2(len(codes)):.1f} that {len(codes)} codes can show")
    print("| | " + " | ".join(locales) + " |")
    print("|---" * (len(locales) + 1) + "|")
    for name, row in bits.items():
        print(f"| {name} | " + " | ".join(f"{value:.1f}" for value in row) + " |")
    worst = max(value for row in bits.values() for value in row)
    if worst > options.at_most:
        raise SystemExit(f"lengths: {worst:.1f} bits are told, and {options.at_most:.1f} are allowed")


main()
