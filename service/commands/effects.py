"""`koe measure`: what interventions did to the contacts about their themes, from files alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from service.arguments import read_settings
from service.commands.options import Json
from service.console import Console
from service.errors import WrongUse
from service.rules.effect_row import effect_row

if TYPE_CHECKING:
    from service.rules.effects.verdict import Effect

# service.measuring is imported where it is used: scipy takes a moment to load.


def measure(
    series: Annotated[
        Path, typer.Option(readable=False, help="Contacts: period, theme, contacts and, if known, exposure.")
    ],
    interventions: Annotated[
        Path, typer.Option(readable=False, help="What was done: intervention_id, theme, period.")
    ],
    after: Annotated[
        int | None,
        typer.Option(min=1, help="Count so many periods from the intervention's own on, instead of all."),
    ] = None,
    washout: Annotated[
        int, typer.Option(min=0, help="Leave so many periods out, until what was done is with everybody.")
    ] = 0,
    margin: Annotated[
        float, typer.Option(min=0, max=1, help="An effect that is surely smaller is called unchanged.")
    ] = 0.1,
    events: Annotated[
        Path | None,
        typer.Option(
            readable=False, help="Releases and outages, which may have moved all themes: occurred_at, kind."
        ),
    ] = None,
    timezone: Annotated[
        str | None, typer.Option(help="Whose days off count, like Asia/Tokyo (else KOE_TIMEZONE).")
    ] = None,
    as_json: Json = False,
) -> None:
    """Say by how much each intervention reduced its theme's contacts, or that it cannot be told.

    Writes a line of JSON for each, as in the export effects; needs no database.
    """
    from service import measuring
    from service.rules.effects.cases import Wishes

    console = Console(json=as_json)
    zone = timezone or read_settings().timezone
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise WrongUse(f"“{zone}” is no time zone; one is called like Asia/Tokyo.") from error
    heard = measuring.read_series(series)
    done = measuring.read_interventions(interventions)
    happened = measuring.read_events(events) if events else {}
    wishes = Wishes(zone=zone, margin=margin, after=after, washout=washout, happened=happened)
    with console.progress() as bars:
        found = measuring.measure_files(
            heard, done, wishes, progress=lambda ready, all_of_them: bars("measure", ready, all_of_them)
        )
    rows = [effect_row(each.intervention_id, each) for each in found]
    if as_json:
        console.answer(rows)
    else:
        for row in rows:
            typer.echo(json.dumps(row, ensure_ascii=False))
    console.note(_told(found))


def _told(found: list[Effect]) -> str:
    """Return how many of each verdict there are, in a sentence."""
    verdicts = [each.verdict for each in found]
    return (
        f"{len(found):,} interventions: {verdicts.count('reduced'):,} reduced their theme's contacts, "
        f"{verdicts.count('increased'):,} increased them, {verdicts.count('unchanged'):,} left them as they "
        f"were, of {verdicts.count('cannot_tell'):,} it cannot be told."
    )
