"""`koe alarms`: themes that are new or rise beyond what is usual, and a look at them now."""

from typing import Annotated

import typer

from service.arguments import instant, read_settings
from service.commands.options import Json, opened, zone_of
from service.console import Console
from service.exports.shapes import alarm_row, moment
from service.parts import ports
from service.pipeline import look
from service.repositories import alarms as alarm_repository

app = typer.Typer(
    help="Themes that are new or rise beyond what is usual, and waves of spam.", no_args_is_help=True
)


@app.command("list")
def list_alarms(
    only_open: Annotated[bool, typer.Option("--open", help="Only those that have not ended.")] = False,
    as_json: Json = False,
) -> None:
    """List the alarms, open ones first."""
    console, settings = Console(json=as_json), read_settings()
    with opened(console, settings) as db:
        zone = zone_of(db, settings)
        with db.begin() as session:
            told = alarm_repository.told(session, settings.organisation)
    shown = [each for each in told if each.alarm.ended_at is None or not only_open]
    console.listing(
        ("alarm", "kind", "since", "heard", "usual", "state", "theme"),
        [
            (
                alarm.id,
                alarm.kind,
                f"{alarm.onset.astimezone(zone):%Y-%m-%d}",
                alarm.contacts,
                f"{alarm.expected:.1f}",
                alarm.ending or ("acknowledged" if alarm.acknowledged_at else "open"),
                theme.title if theme else "(set aside)",
            )
            for alarm, theme in shown
        ],
        if_none="No alarm is open." if only_open and told else "No alarm was raised yet.",
    )
    console.answer(
        [
            {
                **alarm_row(alarm),
                "title": theme.title if theme else None,
                "ended_at": moment(alarm.ended_at),
                "acknowledged_at": moment(alarm.acknowledged_at),
            }
            for alarm, theme in shown
        ]
    )


@app.command("look")
def look_now(
    as_of: Annotated[
        str | None, typer.Option(help="As it was on the evening of this day (2026-05-03).")
    ] = None,
    as_json: Json = False,
) -> None:
    """Look at all themes now, as the worker does after every take-in and every hour."""
    console, settings = Console(json=as_json), read_settings()
    parts, _ = ports(settings), instant(as_of, settings.zone)  # a day that is none is told before any work
    with opened(console, settings) as db:
        zone = zone_of(db, settings)
        with console.progress() as progress:
            report = look.run(
                db,
                settings.organisation,
                allowed=parts.false_alarms,
                as_of=instant(as_of, zone),
                public_url=parts.public_url,
                progress=progress,
            )
    for note in report.notes or ("Nothing is out of the ordinary.",):
        console.say(note)
    console.answer({"raised": report.done})
