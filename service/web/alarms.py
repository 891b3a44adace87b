"""The pages of alarms: what is new or rises, what ended, and which themes are quiet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from markupsafe import Markup

from service.errors import WrongUse
from service.models import Alarm, Mute
from service.pipeline import alarm as deciding
from service.repositories import alarms as alarm_repository
from service.repositories.alarms import Told
from service.web.charts import Day, daily
from service.web.deps import SessionDep
from service.web.language import Language
from service.web.page import CallerDep, OrganisationDep, PagesDep, link

router = APIRouter(prefix="/alarms")

PAGE_SIZE = 20
SHOWN_VOICES = 20
EXCERPT = 240
"""Code points of a voice that are shown."""
LISTS = ("open", "past", "quiet")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An alarm as the pages show it."""

    alarm: Alarm
    told: Told
    chart: Markup
    days: Sequence[Day]
    link: str
    """Where its voices are; empty where there is no list of them."""
    quiet_until: date | None
    is_quiet: bool


@router.get("")
def show_alarms(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    organisation_id: OrganisationDep,
    show: str = "open",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Response:
    """Show what is new or rises, what ended, or the quiet list."""
    t = pages.language(request)
    chosen = show if show in LISTS else "open"
    told = alarm_repository.told(session, organisation_id)
    quiet = alarm_repository.quiet_list(session, organisation_id)
    of_list = {
        "open": [each for each in told if each.alarm.ended_at is None],
        "past": [each for each in told if each.alarm.ended_at is not None],
    }
    rows = of_list.get(chosen, [])
    muted = alarm_repository.quiet_by_id(session, organisation_id)
    return pages.show(
        request,
        "alarms.html",
        rows=[_shown(t, each, muted) for each in rows[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]],
        quiet=quiet,
        counts={name: len(found) for name, found in of_list.items()} | {"quiet": len(quiet)},
        unseen=sum(each.alarm.acknowledged_at is None for each in of_list["open"]),
        looked=alarm_repository.looked_until(session, organisation_id),
        lists=LISTS,
        chosen=chosen,
        page=page,
        page_count=-(-len(rows) // PAGE_SIZE),
    )


@router.get("/{alarm_id}")
def show_alarm(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    organisation_id: OrganisationDep,
    alarm_id: str,
) -> Response:
    """Show one alarm with its course and its voices."""
    t = pages.language(request)
    told = alarm_repository.told_of(session, organisation_id, alarm_id)
    muted = alarm_repository.quiet_by_id(session, organisation_id)
    newest = [each["item_id"] for each in told.alarm.items[-SHOWN_VOICES:]]
    return pages.show(
        request,
        "alarm.html",
        shown=_shown(t, told, muted),
        voices=alarm_repository.evidence(session, organisation_id, newest),
        excerpt=EXCERPT,
    )


@router.post("/{alarm_id}/acknowledge")
def acknowledge(session: SessionDep, caller: CallerDep, alarm_id: str) -> Response:
    """Say that it was seen."""
    deciding.acknowledge(session, caller.organisation_id, alarm_id, by=caller.name)
    return _to(alarm_id)


@router.post("/{alarm_id}/mute")
def mute(
    session: SessionDep, caller: CallerDep, alarm_id: str, until: Annotated[str, Form(max_length=20)] = ""
) -> Response:
    """Let its theme be quiet, up to a day or for ever."""
    deciding.mute(session, caller.organisation_id, alarm_id, until=_day(until), by=caller.name)
    return _to(alarm_id)


@router.post("/{alarm_id}/unmute")
def unmute(session: SessionDep, caller: CallerDep, alarm_id: str) -> Response:
    """Let its theme raise alarms again."""
    deciding.unmute(session, caller.organisation_id, alarm_id)
    return _to(alarm_id)


@router.post("/quiet/{theme_id}/unmute")
def unmute_theme(session: SessionDep, caller: CallerDep, theme_id: str) -> Response:
    """Take a theme off the quiet list."""
    deciding.unmute_theme(session, caller.organisation_id, theme_id)
    return RedirectResponse(link("/alarms", show="quiet"), status_code=303)


@router.get("/{alarm_id}/{decision}")
def lead_back(alarm_id: str, decision: str) -> Response:  # noqa: ARG001  the address of a form
    """Lead from the address of a form, which the browser may hold, to the page that the form is on."""
    return RedirectResponse("/alarms", status_code=303)


def _to(alarm_id: str) -> Response:
    return RedirectResponse(link(f"/alarms/{alarm_id}") + "#state", status_code=303)


def _day(text: str) -> date | None:
    """Return the day that a form names; None where it names none. Raises WrongUse."""
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise WrongUse("This is no day; choose one, or leave it empty for ever.") from error


def _shown(t: Language, told: Told, muted: Mapping[str, Mute]) -> Shown:
    alarm = told.alarm
    days = [_told_day(t, alarm, each) for each in alarm.days]
    onset = alarm.onset.astimezone(t.zone).date()
    ended = alarm.ended_at.astimezone(t.zone).date() if alarm.ended_at else None
    mute = muted.get(alarm.theme_id or "")
    return Shown(
        alarm=alarm,
        told=told,
        chart=daily(
            days,
            start=next((place for place, each in enumerate(days) if each.day >= onset), None),
            label=t("alarms.since", day=t.short_day(onset)),
            title=t("alarms.chart"),
        ),
        days=days,
        link=voices_behind(alarm, onset, ended),
        quiet_until=mute.until if mute else None,
        is_quiet=mute is not None,
    )


def _told_day(t: Language, alarm: Alarm, day: Mapping[str, Any]) -> Day:
    when = date.fromisoformat(day["day"])
    return Day(
        day=when,
        count=day["contacts"],
        low=day["low"],
        high=day["high"],
        told=t("alarms.day_told", day=t.day(when), count=day["contacts"], low=day["low"], high=day["high"]),
        link=voices_behind(alarm, when, when),
        tick=t.short_day(when) if when.weekday() == 0 else "",
    )


def voices_behind(alarm: Alarm, since: date, until: date | None) -> str:
    """Return where the voices of some days are listed."""
    last = until.isoformat() if until else ""
    if alarm.theme_id is None:
        return link("/items", only="spam", since=since.isoformat(), until=last)
    channel = "contact" if alarm.counted == "contacts" else ""
    return link("/items", theme=alarm.theme_id, channel=channel, since=since.isoformat(), until=last)
