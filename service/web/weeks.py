"""Weeks on pages: which one a day lies in, and where what was said in some of them is found."""

from datetime import date, timedelta

from service.models import Theme
from service.repositories.voices import REACHED_OUT
from service.web.language import Language
from service.web.page import link

WEEK = timedelta(weeks=1)


def week_of(day: date) -> date:
    """Return the first day of the week in which a day lies."""
    return day - timedelta(days=day.weekday())


def voices_link(theme: Theme, start: date, weeks: int, *, contacts: bool, segment: str | None = None) -> str:
    """Return the address of what was said about the theme in some weeks, in one segment or in all."""
    return link(
        "/items",
        theme=theme.id,
        channel=REACHED_OUT if contacts else "",
        since=start.isoformat(),
        of=f"segment:{segment}" if segment else "",
        until=(start + weeks * WEEK - timedelta(days=1)).isoformat(),
    )


def axis(t: Language, start: date, *, first: bool) -> str:
    """Return what stands at a week on the axis: the month that begins in it, but for the `first` one."""
    last = start + WEEK - timedelta(days=1)
    return t.month(last) if last.replace(day=1) >= start and not first else ""
