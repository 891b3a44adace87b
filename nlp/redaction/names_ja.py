"""Japanese names: before 様, after 「氏名:」, before 「と申します」, in signatures, full ones anywhere."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from nlp.japanese import Morpheme, morphemes
from nlp.redaction.codes import Stretch

_HONORIFIC = re.compile(
    r"(?<=[一-鿿々ぁ-んァ-ヶーA-Za-z ])(?<![様殿])"
    r"(?:(?<!たく)さん(?![ぽさ橋])|さま|様|氏(?!名|遺跡|館|族|神|ゆかり|縁)|殿(?![ぁ-ん]?[堂])|くん|ちゃん|先生)"
)
_INTRODUCTION = re.compile(
    r"(?<=[一-鿿々ぁ-んァ-ヶーA-Za-z])(?:と申し|と申す|といいます|と言います|という者|と言う者"
    r"|でございます|です(?=[。、\n!が]|$)|より(?=\s*(?:\n|$)))"
)
_SURE = ("と申し", "と申す", "といいます", "と言います", "という者", "と言う者")
_LABEL = re.compile(
    r"(?:^|(?<=[\s、。・●■◆◇○【(\[]))(?:ご?契約者名?|ご?担当者?名?|申込者名?|会員名|ご?利用者名|記入者"
    r"|発信者|送信者|差出人"
    r"|お?名前|ご?氏名)[\])】]?[ \t]*:[ \t]*"
    r"([一-鿿々ァ-ヶー・ぁ-んA-Za-z]{1,15}(?: [一-鿿々ァ-ヶーぁ-んA-Za-z]{1,12})?)",
    re.MULTILINE,
)
_NO_NAME = re.compile(
    r"(?:なし|無し|未定|不明|匿名|同上|同じ|希望|変更|非公開|各位|名無し|ありません|特に|必須|任意|上記"
    r"|以下)"
)
_SIGNATURE = re.compile(
    r"^[ \t>]*+(?P<organisation>[^\n。、]{0,30}?(?:株式会社|有限会社|合同会社|会社|法人|[部課室店係]"
    r"|担当|Inc\.?|Ltd\.?)[^\n。、]{0,16}?[ :/])?"
    r"[ \t]{0,8}(?P<name>[一-鿿々]{1,4} ?[一-鿿々ぁ-んァ-ヶー]{1,5})[ \t]{0,8}$",
    re.MULTILINE,
)
_SHOP = "屋亭堂庵館軒荘園店寺院社"
"""Ends the name of a shop, which people honour with さん too: 「平野屋さん」, but not 「土屋さん」."""
_BEHIND = re.compile(r"[一-鿿々ぁ-んァ-ヶー・A-Za-z'\- ]{1,18}$")
_LATIN = re.compile(r"(?:[A-Z][a-zà-ÿ'’\-]{1,20} )?[A-Z][a-zà-ÿ'’\-]{1,20} ?$")
_KATAKANA = re.compile(r"[ァ-ヶー]{2,12}(?:[・ ][ァ-ヶー]{2,12})?$")
_LEFT_OF_NAME = re.compile(r"(?:^|[の、。\s:(「]|(?:私|わたし|僕|俺|名前|氏名|担当者?|こちら)は)$")

_SURNAME, _GIVEN = ("人名", "姓"), ("人名", "名")
_COMPOUND = re.compile(
    r"(?<![一-鿿々ァ-ヶー])[一-鿿々](?=[一-鿿々ァ-ヶー ]{2})[一-鿿々ァ-ヶー]{0,12}"
    r"(?: [一-鿿々ァ-ヶーぁ-ん]{1,6})?"
    r"(?![一-鿿々ァ-ヶー])"
)
"""Words of kanji and katakana that a full name may stand in, with a space between its parts or none."""
_OF_STRANGERS = ("さん", "様", "氏", "さま")
_LONGEST = 18
"""Characters before a cue that are looked at."""


def japanese_names(text: str) -> Iterator[Stretch]:
    """Find names of people, decided by SudachiPy's dictionary: 「業者さん」 and 「お客様」 are none."""
    for match in _HONORIFIC.finditer(text):
        start = _name_before(text, match.start(), honorific=match.group())
        if start is not None:
            yield start, match.start() - (text[match.start() - 1] == " ")
    for match in _INTRODUCTION.finditer(text):
        start = _introduced_before(text, match.start(), sure=match.group() in _SURE)
        if start is not None:
            yield start, match.start()
    for match in _LABEL.finditer(text):
        if not _NO_NAME.match(match[1]):
            yield match.start(1), match.start(1) + len(_without_honorific(match[1]))
    for match in _SIGNATURE.finditer(text):
        if _is_signature(match["name"], in_organisation=match["organisation"] is not None):
            yield match.span("name")
    yield from _full_names(text)


def _full_names(text: str) -> Iterator[Stretch]:
    """Find a surname with a given name behind it; the famous lose their names too."""
    for run in _COMPOUND.finditer(text):
        for start, end in _full_names_in(run.group()):
            yield run.start() + start, run.start() + end


@lru_cache(maxsize=32768)
def _full_names_in(words: str) -> tuple[Stretch, ...]:
    found = []
    pieces = [piece for piece in morphemes(words) if piece.kind[0] != "空白"]
    for surname, given in pairwise(pieces):
        if surname.kind[2:4] == _SURNAME and given.kind[2:4] == _GIVEN and given.end - given.start > 1:
            found.append((surname.start, given.end))
    return tuple(found)


