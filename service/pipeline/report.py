"""What a stage says when it is through, and how it says how far it is."""

from dataclasses import dataclass
from typing import Protocol

from service.errors import place_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a stage did."""

    stage: str
    done: int
    """How many things (records, items, spans, themes, …) were dealt with now."""
    failed: int = 0
    notes: tuple[str, ...] = ()
    """Sentences for the person who started the run."""


class Stopped(Exception):
    """The worker was told to stop; what is committed stays, and the next one goes on from there."""


class Progress(Protocol):
    """Told how far a stage is: `done` of `total` things."""

    def __call__(self, stage: str, done: int, total: int) -> None: ...


def silent(stage: str, done: int, total: int) -> None:
    """Tell nobody."""


def stumbled(error: Exception) -> str:
    """Return why something is dead that Koe could not read for a fault of its own."""
    return f"Koe stumbled over it ({place_of(error)}); replay it with a newer version of Koe"
