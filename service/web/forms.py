"""What a person filled in: read, checked, and kept as it was typed where something is wrong."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Form

from connectors.files.encodings import clean
from service.rules.web_addresses import is_web_address

LONGEST_REASON = 500
MOST_TARGETS = 100
LATEST_REVIEW = timedelta(days=3660)
FIRST_DAY = date(2000, 1, 1)
"""Days before it are slips of the keyboard."""


def _chosen_targets(
    to: Annotated[list[str] | None, Form(max_length=MOST_TARGETS)] = None,
    offered: Annotated[list[str] | None, Form(max_length=MOST_TARGETS)] = None,
) -> list[str] | None:
    chosen, choice = ([*map(clean, names or ())] for names in (to, offered))
    return None if set(chosen) == set(choice) else chosen


ChosenTargets = Annotated[list[str] | None, Depends(_chosen_targets)]
"""The names of the targets that are ticked; None where nobody chose: all that were offered are, or none were.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dismissal:
    """Why a suggestion is not followed. An error is the key of a message."""

    reason: str = ""
    error: str = ""
    day: str = ""
    review_at: datetime | None = None
    """The beginning of the day on which it is looked at again; None for never by itself."""
    day_error: str = ""

    @property
    def complete(self) -> bool:
        """True where nothing is wrong."""
        return not (self.error or self.day_error)


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """Since when customers have it, and where. Errors are the keys of messages."""

    url: str = ""
    day: str = ""
    since: datetime | None = None
    """The beginning of the day; None where it is not understood."""
    url_error: str = ""
    day_error: str = ""

    @property
    def complete(self) -> bool:
        """True where nothing is wrong."""
        return not (self.url_error or self.day_error)


def read_dismissal(reason: str, day: str, *, today: date, zone: ZoneInfo) -> Dismissal:
    """Return the form as it was filled in; the day may be left empty."""
    typed, typed_day = clean(reason), clean(day).strip()
    error, day_error, review_at = "", "", None
    if not typed.strip():
        error = "form.reason_missing"
    elif len(typed) > LONGEST_REASON:
        error = "form.reason_long"
    if typed_day:
        try:
            chosen = date.fromisoformat(typed_day)
        except ValueError:
            day_error = "form.day_odd"
        else:
            if chosen <= today:
                day_error = "form.day_past"
            elif chosen > today + LATEST_REVIEW:
                day_error = "form.day_odd"
            else:
                review_at = datetime.combine(chosen, time(), zone)
    return Dismissal(reason=typed, error=error, day=typed_day, review_at=review_at, day_error=day_error)


def read_publication(url: str, day: str, *, today: date, zone: ZoneInfo) -> Publication:
    """Return the form as it was filled in; the address may be left empty."""
    typed_url, typed_day = clean(url).strip(), clean(day).strip()
    url_error, day_error, since = "", "", None
    if typed_url and not is_web_address(typed_url):
        url_error = "form.url_odd"
    try:
        chosen = date.fromisoformat(typed_day)
    except ValueError:
        day_error = "form.day_odd" if typed_day else "form.day_missing"
    else:
        if chosen > today:
            day_error = "form.day_to_come"
        elif chosen < FIRST_DAY:
            day_error = "form.day_odd"
        else:
            since = datetime.combine(chosen, time(), zone)
    return Publication(url=typed_url, day=typed_day, since=since, url_error=url_error, day_error=day_error)
