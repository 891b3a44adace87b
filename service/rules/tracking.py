"""How often it is looked at what was delivered, and when it is worth a note that the evidence has grown."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

State = Literal["open", "done", "dropped", "gone"]
"""How something stands at its target (`connectors.outgoing.Remote`)."""

AGAIN: Mapping[State, timedelta] = {
    "open": timedelta(hours=1),
    "done": timedelta(days=1),
    "dropped": timedelta(days=1),
}
"""Between two looks. What is done may be opened again there; what is gone does not come back."""
APART = timedelta(seconds=10)
"""The least between two looks at a thing of which its target tells again and again that it changed."""
VAGUELY_APART = timedelta(minutes=5)
"""… where it does not tell what has changed, so that everything is looked at."""
AFTER_FAILURE = timedelta(minutes=15)
GROWTH = 2.0
"""A note is worth it when so many times as many people say so as were told of."""
FEWEST = 5
"""And at least so many more."""
QUIET = timedelta(days=7)
"""The least between two notes: now and then, not noise."""


def next_look(state: State, *, now: datetime) -> datetime | None:
    """Return when something that stands so is looked at again; None for never."""
    again = AGAIN.get(state)
    return None if again is None else now + again


def has_grown(*, told: int, people: int, since: timedelta) -> bool:
    """Say whether so many more speak of it than were told of, so long ago, that it is worth a note."""
    return since >= QUIET and people >= told * GROWTH and people - told >= FEWEST
