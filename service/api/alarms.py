"""`/alarms`: themes that are new or rise beyond what was expected, and waves of spam."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from service.api.caching import tagged
from service.api.deps import ReaderDep, SessionDep
from service.api.fields import Id, Instant, Number, Text, UpdatedAt, changed, one_of, stamp, word
from service.api.lists import ListQuery, Page, find, find_one
from service.api.problems import single
from service.exports.shapes import alarm_row
from service.models import Alarm as AlarmTable
from service.repositories import followed

router = APIRouter(prefix="/alarms", tags=["alarms"])

KINDS = ("new", "rising", "spam")


class ItemName(BaseModel):
    """How an item is called: its source, and the id that it has there."""

    source: str
    external_id: str


class Alarm(BaseModel):
    """An alarm, as in the export `alarms`."""

    alarm_id: str
    theme_id: str | None
    kind: Annotated[str, word(KINDS)]
    onset: str | None
    raised_at: str | None
    contacts: int
    expected: float
    items: list[ItemName]
    updated_at: UpdatedAt

    @classmethod
    def of(cls, alarm: AlarmTable) -> "Alarm":
        """Return an alarm as the API tells it."""
        return cls.model_validate({**alarm_row(alarm), "updated_at": stamp(changed(alarm))})


class AlarmQuery(ListQuery):
    """Which alarms."""

    alarm_id: Text = None
    theme_id: Text = None
    kind: Annotated[Text, *one_of(KINDS)] = Field(default=None, examples=["rising"])
    onset: Instant = None
    raised_at: Instant = None
    contacts: Number = None
    expected: Number = None


@router.get("", summary="List alarms")
def list_alarms(caller: ReaderDep, session: SessionDep, query: Annotated[AlarmQuery, Query()]) -> Page[Alarm]:
    """Nothing raises alarms yet: the list is empty."""
    fetch = partial(followed.alarms, session, caller.organisation_id)
    found = find(session, query, fetch, place=lambda alarm: (changed(alarm), alarm.id))
    return found.page([Alarm.of(alarm) for alarm in found.rows])


@router.get("/{alarm_id}", summary="Get an alarm", response_model=Alarm, responses=single())
def get_alarm(request: Request, caller: ReaderDep, session: SessionDep, alarm_id: Id) -> Response:
    """One alarm."""
    fetch = partial(followed.alarms, session, caller.organisation_id)
    return tagged(request, Alarm.of(find_one(fetch, alarm_id=alarm_id)))
