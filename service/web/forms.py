"""What a person filled in: read, checked, and kept as it was typed where something is wrong."""

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from connectors.files.encodings import clean
from service.rules.web_addresses import is_web_address

LONGEST_REASON = 500
FIRST_DAY = date(2000, 1, 1)
"""Days before it are slips of the keyboard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dismissal:
    """Why a suggestion is not followed. An error is the key of a message."""

    reason: str = ""
    error: str = ""


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


def read_dismissal(reason: str) -> Dismissal:
    """Return the form as it was filled in."""
    typed = clean(reason)
    if not typed.strip():
        return Dismissal(reason=typed, error="form.reason_missing")
    if len(typed) > LONGEST_REASON:
        return Dismissal(reason=typed, error="form.reason_long")
    return Dismissal(reason=typed)


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
