"""Waiting at the terminal for what a source brings, and showing it without personal data."""

import shlex
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

import typer
from sqlmodel import Session

from service.commands.tokens import shown
from service.config import Settings
from service.console import Console
from service.db import Database
from service.errors import Unavailable
from service.models import Source
from service.parts import listening
from service.pipeline import fetch
from service.pipeline.run import take_in
from service.repositories import arrivals
from service.repositories.arrivals import NOWHERE, Mark

BETWEEN = 1.0
"""Seconds between two looks."""
MOST_SHOWN = 600
"""Code points of a voice."""
Wait = Annotated[bool, typer.Option("--wait", help="Wait for a delivery, and show it.")]
Within = Annotated[float, typer.Option(min=0, help="Seconds that --wait waits for.")]


def wait_for(
    console: Console,
    settings: Settings,
    db: Database,
    source: Source,
    *,
    seconds: float,
    after: Mark = NOWHERE,
) -> Mapping[str, object]:
    """Wait for something that a source brings, show it and return it.

    What it can be asked for is fetched meanwhile, whether a worker runs or not. Raises Unavailable where a
    call came that cannot be read, and where nothing comes in time.
    """
    console.note("Waiting for a delivery; Ctrl-C ends the waiting, and nothing is lost.")
    until, listen, said = time.monotonic() + seconds, listening(settings, db), ""
    while True:
        if source.sealed_credentials is not None:
            report = fetch.run(db, source.organisation_id, listen, only=source.name, seconds=BETWEEN)
            if report.notes and (told := "; ".join(report.notes)) != said:
                said = told
                console.note(told)
        take_in(db, source.organisation_id)
        with db.begin() as session:
            found = look(session, source, after)
        if found is not None:
            tell(console, found)
            return found
        if time.monotonic() >= until:
            again = f"koe source test {shlex.quote(source.name)} --wait"
            raise Unavailable(f"Nothing came within {seconds:,.0f} seconds. Wait again: {again}")
        time.sleep(BETWEEN)


def look(session: Session, source: Source, after: Mark = NOWHERE) -> Mapping[str, object] | None:
    """Return the voice that a source brought last, if one did. Raises Unavailable for a call that failed."""
    came = arrivals.newest(session, source.id, after=after)
    failed = None if came else arrivals.newest_failure(session, source.id, after=after)
    if failed is not None:
        name = shlex.quote(source.name)
        raise Unavailable(
            f"A call came at {shown(failed.received_at)} and cannot be read: {failed.reason}. "
            f"It is kept: koe dead-letters list --source {name}"
        )
    if came is None:
        return None
    item = came.item
    return {
        "received_at": came.received_at,
        "external_id": item.external_id,
        "channel": item.channel,
        "created_at": item.created_at,
        "lang": item.lang,
        "text": item.text,
    }


def tell(console: Console, found: Mapping[str, object]) -> None:
    """Show a voice."""
    received, text = found["received_at"], str(found["text"])
    at = shown(received if isinstance(received, datetime) else None)
    short = text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN].rstrip()}…"
    console.say(
        f"\n{found['channel']} {found['external_id']}, received {at}, without personal data:\n\n{short}"
    )
