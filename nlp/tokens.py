"""Words of any text, Japanese or spaced, in the form that search, titles and clustering compare.

Stretches in kana and kanji go through SudachiPy, everything else is cut at what is no letter, mark or digit.
Texts may mix both; nobody has to say the language.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from nlp.japanese import morphemes
from nlp.normal import fold
from nlp.stem import stem
from nlp.stopwords import JAPANESE_STOP_WORDS, STOP_WORDS

_JAPANESE = "ぁ-ゖゝゞァ-ヺー-ヿ々〆〇㐀-䶿一-鿿\uf900-\ufaff\U00020000-\U0003ffff"
# \w leaves out the vowel signs of Indic and South-East Asian scripts; they are part of words.
_LETTER = rf"(?:[^\W_{_JAPANESE}]|[\u0300-\u036f\u0900-\u109f\u1780-\u17d3])"
_RUN = re.compile(
    r"(?P<skipped>\[[a-z_]{2,12}\]|https?://[!-~]+)"
    rf"|(?P<japanese>[{_JAPANESE}]+)"
    rf"|(?P<word>{_LETTER}+(?:['’.\-_]{_LETTER}+)*)"
)
"""Masks of redacted values and web addresses are no words."""
_PART = re.compile(rf"{_LETTER}+(?:['’]{_LETTER}+)*")
_DOTTED = re.compile(r"\d+(?:\.\d+)+|[a-z0-9_\-]+(?:\.[a-z0-9_\-]+)*\.[a-z]{2,4}")
_PARTICLES = frozenset(("up", "out", "off", "down"))
"""What follows a verb after a space or a hyphen: “top up” and “top-up” are one word; “plug-in” is a noun."""
_CONTENT_CLASSES = frozenset(("名詞", "動詞", "形容詞", "形状詞"))
_PROPER = (("固有名詞", "地名"), ("固有名詞", "人名"))
_LONG = 64
"""Runs of so many characters come once, and would only fill the memory."""


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a text."""

    surface: str
    """As written."""
    normal: str
    """Lower-cased, in one width, without inflection."""
    start: int
    end: int
    """Offsets in the text, half-open, in code points."""
    content: bool
    """False for particles, auxiliaries, stop words and single letters."""
    proper: bool
    """True for a Japanese name of a place or a person: it says where or who, not what."""


def normal_forms(text: str) -> list[str]:
    """Return the normal forms of the content words, in their order."""
    return [normal for _, _, normal, content, _ in _words(fold(text).text) if content]


def words(text: str) -> list[Token]:
    """Return every word of `text`; punctuation, space, web addresses and masks like `[email]` are none."""
    folded = fold(text)
    tokens = []
    for start, end, normal, content, proper in _words(folded.text):
        first, last = folded.origin(start, end)
        tokens.append(Token(text[first:last], normal, first, last, content, proper))
    return tokens


_Word = tuple[int, int, str, bool]
"""Start, end, normal form, and whether it is a content word."""


def _words(text: str) -> Iterator[tuple[int, int, str, bool, bool]]:
    """Yield what a token has but its writing."""
    for match in _RUN.finditer(text):
        if match.lastgroup == "japanese":
            yield from _japanese(match.group(), match.start())
        elif match.lastgroup == "word":
            run, offset = match.group(), match.start()
            for start, end, normal, content in _spaced(run) if len(run) < _LONG else _cut(run):
                yield offset + start, offset + end, normal, content, False


@lru_cache(maxsize=65536)
def _spaced(run: str) -> tuple[_Word, ...]:
    """Remember how a run was cut: titles are looked for in the same words again and again."""
    return tuple(_cut(run))


def _cut(run: str) -> Iterator[_Word]:
    """Cut one run of letters and inner signs: domains, versions and short compounds stay whole."""
    if "." in run and _DOTTED.fullmatch(run):
        yield 0, len(run), run.lower(), len(run) > 2
        return
    parts = list(_PART.finditer(run))
    compound = run.count("-") == 1 and len(parts) == 2 and min(len(part.group()) for part in parts) <= 3
    if compound and parts[1].group().lower().removesuffix("s") in _PARTICLES:
        yield 0, len(run), *_normal(parts[0].group().lower())
        return
    if compound and not any(part.group().isdigit() for part in parts):
        yield 0, len(run), stem(run.lower().replace("-", "")), True
        return
    for part in parts:
        word = part.group().lower().replace("’", "'")
        normal, content = _normal(word)
        yield part.start(), part.end(), normal, content


@lru_cache(maxsize=65536)
def _normal(word: str) -> tuple[str, bool]:
    normal = stem(word)
    content = len(word) > 1 and word not in STOP_WORDS and normal not in STOP_WORDS
    return normal, content and not (word.isdigit() and len(word) < 3)


def _japanese(run: str, offset: int) -> Iterator[tuple[int, int, str, bool, bool]]:
    counted = False
    for piece in morphemes(run):
        content = _is_content(piece.kind, piece.normal, counted)
        counted = piece.kind[1] == "数詞"
        yield offset + piece.start, offset + piece.end, piece.normal, content, piece.kind[1:3] in _PROPER


@lru_cache(maxsize=65536)
def _is_content(kind: tuple[str, ...], normal: str, after_numeral: bool) -> bool:  # noqa: FBT001  cached
    name, detail, usage, *_ = kind
    if name not in _CONTENT_CLASSES or detail in ("数詞", "助動詞語幹") or normal in JAPANESE_STOP_WORDS:
        return False
    return not (usage == "助数詞可能" and (after_numeral or len(normal) == 1))
