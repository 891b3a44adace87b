"""What addresses and rows hold: names, moments, words of a list, and how a filter asks for none."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal, Protocol

from fastapi import Path
from pydantic import AfterValidator, BeforeValidator, Field
from pydantic.json_schema import SkipJsonSchema

NONE = "null"
"""The word that asks for the rows that have none."""
FIRST_YEAR, LAST_YEAR = 1970, 9000
"""Moments that lie outside are slips of the keyboard, and some cannot be told in UTC."""


def stamp(moment: datetime) -> str:
    """Return a moment in UTC to the microsecond: `Z`, for a `+` would have to be escaped in an address."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def read_moment(text: str) -> datetime:
    """Return the moment that an ISO 8601 text with a zone means; raises ValueError, in words.

    A `+` that was not escaped comes as a space, and is read as what was meant.
    """
    unescaped = "T" in text and text[-6:-5] == " "
    try:
        moment = datetime.fromisoformat(f"{text[:-6]}+{text[-5:]}" if unescaped else text)
    except ValueError as error:
        raise ValueError("This is no moment; write it like 2026-05-04T09:00:00+09:00.") from error
    if moment.tzinfo is None:
        raise ValueError("This moment needs a time zone, like 2026-05-04T09:00:00+09:00.")
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError(f"This moment lies outside of the years {FIRST_YEAR} to {LAST_YEAR}.")
    return moment


def _read(given: object) -> object:
    if isinstance(given, datetime):
        return given
    if not isinstance(given, str):
        raise ValueError("This is no moment; write it like 2026-05-04T09:00:00+09:00.")
    return read_moment(given)


def storable(text: str) -> str:
    """Return a text; raises ValueError, in words, for one that no database keeps."""
    if "\0" in text:
        raise ValueError("No text that Koe keeps holds the character NUL.")
    return text


class Changing(Protocol):
    """A row of a table of which is known when it changed."""

    changed_at: datetime | None


def changed(row: Changing) -> datetime:
    """Return when a row that is in the database last changed."""
    if row.changed_at is None:
        raise TypeError("only what is in the database has changed")
    return row.changed_at


def word(choices: Sequence[str | None], description: str = "") -> Any:
    """Return what describes a field that holds one of these words, or null where None is among them."""
    return Field(description=description or None, json_schema_extra={"enum": list(choices)})


def one_of(choices: Sequence[str]) -> Any:
    """Return what marks a filter that takes one of these words, or `null`."""
    allowed = (*choices, NONE)

    def known(word: str) -> str:
        if word not in allowed:
            raise ValueError(f"There is no “{word[:40]}”; there are {', '.join(choices)}.")
        return word

    return AfterValidator(known), Field(json_schema_extra={"enum": list(allowed)})


AHEAD = timedelta(minutes=5)
"""By which another clock may be ahead of ours."""
Moment = Annotated[datetime, BeforeValidator(_read)]
Name = Annotated[str, Field(max_length=500), AfterValidator(storable)]
"""What something is called: by an address or a filter."""
Id = Annotated[Name, Path(examples=["07e4edc617a6e6bb3aa0"])]
Text = Name | SkipJsonSchema[None]
Instant = Moment | Literal["null"] | SkipJsonSchema[None]
Number = Annotated[float, Field(allow_inf_nan=False)] | Literal["null"] | SkipJsonSchema[None]
Flag = bool | Literal["null"] | SkipJsonSchema[None]
UpdatedAt = Annotated[
    str,
    Field(
        description="When anything of the row last changed.",
        json_schema_extra={"format": "date-time"},
        examples=["2026-05-04T09:00:00.000000Z"],
    ),
]
Limit = Annotated[int, Field(ge=1, le=200, description="The most rows of a page.", examples=[20])]
Cursor = Annotated[
    Annotated[str, Field(max_length=1000)] | SkipJsonSchema[None],
    Field(description="The `next_cursor` of the page before, with the same filters."),
]
"""The kinds of filters. None is one that was not given."""


def past(moment: datetime) -> datetime:
    """Return a moment that has come. Raises ValueError for one to come, or too long ago to be meant."""
    if moment > datetime.now(UTC) + AHEAD:
        raise ValueError("This moment is yet to come.")
    if moment.year < 2000:
        raise ValueError("This moment is too long ago to be meant.")
    return moment
