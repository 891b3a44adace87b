"""`/alarms`: themes that are new or rise beyond what was expected, and waves of spam."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema
from sqlmodel import Session

from service.access.caching import tagged
from service.api.deps import ReaderDep, SessionDep, WriterDep
from service.api.fields import Id, Instant, Number, Text, UpdatedAt, changed, one_of, stamp, word
from service.api.lists import ListQuery, Page, find, find_one
from service.api.problems import single
from service.api.writes import JsonRoute, Key, once, written
from service.exports.shapes import alarm_row, moment
from service.models import Alarm as AlarmTable
from service.models.alarm import ALARM_KINDS
from service.pipeline import alarm as deciding
from service.repositories import followed

router = APIRouter(prefix="/alarms", tags=["alarms"], route_class=JsonRoute)

KINDS = ALARM_KINDS
WRITTEN = written("It is done; the alarm as it is now.")


class ItemName(BaseModel):
    """How an item is called: its source, and the id that it has there."""

    source: str
    external_id: str


class Alarm(BaseModel):
    """An alarm, as in the export `alarms`, and what became of it."""

    alarm_id: str
    theme_id: str | None
    kind: Annotated[str, word(KINDS)]
    onset: str | None
    raised_at: str | None
    contacts: int
    expected: float
    items: list[ItemName]
    ended_at: str | None = Field(description="Since when it is as usual again; null while it is open.")
    acknowledged_at: str | None
    acknowledged_by: str | None
    updated_at: UpdatedAt

    @classmethod
    def of(cls, alarm: AlarmTable) -> "Alarm":
        """Return an alarm as the API tells it."""
        return cls.model_validate(
            {
                **alarm_row(alarm),
                "ended_at": moment(alarm.ended_at),
                "acknowledged_at": moment(alarm.acknowledged_at),
                "acknowledged_by": alarm.acknowledged_by,
                "updated_at": stamp(changed(alarm)),
            }
        )


class Quiet(BaseModel):
    """How long a theme is to raise no alarm."""

    model_config = ConfigDict(extra="forbid")

    until: date | SkipJsonSchema[None] = Field(
        default=None,
        description="The last quiet day, as the organisation counts days; for ever without one.",
        examples=["2026-12-31"],
    )


class AlarmQuery(ListQuery):
    """Which alarms."""

    alarm_id: Text = None
    theme_id: Text = None
    kind: Annotated[Text, *one_of(KINDS)] = Field(default=None, examples=["rising"])
    onset: Instant = None
    raised_at: Instant = None
    contacts: Number = None
    expected: Number = None
    ended_at: Instant = Field(default=None, examples=["null"])
    acknowledged_by: Text = Field(default=None, examples=["null"])


@router.get("", summary="List alarms")
def list_alarms(caller: ReaderDep, session: SessionDep, query: Annotated[AlarmQuery, Query()]) -> Page[Alarm]:
    """Themes that are new or rise. An alarm comes again as long as more is heard of it, and when it ends."""
    fetch = partial(followed.alarms, session, caller.organisation_id)
    found = find(session, query, fetch, place=lambda alarm: (changed(alarm), alarm.id))
    return found.page([Alarm.of(alarm) for alarm in found.rows])


@router.get("/{alarm_id}", summary="Get an alarm", response_model=Alarm, responses=single())
def get_alarm(request: Request, caller: ReaderDep, session: SessionDep, alarm_id: Id) -> Response:
    """One alarm."""
    fetch = partial(followed.alarms, session, caller.organisation_id)
    return tagged(request, Alarm.of(find_one(fetch, alarm_id=alarm_id)))


@router.post(
    "/{alarm_id}/acknowledge", summary="Say that an alarm was seen", response_model=Alarm, responses=WRITTEN
)
def acknowledge_alarm(
    request: Request, caller: WriterDep, session: SessionDep, alarm_id: Id, key: Key = None
) -> Response:
    """Whoever says so first stays; said again, nothing changes."""
    work = partial(deciding.acknowledge, session, caller.organisation_id, alarm_id, by=caller.name)
    return once(request, session, caller, key, lambda: _told(session, work))


@router.post(
    "/{alarm_id}/mute", summary="Let a theme raise no alarm", response_model=Alarm, responses=WRITTEN
)
def mute_alarm(
    request: Request,
    caller: WriterDep,
    session: SessionDep,
    alarm_id: Id,
    body: Quiet,
    key: Key = None,
) -> Response:
    """Put the alarm's theme on the quiet list. An alarm about no theme is a conflict."""
    work = partial(deciding.mute, session, caller.organisation_id, alarm_id, until=body.until, by=caller.name)
    return once(request, session, caller, key, lambda: _told(session, work), content=body)


@router.post(
    "/{alarm_id}/unmute", summary="Let a theme raise alarms again", response_model=Alarm, responses=WRITTEN
)
def unmute_alarm(
    request: Request, caller: WriterDep, session: SessionDep, alarm_id: Id, key: Key = None
) -> Response:
    """Take the alarm's theme off the quiet list."""
    work = partial(deciding.unmute, session, caller.organisation_id, alarm_id)
    return once(request, session, caller, key, lambda: _told(session, work))


def _told(session: Session, work: Callable[[], AlarmTable]) -> Alarm:
    """Do it, and return the alarm as the database has it now: when it changed is the database's to say."""
    alarm = work()
    session.flush()
    session.refresh(alarm)
    return Alarm.of(alarm)
