"""HDBSCAN over a reduced space: the baseline that every other clusterer is measured against."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from sklearn.decomposition import PCA
from threadpoolctl import threadpool_limits

from nlp.clusterers.distinct import Distinct, distinct
from nlp.clusterers.numbering import Labels, clustering
from nlp.ports import Clusterer, Clustering, Past, Vectors

DIMENSIONS = 50
MIN_CLUSTER_SIZE = 10
MIN_SAMPLES = 1


class HdbscanClusterer(Clusterer):
    """Density-based groups (Campello, Moulavi, Sander 2013) of unit vectors reduced by PCA.

    Rows of no dense region belong to none; the confidence is HDBSCAN's own strength of membership.
    There is one level: no group is divided.
    """

    name = "hdbscan"

    def cluster(
        self,
        vectors: Vectors,
        texts: Sequence[str],
        *,
        langs: Sequence[str | None] | None = None,  # noqa: ARG002  the port asks for it
        seed: int = 0,
        past: Past | None = None,  # noqa: ARG002
    ) -> Clustering:
        """Group the rows; equal texts are read once and stay together."""
        rows = distinct(vectors, texts)
        labels = np.full(len(rows.first), -1, np.int64)
        strength = np.zeros(len(rows.first))
        if len(rows.first) > MIN_CLUSTER_SIZE:
            with threadpool_limits(1):
                labels, strength = _dense_regions(_reduced(vectors[rows.first], seed=seed))
        return _answer(rows, labels, strength)


def _reduced(vectors: Vectors, *, seed: int) -> Vectors:
    """Return unit rows of at most DIMENSIONS principal components."""
    dimensions = min(DIMENSIONS, *vectors.shape)
    reduced = PCA(dimensions, svd_solver="randomized", random_state=seed).fit_transform(vectors)
    length = np.linalg.norm(reduced, axis=1, keepdims=True)
    unit: Vectors = (reduced / np.maximum(length, 1e-9)).astype(np.float32)
    return unit


def _dense_regions(points: Vectors) -> tuple[Labels, npt.NDArray[np.float64]]:
    # Imported here because it takes a second and most commands of the CLI never group anything.
    from hdbscan import HDBSCAN

    model = HDBSCAN(
        min_cluster_size=MIN_CLUSTER_SIZE,
        min_samples=MIN_SAMPLES,
        metric="euclidean",
        cluster_selection_method="eom",
        core_dist_n_jobs=1,
    )
    labels = model.fit_predict(points.astype(np.float64))
    return labels.astype(np.int64), np.nan_to_num(model.probabilities_)


def _answer(rows: Distinct, labels: Labels, strength: npt.NDArray[np.float64]) -> Clustering:
    spread = rows.spread(labels)
    return clustering(spread, np.full(len(spread), -1, np.int64), rows.spread(strength).tolist())
