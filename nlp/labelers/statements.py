"""What Japanese customers say of what: statements out of their clauses, to be counted over a group."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from nlp.labelers.chunks import PARTICLES, SUBJECT_PARTICLES, Chunk, Said, chunks, plain_text, quality
from nlp.labelers.plain import Piece, pieces
from nlp.normal import fold

LONGEST_NAME = 16
LONGEST_SAID = 10
LONGEST_TEXT = 1200
"""Characters read of a text."""

_CLAUSE = re.compile(r"[。．！？!?♪…\n\r「」『』()（）【】<>|｜;:：■□◆◇●○・※→*、，,~〜]+|\s{2,}")
_REFUSED = re.compile(r"[\[\]@=\\_^#$%{}&]|https?|\d{3,}")
_GLAD = frozenset(("良い", "嬉しい", "助かる", "有り難い", "宜しい"))
_IF = frozenset(("と", "ば", "たら", "ら"))
_GOING_ON = frozenset(("て", "で", "し"))
"""What joins two things said of one subject: 「階段が多くて大変」."""
_NOTHING = """
此れ 其れ 彼れ 此処 其処 私 自分 誰
何 事 こと 物 所 方 為 時 今回 訳 人 様 よう 感 等 気 点 中 感じ 自体 部分 際 程 以外
他 前 後 外 内 目 多く 方々 皆様 皆さん 風 等々 色々 上記 次 次回 今度 其々
"""
_POINTING = frozenset(_NOTHING.split())
"""What names nothing by itself."""
_EMPTY = _POINTING | {"場所", "時間", "近く"}
"""What names something only together with another word."""
_THINGS = frozenset(("物", "所"))
"""What names something where a verb or adjective says which: 「食べたいもの」, 「休めるところ」."""
_BETWEEN = frozenset(("感ずる", "感じる", "有る", "こと", "事", "点", "所", "何", "特に"))
"""What may stand between a quality and the word that takes it back: 「不便に感じることはない」."""
_FILLING = frozenset(("居る", "有る", "為る", "成る", "言う", "良い", "無い", "因る"))
"""Verbs and adjectives that describe a noun without saying which one it is."""
_SCARCE = Said("少ない")
_WANTED = Said("欲しい")


@dataclass(frozen=True, slots=True)
class Name:
    """What something is said of, as it is written, and the words in it."""

    text: str
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class Statement:
    """A name, the particle behind it, and what is said of it."""

    name: Name | None
    particle: str
    said: Said
    text: str
    """What is said, with a plain end."""


@dataclass(frozen=True, slots=True)
class Reading:
    """All that one text says."""

    statements: tuple[Statement, ...]
    names: tuple[Name, ...]
    said: frozenset[Said]
    words: frozenset[str]


@lru_cache(maxsize=32768)
def read(text: str) -> Reading:
    """Return what a text says, clause by clause."""
    statements: dict[Statement, None] = {}
    names: dict[Name, None] = {}
    said: set[Said] = set()
    words: set[str] = set()
    for clause in _CLAUSE.split(fold(text[:LONGEST_TEXT]).text):
        units = chunks(pieces(clause.strip()))
        words.update(bare(piece.normal) for unit in units for piece in unit.pieces)
        names |= dict.fromkeys(_names(units))
        for place, unit in enumerate(units):
            if unit.said is not None and _says(unit) and not (_wish(units, place) or _wished(units, place)):
                said.add(_canonical(_taken_back(unit.said, units[place:])))
        if not _REFUSED.search(clause):
            statements |= dict.fromkeys(_statements(units))
    said.update(statement.said for statement in statements)
    return Reading(tuple(statements), tuple(names), frozenset(said), frozenset(words))


def bare(normal: str) -> str:
    """Return a normal form without the prefix of courtesy, in small letters: 御店 is 店."""
    lower = normal.lower()
    return lower[1:] if lower.startswith("御") and len(lower) > 1 else lower


def _canonical(said: Said) -> Said:
    """Take 「ない」 and 「少ない」 for one: where one shop is too few, somebody says that there is none."""
    return _SCARCE if said.head == "無い" and not said.negated else said


def _taken_back(said: Said, units: Sequence[Chunk]) -> Said:
    """Return what the first unit says, as its opposite where the next ones take it back: 「不便はない」."""
    unit, *following = units
    if not unit.nouns or not quality(unit.nouns[-1]):
        return said
    for after in following:
        head = after.pieces[0].normal
        negated = after.said is not None and after.said.negated
        if head == "無い" or (head in _BETWEEN and negated):
            return replace(said, negated=not said.negated)
        if head not in _BETWEEN:
            break
    return said


def _says(unit: Chunk) -> bool:
    """Say whether a unit says something, and is more than a name: 休業, 不便, 混んでいる."""
    if not unit.names:
        return not unit.adverbial
    noun = unit.nouns[-1]
    if noun.normal in _EMPTY or noun.kind[1] == "助動詞語幹":
        return False
    return noun.word_class == "形状詞" or noun.kind[2] in ("サ変可能", "形状詞可能", "サ変形状詞可能")


def _names(units: Sequence[Chunk]) -> Iterator[Name]:
    for place, unit in enumerate(units):
        if not unit.names:
            continue
        for first in {place, _described_from(units, place)}:
            name = _name(units[first:place], unit)
            if name is not None:
                yield name


def _described_from(units: Sequence[Chunk], place: int) -> int:
    """Return where the description of a noun begins: 「食事する場所」, 「バスの本数」."""
    first = place
    while first > 0 and units[first - 1].adnominal:
        first -= 1
    return first


def _name(describing: Sequence[Chunk], unit: Chunk) -> Name | None:
    """Return a noun with its description as a name; None for what names nothing or goes on too long."""
    run = unit.nouns
    if not run or not (_nameable(run) or _which(describing, run)):
        return None
    if describing and (
        describing[0].pieces[0].normal in _FILLING or describing[0].pieces[0].word_class == "連体詞"
    ):
        return None
    before = [piece for each in describing for piece in each.pieces]
    text = "".join(piece.text for piece in (*before, *run))
    told = [piece for piece in before if piece.word_class in ("名詞", "動詞", "形容詞", "形状詞")]
    own = [piece for piece in run if piece.word_class not in ("接頭辞", "接尾辞")]
    words = frozenset(bare(piece.normal) for piece in (*told, *own)) - _FILLING
    if len(text) > LONGEST_NAME or _REFUSED.search(text) or not words - _EMPTY - _THINGS:
        return None
    return Name(text, words)


def _which(describing: Sequence[Chunk], run: Sequence[Piece]) -> bool:
    """Say whether it is a thing or place of a kind that is told: 「食べたいもの」, 「休めるところ」."""
    return (
        len(run) == 1 and run[0].normal in _THINGS and bool(describing) and describing[-1].pieces[0].inflects
    )


def _nameable(run: Sequence[Piece]) -> bool:
    last = run[-1]
    if last.word_class == "接頭辞" or run[0].word_class == "接尾辞" or last.normal in _POINTING:
        return False
    if len(run) > 1 and run[0].normal in _POINTING:
        return False
    if last.word_class == "形状詞" or last.kind[2] == "形状詞可能":
        return False
    return not all(
        piece.kind[1] in ("数詞", "非自立可能") or piece.kind[2] in ("助数詞可能", "副詞可能")
        for piece in run
        if piece.word_class != "接尾辞"
    )


def _statements(units: Sequence[Chunk]) -> Iterator[Statement]:
    """Yield what each verb and adjective of a clause says, of each noun before it and of none."""
    start = 0
    for place, unit in enumerate(units):
        following = units[place + 1] if place + 1 < len(units) else None
        if unit.names and (following is not None or unit.particle):
            continue
        if _wished(units, place) or (following is not None and unit.adnominal and following.nouns):
            continue
        if unit.said is not None and _taken_back(unit.said, units[place:]) != unit.said:
            continue
        glad = _wish(units, place)
        if _says(unit) and (told := _told(unit, wish=glad)) is not None:
            said, text = told
            yield Statement(None, "", said, text)
            yield from _of_names(units[start:place], said, text, noun=_noun_of_quality(unit))
        if not (unit.names or glad or unit.pieces[-1].text in _GOING_ON):
            start = place + 1


def _wish(units: Sequence[Chunk], place: int) -> bool:
    """Say whether what a unit says is only wished for: 「…があると嬉しい」."""
    following = units[place + 1 : place + 2]
    return units[place].pieces[-1].text in _IF and any(unit.pieces[0].normal in _GLAD for unit in following)


def _wished(units: Sequence[Chunk], place: int) -> bool:
    """Say whether a unit only ends a wish: the gladness in 「…があると嬉しい」."""
    return place > 0 and _wish(units, place - 1)


def _noun_of_quality(unit: Chunk) -> bool:
    return _made_noun(unit) or (unit.names and quality(unit.nouns[-1]))


def _made_noun(unit: Chunk) -> bool:
    """Say whether it is an adjective as a noun: 狭さ."""
    return unit.pieces[-1].word_class == "接尾辞" and not unit.pieces[-1].inflects


def _told(unit: Chunk, *, wish: bool) -> tuple[Said, str] | None:
    """Return what a unit says, in one form for all, and its text with a plain end."""
    said = unit.said
    if said is None:
        return None
    if said.head == "欲しい" or (wish and said.head == "有る"):
        return _WANTED, "ほしい"
    if wish:
        return None
    if _made_noun(unit):
        stem, *rest = unit.pieces
        return (said, f"{stem.text}い") if stem.kind[4] == "形容詞" and len(rest) == 1 else None
    text = plain_text(unit.pieces)
    if text is None or text.endswith("たり") or len(text) > LONGEST_SAID:
        return None
    return _canonical(said), text


def _of_names(before: Sequence[Chunk], said: Said, text: str, *, noun: bool) -> Iterator[Statement]:
    for place, unit in enumerate(before):
        if (
            not unit.names
            or _taken(unit, before[place + 1 :])
            or (particle := _particle(unit, said, last=noun and place == len(before) - 1)) is None
        ):
            continue
        described = _described_from(before, place)
        circumstances = described - 1 if described and _circumstance(before[described - 1]) else described
        for first in {place, described, circumstances}:
            name = _name(before[first:place], unit)
            if name is not None:
                yield Statement(name, particle, said, text)


def _taken(unit: Chunk, following: Sequence[Chunk]) -> bool:
    """Say whether a noun belongs to what describes a later one: the children in 「子どもが遊べる施設」."""
    return unit.particle not in ("は", "も") and any(
        later.adnominal and later.particle != "の" for later in following
    )


def _circumstance(unit: Chunk) -> bool:
    """Say whether a unit tells under which circumstances something happens: 「パスワード変更後に」."""
    return unit.names and unit.particle in ("に", "で") and _nameable(unit.nouns)


def _particle(unit: Chunk, said: Said, *, last: bool) -> str | None:
    """Return the particle that a title has between a noun and what is said; None where they do not belong."""
    particle = unit.particle
    if particle == "の":
        return "が" if last else None
    if particle in ("は", "も") and said.verb and not (said.negated or said.wished):
        return None  # 「お土産は買った」 does not say that the present bought something
    if particle in SUBJECT_PARTICLES:
        return "が"
    return particle if particle in PARTICLES else None
