"""Which voices follow those that a person took out of a group: those more like them than like the rest.

The rule was chosen on halves of Banking77; what it is worth stands in docs/quality.md.
"""

import numpy as np
import numpy.typing as npt

from nlp.ports import Vectors

LEAST = 3
"""From so many voices on that were taken out, others may follow: fewer say too little."""
LEAD = 0.02
"""So much nearer (in cosine) to the middle of those taken out than to that of the rest."""
ALIKE = 0.6
"""So large a part of those taken out must be so much nearer to each other than to the rest. Where a person
took out this and that, they are no kind of voices, and nothing follows."""


def follow(taken: Vectors, rest: Vectors) -> npt.NDArray[np.bool_]:
    """Return which rows of `rest` follow the `taken` ones; all are of unit length, or nothing."""
    nobody = np.zeros(len(rest), np.bool_)
    if len(taken) < LEAST or not len(rest):
        return nobody
    away = _middle(rest.sum(axis=0))
    together = taken.sum(axis=0)
    others = np.array([_middle(together - one) for one in taken])
    leads = np.einsum("ij,ij->i", taken, others) - taken @ away
    if np.mean(leads >= LEAD) < ALIKE:
        return nobody
    following: npt.NDArray[np.bool_] = rest @ _middle(together) - rest @ away >= LEAD
    return following


def _middle(total: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return the direction of a sum of vectors."""
    direction: npt.NDArray[np.float32] = total / max(float(np.linalg.norm(total)), 1e-9)
    return direction
