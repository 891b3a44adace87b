"""Every swappable part of the understanding, on one page."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
"""One unit-length row a text: shape (texts, dimensions)."""


class Embedder(ABC):
    """Turns texts into unit vectors. A text gets the same bits alone and in any batch."""

    name: str
    """Stored with every vector; two embedders of one name give the same bits."""
    dimensions: int
    batch_size: int = 64

    @abstractmethod
    def embed_batch(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of at most `batch_size` texts, shape (len(texts), dimensions)."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of any number of texts, in their order."""
        starts = range(0, len(texts), self.batch_size)
        batches = [self.embed_batch(texts[start : start + self.batch_size]) for start in starts]
        return np.vstack(batches) if batches else np.empty((0, self.dimensions), np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clustering:
    """Which group each row belongs to, on two levels; a row of no group has None, never a number."""

    groups: tuple[int | None, ...]
    """Upper level, numbered from 0 without gaps, larger groups first."""
    subgroups: tuple[int | None, ...]
    """Lower level, numbered over all groups; None where the group is not divided."""
    confidence: tuple[float | None, ...]
    """How surely the row belongs to its group, 0 to 1; None where it has no group."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """Where each row was in an earlier answer, under any numbers; one that is new or was in none has None."""

    groups: tuple[int | None, ...]
    subgroups: tuple[int | None, ...]


class Clusterer(ABC):
    """Finds the groups of texts that say the same thing; nobody tells it how many there are."""

    name: str

    @abstractmethod
    def cluster(
        self,
        vectors: Vectors,
        texts: Sequence[str],
        *,
        langs: Sequence[str | None] | None = None,
        seed: int = 0,
        past: Past | None = None,
    ) -> Clustering:
        """Group the rows. The same rows in the same order, the same seed and past give the same answer.

        `langs` (ISO 639-1, one a row), where known, helps to group by what is said, not by its language.
        `past`, where there is one, helps that little changes from one answer to the next.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What a theme is called, in the customers' own words."""

    title: str
    keywords: tuple[str, ...]
    """Most telling first, without stop words and without two forms of one word."""


class Labeler(ABC):
    """Names groups of texts by what sets each apart from the others."""

    name: str

    @abstractmethod
    def label(self, groups: Sequence[Sequence[str]], *, lang: str) -> list[Label]:
        """Return a label a group. `lang` (ISO 639-1) is the language of the groups' texts."""


class Polisher(ABC):
    """Puts titles and sentences into better words; what it gives back says nothing new."""

    name: str
    """Stored with what it wrote; another name writes everything anew."""

    @abstractmethod
    def title(self, title: str, *, lang: str, quotes: Sequence[str], terms: Sequence[str]) -> str | None:
        """Return a better title made of words of these, or None where ours stays."""

    @abstractmethod
    def sentences(self, sentences: Sequence[str], *, lang: str, terms: Sequence[str]) -> list[str | None]:
        """Return for each sentence a better one that says the same, or None where ours stays."""


class Recognizer(ABC):
    """Finds the names of people that no word around them announces."""

    name: str
    lang: str
    """ISO 639-1 of the texts that it reads."""

    @abstractmethod
    def people(self, text: str) -> list[tuple[int, int]]:
        """Return where the names of people stand in `text`: half-open, in its order, none over another."""
