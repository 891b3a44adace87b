"""Several orders of the same things, made into one: what stands high in any of them comes first.

It needs no common scale, and words and meaning have none. Cormack, Clarke & Büttcher, Reciprocal Rank Fusion
outperforms Condorcet and individual Rank Learning Methods, SIGIR 2009.
"""

from collections import defaultdict
from collections.abc import Sequence

DEPTH = 60
"""How slowly the weight of a place falls, as the authors found it."""


def fused(*orders: Sequence[str]) -> list[str]:
    """Return everything that stands in any of these orders, best first; equals in the order of their ids."""
    worth: dict[str, float] = defaultdict(float)
    for order in orders:
        for place, name in enumerate(dict.fromkeys(order)):
            worth[name] += 1 / (DEPTH + 1 + place)
    return sorted(worth, key=lambda name: (-worth[name], name))
