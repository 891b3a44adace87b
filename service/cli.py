"""The command line: builds the parts, hands them to the stages, and says what came of it."""

import os
import sys
from contextlib import suppress
from dataclasses import asdict, replace
from importlib.metadata import version
from io import TextIOWrapper
from pathlib import Path
from time import monotonic
from typing import Annotated, NoReturn

import typer
from structlog.stdlib import BoundLogger

from connectors.files.tables import NAMED
from service.arguments import instant, named, one_of, pairs, read_settings
from service.commands import (
    alarms,
    corrections,
    dead_letters,
    deliveries,
    glossary,
    notices,
    organisations,
    people,
    runs,
    sources,
    targets,
    tokens,
    value,
)
from service.commands.digest import digest, posting
from service.commands.effects import measure
from service.commands.evaluation import evaluate
from service.commands.mcp import mcp
from service.commands.options import Json, opened, zone_of
from service.commands.steering import measures
from service.commands.up import up
from service.console import Console
from service.demo.show import show, todays_home
from service.doctor import Finding, examine_database, examine_machine
from service.ending import TOLD_TO_STOP, end_with, leave_at_once, stop_in_order, until_told_to_stop
from service.errors import KoeError, WrongUse
from service.exports import EXPORTS, FORMATS, export, is_stream
from service.imports import NOUNS, Options, import_file
from service.jobs.lanes import LANES
from service.listening import inherited
from service.logs import logged_as
from service.models import MAIN
from service.models.item import CHANNELS
from service.parts import connecting, listening, ports, taking_turns
from service.pipeline.run import STAGES, run, take_in
from service.redacting import redact_bytes
from service.telling import outcome, tell_import, tell_ready, tell_run, themes_by_size, why

# service.app is imported where it is used: the web framework takes a second to load, and most commands need
# none of it.

STEP_BACK = 10
"""How nice the slow lane is to everything else on the machine."""

app = typer.Typer(
    name="koe",
    help="Koe turns what customers say into a fix, an article, or a written decision not to act.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for noun, group in (
    ("runs", runs.app),
    ("source", sources.app),
    ("target", targets.app),
    ("glossary", glossary.app),
    ("alarms", alarms.app),
    ("value", value.app),
    ("deliveries", deliveries.app),
    ("tell", notices.app),
    ("corrections", corrections.app),
    ("dead-letters", dead_letters.app),
    ("token", tokens.app),
    ("user", people.app),
    ("organisation", organisations.app),
):
    app.add_typer(group, name=noun)


def tell_version(asked: bool) -> None:
    """Say which Koe this is."""
    if asked:
        Console().say(f"koe {version('koe')}")
        raise typer.Exit


@app.callback()
def koe(
    _: Annotated[
        bool, typer.Option("--version", callback=tell_version, is_eager=True, help="Say which Koe this is.")
    ] = False,
    lifeline: Annotated[
        int | None, typer.Option(hidden=True, help="A pipe: end when its other end is closed.")
    ] = None,
) -> None:
    """Koe turns what customers say into a fix, an article, or a written decision not to act."""
    if lifeline is not None:
        end_with(lifeline)


