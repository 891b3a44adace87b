"""`koe source`: where feedback comes from."""

import typer

from service.arguments import read_settings
from service.commands.options import Json, opened
from service.console import Console
from service.models import MAIN
from service.repositories import sources as source_repository

app = typer.Typer(help="Where feedback comes from.", no_args_is_help=True)


@app.command("list")
def list_sources(as_json: Json = False) -> None:
    """List the sources, and how many voices each holds."""
    console = Console(json=as_json)
    with opened(console, read_settings()) as db, db.begin() as session:
        found = source_repository.counted_sources(session, MAIN)
    rows = [(items, source.kind, source.name) for source, items in found]
    console.listing(
        ("voices", "kind", "source"),
        rows,
        if_none="There are no sources yet: koe import feedback FILE --source NAME",
    )
    console.answer([{"source": name, "kind": kind, "items": count} for count, kind, name in rows])
