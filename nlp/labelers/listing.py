"""The title of a group without one subject: the few things and qualities that together reach most texts.

「暑い・寒い・雪など」 is true where 「日差しが暑い」 is true of a quarter only.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from nlp.labelers.spelling import one_word

MOST = 4
FEWEST = 2
LONGEST = 26
"""Characters of a list without 「など」."""
ADDS = 0.06
"""What an entry must reach beyond those before it, as a share of the texts, and one text more."""
SHARED = 0.08
"""An entry that adds less stands beside a single one, to say more of it, if so many texts have it."""
PLAIN = 0.5
"""What an entry counts for that tells nothing about the group, beside 1 for the most telling."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A thing or a quality that a list may name."""

    text: str
    words: frozenset[str]
    texts: int
    """The texts that have it, each one bit."""
    telling: float
    """How telling it is, 0 to 1."""
    judges: bool = False
    """True for what says how something is, but not of what: 残念. A list has one such entry at the most, at
    its end, behind things enough to be a list without it."""


def listed(entries: Sequence[Entry], size: int) -> tuple[str, float] | None:
    """Return the list that reaches most of `size` texts, and the share of them; None for a single entry.

    The thing that reaches most stands first.
    """
    chosen: list[Entry] = []
    covered = 0
    while (more := _best(entries, chosen, covered, size)) is not None:
        chosen.append(more)
        covered |= more.texts
    if len(chosen) < FEWEST:
        return None
    ordered = sorted(chosen, key=lambda entry: (entry.judges, -entry.texts.bit_count(), entry.text))
    return "・".join(entry.text for entry in ordered) + "など", covered.bit_count() / size


def _best(entries: Iterable[Entry], chosen: Sequence[Entry], covered: int, size: int) -> Entry | None:
    """Return the entry that reaches most of the texts that are left, or that says more of the only one."""
    if len(chosen) == MOST:
        return None
    free = list(_fitting(entries, chosen))
    adding = [entry for entry in free if (entry.texts & ~covered).bit_count() >= 1 + ADDS * size]
    if adding:
        return max(adding, key=lambda entry: _worth(entry, entry.texts & ~covered))
    beside = [entry for entry in free if entry.texts.bit_count() >= 1 + SHARED * size]
    return (
        max(beside, key=lambda entry: _worth(entry, entry.texts), default=None) if len(chosen) == 1 else None
    )


def _fitting(entries: Iterable[Entry], chosen: Sequence[Entry]) -> Iterator[Entry]:
    room = LONGEST - sum(len(entry.text) + 1 for entry in chosen)
    enough = len(chosen) >= FEWEST
    return (
        entry
        for entry in entries
        if len(entry.text) <= room
        and (enough or not entry.judges)
        and not any(_same(entry, one) for one in chosen)
    )


def _worth(entry: Entry, reached: int) -> tuple[float, str]:
    return reached.bit_count() * (PLAIN + (1 - PLAIN) * entry.telling), entry.text


def _same(one: Entry, other: Entry) -> bool:
    """Say whether two entries are of one thing, as 宿 and 宿泊 or 蕎麦 and そば are, or both only judge."""
    begins = one.text.startswith(other.text) or other.text.startswith(one.text)
    judge = one.judges and other.judges
    return judge or begins or bool(one.words & other.words) or one_word(one.text, other.text)
