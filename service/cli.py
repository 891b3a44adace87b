"""The command line: builds the parts, hands them to the stages, and says what came of it."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, time, timedelta
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import click
import typer
from pydantic import ValidationError

from connectors.errors import ConnectorError
from connectors.ports import Row
from connectors.ports import Target as TargetPort
from connectors.registry import TARGETS, open_target
from connectors.sources.files import open_file
from nlp.clusterers import open_clusterer
from nlp.embedders import open_embedders
from nlp.errors import ModelMissing
from nlp.evaluation import evaluate
from nlp.labelers import open_labeler
from nlp.redact import redact_lines
from service.app import serve_pages
from service.config import Settings
from service.console import Console
from service.db import Database
from service.demo.show import show, todays_home
from service.doctor import examine
from service.errors import KoeError, WrongUse
from service.exports import EXPORTS, FORMATS, export
from service.imports import NOUNS, ImportReport, Options, import_file
from service.models import MAIN, Target
from service.opening import open_database
from service.pipeline import ingest, redact
from service.pipeline.report import Report
from service.pipeline.run import STAGES, Ports, run
from service.repositories import runs as run_repository
from service.repositories import sources as source_repository
from service.repositories import targets as target_repository
from service.repositories import themes as theme_repository

app = typer.Typer(
    name="koe",
    help="Koe turns what customers say into a fix, an article, or a written decision not to act.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
runs_app = typer.Typer(help="The runs that made the themes what they are.", no_args_is_help=True)
source_app = typer.Typer(help="Where feedback comes from.", no_args_is_help=True)
target_app = typer.Typer(help="Where deliveries go to.", no_args_is_help=True)
app.add_typer(runs_app, name="runs")
app.add_typer(source_app, name="source")
app.add_typer(target_app, name="target")

Json = Annotated[bool, typer.Option("--json", help="One JSON value on stdout; progress stays on stderr.")]


def connect(target: Target) -> TargetPort:
    """Return the connector of a configured target."""
    return open_target(target.kind, target.settings)


def ports(settings: Settings) -> Ports:
    """Return the parts that the settings ask for; heavy ones are loaded when they are first used."""
    return Ports(
        embedders=open_embedders(settings.embedder),
        clusterer=open_clusterer(settings.clusterer),
        labeler=open_labeler(),
        connect=connect,
    )


@contextmanager
def opened(console: Console) -> Iterator[tuple[Settings, Database]]:
    """Open the database that the settings name, for the length of one command."""
    settings = Settings()
    with open_database(settings, announce=console.note) as db:
        yield settings, db


def instant(day: str | None, settings: Settings) -> datetime | None:
    """Return the end of a day (`2026-05-03`) in the organisation's time zone."""
    if day is None:
        return None
    try:
        parsed = datetime.combine(datetime.fromisoformat(day).date(), time(), settings.zone)
    except ValueError as error:
        raise WrongUse(f"“{day}” is no date; write it like 2026-05-03.") from error
    return parsed + timedelta(days=1)


def pairs(given: list[str], *, option: str) -> dict[str, str]:
    """Return `name=value` arguments as a mapping."""
    found = dict(text.partition("=")[::2] for text in given)
    if "" in found or "" in found.values():
        raise WrongUse(f"Write {option} as name=value.")
    return found


@app.command("import")
def import_command(
    noun: Annotated[str, typer.Argument(help=f"What the file holds: {', '.join(NOUNS)}.")],
    path: Annotated[
        Path, typer.Argument(help="A file (CSV, TSV, JSONL, Excel), or a folder of them or of notes.")
    ],
    source: Annotated[str, typer.Option("--source", help="The name this data is kept under.")],
    mapping: Annotated[
        list[str] | None, typer.Option("--map", help="field=column, as often as needed.")
    ] = None,
    channel: Annotated[
        str | None, typer.Option(help="ticket, chat, call, interview, review or survey.")
    ] = None,
    lang: Annotated[str | None, typer.Option(help="The language of all rows, e.g. ja.")] = None,
    encoding: Annotated[str, typer.Option(help="auto, or e.g. cp932.")] = "auto",
    timezone: Annotated[str | None, typer.Option(help="Of times without a zone; else KOE_TIMEZONE.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 if any row is rejected.")] = False,
    as_json: Json = False,
) -> None:
    """Import feedback, articles, accounts, events or interventions from files."""
    console = Console(json=as_json)
    with opened(console) as (settings, db), console.progress() as progress:
        options = Options(
            mapping=pairs(mapping or [], option="--map"),
            channel=channel,
            lang=lang,
            encoding=encoding,
            timezone=timezone or settings.timezone,
        )
        report = import_file(db, MAIN, noun, path, source=source, options=options, progress=progress)
        ingest.run(db, MAIN, progress=progress)
        redact.run(db, MAIN, progress=progress)
    tell_import(console, report)
    if (strict and report.rejected) or report.stored + report.duplicates == 0:
        raise typer.Exit(1)


