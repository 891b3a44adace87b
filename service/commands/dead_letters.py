"""`koe dead-letters`: what was received and could not be read, until it is mended and read once more."""

from typing import Annotated

import typer

from service.arguments import read_settings
from service.commands.options import Json, opened
from service.commands.tokens import shown
from service.console import Console
from service.errors import WrongUse
from service.imports.glimpse import LONG, glimpse
from service.pipeline.run import take_in
from service.repositories import dead_letters, sources

app = typer.Typer(help="What was received and could not be read.", no_args_is_help=True)

LISTED = 100
"""Dead letters that a list shows."""
Source = Annotated[str, typer.Option("--source", help="Only those of this source.")]


@app.command("list")
def list_dead_letters(source: Source = "", as_json: Json = False) -> None:
    """List dead letters with their reasons, the last received first."""
    console, settings = Console(json=as_json), read_settings()
    with opened(console, settings) as db, db.begin() as session:
        if source:
            sources.get_source(session, settings.organisation, source)
        found = dead_letters.newest(session, settings.organisation, source=source, limit=LISTED)
        counted = dead_letters.count_by_source(session, settings.organisation)
    console.listing(
        ("id", "source", "received", "reason"),
        [(each.id, each.source, shown(each.received_at), each.reason or "") for each in found],
        if_none="There are none: all that was received has been read.",
    )
    total = counted.get(source, 0) if source else sum(counted.values())
    if total > len(found):
        console.note(f"These are the last {len(found):,} of {total:,}.")
    console.answer(
        [
            {
                "id": each.id,
                "source": each.source,
                "received_at": each.received_at,
                "tries": each.tries,
                "reason": each.reason,
            }
            for each in found
        ]
    )


@app.command("show")
def show_dead_letter(
    letter_id: Annotated[str, typer.Argument(metavar="ID", help="As koe dead-letters list shows it.")],
    as_json: Json = False,
) -> None:
    """Show one dead letter: why it could not be read, and what was sent, without personal data."""
    console, settings = Console(json=as_json), read_settings()
    with opened(console, settings) as db, db.begin() as session:
        letter = dead_letters.get(session, settings.organisation, letter_id)
    said = glimpse(letter.body, LONG)
    console.say(f"{letter.id} of {letter.source}, {shown(letter.received_at)}: {letter.reason}\n\n{said}")
    console.answer(
        {
            "id": letter.id,
            "source": letter.source,
            "received_at": letter.received_at,
            "tries": letter.tries,
            "reason": letter.reason,
            "glimpse": said,
        }
    )


@app.command("replay")
def replay_dead_letters(
    letter_ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]…", help="As koe dead-letters list shows them.")
    ] = None,
    source: Source = "",
    everything: Annotated[bool, typer.Option("--all", help="All there are.")] = False,
    as_json: Json = False,
) -> None:
    """Read dead letters once more, as after a mapping was added. Nothing is stored twice."""
    console, settings = Console(json=as_json), read_settings()
    if bool(letter_ids) + bool(source) + everything != 1:
        raise WrongUse("Say which ones: their ids, --source NAME, or --all.")
    with opened(console, settings) as db:
        with db.begin() as session:
            if source:
                sources.get_source(session, settings.organisation, source)
            for letter_id in letter_ids or ():
                dead_letters.get(session, settings.organisation, letter_id)
            if letter_ids:
                replayed = dead_letters.replay(session, settings.organisation, letter_ids)
            else:
                replayed = dead_letters.replay_all(session, settings.organisation, source=source)
            before = sum(dead_letters.count_by_source(session, settings.organisation).values())
        take_in(db, settings.organisation)
        with db.begin() as session:
            again = sum(dead_letters.count_by_source(session, settings.organisation).values()) - before
    console.say(f"{replayed:,} {'was' if replayed == 1 else 'were'} read once more.")
    if again > 0:
        console.say(f"{again:,} still cannot be read; koe dead-letters list says why.")
    console.answer({"replayed": replayed, "dead_again": max(again, 0)})
