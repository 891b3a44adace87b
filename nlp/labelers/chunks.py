"""Japanese cut into its smallest units of sense (bunsetsu), and each seen as a subject or as what is said."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from nlp.labelers.plain import Piece, plain

SUBJECT_PARTICLES = frozenset(("が", "は", "も"))
PARTICLES = frozenset((*SUBJECT_PARTICLES, "を", "に", "で", "へ", "から", "まで", "の"))
"""What may stand between a noun and what is said about it in a title."""
_HEADS = frozenset(
    ("名詞", "動詞", "形容詞", "形状詞", "副詞", "接頭辞", "連体詞", "接続詞", "感動詞", "代名詞")
)
_NOUNS = frozenset(("名詞", "接頭辞", "接尾辞", "形状詞"))
_NOT = frozenset(("ない", "ず", "ぬ", "まい"))
_HARD = frozenset(("難い", "辛い"))
_WISHES = frozenset(("たい", "欲しい"))
_COPULA = ("助動詞-ダ", "助動詞-デス")


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of something, in whatever form: 分かりにくい, わかりづらかった, 分かりにくさ."""

    head: str
    """The dictionary's spelling of the verb, adjective or noun."""
    negated: bool = False
    hard: bool = False
    """True for what is hard to do."""
    wished: bool = False
    verb: bool = field(default=False, compare=False)
    noun: bool = field(default=False, compare=False)
    """True for a noun alone that may be what happens or only a thing: 渋滞, 施設."""


@dataclass(frozen=True)
class Chunk:
    """One unit: a noun with its particle, or a verb or adjective with what hangs on it."""

    pieces: tuple[Piece, ...]

    @cached_property
    def particle(self) -> str:
        """The particles that end it, as one text; empty where there are none."""
        tail = []
        for piece in reversed(self.pieces):
            if piece.word_class != "助詞":
                break
            tail.append(piece.text)
        return "".join(reversed(tail))

    @cached_property
    def nouns(self) -> tuple[Piece, ...]:
        """The run of nouns that it begins with, prefixes and suffixes included."""
        run: list[Piece] = []
        for piece in self.pieces:
            if piece.word_class not in _NOUNS or piece.inflects:
                break
            run.append(piece)
        return tuple(run)

    @property
    def names(self) -> bool:
        """True where it is a noun and its particle only."""
        rest = self.pieces[len(self.nouns) :]
        return bool(self.nouns) and all(piece.word_class == "助詞" for piece in rest)

    @property
    def adnominal(self) -> bool:
        """True where it can only describe the noun that follows."""
        last = self.pieces[-1]
        return last.kind[5].startswith("連体形") or last.word_class == "連体詞" or self.particle == "の"

    @property
    def adverbial(self) -> bool:
        """True where it says how something is done, or wanted, not how it is: 「綺麗に」."""
        return self.pieces[-1].kind[5] == "連用形-ニ"

    @property
    def finished(self) -> bool:
        """True where it ends in a form that can stand before a noun or at the end."""
        return self.pieces[-1].finished

    @cached_property
    def said(self) -> Said | None:
        """What it says of its subject; None for what says nothing."""
        heads = [piece for piece in self.pieces if piece.word_class in ("名詞", "動詞", "形容詞", "形状詞")]
        if not heads:
            return None
        head = heads[0]
        if self.nouns:
            head = [piece for piece in self.nouns if piece.word_class != "接尾辞"][-1:][0]
        normals = [piece.normal for piece in self.pieces]
        return Said(
            head=head.normal,
            negated=any(map(_negates, self.pieces, self.pieces[1:])),
            hard=any(piece.normal in _HARD and piece.word_class == "接尾辞" for piece in self.pieces),
            wished=bool(_WISHES.intersection(normals[1:])),
            verb=any(piece.word_class == "動詞" for piece in self.pieces),
            noun=self.names and not quality(self.nouns[-1]),
        )


def chunks(found: Sequence[Piece]) -> list[Chunk]:
    """Return the units of a clause in their order."""
    units: list[list[Piece]] = []
    for piece in found:
        if units and not _begins(units[-1], piece):
            units[-1].append(piece)
        else:
            units.append([piece])
    return [Chunk(tuple(unit)) for unit in units]


def _begins(before: Sequence[Piece], piece: Piece) -> bool:
    """Say whether a piece begins a unit of its own."""
    if piece.word_class not in _HEADS:
        return False
    last = before[-1]
    if last.word_class == "接頭辞":
        return False
    if piece.word_class in ("名詞", "接頭辞"):
        return not (last.word_class in ("名詞", "接頭辞", "接尾辞") and not last.inflects)
    if piece.word_class in ("動詞", "形容詞") and piece.kind[1] == "非自立可能":
        # 移動できない, 混んでいる, 増やしてほしい, 食べてみる; but not 駐車場がない.
        held = last.text in ("て", "で") and len(before) > 1 and before[-2].inflects
        return not (held or (last.inflects and not last.finished) or last.word_class in ("名詞", "形状詞"))
    return not (last.word_class == "動詞" and piece.word_class == "動詞" and not last.finished)


def _negates(before: Piece, piece: Piece) -> bool:
    """Say whether a piece negates those before it: 分からない, 綺麗じゃない; but not 駐車場ない."""
    if piece.word_class == "助動詞":
        return piece.normal in _NOT
    return piece.normal == "無い" and (before.kind[4] == "助動詞-ダ" or before.text in ("は", "も"))


def quality(noun: Piece) -> bool:
    """Say whether a noun says how something is: 不便, 残念, 狭さ."""
    return noun.word_class in ("形状詞", "接尾辞") or noun.kind[2] in ("形状詞可能", "サ変形状詞可能")


def plain_text(unit: Sequence[Piece]) -> str | None:
    """Return the pieces with a plain end; None where nothing can end with them."""
    ended = plain(unit)
    return "".join(piece.text for piece in ended) if ended else None
