"""The double of the clusterers: equal texts make a group."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from nlp.clusterers.numbering import clustering
from nlp.ports import Clusterer, Clustering, Past, Vectors


class ExactClusterer(Clusterer):
    """Groups rows whose text is the same but for case and outer spaces; texts said once are in none."""

    name = "exact"

    def cluster(
        self,
        vectors: Vectors,  # noqa: ARG002
        texts: Sequence[str],
        *,
        langs: Sequence[str | None] | None = None,  # noqa: ARG002  the port asks for it
        seed: int = 0,  # noqa: ARG002
        past: Past | None = None,  # noqa: ARG002
    ) -> Clustering:
        """Group the equal texts; the rest plays no part."""
        keys = [text.strip().casefold() for text in texts]
        counts = Counter(key for key in keys if key)
        numbers = {key: number for number, key in enumerate(counts) if counts[key] > 1}
        labels = np.array([numbers.get(key, -1) for key in keys], np.int64)
        return clustering(labels, np.full(len(keys), -1, np.int64), [1.0] * len(keys))
