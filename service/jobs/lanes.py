"""Which jobs there are, and in which lane each is done."""

from collections.abc import Mapping
from typing import Literal

Job = Literal[
    "fetch", "bring_in", "take_in", "seek", "look", "discover", "deliver", "track", "weigh", "digest"
]
Lane = Literal["live", "slow"]
LANES: tuple[Lane, ...] = ("live", "slow")
LANE_OF: Mapping[str, Lane] = {
    "fetch": "live",
    "bring_in": "live",
    "take_in": "live",
    "seek": "live",
    "look": "live",
    "discover": "slow",
    "deliver": "live",
    "track": "live",
    "weigh": "slow",
    "digest": "live",
}
"""Live work takes seconds and is waited for; slow work takes minutes and steps back for it."""
