"""The labelers, and how one is opened by its name: what a theme is called."""

from collections.abc import Callable

from nlp.labelers.distinct import distinct
from nlp.labelers.first import FirstTextLabeler
from nlp.labelers.phrases import PhraseLabeler
from nlp.ports import Labeler

__all__ = ["LABELERS", "FirstTextLabeler", "PhraseLabeler", "distinct", "open_labeler"]

LABELERS: dict[str, Callable[[], Labeler]] = {"default": PhraseLabeler, "first-text": FirstTextLabeler}
"""What can be asked for, and what makes it."""


def open_labeler(setting: str = "default") -> Labeler:
    """Return the labeler of that name. Raises ValueError, naming the known ones, for any other."""
    make = LABELERS.get(setting)
    if make is None:
        raise ValueError(f"there is no labeler {setting}; known are {', '.join(sorted(LABELERS))}")
    return make()
