"""How long customers wait: for a first answer, and for a solution."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from service.rules.steering.frame import OFTEN, Case, Frame, Groups, Slices
from service.rules.steering.reading import Reading, Series, series_of, unknown
from service.rules.steering.reckoning import median_time

HOUR = 3600.0


class Ticket(NamedTuple):
    """An item by which a customer reached out, with when it was answered and solved."""

    source_id: str
    day: date
    slices: Slices
    created: datetime
    answered: datetime | None
    """The first words of a person of yours."""
    solved: datetime | None
    is_closed: bool
    """True where its state says that it is done, be it told when or not."""


def first_answer(tickets: Sequence[Ticket], around: Frame, *, end: datetime) -> Series:
    """Return the median hours to a first answer, of the items of each month and week.

    A solution is an answer too. What is not answered yet waits since it came, and counts as longer than that
    (Kaplan–Meier). Only sources count that tell of any of their items when it was answered; an item that is
    closed, nobody knows when, and one that was answered before it came, are left out. All hours count, those
    of nights and days off too. `end` is the last moment that is known.
    """
    return _medians(tickets, around, end=end, reached=_answered, told="no_times")


def solution(tickets: Sequence[Ticket], around: Frame, *, end: datetime) -> Series:
    """Return the median hours to a solution; as with the first answer, by the time of the solution."""
    return _medians(tickets, around, end=end, reached=lambda ticket: ticket.solved, told="no_solutions")


def _answered(ticket: Ticket) -> datetime | None:
    return min((each for each in (ticket.answered, ticket.solved) if each is not None), default=None)


def _medians(
    tickets: Sequence[Ticket],
    around: Frame,
    *,
    end: datetime,
    reached: Callable[[Ticket], datetime | None],
    told: str,
) -> Series:
    telling = {ticket.source_id for ticket in tickets if reached(ticket) is not None}
    counted: list[Case] = []
    open_: list[Case] = []
    left_out: list[Case] = []
    for ticket in tickets:
        if ticket.source_id not in telling:
            continue
        at = reached(ticket)
        over = at is not None and at <= end
        # By the clock of the world: two times of one zone are otherwise subtracted as its wall shows them.
        hours = ((at if over and at else end).timestamp() - ticket.created.timestamp()) / HOUR
        case = Case(ticket.day, "", ticket.slices, hours)
        if hours < 0 or (at is None and ticket.is_closed):
            left_out.append(case)
        else:
            (counted if over else open_).append(case)
    groups = [Groups(some, around, periods=OFTEN) for some in (counted, open_, left_out)]
    nothing = "nothing" if telling else told
    return series_of(
        around,
        OFTEN,
        lambda at: _median(groups[0][at], groups[1][at], left_out=groups[2].count(at), nothing=nothing),
    )


def _median(over: Sequence[Case], waiting: Sequence[Case], *, left_out: int, nothing: str) -> Reading:
    number = len(over) + len(waiting)
    if not number:
        return unknown(nothing, left_out=left_out)
    found = median_time([*((case.value, True) for case in over), *((case.value, False) for case in waiting)])
    return Reading(
        value=found.value,
        low=found.low,
        high=found.high,
        numerator=found.over,
        denominator=number,
        reason=None if found.value is not None else "under_half",
        waiting=len(waiting),
        left_out=left_out,
    )
