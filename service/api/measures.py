"""`/measures`: the measures by which a company steers."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from service.api.deps import ReaderDep, SessionDep
from service.api.fields import Text, word
from service.api.problems import documented
from service.pipeline import steered
from service.rules.steering.reading import REASONS
from service.rules.steering.showing import month_named, slice_named

router = APIRouter(prefix="/measures", tags=["measures"])


class Entry(BaseModel):
    """A measure in one period."""

    every: str = Field(description="month, week or year", examples=["month"])
    start: str = Field(description="The first day.", examples=["2026-05-01"])
    end: str = Field(description="The last day.", examples=["2026-05-31"])
    whole: bool = Field(description="False where not all of its days are known.")
    value: float | None = Field(description="Null where it is not known; `reason` says why.")
    low: float | None
    high: float | None = Field(description="With `low`, the interval of 95 %; null for what is no estimate.")
    numerator: float | None
    denominator: float | None
    reason: Annotated[str | None, word((*REASONS, None))]
    why: str | None = Field(description="The reason in words.")
    waiting: int = Field(description="Cases that do not count yet: what would show is not over.")
    left_out: int = Field(description="Cases that cannot be counted.")
    facts: dict[str, Any]


class Before(BaseModel):
    """The period before, where both are whole and have a number."""

    start: str
    value: float


class Measure(Entry):
    """A measure in a period, with its whole series."""

    measure: str = Field(examples=["contact_rate"])
    unit: str = Field(description="rate, share (0 to 1), hours, contacts, days or accounts")
    better: str | None = Field(description="up or down; null where neither is.")
    before: Before | None
    series: list[Entry] = Field(description="Oldest first.")


class Measures(BaseModel):
    """All measures."""

    first: str | None = Field(description="The first day of which anything is known; null before a run.")
    until: str | None = Field(description="The last one.")
    slice: str = Field(description="Like `plan:Standard`; empty for everybody.")
    slices: list[str] = Field(description="What is measured by itself.")
    data: list[Measure]


class MeasureQuery(BaseModel):
    """Which measures."""

    model_config = ConfigDict(extra="forbid")

    month: Text = Field(default=None, description="Like 2026-05; else the newest.", examples=["2026-05"])
    every: Literal["month", "week"] = Field(default="month", description="Series by month or by week.")
    segment: Text = None
    plan: Text = None
    area: Text = Field(default=None, description="A product area.")
    team: Text = Field(default=None, description="One of segment, plan, area and team at a time.")


@router.get("", summary="Read the measures to steer by", responses=documented(404))
def read_measures(
    caller: ReaderDep, session: SessionDep, query: Annotated[MeasureQuery, Query()]
) -> Measures:
    """Each in a month, or the newest that it is known of, with its series; docs/measures.md defines them."""
    name = slice_named(segment=query.segment, plan=query.plan, area=query.area, team=query.team)
    board = steered.board(
        session, caller.organisation_id, name=name, month=month_named(query.month), every=query.every
    )
    if board is None:
        return Measures(first=None, until=None, slice=name, slices=[], data=[])
    return Measures(
        first=board.first.isoformat(),
        until=board.until.isoformat(),
        slice=name,
        slices=list(board.slices),
        data=[Measure.model_validate(steered.told(each)) for each in board.shown.values()],
    )
