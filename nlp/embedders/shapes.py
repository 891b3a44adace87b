"""Fixed shapes: how texts of many lengths are laid out so that each always meets the same arithmetic.

A matrix product may round differently in a batch of another shape, most of all in bfloat16. So a text
goes into the shape of its own length, whatever stands beside it, and what is left of a batch is padding.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

LENGTHS = (16, 32, 48, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512)
"""Row lengths in tokens. Close steps waste little on padding; a text takes the first that holds it."""

BATCH_TOKENS = 1024
"""Tokens in a batch: enough to fill the processor's tiles, and a text alone still costs little."""

Tokens = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Some of the texts in one fixed shape, shape (rows, length) both."""

    members: tuple[int, ...]
    """Which texts stand in the first rows; the rows after them are padding."""
    ids: Tokens
    mask: Tokens


def batches(texts: Sequence[Sequence[int]], *, longest: int, pad: int) -> Iterator[Batch]:
    """Lay token ids out in batches, long ones first. No text may have more than `longest` tokens."""
    lengths = [*(length for length in LENGTHS if length < longest), longest]
    waiting: dict[int, list[int]] = {length: [] for length in lengths}
    for member, ids in enumerate(texts):
        waiting[next(length for length in lengths if len(ids) <= length)].append(member)
    for length in reversed(lengths):
        rows = max(1, BATCH_TOKENS // length)
        for start in range(0, len(waiting[length]), rows):
            members = waiting[length][start : start + rows]
            yield _filled(texts, members, shape=(rows, length), pad=pad)


def _filled(
    texts: Sequence[Sequence[int]], members: Sequence[int], *, shape: tuple[int, int], pad: int
) -> Batch:
    """Return a batch of `shape`; a row of padding shows its first token, so that no row is empty."""
    ids = np.full(shape, pad, np.int64)
    mask = np.zeros(shape, np.int64)
    mask[:, 0] = 1
    for row, member in enumerate(members):
        length = len(texts[member])
        ids[row, :length] = texts[member]
        mask[row, :length] = 1
    return Batch(members=tuple(members), ids=ids, mask=mask)
