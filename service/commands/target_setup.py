"""`koe target set`: a target is told something else, as on its page."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from connectors.registry import TARGETS
from service import connections, destinations
from service.arguments import pairs, read_settings
from service.commands.options import Json, Name, opened
from service.commands.source_setup import typed
from service.connections import Kind
from service.console import Console
from service.errors import Conflict
from service.models import Target
from service.repositories import targets as target_repository


def set_target(
    name: Name,
    setting: Annotated[
        list[str] | None,
        typer.Argument(help="name=value; key=- reads a line from stdin, name= takes one away."),
    ] = None,
    automatic: Annotated[
        bool | None,
        typer.Option("--automatic/--by-hand", help="Whether it takes suggestions that nobody accepted, too."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Tell a target something else; it is tried before it is kept, and what it refused is tried again."""
    console, settings = Console(json=as_json), read_settings()
    given = absolute(typed(pairs(setting, option="a setting", may_be_empty=True)))
    with opened(console, settings) as db:
        with db.begin() as session:
            target = target_repository.get_target(session, settings.organisation, name)
            kind, takes_all = kind_of(target), target.automatic if automatic is None else automatic
            known = destinations.told(target, settings)
        filled = connections.read(kind, {**connections.kept(kind, known, given), **given})
        wanted = destinations.changed(target, settings, kind, filled, automatic=takes_all)
        checked = destinations.try_out(settings, wanted)
        with db.begin() as session:
            target = target_repository.get_target(session, settings.organisation, name)
            destinations.change(session, settings, target, wanted)
    console.say(f"{name}: {checked}")
    console.answer(
        {"target": name, "check": checked, "settings": dict(filled.settings), "automatic": takes_all}
    )


def absolute(given: Mapping[str, str]) -> dict[str, str]:
    """Return settings with a path as it is from anywhere on the machine."""
    return {
        key: str(Path(value).expanduser().absolute()) if key == "path" and value else value
        for key, value in given.items()
    }


def kind_of(target: Target) -> Kind:
    """Return the kind of a target. Raises Conflict for one whose settings are another's."""
    if target.kind not in TARGETS:
        raise Conflict(f"“{target.name}” has no settings of its own: koe source set changes its source.")
    return Kind.of_target(TARGETS[target.kind])