@app.command("import")
def import_command(
    noun: Annotated[
        str, typer.Argument(callback=one_of(NOUNS), help=f"What the file holds: {', '.join(NOUNS)}.")
    ],
    path: Annotated[
        Path,
        typer.Argument(
            readable=False,
            help="A file (CSV, TSV, JSONL, Excel, Parquet, EML, mbox, notes), or a folder of them.",
        ),
    ],
    source: Annotated[
        str, typer.Option("--source", callback=named, help="The name this data is kept under.")
    ],
    mapping: Annotated[
        list[str] | None, typer.Option("--map", help="field=column, as often as needed; column - is none.")
    ] = None,
    channel: Annotated[
        str | None, typer.Option(callback=one_of(CHANNELS), help=f"{', '.join(CHANNELS)}.")
    ] = None,
    lang: Annotated[str | None, typer.Option(help="The language of all rows, e.g. ja.")] = None,
    encoding: Annotated[str, typer.Option(help="auto, or e.g. cp932.")] = "auto",
    delimiter: Annotated[
        str | None, typer.Option(callback=one_of(tuple(NAMED)), help=f"Of a table: {', '.join(NAMED)}.")
    ] = None,
    sheet: Annotated[str | None, typer.Option(help="Of a workbook; else the first that holds any.")] = None,
    own: Annotated[
        list[str] | None,
        typer.Option(
            help="Of mail: an address or domain of yours, as often as needed; who writes from it is an agent."
        ),
    ] = None,
    timezone: Annotated[
        str | None, typer.Option(help="Of times without a zone; else the organisation's.")
    ] = None,
    interviewers: Annotated[
        list[str] | None, typer.Option("--interviewer", help="Who asks in the notes, as often as needed.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 if any row is rejected.")] = False,
    as_json: Json = False,
) -> None:
    """Import feedback, articles, accounts, customers, events, interventions, searches or corrections."""
    console, settings, began = Console(json=as_json), read_settings(), monotonic()
    options = Options(
        mapping=pairs(mapping, option="--map"),
        channel=channel,
        lang=lang,
        encoding=encoding,
        delimiter=delimiter,
        sheet=sheet,
        own=tuple(own or ()),
        timezone=timezone or settings.timezone,
        interviewers=tuple(interviewers or ()),
    )
    organisation_id = settings.organisation
    with opened(console, settings) as db, console.progress() as progress:
        if timezone is None:
            options = replace(options, timezone=zone_of(db, settings).key)
        report = import_file(
            db, organisation_id, noun, path, source=source, options=options, progress=progress
        )
        take_in(db, organisation_id, progress=progress)
    tell_import(console, report, seconds=monotonic() - began)
    if report.stored + report.duplicates == 0:
        fail(f"no row of {path} could be stored.", status=1)
    if strict and report.rejected:
        fail(f"{report.rejected:,} of {report.received:,} rows were rejected.", status=1)


