"""Japanese endings: the polite, the hesitant and the unfinished made plain (送れません: 送れない)."""

from collections.abc import Sequence
from dataclasses import dataclass

from nlp.japanese import morphemes

_ROWS = {
    "カ行": "かきくけこ",
    "ガ行": "がぎぐげご",
    "サ行": "さしすせそ",
    "タ行": "たちつてと",
    "ナ行": "なにぬねの",
    "バ行": "ばびぶべぼ",
    "マ行": "まみむめも",
    "ラ行": "らりるれろ",
    "ワア行": "わいうえお",
}
"""Row of a five-step verb to its endings: not, polite, plain, if, let us."""
_PAST = {"カ行": "いた", "ガ行": "いだ", "サ行": "した", "タ行": "った", "ラ行": "った", "ワア行": "った"}
"""The others (ナ, バ, マ) end in んだ."""
_ONE_STEM = ("上一段", "下一段", "サ行変格", "カ行変格", "助動詞-レル", "助動詞-セル")
_FAVOURS = frozenset(("下さる", "頂く", "頂ける", "戴く", "貰う", "貰える"))
_CONCERNING = ("つい", "関し", "対し", "とっ", "よっ")
"""Followed by て, which is gone by then: 「…について」 and its like."""
_EMPTY_NOUNS = frozenset(
    ("事", "こと", "点", "所", "状態", "状況", "感じ", "気", "為", "様", "方", "物", "の")
)
_FACTS = frozenset(("事", "こと", "点", "の"))
"""Nouns behind which a whole sentence stands."""
_OPINIONS = frozenset(("思う", "感ずる", "感じる", "考える", "思える"))
_REQUESTS = frozenset(("御願い", "お願い", "願う", "教える", "教示", "確認", "助ける"))
_BEFORE_OPINIONS = frozenset(("と", "とは", "に", "よう", "か", "も", "は", "が"))


@dataclass(frozen=True, slots=True)
class Piece:
    """A morpheme with its text."""

    text: str
    normal: str
    kind: tuple[str, ...]

    @property
    def word_class(self) -> str:
        """The part of speech: 名詞, 動詞, 助詞, …"""
        return self.kind[0]

    @property
    def inflects(self) -> bool:
        """True for what has forms: verbs, adjectives, auxiliaries."""
        return self.kind[4] != "*"

    @property
    def finished(self) -> bool:
        """True for an inflected form that a sentence may end with."""
        return self.kind[5].startswith(("終止形", "連体形"))


def pieces(text: str) -> list[Piece]:
    """Return the morphemes of `text` (NFKC)."""
    return [Piece(text[each.start : each.end], each.normal, each.kind) for each in morphemes(text)]


def plain(phrase: Sequence[Piece]) -> list[Piece] | None:
    """Return the phrase up to its plain end; None where it breaks off in a form that nothing can end with."""
    rest = list(phrase)
    for _ in range(12):
        shorter = _shortened(rest)
        if shorter is None:
            break
        rest = shorter
    if not rest or rest[-1].word_class in ("接頭辞", "接続詞", "連体詞", "副詞", "記号", "補助記号"):
        return None
    last = rest[-1]
    if not last.inflects or last.finished:
        return rest
    base = _base(last)
    return None if base is None else [*rest[:-1], base]


def _shortened(rest: list[Piece]) -> list[Piece] | None:
    """Take one thing off the end, or make it plain; None where there is nothing more to do."""
    if not rest:
        return None
    last = rest[-1]
    if last.word_class in ("助詞", "補助記号", "感動詞", "記号") and last.normal != "たり":
        return rest[:-1]
    if last.normal in _REQUESTS and last.inflects and not last.finished:
        return _before_request(rest)
    if len(rest) > 1 and last.text in _CONCERNING and rest[-2].text == "に":
        return rest[:-2]
    steps = (step(rest) for step in (_made_plain, _without_copula, _without_opinion))
    return next((shorter for shorter in steps if shorter is not None), None)


def _made_plain(rest: list[Piece]) -> list[Piece] | None:
    """送れません → 送れない, 送れました → 送れた, 送ります → 送る, 送ってください → 送ってほしい."""
    surfaces = [piece.text for piece in rest[-5:]]
    for polite, turn in (
        (["ませ", "ん", "でし", "た"], _not_past),
        (["ませ", "ん"], _not),
        (["まし", "た"], _past),
        (["ます"], _base),
    ):
        size = len(polite)
        if surfaces[-size:] == polite and len(rest) > size:
            verb = rest[-size - 1]
            if verb.normal in _REQUESTS or _asks(rest[: -size - 1]):
                return _before_request(rest[:-size])
            turned = turn(verb)
            return None if turned is None else [*rest[: -size - 1], turned]
    return _wish(rest)


def _wish(rest: list[Piece]) -> list[Piece] | None:
    """送ってください, 送っていただける → 送ってほしい; 方法を教えてください → 方法."""
    if len(rest) < 3 or rest[-1].normal not in _FAVOURS:
        return None
    if rest[-2].normal in _REQUESTS:
        return _before_request(rest[:-1])
    if rest[-2].text not in ("て", "で"):
        return None
    if rest[-3].normal in _REQUESTS or _asks(rest[:-3]):
        return _before_request(rest[:-2])
    wish = ("形容詞", "非自立可能", "*", "*", "形容詞", "終止形-一般")
    return [*rest[:-1], Piece("ほしい", "欲しい", wish)]