def tell_import(console: Console, report: ImportReport) -> None:
    """Say what an import stored, what it left out and why, and which column was taken for what."""
    console.say(
        f"{report.received:,} received, {report.stored:,} stored, {report.duplicates:,} duplicates "
        f"({report.updated:,} of them updates), {report.rejected:,} rejected. Encoding: {report.encoding}."
    )
    console.say(
        "Taken as " + ", ".join(f"{field} ← {column}" for field, column in report.recognised.items()) + "."
    )
    for note in report.notes:
        console.say(note)
    for line, reason in report.rejects:
        console.say(f"  line {line}: {reason}")
    if len(report.rejects) < report.rejected:
        console.say(f"  … and {report.rejected - len(report.rejects):,} more.")
    console.answer(asdict(report))


@app.command("run")
def run_command(
    stage: Annotated[str | None, typer.Option(help=f"Only this stage: {', '.join(STAGES)}.")] = None,
    as_of: Annotated[
        str | None, typer.Option(help="Leave out what came after this day (2026-05-03).")
    ] = None,
    seed: Annotated[int, typer.Option(help="The seed of everything that draws lots.")] = 0,
    as_json: Json = False,
) -> None:
    """Take everything that waits through the stages: from voices to themes, suggestions and effects."""
    if stage not in (None, *STAGES):
        raise WrongUse(f"There is no stage “{stage}”; there are {', '.join(STAGES)}.")
    console = Console(json=as_json)
    with opened(console) as (settings, db):
        with console.progress() as progress:
            reports = run(
                db,
                MAIN,
                ports(settings),
                seed=seed,
                as_of=instant(as_of, settings),
                only=stage,
                progress=progress,
            )
        tell_reports(console, reports)
        largest = tell_themes(console, db, settings, limit=10)
    console.answer({"stages": [asdict(report) for report in reports], "largest_themes": largest})


def tell_reports(console: Console, reports: list[Report]) -> None:
    """Say what each stage did."""
    console.table("", ("stage", "done", "failed"), [(r.stage, r.done, r.failed) for r in reports])
    for note in (note for report in reports for note in report.notes):
        console.say(note)


def tell_themes(console: Console, db: Database, settings: Settings, *, limit: int) -> list[dict[str, object]]:
    """Show the largest themes, and return them."""
    with db.begin() as session:
        figures = theme_repository.list_themes(session, MAIN, zone=settings.zone)
    largest = sorted(figures, key=lambda f: (-f.items, f.theme.id))[:limit]
    rows = [(f.theme.title, f.theme.kind, f.items, f.customers, f.contacts) for f in largest]
    console.table(
        f"The largest of {len(figures)} themes", ("theme", "kind", "voices", "customers", "contacts"), rows
    )
    return [{"theme_id": f.theme.id, "title": f.theme.title, "items": f.items} for f in largest]


