"""`koe runs`: the runs that made the themes what they are, and the preview that waits for a decision."""

from dataclasses import asdict
from datetime import datetime
from time import monotonic
from typing import Annotated

import typer

from service.arguments import read_settings
from service.commands.options import Json, opened
from service.config import Settings
from service.console import Console
from service.db import Database
from service.models import Run
from service.parts import ports, taking_turns
from service.pipeline import preview as preview_stage
from service.pipeline.run import Ports, accept_preview, run_preview
from service.repositories import previews
from service.repositories import runs as run_repository
from service.telling import tell_stages, took

app = typer.Typer(help="The runs that made the themes what they are.", no_args_is_help=True)

BY = "command line"
"""Who decides by a command."""
RunId = Annotated[
    str, typer.Argument(metavar="RUN", help="The id of a preview, as `koe runs list` shows it.")
]


@app.command("list")
def list_runs(as_json: Json = False) -> None:
    """List the runs, newest first; a preview that waits for a decision says whether it is behind."""
    console, settings = Console(json=as_json), read_settings()
    with opened(console, settings) as db, db.begin() as session:
        found = run_repository.list_runs(session, settings.organisation)
        waiting = next((each for each in found if each.state == "preview"), None)
        unread = previews.unread(session, settings.organisation, waiting) if waiting else 0
        behind = waiting is not None and preview_stage.is_behind(session, waiting)
    columns = ("number", "run", "state", "clusterer", "themes", "voices", "un-themed", "made")
    console.listing(columns, [_row(each) for each in found], if_none="There are no runs yet: koe run")
    if waiting is not None:
        console.say(
            f"The preview waits: koe runs accept {waiting.id}, or koe runs discard {waiting.id}."
            + (" The themes have changed since it was made." if behind else "")
            + (f" It has not read {unread:,} of the voices." if unread else "")
        )
    console.answer([_told(each) for each in found])


@app.command("accept")
def accept_run(run_id: RunId, as_json: Json = False) -> None:
    """Make a preview the live run: its groups are matched with the themes of today, and all follows."""
    console, settings, began = Console(json=as_json), read_settings(), monotonic()
    parts = ports(settings)
    with opened(console, settings) as db:
        with console.progress() as progress:
            taken, reports = accept_preview(
                db,
                settings.organisation,
                run_id,
                taking_turns(parts, settings, db),
                by=BY,
                progress=progress,
                announce=console.note,
            )
        with db.begin() as session:
            events = previews.events(session, settings.organisation, run_id)
    counts = previews.count_events(each.event for each in events)
    tell_stages(console, reports)
    console.say(
        f"The preview is the live run now, the {taken.ordinal}. that went live. "
        f"Of themes and sub-themes {preview_stage.told(counts, done=True)}. {took(monotonic() - began)}"
    )
    console.answer({**_told(taken), "events": counts, "stages": [asdict(report) for report in reports]})


@app.command("discard")
def discard_run(run_id: RunId, as_json: Json = False) -> None:
    """Throw a preview away; the themes stay what they are."""
    console, settings = Console(json=as_json), read_settings()
    with opened(console, settings) as db, db.begin() as session:
        gone = preview_stage.discard(session, settings.organisation, run_id, by=BY)
    console.say("The preview is thrown away; the themes stay what they are.")
    console.answer(_told(gone))


def preview(
    console: Console,
    db: Database,
    settings: Settings,
    parts: Ports,
    *,
    seed: int | None,
    as_of: datetime | None,
) -> None:
    """Make a preview, and say what it would do."""
    began = monotonic()
    with console.progress() as progress:
        reports = run_preview(
            db,
            settings.organisation,
            parts,
            seed=seed,
            as_of=as_of,
            progress=progress,
            announce=console.note,
        )
    with db.begin() as session:
        waiting = run_repository.preview_run(session, settings.organisation)
    tell_stages(console, reports)
    console.say(took(monotonic() - began))
    stages = [asdict(report) for report in reports]
    console.answer({"preview": _told(waiting) if waiting else None, "stages": stages})


def _row(found: Run) -> tuple[object, ...]:
    figures = found.figures
    left = figures["spans"] - figures["themed"]
    made = found.created_at.isoformat(timespec="seconds")
    voices = figures.get("voices", "")
    return found.ordinal, found.id, found.state, found.clusterer, figures["groups"], voices, left, made


def _told(found: Run) -> dict[str, object]:
    return {
        "ordinal": found.ordinal,
        "run_id": found.id,
        "state": found.state,
        "clusterer": found.clusterer,
        "created_at": found.created_at.isoformat(timespec="seconds"),
        "decided_by": found.decided_by,
        "figures": {
            name: found.figures[name]
            for name in ("groups", "voices", "spans", "themed")
            if name in found.figures
        },
    }
