"""`koe organisation`: the companies whose data one Koe keeps apart."""

import re
from typing import Annotated

import typer

from service.arguments import read_settings
from service.commands.options import Json, opened
from service.console import Console
from service.repositories import organisations

app = typer.Typer(help="The companies whose data one Koe keeps apart.", no_args_is_help=True)

NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?")


def short(given: str) -> str:
    """Refuse what would be no name in an environment variable that everybody can type."""
    if NAME.fullmatch(given) is None:
        raise typer.BadParameter("an organisation is called by 1 to 40 of a-z, 0-9 and -, e.g. north-store.")
    return given


@app.command("add")
def add_organisation(
    name: Annotated[str, typer.Argument(callback=short, help="What KOE_ORGANISATION will call it.")],
    timezone: Annotated[str | None, typer.Option(help="Whose days it counts; else KOE_TIMEZONE.")] = None,
    as_json: Json = False,
) -> None:
    """Add an organisation: its data, people, tokens and connections are seen by nobody else."""
    console, settings = Console(json=as_json), read_settings()
    zone = timezone or settings.timezone
    with opened(console, settings, whoever=True) as db, db.begin() as session:
        organisations.add(session, name, timezone=zone)
    console.say(f"{name} is there. KOE_ORGANISATION={name} makes every command work with it.")
    console.answer({"organisation": name, "timezone": zone})


@app.command("list")
def list_organisations(as_json: Json = False) -> None:
    """List the organisations."""
    console, settings = Console(json=as_json), read_settings()
    with opened(console, settings, whoever=True) as db, db.begin() as session:
        found = organisations.list_organisations(session)
    console.listing(
        ("organisation", "time zone"), [(one.id, one.timezone) for one in found], if_none="There are none."
    )
    console.answer([{"organisation": one.id, "timezone": one.timezone} for one in found])