def _name_before(text: str, end: int, *, honorific: str) -> int | None:
    """Return where the name that ends before the honorific at `end` starts."""
    behind = _BEHIND.search(text[max(0, end - _LONGEST) : end])
    start = _honoured(behind.group(), honorific) if behind else None
    return None if behind is None or start is None else end - len(behind.group()) + start


def _introduced_before(text: str, end: int, *, sure: bool) -> int | None:
    """Return where the name before 「と申します」 (sure) or 「です」 (behind の or a break) starts."""
    behind = _BEHIND.search(text[max(0, end - _LONGEST) : end])
    start = _introduced(behind.group(), sure) if behind else None
    if behind is None or start is None:
        return None
    start += end - len(behind.group())
    return start if sure or _LEFT_OF_NAME.search(text[max(0, start - 5) : start]) else None


# Both are asked about the same few words again and again: greetings and signatures.
@lru_cache(maxsize=4096)
def _honoured(words: str, honorific: str) -> int | None:
    """Return where in `words` the name starts that the honorific behind them honours."""
    if latin := _LATIN.search(words):
        return latin.start() if honorific in _OF_STRANGERS else None
    # The honorific is analysed too: 「仕様」, 「皆様」 and 「奥さん」 are words of their own.
    pieces = list(morphemes(words + honorific))
    index = next((number for number, piece in enumerate(pieces) if piece.start == len(words)), 0)
    if index == 0:
        return None
    if katakana := _KATAKANA.search(words):
        inside = [piece for piece in pieces[:index] if piece.start >= katakana.start()]
        return katakana.start() if _is_foreign_name(inside) else None
    return _start_of_name(pieces[:index], words, places=honorific in (*_OF_STRANGERS, "殿"))


@lru_cache(maxsize=4096)
def _introduced(words: str, sure: bool) -> int | None:  # noqa: FBT001  cached
    """Return where in `words` the name starts that they end with."""
    if sure and (latin := _LATIN.search(words)):
        return latin.start()
    pieces = list(morphemes(words))
    start = _start_of_name(pieces, words, places=sure)
    if start is None and sure and (katakana := _KATAKANA.search(words)):
        inside = [piece for piece in pieces if piece.start >= katakana.start()]
        return katakana.start() if _is_foreign_name(inside) else None
    return start


def _start_of_name(pieces: Sequence[Morpheme], window: str, *, places: bool) -> int | None:
    """Walk back over the morphemes at the end of `window` and return where a person's name starts in it."""
    stretch: list[Morpheme] = []
    for piece in reversed(pieces):
        gap = piece.kind[0] == "空白"
        if not gap and not _may_be_in_name(piece):
            break
        if sum(part.end - part.start for part in stretch) > 8:
            break
        stretch.insert(0, piece)
    while stretch and stretch[0].kind[0] == "空白":
        stretch.pop(0)
    if not stretch:
        return None
    last = next(piece for piece in reversed(stretch) if piece.kind[0] != "空白")
    if window[last.end - 1] in _SHOP and _SURNAME[1] not in last.kind:
        return None
    surname = next((piece for piece in stretch if _SURNAME[1] in piece.kind), None)
    if surname and not any(_is_common(piece) for piece in stretch if piece.start > surname.start):
        return surname.start
    if "人名" in last.kind or (
        places and "地名" in last.kind and window[last.end - 1] not in "都道府県市区町村国"
    ):
        return last.start
    unknown = [piece for piece in stretch if not piece.known]
    return unknown[0].start if unknown and unknown[-1] is last and last.end - unknown[0].start <= 5 else None


def _may_be_in_name(piece: Morpheme) -> bool:
    if piece.kind[:2] == ("名詞", "固有名詞"):
        return piece.kind[2] in ("人名", "地名", "一般")
    return (
        piece.kind[0] in ("名詞", "接尾辞")
        and not piece.kind[1].startswith("数")
        and piece.end - piece.start <= 2
    )


def _is_common(piece: Morpheme) -> bool:
    """Tell 「商店」 and 「部長」 from given names, whose single characters are common words too."""
    return piece.known and piece.kind[:2] == ("名詞", "普通名詞") and piece.end - piece.start > 1


def _is_foreign_name(pieces: Sequence[Morpheme]) -> bool:
    """Tell スミス from スタッフ: known as a name, or known as nothing."""
    words = [piece for piece in pieces if piece.kind[0] == "名詞"]
    return bool(words) and all("人名" in piece.kind or not piece.known for piece in words)


def _is_signature(name: str, *, in_organisation: bool) -> bool:
    pieces = [piece for piece in morphemes(name) if piece.kind[0] != "空白"]
    if not pieces or _SURNAME[1] not in pieces[0].kind:
        return False
    given = [
        piece
        for piece in pieces[1:]
        if "人名" in piece.kind or piece.end - piece.start == 1 or not piece.known
    ]
    whole = len(given) == len(pieces) - 1
    return whole and (in_organisation or (bool(given) and any("名" in piece.kind for piece in given)))


def _without_honorific(name: str) -> str:
    return re.sub(r" ?(?:様|さん|さま|氏|殿)$", "", name)
