"""Where two versions of a text differ: line by line, and within a line word by word, at a bounded cost.

Japanese has no spaces: letters of one script that stand together (カタカナ, ABC) are one word, every other
sign is one by itself. Long lines are compared sentence by sentence.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby, pairwise
from typing import Literal

Form = Literal["same", "removed", "added", "changed"]
LONG = 160
"""Characters from which on a line is compared sentence by sentence."""
LONGEST = 600
"""Characters of what is compared as one; a sentence that is longer is cut."""
CONTEXT = 2
"""Lines that stay in sight before and after a change."""
ALIKE = 0.5
"""How alike two lines are, 0 to 1, that are one line which was changed."""
NEAR = 5
"""Lines among which the one is looked for that was changed."""
SEAM = 2
"""Signs that two changes must lie apart to be shown as two."""
BUDGET = 4_000_000
"""Comparisons at most; what is left then is shown as removed and added as a whole."""
_END = re.compile(r"(?:[。！？]+[」』）]*|(?<![.!?])[.!?]++(?=\s))\s*")
"""How a sentence ends. A row of dots that is no end is gone through once, not once from each dot."""
_WORD = re.compile(r"[A-Za-z0-9À-ɏ_'’-]+|[ァ-ヿ]+|\s+|.", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A stretch of a line: `same`, `removed` or `added`."""

    form: Form
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of one version or of both."""

    form: Form
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Rows that stand together; those that are `folded` are the same in both, away from every change."""

    rows: tuple[Row, ...]
    folded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What became of a text."""

    stretches: tuple[Stretch, ...]
    removed: int
    """Lines that are gone or were changed."""
    added: int
    """Lines that are new or were changed."""

    @property
    def is_none(self) -> bool:
        """True where both say the same."""
        return not (self.removed or self.added)


@dataclass(slots=True)
class _Purse:
    """How much may still be compared."""

    left: int = BUDGET

    def pays(self, cost: int) -> bool:
        if cost > self.left:
            return False
        self.left -= cost
        return True


def difference(before: str, after: str) -> Difference:
    """Return where two texts differ; empty lines do not count."""
    purse = _Purse()
    rows = list(_rows(_lines(before), _lines(after), purse))
    changed = Counter(row.form for row in rows)
    return Difference(
        stretches=tuple(_folded(rows)),
        removed=changed["removed"] + changed["changed"],
        added=changed["added"] + changed["changed"],
    )


def _lines(text: str) -> list[str]:
    found: list[str] = []
    for line in text.splitlines():
        if not (stripped := line.strip()):
            continue
        pieces = [stripped] if len(stripped) <= LONG else _sentences(stripped)
        for piece in pieces:
            whole = piece.rstrip()
            found += [whole[at : at + LONGEST] for at in range(0, len(whole), LONGEST)]
    return found


def _sentences(line: str) -> list[str]:
    ends = [0, *(found.end() for found in _END.finditer(line)), len(line)]
    return [line[start:end] for start, end in pairwise(ends) if start < end]


def _rows(old: Sequence[str], new: Sequence[str], purse: _Purse) -> Iterator[Row]:
    """Yield the rows of two versions: from one line that both have once to the next."""
    start, length = 0, min(len(old), len(new))
    while start < length and old[start] == new[start]:
        yield _row("same", old[start])
        start += 1
    end = 0
    while end < length - start and old[-1 - end] == new[-1 - end]:
        end += 1
    middle_old, middle_new = old[start : len(old) - end], new[start : len(new) - end]
    here, there = 0, 0
    for i, j in [*_anchors(middle_old, middle_new), (len(middle_old), len(middle_new))]:
        yield from _between(middle_old[here:i], middle_new[there:j], purse)
        if i < len(middle_old):
            yield _row("same", middle_old[i])
        here, there = i + 1, j + 1
    for line in old[len(old) - end :]:
        yield _row("same", line)


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Return where lines stand that each version has once, as many as follow each other in both."""
    in_old, in_new = Counter(old), Counter(new)
    places = {line: j for j, line in enumerate(new) if in_new[line] == 1}
    pairs = [(i, places[line]) for i, line in enumerate(old) if in_old[line] == 1 and line in places]
    ends: list[int] = []
    last: list[int] = []
    before: list[int | None] = []
    for number, (_, j) in enumerate(pairs):
        place = bisect_left(ends, j)
        before.append(last[place - 1] if place else None)
        ends[place : place + 1], last[place : place + 1] = [j], [number]
    found: list[tuple[int, int]] = []
    at = last[-1] if last else None
    while at is not None:
        found.append(pairs[at])
        at = before[at]
    return found[::-1]


