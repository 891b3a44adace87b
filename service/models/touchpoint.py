"""Where a voice was heard: the layer (how near people came to each other) and the moment of truth."""

from collections.abc import Mapping
from typing import NamedTuple

LAYERS = ("tech", "low", "high")
"""By technology alone; by people for many at once; by people for one account."""
MOMENTS = ("zero", "first", "second", "third")
"""Looking it up; choosing it; using it; telling others of it."""
UNKNOWN = "unknown"
"""Says that nobody knows, where something else would be taken for granted."""


class Touchpoint(NamedTuple):
    """A layer and a moment; each is None where nothing is told."""

    layer: str | None = None
    moment: str | None = None


USUAL: Mapping[str, Touchpoint] = {
    "ticket": Touchpoint("tech"),
    "chat": Touchpoint("tech"),
    "interview": Touchpoint("high"),
    "review": Touchpoint("tech", "third"),
    "survey": Touchpoint("tech"),
}
"""What a channel tells by itself. A call may be a hotline or somebody's own contact, so it tells nothing; and
whether who writes a ticket chooses or uses is known to its source alone."""
