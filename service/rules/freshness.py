"""When all voices are to be grouped anew."""

from dataclasses import dataclass

FEWEST = 4
"""So many voices can make a theme."""
SHARE = 0.05
"""Of what the last run read: so much more is worth another one …"""
REST = 20.0
"""… once the last one is so many times its own length ago: runs take a twentieth of the time at most."""
LEAST_REST = 5.0
"""Seconds between two runs, however short they are."""
LONGEST = 86_400.0
"""Seconds after which anything new at all is worth a run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """How far the themes are behind the voices."""

    spans: int
    """How many there are now."""
    read: int | None
    """How many the last run read; None where there was none."""
    since: float = 0.0
    """Seconds since the last run."""
    took: float = 0.0
    """Seconds that the last run took."""
    taken: bool = False
    """True where the live run was a preview, and what follows on themes was not done for it yet."""


def is_run_due(freshness: Freshness) -> bool:
    """Say whether a run is worth its while now."""
    if freshness.read is None:
        return freshness.spans >= FEWEST
    if freshness.taken:
        return True
    if freshness.since < max(LEAST_REST, REST * freshness.took):
        return False
    new = freshness.spans - freshness.read
    if new >= max(FEWEST, SHARE * freshness.read):
        return True
    return new != 0 and freshness.since >= LONGEST