def _between(old: Sequence[str], new: Sequence[str], purse: _Purse) -> Iterator[Row]:
    if not purse.pays(len(old) * len(new)):
        yield from _replaced(old, new)
        return
    for tag, i, k, j, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from (_row("same", line) for line in old[i:k])
        else:
            yield from _changed(old[i:k], new[j:m], purse)


def _changed(old: Sequence[str], new: Sequence[str], purse: _Purse) -> Iterator[Row]:
    """Yield lines that others took the place of: those that are alike as one line, in their order."""
    left = list(old)
    for line in new:
        alike = None
        for number, candidate in enumerate(left[:NEAR]):
            if (parts := _within(candidate, line, purse)) is not None:
                alike = number, parts
                break
        if alike is None:
            yield _row("added", line)
            continue
        number, parts = alike
        yield from (_row("removed", one) for one in left[:number])
        del left[: number + 1]
        yield Row(form="changed", parts=parts)
    yield from (_row("removed", one) for one in left)


def _replaced(old: Sequence[str], new: Sequence[str]) -> Iterator[Row]:
    yield from (_row("removed", line) for line in old)
    yield from (_row("added", line) for line in new)


def _row(form: Form, line: str) -> Row:
    return Row(form=form, parts=(Part(form=form, text=line),))


def _within(old: str, new: str, purse: _Purse) -> tuple[Part, ...] | None:
    """Return how a line was changed; None where it is another one, or too much to compare."""
    if not purse.pays(len(old) + len(new)):
        return None
    before, after = _WORD.findall(old), _WORD.findall(new)
    shared = (Counter(before) & Counter(after)).total()
    if shared * 2 < ALIKE * (len(before) + len(after)) or not purse.pays(len(before) * len(after)):
        return None
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    if matcher.ratio() < ALIKE:
        return None
    pieces: list[tuple[str, str, str]] = []
    for tag, i, k, j, m in matcher.get_opcodes():
        gone, come = "".join(before[i:k]), "".join(after[j:m])
        is_seam = len(gone) < SEAM and i > 0 and k < len(before) and m < len(after)
        if tag != "equal" or is_seam:
            pieces.append(("", gone, come))
        else:
            pieces.append((gone, "", ""))
    return tuple(_joined(pieces))


def _joined(pieces: Sequence[tuple[str, str, str]]) -> Iterator[Part]:
    """Yield the parts of a line, changes that touch as one."""
    for is_same, group in groupby(pieces, key=lambda piece: bool(piece[0])):
        together = list(group)
        same, gone, come = ("".join(piece[place] for piece in together) for place in range(3))
        if is_same:
            yield Part(form="same", text=same)
        if gone:
            yield Part(form="removed", text=gone)
        if come:
            yield Part(form="added", text=come)


def _folded(rows: Sequence[Row]) -> Iterator[Stretch]:
    """Yield the rows, those folded that are far from every change."""
    near = [False] * len(rows)
    for number, row in enumerate(rows):
        if row.form != "same":
            for place in range(max(0, number - CONTEXT), min(len(rows), number + CONTEXT + 1)):
                near[place] = True
    for is_near, group in groupby(zip(near, rows, strict=True), key=lambda pair: pair[0]):
        together = tuple(row for _, row in group)
        # One line takes no more room than the words that it is folded away.
        yield Stretch(rows=together, folded=not is_near and len(together) > 1)
