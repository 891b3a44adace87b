"""Equal texts are read once, and the answer is spread back over all rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from nlp.ports import Vectors

Number = TypeVar("Number", np.int64, np.float64)
UNREAD = -1
"""What a row gets that stands for no text: it is empty, or its vector is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Distinct:
    """The distinct texts of some rows."""

    first: npt.NDArray[np.int64]
    """The row where each distinct text stands first."""
    counts: npt.NDArray[np.int64]
    """How many rows each distinct text has."""
    place: npt.NDArray[np.int64]
    """The distinct text of each row; -1 for a row without one."""

    def spread(self, values: npt.NDArray[Number]) -> npt.NDArray[Number]:
        """Return the value of its distinct text for each row, -1 for a row without one."""
        return np.append(values, values.dtype.type(UNREAD))[self.place]

    def first_known(self, values: Sequence[int | None]) -> npt.NDArray[np.int64]:
        """Return for each distinct text the first number that one of its rows has; -1 where none has any.

        Raises ValueError where `values` is not one a row.
        """
        if len(values) != len(self.place):
            raise ValueError(f"a past of {len(values)} rows, but {len(self.place)} rows")
        known = np.array([UNREAD if value is None else value for value in values], np.int64)
        found = np.full(len(self.first), UNREAD, np.int64)
        rows = np.flatnonzero((known != UNREAD) & (self.place != UNREAD))[::-1]
        found[self.place[rows]] = known[rows]  # backwards, so that the first one is written last
        return found


def distinct(vectors: Vectors, texts: Sequence[str]) -> Distinct:
    """Return the distinct texts, in the order in which they first appear.

    Texts are equal that differ only in case and white space. A text without any letter, digit or
    sign, and one whose vector has no direction, is left out. Raises ValueError where `vectors` and
    `texts` differ in length.
    """
    if len(vectors) != len(texts):
        raise ValueError(f"{len(vectors)} vectors, but {len(texts)} texts")
    points = (np.abs(vectors).sum(axis=1) > 0) if vectors.ndim == 2 else np.zeros(len(texts), bool)
    known: dict[str, int] = {}
    first: list[int] = []
    place = np.full(len(texts), UNREAD, np.int64)
    for row, text in enumerate(texts):
        key = " ".join(text.casefold().split())
        if not key or not points[row]:
            continue
        if key not in known:
            known[key] = len(first)
            first.append(row)
        place[row] = known[key]
    counts = np.bincount(place[place >= 0], minlength=len(first)).astype(np.int64)
    return Distinct(first=np.array(first, np.int64), counts=counts, place=place)
