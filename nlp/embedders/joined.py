"""Two embedders side by side: what one does not know, the other may."""

from collections.abc import Sequence
from functools import cached_property
from math import sqrt

import numpy as np

from nlp.ports import Embedder, Vectors


class JoinedEmbedder(Embedder):
    """Puts the vectors of several embedders in one; cosines are the mean of theirs.

    MiniLM knows few words outside English, letters know none but miss none. On the nearest neighbour's
    intent in the ten other languages of xSID the two together are right in .79 to .93 of the cases,
    letters alone in .80 to .92 and MiniLM alone in .60 to .89.
    """

    batch_size = 2048

    def __init__(self, *parts: Embedder) -> None:
        self.parts = parts
        self.name = "|".join(part.name for part in parts)

    @cached_property
    def dimensions(self) -> int:  # type: ignore[override]
        """How long a vector is: as long as those of all parts together."""
        return sum(part.dimensions for part in self.parts)

    def embed_batch(self, texts: Sequence[str]) -> Vectors:
        """Return one unit vector a text: the parts' unit vectors, scaled."""
        return np.hstack([part.embed(texts) for part in self.parts]) / np.float32(sqrt(len(self.parts)))
