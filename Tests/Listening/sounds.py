# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks for sounds that are understood in another language: search.py sounds LOCALE. See README.md.

whisper base, told the language (of Arabic and Hindi held to its words), says how likely the right digit is. First one lever at a time, and which digit is taken for which. Then the
voice: each generation speaks codes in so many voices, drawn about those that were heard best. Then the words: every digit of a code is
spoken in other sounds, drawn place by place from the alternatives below. Last the pack's own sounds, stock eSpeak NG's and what was
found, on codes that none of them was chosen on."""
import json, math, random

import numpy as np

import candidate, languages, listen, search

WORST = -6
ENDINGS = [",", ""]
# eSpeak NG's file of the language; for each digit what the pack gives the engine, then its phonemes: places, and what may stand in each of
# them behind what the dictionary has. None is a sound that a native speaker would not own.
PACKS = {
    "es-ES": ("roa/es", """
        cero   = T,TT,TTT 'e,'e:,'E ** o,o:
        uno    = 'u,'u: n,nn o,o:
        dos    = d,dd,_d 'o,'o:,'O s,ss
        tres   = t,tt,t_ **,*,R,r 'e,'e:,'E s,ss
        cuatro = k,kk w,u 'a,'a: t,tt,t_ **,* o,o:
        cinco  = T,TT,TTT 'i,'i: n,nn,N,NN k,kk,_k o,o:,O
        seis   = s,ss 'eI,'ej,'e:j s,ss
        siete  = s,ss j,i 'e,'e: t,tt,_t e,e:
        ocho   = 'o,'o:,'O,'O:,_|'o tS,ttS,tSS,_tS,tSS; o,o:,O,O:
        nueve  = n,nn w,u 'e,'e: b,B,bb,BB,v e,e:"""),
    "it-IT": ("roa/it", """
        zero    = dz,dzz,z,ts 'E,'E:,'e: R,**,r o,o:
        uno     = 'u,'u: n,nn o,o:
        due     = d,dd 'u,'u: e,e:
        tre     = t,tt @-*,R,r,** 'e,'e:,'E,'E:
        quattro = k,kk w,u 'a,'a: t:,tt,t @-*,R,r,** o,o:
        cinque  = tS,ttS,tSS 'i,'i: n,N,nn k,kk w,u e,e:
        sei     = s,ss 'E,'E:,'e: i,I,i:
        sette   = s,ss 'E,'E: t:,tt,t_t e,e:
        otto    = 'O,'O:,'o t:,tt,t_t o,o:
        nove    = n,nn 'O,'O:,'o: v,vv e,e:"""),
    "pt-BR": ("roa/pt-BR", """
        zero   = z,zz 'E,'E: *,R,** U,u,U: 
        um     = 'u~,'u~: ,N,n,m
        dois   = d,dd 'oI,'o:I,'oi,'oj s,ss
        três   = t,tt R,r,**,* 'e,'e:,'eI s,ss
        quatro = k,kk w,u 'a,'a: t,tt R,r,**,* U,u,U:
        cinco  = s,ss 'i~,'i~:,'i N,n,nn, k,kk,_k U,u,U:
        seis   = s,ss 'eI,'e:I,'ei,'ej s,ss
        sete   = s,ss 'E,'E: tS,ttS,tSS,t I,i,y,i:
        oito   = 'oI,'o:I,'oi,'oj t,tt U,u,U:
        nove   = n,nn 'O,'O: v,vv y,I,i,i:"""),
    "de-DE": ("gmw/de", """
        null   = n,nn 'U,'U: l,ll
        eins   = _|,_! 'aI,'a:I n,nn s,ss
        zwei   = ts,tss,_ts v,vv,w 'aI,'a:I,'a:j
        drei   = d,dd r,R 'aI,'a:I,'a:j
        vier   = f,ff 'i:,'i r,@,3,@r
        fünf   = f,ff,fff 'y,'y:,'W n,nn,m f,ff,fff
        sechs  = z,zz,s 'E,'E: k,kk s,ss
        sieben = z,zz,s 'i:,'i b,bb @n,@m,n,@-n n,
        acht   = _!,_| 'a,'a: x,xx,X t,tt
        neun   = n,nn 'OY,'Oy,'O:y n,nn"""),
    "fr-FR": ("roa/fr", """
        zéro   = z,zz e,'e,e:,'e: r,R 'o,'o:,o,o:
        un     = 'W~,'W~:,'E~,'E~: 
        deux   = d,dd 'Y,'Y:
        trois  = t,tt r,R w,u 'a,'a:
        quatre = k,kk 'a,'a: t,tt r,R,,@
        cinq   = s,ss 'E~,'E~: k,kk,_k ,@,h
        six    = s,ss 'i,'i: s,ss,sss ,@
        sept   = s,ss 'E,'E: t,tt,_t ,@,h
        huit   = _|, y,w,j 'i,'i: t,tt,_t ,@,h
        neuf   = n,nn 'W,'W:,'Y f,ff,fff ,@"""),
    "ru-RU": ("zle/ru", """
        ноль   = n,nn 'o,'o: l;,ll;,l
        один   = V,a,a: d;,dd; 'i,'i: n,nn
        два    = d,dd v,vv 'A,'A:,'a,'a:
        три    = t,tt @-r;,r;,r 'I,'i,'i:
        четыре = tS;,ttS;,tS i,e t,tt 'y,'y: r;,r i,e,I
        пять   = p;,pp; 'A,'A:,'a,'a: t;,tt;,tS;
        шесть  = S,SS 'E,'E:,'e s,ss t;,tt;,tS;
        семь   = s;,ss; 'e,'e:,'E m;,mm;
        восемь = v,vv 'o,'o: s;,ss; i,e,I m;,mm;
        девять = d;,dd; 'e,'e: v;,vv; V,i,I,a t;,tt;,tS;"""),
    "ja-JP": ("jpx/ja", """
        ぜろ   = z,dz,zz 'e,'e:,e r`,*,r o,o:
        いち   = 'i,'i:,i t_s\\,tS,ttS,tSS,_tS i,i:
        に     = n,nn,n; 'i,'i:,i,i:
        さん   = s,ss 'a,'a:,a N\\,n,N,nn,m
        よん   = j,jj 'o,'o:,o N\\,n,N,nn,m
        ご     = g,gg,_g 'o,'o:,o,o:
        ろく   = r`,*,r,l 'o,'o:,o k,kk,_k u,u:
        なな   = n,nn 'a,'a:,a n,nn a,a:
        はち   = h,hh,x 'a,'a:,a t_s\\,tS,ttS,tSS,_tS i,i:
        きゅう = k_j,kj,kkj,k;j,k; 'u:,u:,'uu"""),
    "ar-SA": ("sem/ar", """
        [[s'ifr]]        = s,ss 'i,'i. f,ff r,R,*
        وَاحِد             = w 'a: H i d
        [[iTn'a:n]]      = ?i,i T,TT n 'a: n,nn
        [[Tal'a:Ta]]     = T,TT a l 'a: T,TT a ,h
        [[?'a*baAa]]     = ? 'a *,R,r b,bb A,AA,A- a ,h
        [[x'amsa]]       = x,X 'a m s,ss a ,h
        [[ss'i.t:ah]]    = ss,s 'i.,'i t:,tt a h,
        [[ss'abAah]]     = ss,s 'a b,bb,b_ A,AA,A- a h,
        [[Tam'a:nija]]   = T,TT a m 'a: n i j a ,h
        [[t'isAa]]       = t,tt 'i,'i. s,ss A,AA,A- a ,h"""),
    "hi-IN": ("inc/hi", """
        शून्य  = S,SS 'u: n,nn j @,a
        एक   = ,_| 'e: k,kk
        दो   = d,dd 'o:
        तीन  = t,tt 'i: n,nn
        चार  = c 'a: r,*
        पाँच  = p,pp 'a~,'a~:,'a: n,nn c,cc
        छह   = c#,cc# 'e:,'E: ,h
        सात  = s,ss 'a: t,tt
        आठ   = ,_| 'a: t.#,tt.#
        नौ   = n,nn 'O:,'o:"""),
}
LINES = ["clean", "loss10", "clean", "babble10"]
KINDS = [0, 1, 2, 3, 4, 5]  # synthesisers: 0 is eSpeak NG's own, the others are Klatt's.
# What is varied of a voice: its least and its greatest value.
NUMBERS = {
    **{f"formant {i} frequency": (80, 125) for i in (1, 2, 3, 4)}, **{f"formant {i} width": (50, 200) for i in (1, 2, 3)},
    "formant 2 height": (60, 180), "formant 3 height": (60, 180), "consonants 1": (50, 260), "consonants 2": (50, 260),
    "rate": (90, 185), "pitch": (5, 85), "range": (5, 99), "flutter": (0, 6), "roughness": (0, 3),
}
# speakcode-male.
USUAL = {
    **dict(zip([f"formant {i} frequency" for i in (1, 2, 3, 4)], (85, 96, 97, 109))),
    **dict(zip([f"formant {i} width" for i in (1, 2, 3)], (142, 77, 85))), "formant 2 height": 120, "formant 3 height": 100,
    "consonants 1": 166, "consonants 2": 202, "rate": 136, "pitch": 44, "range": 72, "flutter": 2, "roughness": 2,
}
SHELF = 11.5  # The pipeline's, which all packs have.


