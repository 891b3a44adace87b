"""A sentence parted where it says two things: “I love it, but it crashes”, 「…は便利。あと、…」, “1. … 2. …”.

Parted only where a word says so and each part is of a kind by itself, so that “I can read mail but not send
any” stays whole.
"""

import re
from collections.abc import Iterator

from nlp.kind_cues import OTHER
from nlp.kinds import kind_of

_NUMBERED = re.compile(r"(?:(?<=\s)|^)(?:\(?\d{1,2}[.)．）](?=\s?\D)|[(（]\d{1,2}[)）])\s*")
_CIRCLED = re.compile(r"[①-⑳]\s*")
_FIRST = re.compile(r"(?:1[.)．）]|[(（]1[)）]|①)\s*$")
_DIGITS = re.compile(r"\d+")
_MARK = 6
"""Code points before a sentence in which the mark of its line stands."""
_CONTRAST = re.compile(
    r"[,;]?\s+(?=(?:but|however|although|though|except that|only that|on the other hand)\b)"
    r"|(?:(?<=ですが)|(?<=ますが)|(?<=でしたが)|(?<=ましたが)|(?<=だが)|(?<=たが)|(?<=いが)|(?<=けど)"
    r"|(?<=けれど)"
    r"|(?<=けれども)|(?<=ものの)|(?<=反面)|(?<=一方)|(?<=一方で)|(?<=のに))[、,]",
    re.IGNORECASE,
)
_FURTHER = re.compile(
    r"[,;]?\s+(?=(?:but also|and also|and please|plus|as well as that|and another|also,)\b)"
    r"|(?:(?<=[、,])|(?<=て)|(?<=し)|(?<=が))(?=(?:あと|また|それと|それから|さらに|加えて)[、,は])"
    r"|(?<=うえに)[、,]|(?<=上に)[、,]",
    re.IGNORECASE,
)
_LEAST_PART = 6
"""Code points of a part that says something."""
_LONGEST = 600


def parted(
    text: str, start: int, end: int, *, contrasts: bool, channel: str, lang: str | None
) -> Iterator[tuple[int, int, bool]]:
    """Yield the parts of a sentence, each with whether it is a further thing said; or the whole sentence.

    With `contrasts`, praise and what it is set against are parts of their own: an answer weighs both, whereas
    a ticket tells what works only to say what does not.
    """
    if end - start > _LONGEST:
        yield start, end, False
        return
    listed = _list_items(text, start, end)
    if listed:
        for number, (first, last) in enumerate(listed):
            yield first, last, number > 0
        return
    cuts = [(*match.span(), True) for match in _FURTHER.finditer(text, start, end)]
    if contrasts:
        cuts += [(*match.span(), False) for match in _CONTRAST.finditer(text, start, end)]
    first, further = start, False
    for before, after, adds in sorted(cuts):
        if before < first or not _are_two(text, (first, before), (after, end), channel=channel, lang=lang):
            continue
        yield first, before, further
        first, further = after, adds
    yield first, end, further


def _list_items(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return the items of a list that stands in one line, without their numbers; empty where there is none.

    The mark of the first may have been taken off as the mark of the line.
    """
    begun = _FIRST.search(text, max(0, start - _MARK), start) is not None
    marks = list(_CIRCLED.finditer(text, start, end)) or list(_NUMBERED.finditer(text, start, end))
    numbers = [_number(mark) for mark in marks]
    first = 2 if begun else 1
    if len(marks) < first % 2 + 1 or numbers != list(range(first, first + len(numbers))):
        return []
    lead = [(start, marks[0].start())] if text[start : marks[0].start()].strip() else []
    ends = [*(mark.start() for mark in marks[1:]), end]
    return _said(text, [*lead, *((mark.end(), last) for mark, last in zip(marks, ends, strict=True))])


def _number(mark: re.Match[str]) -> int:
    told = _DIGITS.search(mark.group())
    return int(told.group()) if told else ord(mark.group()[0]) - ord("①") + 1


def _said(text: str, items: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the items without the space around them, or none where one says too little to be an item."""
    found = []
    for first, last in items:
        words = text[first:last]
        if len(words.strip()) < _LEAST_PART:
            return []
        first += len(words) - len(words.lstrip())
        found.append((first, first + len(words.strip())))
    return found


def _are_two(
    text: str, one: tuple[int, int], other: tuple[int, int], *, channel: str, lang: str | None
) -> bool:
    """Say whether two parts of a sentence say two things: each of a kind, and not both praise."""
    kinds = []
    for first, last in (one, other):
        words = text[first:last].strip()
        if len(words) < _LEAST_PART:
            return False
        kinds.append(kind_of(words, channel=channel, rating=None, lang=lang).name)
    return OTHER not in kinds and (kinds[0] != kinds[1] or kinds[0] != "praise")
