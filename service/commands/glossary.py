"""`koe glossary`: what the organisation calls things, and what it never says."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from service.arguments import one_of, read_settings
from service.commands.options import Json, opened
from service.console import Console
from service.exports.wordings import FORMATS, as_bytes, row_of
from service.imports.wordings import read_file
from service.repositories import glossary as glossary_repository

app = typer.Typer(help="What your organisation calls things, and what it never says.", no_args_is_help=True)


@app.command("list")
def list_entries(as_json: Json = False) -> None:
    """List the entries: terms, what stands for them, and words never to use."""
    console, settings = Console(json=as_json), read_settings()
    with opened(console, settings) as db, db.begin() as session:
        rows = [row_of(entry) for entry in glossary_repository.entries(session, settings.organisation)]
    console.listing(
        ("term", "kind", "stands for", "language", "note"),
        [
            (
                row["term"] or "",
                row["kind"] or "",
                row["stands_for"] or "",
                row["lang"] or "",
                row["note"] or "",
            )
            for row in rows
        ],
        if_none="The glossary is empty: koe glossary import FILE",
    )
    console.answer(rows)


@app.command("import")
def import_entries(
    file: Annotated[Path, typer.Argument(help="CSV, JSON Lines or Excel, with a column term.")],
    as_json: Json = False,
) -> None:
    """Take in a file: new entries are added, known ones written anew. All of it, or nothing."""
    console, settings = Console(json=as_json), read_settings()
    wordings = read_file(file)
    with opened(console, settings) as db, db.begin() as session:
        added, changed = glossary_repository.take_in(session, settings.organisation, wordings)
    console.say(f"{added:,} entries added, {changed:,} changed. Titles follow with the next koe run.")
    console.answer({"added": added, "changed": changed, "rows": len(wordings)})


@app.command("export")
def export_entries(
    file: Annotated[
        Path | None, typer.Argument(help="Where to write it; - or nothing writes to stdout.")
    ] = None,
    form: Annotated[str, typer.Option("--format", callback=one_of(FORMATS), help="csv or jsonl.")] = "csv",
) -> None:
    """Write the entries into a file that can be edited and taken in again."""
    console, settings = Console(), read_settings()
    with opened(console, settings) as db, db.begin() as session:
        entries = glossary_repository.entries(session, settings.organisation)
        written = as_bytes(entries, form)
    if file is None or str(file) == "-":
        sys.stdout.buffer.write(written)
        sys.stdout.buffer.flush()
        return
    file.write_bytes(written)
    console.say(f"{len(entries):,} entries are in {file}.")
