"""Which sentences say what most others say, and which say it again."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from nlp.tokens import normal_forms

ALIKE = 0.5
"""Cosine of normal forms from which on two sentences say nearly the same."""


class Said:
    """Sentences with how alike they are, by the normal forms of their words weighted by rarity."""

    def __init__(self, sentences: Sequence[str], groups: Sequence[str]) -> None:
        """`groups` says who said each: being alike within one group counts for nothing."""
        counts = [Counter(normal_forms(sentence)) for sentence in sentences]
        found = Counter(word for count in counts for word in count)
        places = {word: place for place, word in enumerate(found)}
        matrix = np.zeros((len(sentences), max(1, len(places))))
        for row, count in enumerate(counts):
            for word, n in count.items():
                matrix[row, places[word]] = n * np.log1p(len(sentences) / found[word])
        lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
        matrix /= np.where(lengths > 0, lengths, 1)
        self.likeness: npt.NDArray[np.float64] = (matrix @ matrix.T).round(6)
        numbers = {group: number for number, group in enumerate(dict.fromkeys(groups))}
        self._groups = np.array([numbers[group] for group in groups], dtype=int)

    def support(self) -> list[float]:
        """Return for each sentence how many other groups say nearly the same, plus its mean likeness."""
        others = self._groups[:, None] != self._groups[None, :]
        support = []
        for row, likeness in enumerate(self.likeness):
            alike = set(self._groups[others[row] & (likeness >= ALIKE)])
            mean = float(likeness[others[row]].mean()) if others[row].any() else 0.0
            support.append(round(len(alike) + mean, 6))
        return support

    def is_new(self, row: int, chosen: Sequence[int]) -> bool:
        """Say whether a sentence says something that none of the chosen ones says."""
        return all(self.likeness[row, other] < ALIKE for other in chosen)
