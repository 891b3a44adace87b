"""How a word sounds, roughly enough to meet over scripts: カレンダー and calendar are both `krnd`.

Loan words are what Japanese and English complaints share most. Both are reduced to the consonants that a
Japanese speaker would write down: vowels, w, y and the r after a vowel fall away, l is r, th is s, f is h.
"""

import re
from functools import lru_cache

SHORTEST = 2
"""Consonants; with fewer, too many words sound alike."""
SHORTEST_WORD = 5
"""Letters of a Latin word that has no more than so many consonants: サーバー is `server`, not `serve`."""

_ROWS = {
    "k": "カキクケコヵヶ",
    "g": "ガギグゲゴザジズゼゾヂヅ",
    "s": "サシスセソ",
    "t": "タチツテト",
    "d": "ダデド",
    "n": "ナニヌネノン",
    "h": "ハヒフヘホ",
    "b": "バビブベボヴ",
    "p": "パピプペポ",
    "m": "マミムメモ",
    "r": "ラリルレロ",
}
_KANA = {kana: consonant for consonant, row in _ROWS.items() for kana in row}
_SPELLINGS = (
    ("tion", "shn"),
    ("ph", "f"),
    ("sch", "sh"),
    ("tch", "t"),
    ("ch", "t"),
    ("sh", "s"),
    ("th", "s"),
    ("ck", "k"),
    ("qu", "k"),
    ("x", "ks"),
)
_SOFT_C = re.compile(r"c(?=[eiy])")
_SILENT_R = re.compile(r"(?<=[aeiou])r(?![aeiouy])")
_NASAL = re.compile(r"m(?=[pb])")
_MUTE = str.maketrans("", "", "aeiouwy'’-")
_ALIKE = str.maketrans("cqlfvjz", "kkrhbgg")
_TWICE = re.compile(r"(.)\1+")


@lru_cache(maxsize=65536)
def of_katakana(word: str) -> str | None:
    """Return the consonants of a word in katakana (NFKC); None where there are too few."""
    return _long_enough("".join(_KANA.get(kana, "") for kana in word), SHORTEST)


@lru_cache(maxsize=65536)
def of_latin(word: str) -> str | None:
    """Return the consonants of a lower-case word in Latin letters without accents; None for too few."""
    short = len(word) < SHORTEST_WORD
    for spelling, sound in _SPELLINGS:
        word = word.replace(spelling, sound)
    word = _NASAL.sub("n", _SILENT_R.sub("", _SOFT_C.sub("s", word)))
    return _long_enough(word.translate(_MUTE).translate(_ALIKE), SHORTEST + short)


def _long_enough(consonants: str, least: int) -> str | None:
    once = _TWICE.sub(r"\1", consonants)
    return once if len(once) >= least else None