def _asks(before: Sequence[Piece]) -> bool:
    return bool(before) and before[-1].normal in _REQUESTS


def _before_request(rest: list[Piece]) -> list[Piece]:
    """Cut 「…をお願いします」 down to what is asked for."""
    while rest and (
        rest[-1].normal in _REQUESTS or rest[-1].text in ("し", "致し", "いたし", "お", "御", "を")
    ):
        rest = rest[:-1]
    return rest


def _without_copula(rest: list[Piece]) -> list[Piece] | None:
    """不便でした → 不便, 少ないです → 少ない, 混んでいたのだ → 混んでいた."""
    surfaces = [piece.text for piece in rest[-2:]]
    if surfaces in (["でし", "た"], ["だっ", "た"], ["な", "ん"]):
        return rest[:-2]
    if rest[-1].kind[4] in ("助動詞-デス", "助動詞-ダ") or rest[-1].text in ("でしょう", "だろう"):
        return rest[:-1]
    return None


def _without_opinion(rest: list[Piece]) -> list[Piece] | None:
    """少ないと思った → 少ない, 遠いこと → 遠い."""
    last = rest[-1]
    start = len(rest) - (2 if last.text == "た" else 1)
    if 0 < start < len(rest) and rest[start].normal in _OPINIONS and rest[start - 1].text in _BEFORE_OPINIONS:
        return rest[:start]
    noun = last.word_class in ("名詞", "形状詞") and last.normal in _EMPTY_NOUNS
    if noun and len(rest) > 2 and rest[-3].text == "の" and rest[-2].finished:
        return _with_subject(rest) if last.normal in _FACTS else None
    if noun and len(rest) > 1 and (rest[-2].finished or rest[-2].text in ("の", "な", "という")):
        return rest[:-1]
    return None


def _with_subject(rest: list[Piece]) -> list[Piece]:
    """本数の少ないこと → 本数が少ない: without its noun the description needs a subject."""
    subject, verb = rest[-3], rest[-2]
    return [*rest[:-3], Piece("が", "が", subject.kind), verb]


def _row(piece: Piece) -> str | None:
    """Return the endings of a five-step verb, and None for anything else."""
    family, _, row = piece.kind[4].partition("-")
    return _ROWS.get(row) if family == "五段" else None


def _not(verb: Piece) -> Piece | None:
    return _joined(verb, "ない")


def _not_past(verb: Piece) -> Piece | None:
    return _joined(verb, "なかった")


def _joined(verb: Piece, ending: str) -> Piece | None:
    """Put an ending behind the form that negation takes."""
    if verb.normal == "有る":
        return _piece(verb, ending)
    row = _row(verb)
    if row:
        return _piece(verb, verb.text[:-1] + row[0] + ending) if verb.text[-1] == row[1] else None
    return _piece(verb, verb.text + ending) if _stays(verb) else None


def _past(verb: Piece) -> Piece | None:
    row = _row(verb)
    if row:
        ending = (
            "った" if verb.normal in ("行く", "逝く") else _PAST.get(verb.kind[4].partition("-")[2], "んだ")
        )
        return _piece(verb, verb.text[:-1] + ending) if verb.text[-1] == row[1] else None
    return _piece(verb, verb.text + "た") if _stays(verb) else None


def _stays(verb: Piece) -> bool:
    """True for verbs whose stem is one before every ending: 見る, 食べる, する, 来る."""
    return verb.kind[4].startswith(_ONE_STEM)


def _base(piece: Piece) -> Piece | None:
    """Return the dictionary form of an inflected piece; None where it cannot be told from the form."""
    family = piece.kind[4]
    if family in ("形容詞", "助動詞-ナイ", "助動詞-タイ"):
        stem = next(
            (piece.text.removesuffix(end) for end in ("かっ", "く", "けれ") if piece.text.endswith(end)), None
        )
        return None if stem is None else _piece(piece, stem + "い")
    row = _row(piece)
    if row:
        return _five_step_base(piece, row)
    if not piece.kind[5].startswith("連用形"):
        return None
    if family.startswith(("上一段", "下一段", "助動詞-レル", "助動詞-セル")):
        return _piece(piece, piece.text + "る")
    if family == "サ行変格":
        return _piece(piece, piece.text[:-1] + "する") if piece.text.endswith("し") else None
    if family == "カ行変格":
        return _piece(piece, "くる" if piece.text == "き" else piece.text + "る")
    return _piece(piece, "た") if family == "助動詞-タ" else None


def _five_step_base(piece: Piece, row: str) -> Piece | None:
    form, changed = piece.kind[5], piece.text[-1]
    if form.startswith("連用形") and (changed == row[1] or "音便" in form):
        return _piece(piece, piece.text[:-1] + row[2])
    return None


def _piece(of: Piece, text: str) -> Piece:
    return Piece(text, of.normal, (*of.kind[:5], "終止形-一般"))
