"""How firmly a rank stands: the ranks that themes take when the customers are drawn anew.

In each draw every customer, account and voice of nobody known counts as often as chance will have it (Poisson
with mean 1, the same number for all themes that they raised), as if another such time had brought other
customers. What became of accounts is held against the accounts drawn.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import scipy  # each of its parts is loaded when it is first asked for
from numpy.typing import NDArray

from service.rules.comparing import Compared
from service.rules.raising import damped
from service.rules.value import Worth
from service.rules.weights import Weighting

DRAWS = 200
WITHIN = 0.9
"""The share of the draws in which a rank lies between its limits."""
SEED = 20260501
AT_ONCE = 4_000_000
"""Numbers that are drawn at a time."""
Floats = NDArray[np.float64]


class Ranks(NamedTuple):
    """Between which ranks a theme stands in nine of ten draws."""

    low: int
    high: int


def ranks(ordered: Sequence[Worth], compared: Compared | None, weighting: Weighting) -> list[Ranks]:
    """Return how firmly each theme stands, given in the order of their worth."""
    if not ordered:
        return []
    draws = np.hstack(list(_draws(ordered, compared, weighting)))
    # Of equals, the order that stands decides: a stable sort keeps it.
    order = np.argsort(-draws, axis=0, kind="stable")
    places = np.argsort(order, axis=0) + 1
    tail = (1 - WITHIN) / 2
    low, high = np.quantile(places, (tail, 1 - tail), axis=1, method="closest_observation")
    return [Ranks(int(down), int(up)) for down, up in zip(low, high, strict=True)]


def _draws(ordered: Sequence[Worth], compared: Compared | None, weighting: Weighting) -> Iterator[Floats]:
    """Yield what each theme is worth in each draw, some draws at a time."""
    accounts = [account.account_id for account in compared.accounts] if compared else []
    names = {(True, name): place for place, name in enumerate(accounts)}
    raised = sorted({(party.is_account, party.key) for one in ordered for party in one.raised.parties})
    for name in raised:
        names.setdefault(name, len(names))
    known = _matrix(
        [[(names[p.is_account, p.key], p.total) for p in one.raised.parties] for one in ordered],
        len(names),
    )
    numbers = iter(range(sum(len(one.raised.unknown) for one in ordered)))
    unknown = _matrix(
        [[(next(numbers), person.total) for person in one.raised.unknown] for one in ordered],
        sum(len(one.raised.unknown) for one in ordered),
    )
    lost = _matrix(
        [
            [(compared.place[name], 1.0) for name in sorted(one.raised_before) if name in compared.place]
            if compared and compared.likeness
            else []
            for one in ordered
        ],
        len(accounts),
    )
    effort = np.array(
        [term.points.value if term.points else 0.0 for one in ordered for term in one.terms[-1:]]
    )
    most = weighting.most_of_one
    dice = np.random.default_rng(SEED)
    step = max(1, AT_ONCE // (known.shape[1] + unknown.shape[1] + 1))
    for begin in range(0, DRAWS, step):
        count = min(step, DRAWS - begin)
        drawn = dice.poisson(1.0, (known.shape[1], count)).astype(float)
        worth = known @ drawn + effort[:, None]
        if unknown.shape[1]:
            weights = unknown @ dice.poisson(1.0, (unknown.shape[1], count)).astype(float)
            of_one = damped(1.0, weighting) / np.log1p(1.0)
            worth += of_one * np.log1p(np.maximum(weights, 0.0))
        if compared is not None and lost.nnz and most:
            worth += weighting.outcome * (lost @ _beyond(compared, drawn[: len(accounts)]))
        yield worth


def _beyond(compared: Compared, drawn: Floats) -> Floats:
    """Return what was lost of each account drawn, beyond the mean of its group in that draw."""
    lost = compared.met["loss"]
    of_group = _matrix(
        [
            [(int(place), 1.0) for place in np.flatnonzero(compared.groups == group)]
            for group in range(compared.size)
        ],
        len(compared.groups),
    )
    held = np.asarray(of_group @ drawn, dtype=float)
    gone = np.asarray(of_group @ (drawn * lost[:, None]), dtype=float)
    mean = np.divide(gone, held, out=np.zeros_like(held), where=held > 0)
    beyond: Floats = drawn * (lost[:, None] - mean[compared.groups])
    return beyond


def _matrix(rows: Sequence[Sequence[tuple[int, float]]], width: int) -> "scipy.sparse.csr_array":
    places = [place for row in rows for place, _ in row]
    values = [value for row in rows for _, value in row]
    ends = np.cumsum([0, *(len(row) for row in rows)])
    return scipy.sparse.csr_array(
        (np.array(values, dtype=float), np.array(places, dtype=np.int64), ends), shape=(len(rows), width)
    )
