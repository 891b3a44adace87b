"""`koe source map`: where in the bodies of a generic source the fields stand."""

import shlex
from collections.abc import Mapping
from typing import Annotated

import typer
from sqlmodel import Session

from service.arguments import pairs, read_settings
from service.commands.options import Json, Name, opened
from service.commands.source_setup import checked_paths
from service.console import Console
from service.imports import calls as readings
from service.imports.calls import Sender
from service.models import Source
from service.repositories import calls, organisations
from service.repositories import sources as source_repository

NO_PATH = "-"
Paths = Annotated[
    list[str], typer.Argument(help="field=path, e.g. text=ticket.description; field=- takes one away.")
]


def map_source(name: Name, path: Paths, as_json: Json = False) -> None:
    """Say where in a source's bodies the fields stand, and how many dead letters that mends."""
    console, settings = Console(json=as_json), read_settings()
    given = checked_paths(pairs(path, option="field=path"))
    with opened(console, settings) as db, db.begin() as session:
        source = source_repository.get_source(session, settings.organisation, name)
        paths = {**source.settings.get("map", {}), **given}
        paths = {field: where for field, where in paths.items() if where != NO_PATH}
        source_repository.remember(session, source.id, map=paths)
        fit, dead = mended(session, source, paths)
    console.say(f"{name}: " + (", ".join(f"{f}={p}" for f, p in sorted(paths.items())) or "no mapping."))
    if dead:
        console.say(f"{fit:,} of {dead:,} dead letters can be read now.")
    if fit:
        console.say(f"Read them: koe dead-letters replay --source {shlex.quote(name)}")
    console.answer({"source": name, "map": paths, "dead": dead, "mended": fit})


def mended(session: Session, source: Source, paths: Mapping[str, str]) -> tuple[int, int]:
    """Return how many dead letters of a source can be read by these paths, and how many there are."""
    sender = Sender(
        organisation_id=source.organisation_id,
        source_id=source.id,
        name=source.name,
        mapping=paths,
        zone=organisations.zone_of(session, source.organisation_id),
    )
    dead = calls.dead(session, source.id)
    fit = [not readings.read(body, sender, named="", received_at=at).wrong for body, at in dead]
    return sum(fit), len(fit)