@app.command("export")
def export_command(
    noun: Annotated[str, typer.Argument(help=f"{', '.join(EXPORTS)}.")],
    out: Annotated[Path, typer.Option("--out", help="The file to write.")],
    form: Annotated[
        str | None, typer.Option("--format", help=f"{', '.join(FORMATS)}; else by the ending.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Write what Koe knows to a file."""
    console = Console(json=as_json)
    with opened(console) as (settings, db):
        count = export(db, MAIN, noun, out, zone=settings.zone, form=form)
    console.say(f"{count:,} rows in {out}.")
    console.answer({"export": noun, "rows": count, "out": str(out)})


@runs_app.command("list")
def list_runs(as_json: Json = False) -> None:
    """List the runs, newest first."""
    console = Console(json=as_json)
    with opened(console) as (_, db), db.begin() as session:
        found = run_repository.list_runs(session, MAIN)
    rows = [
        (r.ordinal, r.id, r.state, r.clusterer, r.created_at.isoformat(timespec="seconds")) for r in found
    ]
    console.table("", ("number", "run", "state", "clusterer", "made"), rows)
    console.answer(
        [dict(zip(("ordinal", "run_id", "state", "clusterer", "created_at"), r, strict=True)) for r in rows]
    )


@source_app.command("list")
def list_sources(as_json: Json = False) -> None:
    """List the sources, and how many voices each holds."""
    console = Console(json=as_json)
    with opened(console) as (_, db), db.begin() as session:
        found = source_repository.counted_sources(session, MAIN)
    rows = [(source.name, source.kind, items) for source, items in found]
    console.table("", ("source", "kind", "voices"), rows)
    console.answer([{"source": name, "kind": kind, "items": count} for name, kind, count in rows])


@target_app.command("add")
def add_target(
    kind: Annotated[str, typer.Argument(help=f"{', '.join(sorted(TARGETS))}.")],
    name: Annotated[str, typer.Argument(help="What it is called here.")],
    setting: Annotated[
        list[str] | None, typer.Option("--set", help="name=value, e.g. path=/srv/articles.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Add a backlog or a knowledge base, once it has been shown that it can be written to."""
    console = Console(json=as_json)
    settings = {
        key: str(Path(value).absolute()) if key == "path" else value
        for key, value in pairs(setting or [], option="--set").items()
    }
    checked = open_target(kind, settings).check()
    with opened(console) as (_, db), db.begin() as session:
        target_repository.add_target(session, MAIN, name, kind, settings)
    console.say(f"{name}: {checked}")
    console.answer({"target": name, "kind": kind, "check": checked})


@target_app.command("test")
def check_target(name: str, as_json: Json = False) -> None:
    """Say whether a target can be written to."""
    console = Console(json=as_json)
    with opened(console) as (_, db):
        with db.begin() as session:
            target = target_repository.get_target(session, MAIN, name)
        checked = connect(target).check()
    console.say(f"{name}: {checked}")
    console.answer({"target": name, "check": checked})


@target_app.command("list")
def list_targets(as_json: Json = False) -> None:
    """List the targets."""
    console = Console(json=as_json)
    with opened(console) as (_, db), db.begin() as session:
        found = target_repository.list_targets(session, MAIN)
    rows = [(t.name, t.kind, ", ".join(f"{k}={v}" for k, v in sorted(t.settings.items()))) for t in found]
    console.table("", ("target", "kind", "settings"), rows)
    console.answer([{"target": t.name, "kind": t.kind, "settings": t.settings} for t in found])


@app.command("redact")
def redact_command() -> None:
    """Take personal data out of JSON Lines {"id", "text"} on stdin; write them to stdout."""
    for line in redact_lines(sys.stdin):
        sys.stdout.write(line + "\n")


@app.command("eval")
def eval_command(
    path: Annotated[Path, typer.Argument(help="A file of labelled texts (CSV, TSV, JSONL, Excel).")],
    text: Annotated[str, typer.Option(help="The column of the texts.")],
    label: Annotated[str, typer.Option(help="The column of the labels.")],
    seed: Annotated[int, typer.Option(help="The seed of everything that draws lots.")] = 0,
    as_json: Json = False,
) -> None:
    """Measure how well the themes agree with labels that people gave; needs no database."""
    console = Console(json=as_json)
    settings = Settings()
    texts, labels = labelled(path, text=text, label=label)
    found = asdict(
        evaluate(
            texts, labels, open_embedders(settings.embedder), open_clusterer(settings.clusterer), seed=seed
        )
    )
    console.table(
        path.name,
        ("figure", "value"),
        [(k, f"{v:.3f}" if isinstance(v, float) else v) for k, v in found.items()],
    )
    console.answer(found)


def labelled(path: Path, *, text: str, label: str) -> tuple[list[str], list[str]]:
    """Return the texts and labels of a file; rows without either are left out."""
    rows = open_file(path)
    missing = {text, label} - set(rows.columns)
    if missing:
        raise WrongUse(
            f"{path.name} has no column {', '.join(sorted(missing))}; it has {', '.join(rows.columns)}."
        )
    read = [
        (str(r.values.get(text) or ""), str(r.values.get(label) or "")) for r in rows if isinstance(r, Row)
    ]
    kept = [(said, named) for said, named in read if said.strip() and named]
    if not kept:
        raise WrongUse(f"{path.name} has no row with both {text} and {label}.")
    return [said for said, _ in kept], [named for _, named in kept]


@app.command("doctor")
def doctor_command(as_json: Json = False) -> None:
    """Say what is set up, what is missing, and what to do about it."""
    console = Console(json=as_json)
    with opened(console) as (settings, db):
        findings = examine(db, settings, ports(settings).embedders)
    for finding in findings:
        console.say(f"{'ok  ' if finding.ok else 'FIX '} {finding.what}")
    console.answer([asdict(finding) for finding in findings])
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


@app.command("serve")
def serve_command() -> None:
    """Serve the pages on KOE_HOST and KOE_PORT until Ctrl-C; prints a one-time link to sign in."""
    console = Console()
    with opened(console) as (settings, db):
        serve_pages(db, settings, announce=console.say)


@app.command("demo")
def demo_command(
    check: Annotated[bool, typer.Option("--check", help="Do everything but stay.")] = False,
) -> None:
    """Show Koe on the voices of a made-up company, in a home of its own."""
    console = Console()
    settings = Settings()
    own = settings.model_copy(update={"home": todays_home(settings), "database_url": None})
    with open_database(own, announce=console.note) as db:
        show(db, own, ports(own), console)
        tell_themes(console, db, own, limit=10)
        serve_pages(db, own, announce=console.say, demo=True, stay=not check)


def stop_cleanly(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001  as signal wants it
    """Leave through every `with` block, so that the database stops with its last user."""
    raise SystemExit(128 + number)


def main() -> None:
    """Run the command line: exit 0 on success, 2 on wrong use, 1 with a one-line reason otherwise."""
    signal.signal(signal.SIGTERM, stop_cleanly)
    try:
        sys.exit(app(standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except WrongUse as error:
        fail(str(error), status=2)
    except ValidationError as error:
        fail("; ".join(f"KOE_{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors()), status=2)
    except (KoeError, ConnectorError, ModelMissing) as error:
        fail(str(error), status=1)
    except (KeyboardInterrupt, click.Abort):
        sys.exit(130)


def fail(reason: str, *, status: int) -> NoReturn:
    """Say in one line why nothing came of it."""
    Console().note(f"koe: {reason}")
    sys.exit(status)


if __name__ == "__main__":
    main()
