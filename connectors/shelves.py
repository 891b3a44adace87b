"""Walking through a knowledge base: mostly through what changed, and once a day through all that is there.

No knowledge base tells what was withdrawn, and some count views without calling that a change. So the first
walk of a day (UTC) goes through the whole of it, and ends by telling what is there.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from connectors.errors import Refused
from connectors.loose import Loose
from connectors.ports import Event, Page, Shelf

MOST_KEPT = 20_000
"""Articles whose names a walk carries along; where there are more, nothing is withdrawn."""
MOST_PARTS = 10_000
"""Parts of one walk: a list that has more of them is taken to have no end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a walk stands."""

    since: datetime | None
    """From when on changes are asked for; None in a walk through all."""
    next: str | None = None
    """Where the next page begins, in the words of the knowledge base."""
    seen: tuple[str, ...] = ()
    """The names of all articles so far, in a walk through all."""
    parts: int = 0
    """Parts that were read before this one."""
    shifted: bool = False
    """Whether a list shifted while one of them was read."""

    @classmethod
    def of(cls, since: datetime | None, cursor: str | None) -> "Place":
        """Return where a walk stands that begins, or goes on at a cursor."""
        if cursor is None:
            is_whole = since is None or since.astimezone(UTC).date() < datetime.now(UTC).date()
            return cls(since=None if is_whole else since)
        told = Loose.glimpse(cursor.encode())
        seen = tuple(named for one in told["seen"] if (named := one.text))
        return cls(
            since=None if told["whole"].flag else since,
            next=told["next"].text,
            seen=seen,
            parts=told["parts"].count or 0,
            shifted=told["shifted"].flag,
        )

    def takes(self, changed: datetime | None) -> bool:
        """Say whether what changed at a time is asked for; what does not tell may have changed."""
        return self.since is None or changed is None or changed >= self.since

    def page(
        self,
        events: Sequence[Event],
        *,
        there: Sequence[str],
        next_: str | None,
        total: int | None = None,
        is_all: bool = True,
        shifted: bool = False,
    ) -> Page:
        """Return a page with these events, in which these articles were seen.

        After the last one of a walk through all it tells what is there, unless it may not be all, or a list
        shifted while any of its parts was read. Raises Refused where the list has no end.
        """
        shifted = shifted or self.shifted
        seen = tuple(dict.fromkeys((*self.seen, *there)))[:MOST_KEPT] if self.since is None else ()
        if next_ is not None:
            if next_ == self.next or self.parts >= MOST_PARTS:
                raise Refused("the list of articles goes on without an end; is the address right?")
            told = {
                "whole": self.since is None,
                "next": next_,
                "seen": seen,
                "parts": self.parts + 1,
                "shifted": shifted,
            }
            return Page(events=events, cursor=json.dumps(told, ensure_ascii=False), total=total)
        is_sure = is_all and not shifted and 0 < len(seen) < MOST_KEPT
        return Page(events=[*events, *([Shelf(external_ids=seen)] if is_sure else ())], total=total)