def lexicon(locale):
    """[(the pack's word, places of alternatives)]"""
    told = []
    for line in PACKS[locale][1].strip().splitlines():
        word, places = line.split("=", 1)
        told.append((word.strip(), [place.split(",") for place in places.split()]))
    return told


def falling(locale):
    return "!" if locale == "ja-JP" else ""


def voice(numbers, kind):
    n = numbers
    sound = [f"klatt {kind}"] if kind else []
    sound += [f"consonants {n['consonants 1']:.0f} {n['consonants 2']:.0f}", f"flutter {n['flutter']:.0f}", f"roughness {n['roughness']:.0f}"]
    sound += [
        f"formant {i} {n[f'formant {min(i, 4)} frequency']:.0f} {n.get(f'formant {i} height', 100):.0f} {n.get(f'formant {i} width', 100):.0f}"
        for i in range(1, 6)]
    return {"sound": "\n".join(sound), "shelf": SHELF, **{name: round(n[name]) for name in ("rate", "pitch", "range")}}


def pack(locale):
    """What the pack says: each digit's word, going on with a comma and falling without."""
    said = {str(d): word for d, (word, _) in enumerate(lexicon(locale))}
    return {**voice(USUAL, 3), "words": said, "endings": [",", falling(locale)]}


def spoken(locale, made):
    """The samples of each digit, going on and falling."""
    try:
        said = candidate.Voice(made, PACKS[locale][0])
    except (RuntimeError, IndexError):
        return None
    return said.going_on, said.falling


