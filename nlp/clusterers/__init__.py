"""The clusterers, and how one is opened by its name."""

from collections.abc import Callable

from nlp.clusterers.exact import ExactClusterer
from nlp.ports import Clusterer

__all__ = ["CLUSTERERS", "ExactClusterer", "open_clusterer"]


def _default() -> Clusterer:
    return ExactClusterer()


CLUSTERERS: dict[str, Callable[[], Clusterer]] = {
    "default": _default,
    "exact": ExactClusterer,
}
"""What can be asked for, and what makes it."""


def open_clusterer(setting: str = "default") -> Clusterer:
    """Return the clusterer of that name. Raises ValueError, naming the known ones, for any other."""
    make = CLUSTERERS.get(setting)
    if make is None:
        raise ValueError(f"there is no clusterer {setting}; known are {', '.join(sorted(CLUSTERERS))}")
    return make()
