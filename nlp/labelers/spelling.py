"""Which words are two spellings of one: サーバ and サーバー, メイル and メール, E-mail and email."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from nlp.japanese import reading

_JAPANESE = re.compile("[ぁ-ゖァ-ヺ一-鿿㐀-䶿]")
_KANJI = re.compile("[㐀-䶿一-鿿]")
_COURTESY = re.compile("^[御お](?=[㐀-䶿一-鿿])")
_E_ROW, _O_ROW = "エケセテネヘメレゲゼデベペェ", "オコソトノホモヨロゴゾドボポョォ"
_LONG_E, _LONG_O = re.compile(f"(?<=[{_E_ROW}])イ"), re.compile(f"(?<=[{_O_ROW}])ウ")
_BREAKS = re.compile(r"[\s\-‐–_・･'’.]+")
SHORTEST_WITH_MARK = 4
"""Characters of a word whose last long mark may be left out: サーバー, but not コピー."""


def one_word(first: str, second: str) -> bool:
    """Say whether two words are spellings of one: read alike, and not with other kanji (機会 is not 機械)."""
    if _sound(first) != _sound(second):
        return False
    kanji, other = set(_KANJI.findall(first)), set(_KANJI.findall(second))
    return kanji <= other or other <= kanji


def without_doubles(words: Iterable[str]) -> list[str]:
    """Return the words without further spellings of those before them."""
    kept: list[str] = []
    for word in words:
        if not any(one_word(word, other) for other in kept):
            kept.append(word)
    return kept


@lru_cache(maxsize=16384)
def _sound(word: str) -> str:
    """Return what all spellings of a word have in common."""
    plain = _BREAKS.sub("", unicodedata.normalize("NFKC", word).casefold())
    if not _JAPANESE.search(plain):
        return plain
    sound = _LONG_O.sub("ー", _LONG_E.sub("ー", reading(_COURTESY.sub("", plain))))
    return sound[:-1] if len(sound) >= SHORTEST_WITH_MARK and sound.endswith("ー") else sound
