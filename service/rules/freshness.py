"""When all voices are to be grouped anew, and when what came since is to be looked through."""

from dataclasses import dataclass

FEWEST = 4
"""So many voices can make a theme."""
SHARE = 0.05
"""Of what the last run read: so much more is worth another one …"""
REST = 20.0
"""… once the last one is so many times its own length ago: runs take a twentieth of the time at most."""
LEAST_REST = 5.0
"""Seconds between two runs, however short they are."""
SEARCH_REST = 10.0
"""A search for new themes comes once the last one is so many times its own length ago."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Lateness:
    """What came since the last run, and when it was last looked through for new themes."""

    late: int
    """How many spans came since the run."""
    sought: int = 0
    """How many of them were there at the last search."""
    since: float = 0.0
    """Seconds since that search; where there was none, it does not count."""
    took: float = 0.0
    """Seconds that it took."""


def is_search_due(lateness: Lateness) -> bool:
    """Say whether a search for new themes is worth its while now."""
    if lateness.late < lateness.sought + FEWEST:
        return False
    return not lateness.sought or lateness.since >= max(LEAST_REST, SEARCH_REST * lateness.took)
