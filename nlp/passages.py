"""Articles cut into passages: stretches short enough to be compared with a question."""

from collections.abc import Iterator
from dataclasses import dataclass

from nlp.sentences import sentences

LENGTH = 500
"""Characters of a passage at most, its title not counted; about what an embedder reads in one go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A stretch of an article."""

    start: int
    end: int
    """Offsets in the article's full text (title, blank line, body), half-open, in code points."""
    text: str
    """What is compared: the article's title with the stretch."""


def passages(title: str, body: str) -> list[Cut]:
    """Cut an article at the ends of its sentences. One without a body is one passage: its title.

    Passages do not overlap, leave out nothing but space and list marks between two of them, and none is
    empty; an article without a title and a body has none.
    """
    before = len(title) + 2
    cuts = [
        Cut(start=before + start, end=before + end, text=f"{title}\n{body[start:end]}".strip())
        for start, end in _stretches(body)
    ]
    if cuts or not title.strip():
        return cuts
    return [Cut(start=0, end=len(title), text=title.strip())]


def _stretches(body: str) -> Iterator[tuple[int, int]]:
    """Yield neighbouring sentences together, as many as fit."""
    first = last = None
    for start, end in _pieces(body):
        if first is None or last is None:
            first = start
        elif end - first > LENGTH:
            yield first, last
            first = start
        last = end
    if first is not None and last is not None:
        yield first, last


def _pieces(body: str) -> Iterator[tuple[int, int]]:
    """Yield the sentences; one that is longer than a passage comes in parts."""
    for sentence in sentences(body):
        for start in range(sentence.start, sentence.end, LENGTH):
            yield start, min(start + LENGTH, sentence.end)
