"""What commands share: the options that several take, and the database for the length of one command."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from structlog.stdlib import BoundLogger

from service.arguments import named
from service.config import Settings
from service.console import Console
from service.db import Database
from service.ending import finish_in_peace
from service.opening import open_database
from service.repositories import organisations

Json = Annotated[bool, typer.Option("--json", help="One JSON value on stdout; progress stays on stderr.")]
Seed = Annotated[int, typer.Option(min=0, max=2**32 - 1, help="The seed of everything that draws lots.")]
Name = Annotated[str, typer.Argument(callback=named, help="What it is called here.")]


@contextmanager
def opened(
    console: Console,
    settings: Settings,
    *,
    whoever: bool = False,
    log: BoundLogger | None = None,
) -> Iterator[Database]:
    """Open the database that the settings name, for the length of one command.

    A command that stays has a `log`, and Koe's own database is started again whenever it ends before that
    command does. Raises NotFound where KOE_ORGANISATION names none, unless it is about organisations
    (`whoever`).
    """
    announce = console.note if log is None else log.warning
    with open_database(settings, announce=announce, keep_alive=log is not None) as db:
        try:
            if not whoever:
                with db.begin() as session:
                    organisations.require(session, settings.organisation)
            yield db
        finally:
            finish_in_peace()  # the database is about to stop


def zone_of(db: Database, settings: Settings) -> ZoneInfo:
    """Return the zone in which the days of KOE_ORGANISATION begin."""
    with db.begin() as session:
        return organisations.zone_of(session, settings.organisation)