def listened(locale, units, codes, line):
    """[code, place, digit]: log probabilities; units as one pair for all codes, or one for each."""
    ear = languages.ear(locale.split("-")[0])
    each = units if isinstance(units, list) else [units] * len(codes)
    sounds = [listen.channel(listen.levelled(candidate.read(code, *u)), line, f"{code}_") for code, u in zip(codes, each)]
    return np.concatenate([ear.sure(sounds[i : i + 10], codes[i : i + 10]) for i in range(0, len(codes), 10)])


def right(sure, codes):
    """[code, place]: the right digit's log probability."""
    wanted = np.array([[int(d) for d in code] for code in codes])
    return np.maximum(np.take_along_axis(sure, wanted[..., None], 2)[..., 0], WORST)


def by_digit(values, codes):
    wanted = np.array([[int(d) for d in code] for code in codes])
    return [round(float(values[wanted == d].mean()), 2) if np.any(wanted == d) else 0.0 for d in range(10)]


# ---- one lever at a time ----------------------------------------------------------------------------------------------------
def levers(locale, codes):
    own = pack(locale)
    bare = {**own, "sound": "", "shelf": 0}
    rows = {
        "the pack's": own, "falling": {**own, "endings": [falling(locale)] * 2}, "no shelf": {**own, "shelf": 0}, "shelf 6 dB": {**own, "shelf": 6},
        "110 words a minute": {**own, "rate": 110}, "165": {**own, "rate": 165}, "pitch 25": {**own, "pitch": 25}, "pitch 65": {**own, "pitch": 65},
        "stock": {**bare, "rate": 175, "pitch": 50, "range": 50}, "the American voice": {**own, "variant": "speakcode-male-en", "sound": ""},
        "the woman's": {**own, "variant": "speakcode-female", "sound": ""},
        **{f"{variant}, shelf": {**bare, "variant": variant, "shelf": SHELF} for variant in ("m3", "klatt", "klatt4", "f2", "max", "adam")},
    }
    wanted = np.array([[int(d) for d in code] for code in codes])
    print("log probability of the right digit; the same for each digit, and what it is taken for", flush=True)
    for name, made in rows.items():
        units = spoken(locale, made)
        if not units:
            continue
        sure = listened(locale, units, codes, "clean")
        values, taken = right(sure, codes), [np.exp(sure[wanted == d]).mean(0) for d in range(10)]
        print(f"{name:20} {values.mean():6.2f}  " + " ".join(
            f"{value:5.2f}→{max((p, b) for b, p in enumerate(taken[d]) if b != d)[1]}" for d, value in enumerate(by_digit(values, codes))), flush=True)


