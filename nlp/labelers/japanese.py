"""Phrases of Japanese: clauses of what customers wrote, with a plain end."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from nlp.labelers.plain import Piece, pieces, plain
from nlp.normal import fold

LONGEST = 30
SHORTEST = 4

_SENTENCE = re.compile(r"[。．！？!?♪…\n\r「」『』()（）【】<>|｜;:■□◆◇●○・※→*]+|\s{2,}")
_CLAUSE = re.compile(
    r"[、，,]|(?<=ので)(?=\S{4})|(?<=けど)(?=\S{4})|(?<=ですが)(?=\S{4})|(?<=ですし)(?=\S{4})"
)
_REFUSED = re.compile(r"[\[\]@=\\_^~#$%{}]|https?|www\.|\d{4,}")
_ASKING = frozenset(("何故", "どう", "どの", "何"))
_POINTING = frozenset(
    ("此れ", "其れ", "彼れ", "此処", "其処", "私", "自分", "此の", "其の", "あの", "そう", "こう", "誰")
)
_CHATTER = re.compile(
    r"ありがと|嬉し|うれし|申し訳|よろしく|お世話|失礼|問い合わせ|いただ|頂|笑|ください|下さい"
)

_TROUBLED = re.compile(
    "な(?:い|かった)|ません|無(?:い|かった)|ず$|不[便可満足]|にく|づら|難し|困|少な|悪|汚|混|狭|遠|失敗|エラー|落ち|消え|遅"
)
_UNTROUBLED = re.compile(
    "(?:不便|問題|不満|支障|心配|困る?こと)(?:[はがも]|など)*(?:特に)?(?:感じ)?(?:な[いかく]|ありませ|無)"
)
_UNFINISHED = re.compile("(?:という|といった|ような|ように|とか|ところ)$")


def phrases(text: str) -> Iterator[str]:
    """Yield what may be a title: whole short sentences first, then clauses of long ones."""
    for sentence in _SENTENCE.split(fold(text).text):
        if len(sentence) <= 2 * LONGEST:
            yield from _tidied(sentence)
        clauses = _CLAUSE.split(sentence)
        if len(clauses) > 1:
            for clause in clauses:
                yield from _tidied(clause)


def fitness(phrase: str) -> float:
    """Return how much the phrase reads like a title, around 1: a subject and what happens to it."""
    found = pieces(phrase)
    value = 1.0 if found[-1].finished else 0.85
    if not any(piece.word_class == "助詞" for piece in found):
        value *= 0.8
    if _CHATTER.search(phrase) or found[0].normal in _POINTING:
        value *= 0.6
    too_long, too_short = max(0, len(phrase) - 22), max(0, 8 - len(phrase))
    return value * (1 - too_long / 30) * (1 - too_short / 16)


def troubled(phrase: str) -> bool:
    """Return whether the phrase says that something is wrong, missing or not possible."""
    return _TROUBLED.search(_UNTROUBLED.sub("", phrase)) is not None


def _tidied(raw: str) -> Iterator[str]:
    clause = raw.strip(" \t-–—~〜.,、。\"'")
    if not SHORTEST <= len(clause) <= 2 * LONGEST or _REFUSED.search(clause):
        return
    ended = plain(_without_opening(pieces(clause)))
    phrase = "".join(piece.text for piece in _now(ended or ())).strip()
    if SHORTEST <= len(phrase) <= LONGEST and not _UNFINISHED.search(phrase):
        yield phrase


def _now(ended: Sequence[Piece]) -> Sequence[Piece]:
    """Say of what is so what was so: 暑かった → 暑い."""
    adjective = ended[-2] if len(ended) > 1 and ended[-1].text == "た" else None
    if adjective is None or adjective.kind[4] != "形容詞" or not adjective.text.endswith("かっ"):
        return ended
    return [*ended[:-2], replace(adjective, text=adjective.text.removesuffix("かっ") + "い")]


def _without_opening(found: list[Piece]) -> list[Piece]:
    """Take off what only leads in: また、そして、とても、できれば…"""
    start = 0
    while start < len(found) and (_opens(found[start]) or _if_possible(found[start])):
        start += 1
    return found[start:]


def _if_possible(piece: Piece) -> bool:
    return piece.normal == "出来る" and piece.kind[5].startswith("仮定形")


def _opens(piece: Piece) -> bool:
    if piece.word_class == "副詞":
        return piece.normal not in _ASKING
    return piece.word_class in ("接続詞", "感動詞", "補助記号", "助詞", "空白", "助動詞", "記号")
