"""The clusterers, and how one is opened by its name."""

from collections.abc import Callable

from nlp.clusterers.exact import ExactClusterer
from nlp.ports import Clusterer

__all__ = ["CLUSTERERS", "ExactClusterer", "open_clusterer"]

# scikit-learn and hdbscan take seconds to import, and most commands group nothing: hence the imports inside.


def _communities() -> Clusterer:
    from nlp.clusterers.communities import CommunityClusterer

    return CommunityClusterer()


def _hdbscan() -> Clusterer:
    from nlp.clusterers.hdbscan import HdbscanClusterer

    return HdbscanClusterer()


CLUSTERERS: dict[str, Callable[[], Clusterer]] = {
    "default": _communities,
    "communities": _communities,
    "hdbscan": _hdbscan,
    "exact": ExactClusterer,
}
"""What can be asked for; docs/quality.md says how they compare."""


def open_clusterer(setting: str = "default") -> Clusterer:
    """Return the clusterer of that name. Raises ValueError, naming the known ones, for any other."""
    if setting not in CLUSTERERS:
        raise ValueError(f"there is no clusterer {setting}; known are {', '.join(sorted(CLUSTERERS))}")
    return CLUSTERERS[setting]()
