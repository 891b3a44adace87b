"""Light English stemming: plurals, -ed and -ing taken off so that the rest is still a word to read."""

import re
from functools import lru_cache

_UNCHANGED = """
always across address access process progress business press less class pass miss loss bus status bonus
virus plus thus basis analysis axis canvas alias this gas lens chaos news series species https css js
dns during nothing something anything everything string spring bring thing king ring wing morning
evening setting settings speed need feed exceed proceed indeed embed seed weed bed red hundred sacred
windows
"""
_WORD = re.compile(r"[a-z]{4,}")
_KEPT = frozenset(_UNCHANGED.split())
_IRREGULAR = {
    "settings": "setting",
    "addresses": "address",
    "indices": "index",
    "sent": "send",
    "lost": "lose",
    "paid": "pay",
    "broken": "break",
    "broke": "break",
    "crashes": "crash",
    "syncing": "sync",
    "synced": "sync",
    "using": "use",
    "used": "use",
    "movies": "movie",
    "cookies": "cookie",
    "ties": "tie",
    "tied": "tie",
    "dies": "die",
    "died": "die",
}
_VOWELS = "aeiouy"


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """Return the stem of a lower-cased word; what is not plain a-z comes back as it is."""
    if word.endswith(("'s", "’s")):
        word = word[:-2]
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word in _KEPT or not _WORD.fullmatch(word):
        return word
    singular = _without_plural(word)
    return _IRREGULAR.get(singular) or _without_ending(singular)


def _without_plural(word: str) -> str:
    if word.endswith("ies"):
        return word[:-3] + "y" if len(word) > 4 else word[:-1]
    if word.endswith(("sses", "shes", "ches", "xes", "zzes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _without_ending(word: str) -> str:
    for ending in ("ing", "ed"):
        rest = word.removesuffix(ending)
        if rest != word and word not in _KEPT and len(rest) > 2 and any(c in _VOWELS for c in rest):
            return _rebuilt(rest)
    return word


def _rebuilt(rest: str) -> str:
    """Undo what the ending did to the word: planned → plan, saved → save, copied → copy."""
    if rest.endswith("i"):
        return rest[:-1] + "y"
    if len(rest) > 3 and rest[-1] == rest[-2] and rest[-1] not in "lsz":
        return rest[:-1]
    if rest.endswith(("at", "bl", "iz", "ys", "v", "rg", "dg", "ang", "rc", "nc", "uc", "ic", "ac")):
        return rest + "e"
    if rest.endswith(("let", "plet", "lud", "rod", "ov", "ut", "os", "us", "eas", "ens", "rs", "uir", "ibl")):
        return rest if rest.endswith(("out", "put")) else rest + "e"
    short = len(rest) == 3 or (len(rest) == 4 and rest[0] not in _VOWELS and rest[1] not in _VOWELS)
    if short and rest[-1] not in "wxyaeiou" and rest[-2] in "aeiou" and rest[-3] not in _VOWELS:
        return rest + "e"
    return rest
