# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of today's networks, by the codecs themselves: listen.py's channels `amrN opusN adpcmN`. See README.md."""
import ctypes, functools, subprocess

import numpy as np

FRAME = 160  # samples of AMR's frame, 20 ms
MODES = {475: 0, 515: 1, 59: 2, 67: 3, 74: 4, 795: 5, 102: 6, 122: 7}  # by 10 or 100 kbit/s, as 3GPP writes them


@functools.lru_cache
def opencore():
    """Debian's libopencore-amrnb0."""
    library = ctypes.CDLL("libopencore-amrnb.so.0")
    for start in library.Encoder_Interface_init, library.Decoder_Interface_init:
        start.restype = ctypes.c_void_p
    return library


def words(x):
    return np.clip(np.round(np.asarray(x) * 32768), -32768, 32767).astype("<i2")


def amr(x, mode):
    """Narrow-band AMR at 4.75 to 12.2 kbit/s: what a mobile telephone and the network say to each other."""
    library = opencore()
    encoder, decoder = ctypes.c_void_p(library.Encoder_Interface_init(0)), ctypes.c_void_p(library.Decoder_Interface_init())
    bits, heard = (ctypes.c_uint8 * 64)(), []
    for frame in np.pad(words(x), (0, -len(x) % FRAME)).reshape(-1, FRAME):
        frame, out = np.ascontiguousarray(frame), np.zeros(FRAME, np.int16)
        library.Encoder_Interface_Encode(encoder, MODES[mode], frame.ctypes.data_as(ctypes.c_void_p), bits, 0)
        library.Decoder_Interface_Decode(decoder, bits, out.ctypes.data_as(ctypes.c_void_p), 0)
        heard.append(out)
    library.Encoder_Interface_exit(encoder)
    library.Decoder_Interface_exit(decoder)
    return np.concatenate(heard)[: len(x)] / 32768.0


def through(x, rate, options, container, back=()):
    """There and back by ffmpeg."""
    pcm = ["-f", "s16le", "-ar", str(rate), "-ac", "1"]
    run = functools.partial(subprocess.run, capture_output=True, check=True)
    quiet = ["ffmpeg", "-v", "error", "-threads", "1"]
    there = run([*quiet, *pcm, "-i", "-", *options, "-f", container, "-"], input=words(x).tobytes()).stdout
    y = np.frombuffer(run([*quiet, *back, "-f", container, "-i", "-", *pcm, "-"], input=there).stdout, "<i2") / 32768.0
    return np.pad(y, (0, max(0, len(x) - len(y))))[: len(x)]


def opus(x, rate, kilobits):
    """Opus as WebRTC and applications send it."""
    return through(x, rate, ["-c:a", "libopus", "-b:a", f"{kilobits}k", "-vbr", "off", "-application", "voip", "-frame_duration", "20"], "ogg")


def adpcm(x, rate, kilobits):
    """G.726 at 16 to 40 kbit/s: cordless telephones and old trunks."""
    return through(x, rate, ["-c:a", "g726", "-b:a", f"{kilobits}k"], "g726", ["-code_size", str(kilobits // 8), "-ar", str(rate)])
