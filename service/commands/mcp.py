"""`koe mcp`: what Koe knows, for an assistant that starts this command and talks to it over stdio."""

from datetime import UTC, datetime
from functools import partial
from typing import Annotated

import typer

from service.access import tokens
from service.arguments import read_settings
from service.commands.options import opened
from service.config import Settings
from service.console import Console
from service.db import Database
from service.errors import WrongUse
from service.logs import logged_as
from service.parts import embedders_of
from service.search.meaning import Reader

# service.assistants is imported where it is used: the protocol's SDK takes a moment to load.


def mcp(
    token: Annotated[
        str | None,
        typer.Option(
            envvar="KOE_TOKEN",
            show_envvar=False,
            help="Read what this token may read; without one, KOE_ORGANISATION on this machine.",
        ),
    ] = None,
) -> None:
    """Let an assistant read themes, evidence, suggestions and effects, and search (MCP over stdio).

    The assistant's program starts it, and ends it by closing its input. Nothing can be changed through it.
    """
    settings = read_settings()
    # Standard output belongs to the protocol.
    console = Console(json=True)
    with logged_as("mcp"), opened(console, settings, whoever=token is not None) as db:
        from service.assistants import server

        organisation_id = _organisation(db, settings, token)
        server(db, organisation_id, Reader(partial(embedders_of, settings))).run("stdio")


def _organisation(db: Database, settings: Settings, token: str | None) -> str:
    """Return whose data is read. Raises WrongUse for a token that is not in force."""
    if token is None:
        return settings.organisation
    visit = tokens.prove(db, token, means="bearer", now=datetime.now(UTC))
    if visit is None:
        raise WrongUse("This token is not in force: koe token list, koe token create NAME --scope read")
    return visit.caller.organisation_id
