"""When a decision not to act is looked at again: its day has come, or what it rested on has changed."""

from collections.abc import Mapping
from datetime import datetime

GROWTH = 2.0
"""The premise is broken when so many times as many people speak of it as did when it was decided."""
FEWEST = 5
"""And at least so many more."""


def premise(*, people: int, contacts: int) -> Mapping[str, int]:
    """Return what a decision rests on, as it is kept."""
    return {"people": people, "contacts": contacts}


def comes_back(
    kept: Mapping[str, int], *, people: int, review_at: datetime | None, now: datetime
) -> Mapping[str, object] | None:
    """Return why a decision not to act comes back, as a suggestion's reason; None while it stands.

    A decision whose premise was never written down comes back on its day alone.
    """
    before = kept.get("people")
    if before is not None and people >= before * GROWTH and people - before >= FEWEST:
        return {"code": "premise_broken", "then": before, "people": people}
    if review_at is not None and review_at <= now:
        return {"code": "review_due"}
    return None
