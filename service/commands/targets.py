"""`koe target`: where deliveries go to."""

from pathlib import Path
from typing import Annotated

import typer

from connectors.errors import Refused
from connectors.registry import TARGETS, open_target
from service.arguments import one_of, pairs, read_settings
from service.commands.options import Json, Name, opened
from service.console import Console
from service.errors import WrongUse
from service.models import MAIN
from service.parts import connect
from service.repositories import targets as target_repository

app = typer.Typer(help="Where deliveries go to.", no_args_is_help=True)


@app.command("add")
def add_target(
    kind: Annotated[
        str, typer.Argument(callback=one_of(tuple(sorted(TARGETS))), help=f"{', '.join(sorted(TARGETS))}.")
    ],
    name: Name,
    setting: Annotated[
        list[str] | None, typer.Option("--set", help="name=value, e.g. path=/srv/articles.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Add a backlog or a knowledge base, once it has been shown that it can be written to."""
    console = Console(json=as_json)
    settings = {
        key: str(Path(value).expanduser().absolute()) if key == "path" else value
        for key, value in pairs(setting, option="--set").items()
    }
    try:
        target = open_target(kind, settings)
    except Refused as error:
        raise WrongUse(f"{error} (--set NAME=VALUE).") from error
    with opened(console, read_settings()) as db, db.begin() as session:
        target_repository.add_target(session, MAIN, name, kind, settings)
        checked = target.check()
    console.say(f"{name}: {checked}")
    console.answer({"target": name, "kind": kind, "check": checked})


@app.command("test")
def check_target(name: Name, as_json: Json = False) -> None:
    """Say whether a target can be written to."""
    console = Console(json=as_json)
    with opened(console, read_settings()) as db:
        with db.begin() as session:
            target = target_repository.get_target(session, MAIN, name)
        checked = connect(target).check()
    console.say(f"{name}: {checked}")
    console.answer({"target": name, "check": checked})


@app.command("list")
def list_targets(as_json: Json = False) -> None:
    """List the targets."""
    console = Console(json=as_json)
    with opened(console, read_settings()) as db, db.begin() as session:
        found = target_repository.list_targets(session, MAIN)
    console.listing(
        ("target", "kind", "settings"),
        [(t.name, t.kind, ", ".join(f"{k}={v}" for k, v in sorted(t.settings.items()))) for t in found],
        if_none="There are no targets yet: koe target add backlog-file NAME --set path=FILE",
    )
    console.answer([{"target": t.name, "kind": t.kind, "settings": t.settings} for t in found])
