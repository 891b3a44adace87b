"""Which rows are seen from one common mean: those of one language, where there are enough of them."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Peers = npt.NDArray[np.int64]
"""A number a row; rows of one number are peers."""

ENOUGH = 100
"""So many rows of a language have a mean of their own that says more about the language than about them."""


def peers_of(langs: Sequence[str | None] | None, rows: int) -> Peers:
    """Return the peers of `rows` rows; without languages all rows are peers of each other.

    The languages of too few rows are taken together and, where even together they are too few,
    with the most frequent language. Raises ValueError where `langs` is not one a row.
    """
    if langs is None:
        return np.zeros(rows, np.int64)
    if len(langs) != rows:
        raise ValueError(f"{len(langs)} languages, but {rows} rows")
    counts = Counter(lang or "" for lang in langs)
    known = sorted(
        (lang for lang in counts if counts[lang] >= ENOUGH), key=lambda lang: (-counts[lang], lang)
    )
    number = {lang: place for place, lang in enumerate(known)}
    scattered = sum(count for lang, count in counts.items() if lang not in number)
    rest = len(known) if scattered >= ENOUGH else 0
    return np.array([number.get(lang or "", rest) for lang in langs], np.int64)
