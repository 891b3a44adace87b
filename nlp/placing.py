"""Which group a new text belongs to, once the groups are there: the one whose middle is nearest.

Grouping all texts anew takes minutes, and a live ticket has seconds. How often this agrees with grouping
everything, and with people's labels, stands in docs/quality.md.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy  # each of its parts is loaded when it is first asked for

from nlp.ports import Vectors

BEYOND = 0.02
"""Of the texts that make a group, so many lie further from its middle than a new one may."""
LEAST_DEPTH = 0.05
"""Groups of equal texts reach no further than themselves; how near is near is measured against this then."""
SURE_BY_DEPTH, SURE_BY_LEAD, SURE_AT_ZERO = 1.33, 4.38, -0.43
"""Fitted to five labelled sets of which a tenth was held back, each counted alike."""


def reach(vectors: Vectors, groups: tuple[int | None, ...]) -> float | None:
    """Return the cosine with its group's middle from which on a text counts as the group's.

    One number for all groups of a space: the cosines of all members, each with the middle of the others,
    have it as their BEYOND quantile. None where no group has two members.
    """
    numbers = np.array([-1 if group is None else group for group in groups], np.int64)
    themed = np.flatnonzero(numbers >= 0)
    if not len(themed):
        return None
    rows, mine = vectors[themed].astype(np.float64), numbers[themed]
    sums = np.zeros((mine.max() + 1, rows.shape[1]))
    np.add.at(sums, mine, rows)
    others = sums[mine] - rows
    lengths = np.linalg.norm(others, axis=1)
    known = lengths > 1e-6
    if not known.any():
        return None
    cosines = np.einsum("ij,ij->i", rows[known], others[known]) / lengths[known]
    return round(float(np.quantile(cosines, BEYOND)), 4)


def sureness(
    near: npt.NDArray[np.float64], ahead: npt.NDArray[np.float64], *, least: float
) -> npt.NDArray[np.float64]:
    """Return how probably a person would put texts where they are, 0 to 1.

    `near` are their cosines with the middle there, `ahead` how much nearer it is than the next; nothing
    nearer than `least` is put anywhere.
    """
    depth = (near - least) / max(1.0 - least, LEAST_DEPTH)
    sure: npt.NDArray[np.float64] = scipy.special.expit(
        SURE_BY_DEPTH * depth + SURE_BY_LEAD * ahead + SURE_AT_ZERO
    )
    return sure


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a text goes."""

    middle: int
    """The row of the nearest middle of the chosen group."""
    confidence: float


def place(
    vectors: Vectors, middles: Vectors, owners: npt.NDArray[np.int64], *, least: float
) -> list[Place | None]:
    """Return a place a text, None for one that is further than `least` (a cosine) from every middle.

    `middles` are means of vectors, not of unit length, of groups and of their parts; `owners` says which
    group each belongs to. The confidence is how probably a person would put the text into the same group,
    from how near it is and how far ahead of the next group.
    """
    if not len(vectors) or not len(middles):
        return [None] * len(vectors)
    lengths = np.linalg.norm(middles, axis=1, keepdims=True)
    cosines = vectors.astype(np.float64) @ (middles / np.maximum(lengths, 1e-9)).T.astype(np.float64)
    best = cosines.argmax(axis=1)
    near = cosines[np.arange(len(best)), best]
    of_others = np.where(owners[None, :] == owners[best][:, None], -1.0, cosines).max(axis=1)
    sure = sureness(near, near - of_others, least=least)
    return [
        Place(middle=int(middle), confidence=round(float(confidence), 4)) if cosine >= least else None
        for middle, confidence, cosine in zip(best, sure, near, strict=True)
    ]
