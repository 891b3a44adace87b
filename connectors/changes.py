"""What one hand-over may change at another system, and whether it has changed anything there."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from time import monotonic

from connectors.errors import RetryLater


@dataclass(kw_only=True)
class Changes:
    """The changes of one hand-over, which may take several requests."""

    before: float
    """By this process's own clock: from then on somebody else may hand the same thing over."""
    done: int = 0
    """Requests that were taken and changed something, or may have."""


_UNDER_WAY: ContextVar[Changes | None] = ContextVar("changes", default=None)


@contextmanager
def changing(before: float) -> Iterator[Changes]:
    """Count what this thread changes until the block ends, and let no change begin too late."""
    changes = Changes(before=before)
    token = _UNDER_WAY.set(changes)
    try:
        yield changes
    finally:
        _UNDER_WAY.reset(token)


def must_be_in_time() -> None:
    """Raise RetryLater where a change must not begin any more; where nobody counts, any may."""
    changes = _UNDER_WAY.get()
    if changes is not None and monotonic() > changes.before:
        raise RetryLater("looking took so long that nothing was sent; it is tried again")


def note_change() -> None:
    """Count a change that was taken."""
    if (changes := _UNDER_WAY.get()) is not None:
        changes.done += 1
