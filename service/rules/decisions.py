"""When a decision not to act is looked at again, and which of several decisions to act carries on."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """A suggestion that was accepted, and what its theme is today."""

    suggestion_id: str
    action: str
    theme_id: str
    """The theme of today that its own one is, or has become part of."""
    lives_on: bool
    """Whether that is its own one."""
    decided_at: datetime | None


def carriers(accepted: Iterable[Carried]) -> Mapping[str, str]:
    """Return which suggestion carries on for each that is superseded, by their ids.

    Of those that say to do the same about what is one theme today it is that theme's own, or else the one
    that was decided first.
    """
    alike: dict[tuple[str, str], list[Carried]] = defaultdict(list)
    for one in accepted:
        alike[one.theme_id, one.action].append(one)
    found = dict[str, str]()
    for several in alike.values():
        first, *others = sorted(several, key=_rank)
        found |= {one.suggestion_id: first.suggestion_id for one in others}
    return found


def _rank(one: Carried) -> tuple[bool, datetime, str]:
    return not one.lives_on, one.decided_at or datetime.max.replace(tzinfo=UTC), one.suggestion_id
