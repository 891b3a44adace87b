"""When a source is asked for what it holds, and what happens when it cannot be asked."""

from datetime import datetime, timedelta

OVERLAP = timedelta(minutes=30)
"""A walk begins so long before the end of the last one: sources list changes late, and clocks differ."""
AGAIN = timedelta(hours=1)
"""Between two walks of a source that calls by itself: what its calls lost is found then."""
AGAIN_WITHOUT_CALLS = timedelta(minutes=10)
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)
REFUSED_WAIT = timedelta(minutes=15)
"""After a refusal: a person must act, but a token may come back by itself."""
MOST_TRIES = 12
"""After which what is still refused is tried once a day: nothing is given up in silence."""
RARELY = timedelta(days=1)


def next_since(through: datetime) -> datetime:
    """Return from when on a walk asks that follows one which was through at a time."""
    return through - OVERLAP


def begin_by(day: datetime, since: datetime | None, through: datetime | None) -> datetime | None:
    """Return from when on a walk asks that is to begin anew from a day on: nothing that is owed is left out.

    `since` is where the last walk began (None: ever), `through` the time up to which one was through.
    """
    owed = next_since(through) if through is not None else since
    return None if owed is None else min(day, owed)


def until_next_walk(*, calls: bool) -> timedelta:
    """Return how long after a walk the next one begins."""
    return AGAIN if calls else AGAIN_WITHOUT_CALLS


def after_failure(tries: int, *, refused: bool, asked: timedelta | None = None) -> timedelta:
    """Return how long to wait after a failure that comes after so many in a row.

    It is never less than the other side asked for.
    """
    if refused:
        wait = RARELY if tries >= MOST_TRIES else REFUSED_WAIT
    else:
        wait = min(FIRST_WAIT * 2 ** min(tries, 16), LONGEST_WAIT)
    return max(asked or timedelta(), wait)
