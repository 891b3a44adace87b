"""Titles that differ: two themes of one name cannot be told apart on a page."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import count

from nlp.ports import Label


def distinct(labels: Sequence[Label], *, taken: Iterable[str] = ()) -> list[Label]:
    """Return the labels with titles that differ from each other and from those `taken`, whatever their case.

    The first keeps its title; a later one adds the first of its keywords that sets it apart, else a number.
    """
    used = {title.casefold() for title in taken}
    found = []
    for label in labels:
        title = next(each for each in _variants(label) if each.casefold() not in used)
        used.add(title.casefold())
        found.append(replace(label, title=title))
    return found


def _variants(label: Label) -> Iterable[str]:
    yield label.title
    for keyword in label.keywords:
        if keyword.casefold() not in label.title.casefold():
            yield f"{label.title} ({keyword})"
    for number in count(2):
        yield f"{label.title} ({number})"