@app.command("run")
def run_command(
    stage: Annotated[
        str | None, typer.Option(callback=one_of(STAGES), help=f"Only this stage: {', '.join(STAGES)}.")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(help="Leave out what came after this day (2026-05-03).")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, max=2**32 - 1, help="The seed of the lots; else the live run's.")
    ] = None,
    beside: Annotated[
        bool, typer.Option("--preview", help="Store the run beside the live one, to be looked at first.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Take everything that waits through the stages: from voices to themes, suggestions and effects."""
    console, settings, began = Console(json=as_json), read_settings(), monotonic()
    if beside and stage:
        raise WrongUse("A preview is made of all voices at once: leave --stage or --preview away.")
    parts, _ = ports(settings), instant(as_of, settings.zone)  # a day that is none is told before any work
    with opened(console, settings) as db:
        zone = zone_of(db, settings)
        if beside:
            runs.preview(console, db, settings, parts, seed=seed, as_of=instant(as_of, zone))
            return
        with console.progress() as progress:
            reports = run(
                db,
                settings.organisation,
                taking_turns(parts, settings, db),
                seed=seed,
                as_of=instant(as_of, zone),
                only=stage,
                progress=progress,
                announce=console.note,
            )
        figures = themes_by_size(db, settings.organisation, zone)
        came = outcome(db, settings.organisation, figures)
    tell_run(console, reports, figures, came, seconds=monotonic() - began)


@app.command("export")
def export_command(
    noun: Annotated[str, typer.Argument(callback=one_of(tuple(EXPORTS)), help=f"{', '.join(EXPORTS)}.")],
    out: Annotated[Path, typer.Option("--out", readable=False, help="The file to write.")],
    form: Annotated[
        str | None,
        typer.Option("--format", callback=one_of(FORMATS), help=f"{', '.join(FORMATS)}; else by the ending."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Write what Koe knows to a file."""
    console, settings = Console(json=as_json), read_settings()
    with opened(console, settings) as db:
        zone = zone_of(db, settings)
        count = export(db, settings.organisation, noun, out, zone=zone, form=form)
    tell = console.note if is_stream(out) else console.say
    tell(f"{count:,} {'row' if count == 1 else 'rows'} in {out}.")
    console.answer({"export": noun, "rows": count, "out": str(out)})


@app.command("redact")
def redact_command(as_json: Json = False) -> None:
    """Take personal data out of JSON Lines {"id", "text"} on stdin; write them to stdout."""
    console = Console(json=as_json)
    if sys.stdin.isatty():
        console.note('Write one {"id": …, "text": …} a line; Ctrl-D ends it.')
    broken = redact_bytes(sys.stdin.buffer, sys.stdout.buffer, as_array=as_json, tell=console.note)
    if broken:
        fail(f"{broken:,} {'line was' if broken == 1 else 'lines were'} left out.", status=1)


app.command("eval")(evaluate)
app.command()(measure)
app.command()(measures)
app.command()(digest)


@app.command("doctor")
def doctor_command(as_json: Json = False) -> None:
    """Say what is set up, what is missing, and what to do about it."""
    console, settings = Console(json=as_json), read_settings()
    findings = examine_machine(settings)
    try:
        with opened(console, settings) as db:
            findings = [*examine_database(db, settings.organisation, connecting(settings, db)), *findings]
    except KoeError as error:
        findings = [Finding(ok=False, what=str(error)), *findings]
    for finding in findings:
        console.say(f"{'ok  ' if finding.ok else 'FIX '} {finding.what}")
    console.answer([asdict(finding) for finding in findings])
    wrong = sum(not finding.ok for finding in findings)
    if wrong:
        fail(f"{wrong} of {len(findings)} things need mending.", status=1)


app.command("up")(up)
app.command("mcp")(mcp)


@app.command("serve")
def serve_command(
    descriptor: Annotated[
        int | None, typer.Option("--fd", hidden=True, help="A socket that listens already.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Serve the pages on KOE_HOST and KOE_PORT until Ctrl-C; prints a one-time link to sign in."""
    from service.app import serve_pages, serve_pages_on

    console, settings = Console(json=as_json), read_settings()
    with until_told_to_stop(), logged_as("web") as log, opened(console, settings, log=log) as db:
        if descriptor is None:
            serve_pages(db, settings, announce=lambda url: tell_ready(console, url))
        else:
            with inherited(descriptor) as listener:
                serve_pages_on(listener, db, settings)


def say_ready(log: BoundLogger, pipe: int | None) -> None:
    """Say that a worker works, to people and to whoever started it."""
    log.info("The worker is ready.")
    if pipe is not None:
        with suppress(OSError):  # nobody may listen any more
            os.write(pipe, b"!")


@app.command("worker")
def worker_command(
    lane: Annotated[
        str | None,
        typer.Option(
            callback=one_of(LANES), help="Only what somebody waits for (live), or what takes long (slow)."
        ),
    ] = None,
    told_to: Annotated[int | None, typer.Option("--ready", hidden=True, help="A pipe to say so to.")] = None,
    as_json: Json = False,
) -> None:
    """Work until Ctrl-C: take in what was received, group it, deliver. Any number of workers may run."""
    from service.worker import work

    console, settings = Console(json=as_json), read_settings()
    parts = ports(settings)
    if lane == "slow":
        os.nice(STEP_BACK)
    name = f"{lane} worker" if lane else "worker"
    with until_told_to_stop(), logged_as(name) as log, opened(console, settings, log=log) as db:
        lanes = [each for each in LANES if lane in (None, each)]
        turning, listen = taking_turns(parts, settings, db), listening(settings, db)
        work(db, turning, listen, posting(settings), lanes=lanes, ready=lambda: say_ready(log, told_to))
    leave_at_once()


@app.command("demo")
def demo_command(
    check: Annotated[bool, typer.Option("--check", help="Do everything but stay.")] = False,
    as_json: Json = False,
) -> None:
    """Show Koe on the voices of a made-up company, in a home of its own."""
    from service.app import serve_pages

    console, settings = Console(json=as_json), read_settings()
    own = settings.model_copy(
        update={"home": todays_home(settings), "database_url": None, "organisation": MAIN}
    )
    with until_told_to_stop(), logged_as("demo") as log, opened(console, own, log=log) as db:
        shown = show(db, own, ports(own), console)
        serve_pages(
            db, own, announce=lambda url: tell_ready(console, url, **shown), demo=True, stay=not check
        )


def main() -> None:
    """Run the command line: exit 0 on success, 2 on wrong use, 1 with a one-line reason otherwise."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    stop_in_order()
    try:
        app()
    except SystemExit as end:
        if end.code in TOLD_TO_STOP:
            Console().note("Stopped. What was finished is kept; the same command goes on from there.")
        raise
    except Exception as error:  # nobody should have to read a traceback
        if sys.flags.dev_mode:
            raise
        reason, status = why(error)
        fail(reason, status=status)


def fail(reason: str, *, status: int) -> NoReturn:
    """Say in one line why nothing came of it."""
    Console().note(f"koe: {reason}")
    sys.exit(status)


if __name__ == "__main__":
    main()
