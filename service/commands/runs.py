"""`koe runs`: the runs that made the themes what they are."""

import typer

from service.arguments import read_settings
from service.commands.options import Json, opened
from service.console import Console
from service.repositories import runs as run_repository

app = typer.Typer(help="The runs that made the themes what they are.", no_args_is_help=True)


@app.command("list")
def list_runs(as_json: Json = False) -> None:
    """List the runs, newest first."""
    console, settings = Console(json=as_json), read_settings()
    with opened(console, settings) as db, db.begin() as session:
        found = run_repository.list_runs(session, settings.organisation)
    rows = [
        (r.ordinal, r.id, r.state, r.clusterer, r.created_at.isoformat(timespec="seconds")) for r in found
    ]
    console.listing(
        ("number", "run", "state", "clusterer", "made"), rows, if_none="There are no runs yet: koe run"
    )
    names = ("ordinal", "run_id", "state", "clusterer", "created_at")
    console.answer([dict(zip(names, row, strict=True)) for row in rows])