# ---- the voice --------------------------------------------------------------------------------------------------------------
def pairs(dice):
    """Two codes that have every digit."""
    digits = [*"0123456789", *dice.sample("0123456789", 2)]
    dice.shuffle(digits)
    return ["".join(digits[:6]), "".join(digits[6:])]


def climbed(locale, args, words):
    """The numbers and the synthesiser in which these words are heard best."""
    dice, rng, names = random.Random(args.seed), np.random.default_rng(args.seed), list(NUMBERS)
    low, high = np.array([NUMBERS[n] for n in names], float).T
    middle, wide = np.array([USUAL[n] for n in names], float), (high - low) / 6
    kinds = np.ones(len(KINDS)) / len(KINDS)
    for generation in range(args.generations):
        heard, codes = [], [pairs(dice) for _ in LINES[:2]]
        while len(heard) < args.voices:
            place = np.clip(middle + wide * rng.standard_normal(len(names)), low, high)
            kind = rng.choice(len(KINDS), p=kinds)
            units = spoken(locale, {**voice(dict(zip(names, place)), KINDS[kind]), **words})
            if units:
                line = LINES[generation % len(LINES)], LINES[(generation + 1) % len(LINES)]
                values = [right(listened(locale, units, c, l), c).mean() for c, l in zip(codes, line)]
                heard.append((np.mean(values), place, kind))
        heard.sort(key=lambda h: -h[0])
        best = heard[: max(4, len(heard) // 4)]
        weights = np.log(len(best) + 0.5) - np.log(np.arange(1, len(best) + 1))
        weights /= weights.sum()
        places = np.array([b[1] for b in best])
        moved = weights @ places
        wide = 0.6 * wide + 0.4 * np.sqrt(weights @ (places - moved) ** 2) + 0.005 * (high - low)
        middle = 0.3 * middle + 0.7 * moved
        kinds = 0.5 * kinds + 0.5 * np.bincount([b[2] for b in best], weights, len(kinds))
        print(f"voices {generation + 1}: mean {np.mean([h[0] for h in heard]):.3f}, best {heard[0][0]:.3f}, synthesisers {np.round(kinds, 2).tolist()}", flush=True)
    return {n: round(float(v), 1) for n, v in zip(names, middle)}, KINDS[int(kinds.argmax())]


# ---- the words --------------------------------------------------------------------------------------------------------------
class Sounds:
    """What the engine makes of texts in one voice; each is spoken once."""

    def __init__(self, locale, made):
        with open(f"{candidate.DATA}/lang/{PACKS[locale][0]}", encoding="utf-8") as f:
            self.text = f.read() + "\n" + made["sound"] + "\n"
        self.made, self.units = made, {}

    def __call__(self, texts):
        new = sorted({t for t in texts if t not in self.units})
        if new:
            hertz, spoken = candidate.speak(self.text, new, self.made["rate"], self.made["pitch"], self.made["range"])
            for text, x in zip(new, spoken):
                self.units[text] = candidate.conditioned(x, hertz, self.made) if np.any(x) else np.zeros(400)
        return [self.units[t] for t in texts]


def drawn(dice, losses, count):
    return ["".join(dice.choices("0123456789", [0.2 + loss for loss in losses], k=6)) for _ in range(count)]


def said(word, places, picked):
    """The text that stands for a digit, and its ending when the code goes on: the pack's word, or its phonemes."""
    *sounds, form = picked
    if form >= 2:  # the dictionary's
        return word, ENDINGS[form - 2]
    return "[[" + "".join(p[k] for p, k in zip(places, sounds)) + "]]", ENDINGS[form]


def heard_words(locale, sounds, options, codes, chosen):
    """[code, place]: the right digit's log probability, where each place of each code has its own of the digit's options."""
    end = falling(locale)
    texts = [[f"{text}{e}" if place < 5 else f"{text}{end}" for place, (text, e) in enumerate(row)] for row in chosen]
    middles = [{d: f"{o[0][0]}{o[0][1]}" for d, o in options.items()}] * len(codes)
    sounds([t for row in texts for t in row] + list(middles[0].values()) + [f"{o[0][0]}{end}" for o in options.values()])
    usual = dict(zip(options, sounds(list(middles[0].values()))))
    last = dict(zip(options, sounds([f"{o[0][0]}{end}" for o in options.values()])))
    told = []
    for n in range(0, len(codes), 10):
        line = LINES[n // 10 % len(LINES)]
        waves = []
        for code, row in zip(codes[n : n + 10], texts[n : n + 10]):
            parts, beat = [np.zeros(2400)], int(np.mean([len(u) for u in usual.values()]) + 4000)
            for unit in sounds(row):
                parts += [unit, np.zeros(max(beat - len(unit), 2400))]
            waves.append(listen.channel(listen.levelled(np.concatenate(parts)), line, f"{code}_"))
        told.append(right(languages.ear(locale.split("-")[0]).sure(waves, codes[n : n + 10]), codes[n : n + 10]))
    return np.concatenate(told)


def reworded(locale, args, made):
    """The text and the ending of each digit that are heard best in this voice."""
    dice, rng = random.Random(args.seed + 5), np.random.default_rng(args.seed + 5)
    lexemes, sounds = lexicon(locale), Sounds(locale, made)
    choices = [[len(p) for p in places] + [4] for _, places in lexemes]
    total = [[np.zeros(n) for n in c] for c in choices]
    count = [[np.zeros(n) for n in c] for c in choices]
    chances = [[np.ones(n) / n for n in c] for c in choices]
    usual = {str(d): [(word, ",")] for d, (word, _) in enumerate(lexemes)}
    tried, losses = [{} for _ in range(10)], np.ones(10)
    for generation in range(args.generations):
        # What is misheard most is said most.
        codes = drawn(dice, losses, 40)
        picks = [[[rng.choice(len(p), p=p) for p in chances[int(d)]] for d in code] for code in codes]
        values = heard_words(locale, sounds, usual, codes, [
            [said(*lexemes[int(d)], k) for d, k in zip(code, row)] for code, row in zip(codes, picks)])
        average = by_digit(values, codes)
        losses = 0.5 * losses - 0.5 * np.array(average)
        for code, row, line in zip(codes, picks, values):
            for digit, picked, value in zip(code, row, line):
                d = int(digit)
                tried[d].setdefault(said(*lexemes[d], picked), []).append(value - average[d])
                for place, k in enumerate(picked):
                    total[d][place][k] += value - average[d]
                    count[d][place][k] += 1
        for d in range(10):
            for place in range(len(choices[d])):
                worth = total[d][place] / (count[d][place] + 4)
                e = np.exp(worth * (2 + 1.0 * generation))
                chances[d][place] = 0.9 * e / e.sum() + 0.1 / len(e)
        print(f"words {generation + 1}: mean {values.mean():.3f}, by digit {average}", flush=True)
    # The best by their places, and the best by themselves, against what the dictionary has.
    finals = {}
    for d, (word, places) in enumerate(lexemes):
        by_place = [int(np.argmax(t / (n + 4))) for t, n in zip(total[d], count[d])]
        ranked = sorted(tried[d], key=lambda t: -sum(tried[d][t]) / (len(tried[d][t]) + 3))
        finals[str(d)] = list(dict.fromkeys([(word, ","), (word, ""), said(word, places, by_place), *ranked[:4]]))[:6]
    codes = drawn(dice, losses, args.finals)
    picks = [[int(rng.integers(len(finals[d]))) for d in code] for code in codes]
    values = heard_words(locale, sounds, usual, codes, [[finals[d][k] for d, k in zip(code, row)] for code, row in zip(codes, picks)])
    flat = [(int(d), k, v) for code, row, line in zip(codes, picks, values) for d, k, v in zip(code, row, line)]
    words = {}
    for d in range(10):
        told = []
        for k, option in enumerate(finals[str(d)]):
            mine = [v for a, b, v in flat if (a, b) == (d, k)] or [-6.0]
            told.append((np.mean(mine), np.std(mine) / math.sqrt(len(mine)), option))
        told.sort(key=lambda t: -t[0])
        print(d, "; ".join(f"{''.join(o)} {m:.2f} ± {s:.2f}" for m, s, o in told), flush=True)
        text, ending = told[0][2]
        words[str(d)] = [text + ending, text + falling(locale)]
    return words


# ---- all of it --------------------------------------------------------------------------------------------------------------
def tested(locale, tries, codes, lines=("clean", "loss10")):
    ear, kept = languages.ear(locale.split("-")[0]), {}
    for name, made in tries.items():
        units = spoken(locale, made)
        exacts, text, means = [], [], []
        for line in lines:
            sounds = [listen.channel(listen.levelled(candidate.read(code, *units)), line, f"{code}_") for code in codes]
            got = [ear(x, len(code)) for x, code in zip(sounds, codes)]
            means.append(right(listened(locale, units, codes, line), codes))
            wrong, taken = 0, {}
            for code, g in zip(codes, got):
                for a, b in listen.align(code, g):
                    if a != b:
                        wrong, taken[f"{a}→{b}"] = wrong + 1, taken.get(f"{a}→{b}", 0) + 1
            exact = [code == g for code, g in zip(codes, got)]
            low, high = listen.wilson(sum(exact), len(codes))
            text.append(f"{line} {sum(exact)} of {len(codes)} [{100 * low:.0f}–{100 * high:.0f} %], {100 * wrong / len(codes) / 6:.1f} % of digits ("
                        + " ".join(f"{k} {n}" for k, n in sorted(taken.items(), key=lambda t: -t[1])[:5]) + ")")
            exacts.append(exact)
        each = np.mean(means, axis=0)
        print(f"{name:16} {each.mean():.3f}  {'; '.join(text)}\n{'':16} by digit {by_digit(each, codes)}")
        kept[name] = exacts, each.mean(1)
        if name != "the pack's" and "the pack's" in kept:
            before, gain = kept["the pack's"], each.mean(1) - kept["the pack's"][1]
            for line, a, b in zip(lines, exacts, before[0]):
                only, other = sum(x and not y for x, y in zip(a, b)), sum(y and not x for x, y in zip(a, b))
                print(f"{'':16} {line}: only it {only}, only the pack's {other} (p = {listen.mcnemar(only, other):.2g})")
            print(f"{'':16} lead over the pack's {gain.mean():+.3f} ± {gain.std(ddof=1) / math.sqrt(len(gain)):.3f}", flush=True)


def sounds(args):
    for locale in args.locales.split(","):
        print(f"== {locale}", flush=True)
        own, steps = pack(locale), args.steps.split(",")
        tries = {"the pack's": own}
        found = {**voice(USUAL, 3), "words": own["words"], "endings": own["endings"]}
        if "levers" in steps:
            levers(locale, search.even_codes(10, args.seed + 1))
        if "words" in steps:
            found.update(words=reworded(locale, args, found))
            tries["the words"] = dict(found)
            print(json.dumps(found["words"], ensure_ascii=False), flush=True)
        if "voice" in steps:
            numbers, kind = climbed(locale, args, {"words": found["words"], "endings": found["endings"]})
            found.update(voice(numbers, kind))
            tries["and the voice"] = dict(found)
        print("found", json.dumps(found, ensure_ascii=False), flush=True)
        if args.codes:
            tested(locale, tries, search.even_codes(args.codes, args.seed + 2))
