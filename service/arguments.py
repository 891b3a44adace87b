"""What people type, and the settings around it, checked and turned into what the commands work with."""

from collections.abc import Callable
from datetime import datetime, time, timedelta, tzinfo

import typer
from pydantic import ValidationError

from service.config import Settings
from service.errors import WrongUse


def read_settings() -> Settings:
    """Return the settings of the environment and of `.env`. Raises WrongUse, naming those that are wrong."""
    try:
        return Settings()
    except ValidationError as error:
        raise WrongUse(
            "; ".join(
                f"KOE_{str(one['loc'][0]).upper()}: {one['msg'].removeprefix('Value error, ')}"
                for one in error.errors()
            )
        ) from error
    except (UnicodeDecodeError, OSError) as error:
        raise WrongUse(f"The file .env cannot be read: {error}") from error


def one_of(known: tuple[str, ...]) -> Callable[[str | None], str | None]:
    """Return what refuses an argument that is none of the known words."""

    def check(given: str | None) -> str | None:
        if given is not None and given not in known:
            raise typer.BadParameter(f"“{given}” is none of {', '.join(known)}.")
        return given

    return check


def named(given: str) -> str:
    """Refuse a name that is empty or was typed in bytes that are no text."""
    if not given.strip() or not given.isprintable():
        raise typer.BadParameter("a name needs characters that can be read.")
    return given


def beginning(day: str | None, zone: tzinfo) -> datetime | None:
    """Return the beginning of a day (`2026-05-03`) in the organisation's time zone."""
    if day is None:
        return None
    try:
        return datetime.combine(datetime.fromisoformat(day).date(), time(), zone)
    except ValueError as error:
        raise WrongUse(f"“{day}” is no date; write it like 2026-05-03.") from error


def instant(day: str | None, zone: tzinfo) -> datetime | None:
    """Return the end of a day (`2026-05-03`) in the organisation's time zone."""
    began = beginning(day, zone)
    try:
        return None if began is None else began + timedelta(days=1)
    except OverflowError as error:
        raise WrongUse(f"“{day}” is no date; write it like 2026-05-03.") from error


def pairs(given: list[str] | None, *, option: str, may_be_empty: bool = False) -> dict[str, str]:
    """Return `name=value` arguments as a mapping."""
    found: dict[str, str] = {}
    for text in given or []:
        name, parted, value = text.partition("=")
        if not name or not (value or (parted and may_be_empty)):
            raise WrongUse(f"Write {option} as name=value, not “{text}”.")
        if found.setdefault(name, value) != value:
            raise WrongUse(f"{option} gives {name} twice.")
    return found
