"""`koe corrections`: what people changed about themes, and how to take it back."""

from typing import Annotated

import typer

from service.arguments import one_of, read_settings
from service.commands.options import Json, opened
from service.commands.tokens import shown
from service.console import Console
from service.models import Correction
from service.pipeline.undo import undo
from service.repositories import corrections as correction_repository
from service.rules.corrections import in_words

app = typer.Typer(help="What people changed about themes.", no_args_is_help=True)

MOST = 50
"""Corrections that are listed unless more are asked for."""
STATES = ("held", "conflicts", "undone")


@app.command("list")
def list_corrections(
    state: Annotated[
        str | None,
        typer.Option(callback=one_of(STATES), help="Only those that are held, conflicts or undone."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="The most to list.")] = MOST,
    as_json: Json = False,
) -> None:
    """List the corrections, the newest first, with the reason where one does not hold."""
    console, settings = Console(json=as_json), read_settings()
    with opened(console, settings) as db, db.begin() as session:
        found, total = correction_repository.history(
            session, settings.organisation, only=state or "", limit=limit
        )
    console.listing(
        ("correction", "what", "themes", "voices", "by", "when (UTC)", "state", "why"),
        [
            (
                each.id,
                f"{each.op}: {each.title}" if each.title else each.op,
                " ".join(each.theme_ids),
                len(each.chosen),
                each.by,
                shown(each.at),
                _state(each),
                in_words(each.conflict) if each.conflict else each.reason or "",
            )
            for each in found
        ],
        if_none="There are no such corrections." if state else "Nobody has corrected anything yet.",
    )
    if total > len(found):
        console.say(f"{total - len(found):,} more: --limit {total}")
    console.answer([told(each) for each in found])


@app.command("undo")
def undo_correction(
    correction_id: Annotated[str, typer.Argument(metavar="ID", help="The id of a correction.")],
    as_json: Json = False,
) -> None:
    """Take a correction back: what it moved and is still there returns."""
    console, settings = Console(json=as_json), read_settings()
    with opened(console, settings) as db, db.begin() as session:
        correction = undo(session, settings.organisation, correction_id, by="command line")
    console.say(f"{correction.op} {correction.id} was taken back by {correction.undone_by}.")
    console.answer(told(correction))


def _state(correction: Correction) -> str:
    if correction.undone_at is not None:
        return "undone"
    return "conflict" if correction.conflict else "held"


def told(correction: Correction) -> dict[str, object]:
    """Return a correction as programs read it."""
    return {
        "correction_id": correction.id,
        "op": correction.op,
        "theme_ids": correction.theme_ids,
        "span_ids": correction.chosen,
        "title": correction.title,
        "reason": correction.reason,
        "by": correction.by,
        "at": correction.at,
        "conflict": in_words(correction.conflict) if correction.conflict else None,
        "undone_by": correction.undone_by,
        "undone_at": correction.undone_at,
    }
