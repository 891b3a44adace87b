"""What came of an import or a run, told to the person who started it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from zoneinfo import ZoneInfo

from connectors.errors import ConnectorError
from nlp.errors import NlpError
from service.console import Console
from service.db import Database
from service.errors import KoeError, WrongUse, place_of
from service.imports import ImportReport
from service.pipeline.report import Report
from service.repositories import overview, runs
from service.repositories.figures import ThemeFigures
from service.repositories.themes import list_themes

DEALT_WITH = {
    "ingest": "received records read",
    "redact": "voices freed of personal data",
    "embed": "texts read for their meaning",
    "cluster": "statements compared",
    "themes": "themes matched and named",
    "preview": "statements compared, to be looked at",
    "place": "voices placed that came meanwhile",
    "alarms": "alarms raised or ended",
    "route": "suggestions brought up to date",
    "polish": "titles and sentences put into better words",
    "deliver": "deliveries made",
    "track": "deliveries looked at where they are",
    "measure": "interventions measured",
    "value": "themes weighed",
    "steer": "measures reckoned",
    "map": "statements on the map",
}
"""What a stage counts."""

ACTIONS = {
    "fix_product": "fix the product",
    "write_article": "write an article",
    "edit_article": "edit the article",
    "make_findable": "make the article easier to find",
    "resolve_contradiction": "resolve a contradiction",
    "no_action": "do nothing",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Where everything stands after a run."""

    run_id: str | None
    """The run whose themes are shown; None before there are any."""
    themes: int
    items: int
    set_aside: int
    ignored: int
    """Items of which a person said that they are of no interest."""
    with_content: int
    """All other items."""
    themed: int
    """Of these, those in a theme."""
    themed_share: float | None
    """`themed` of `with_content`; None without any."""
    largest_themes: list[dict[str, object]]

    def sentence(self) -> str:
        """Return the outcome in one sentence."""
        if not self.items:
            return "There is nothing to read yet."
        if not self.with_content:
            return f"{_voices(self.set_aside)} came in, without anything to read."
        aside = f"; {self.set_aside:,} more hold nothing to read" if self.set_aside else ""
        aside += f"; {self.ignored:,} more are ignored" if self.ignored else ""
        if not self.themed:
            return (
                f"No theme was found in {_voices(self.with_content)} with content{aside}. "
                "A theme is what several voices say alike."
            )
        return (
            f"{self.themed:,} of {_voices(self.with_content)} with content ({self.themed_share:.0%}) "
            f"{'is' if self.themed == 1 else 'are'} in {_counted(self.themes, 'theme')}{aside}."
        )

    def next_command(self) -> str:
        """Return the command that helps on from here."""
        return "koe up" if self.themes else "koe import feedback FILE --source NAME"


def outcome(db: Database, organisation_id: str, figures: Sequence[ThemeFigures]) -> Outcome:
    """Return where everything stands; `figures` are those of the upper themes."""
    with db.begin() as session:
        live = runs.live_run(session, organisation_id)
        share = overview.counted_share(session, organisation_id)
    return Outcome(
        run_id=live.id if live else None,
        themes=len(figures),
        items=share.with_content + share.set_aside + share.ignored,
        ignored=share.ignored,
        set_aside=share.set_aside,
        with_content=share.with_content,
        themed=share.themed,
        themed_share=round(share.themed / share.with_content, 4) if share.with_content else None,
        largest_themes=[
            {
                "theme_id": one.theme.id,
                "title": one.theme.title,
                "kind": one.theme.kind,
                "items": one.items,
                "customers": one.customers,
                "contacts": one.contacts,
            }
            for one in figures[:10]
        ],
    )


def themes_by_size(db: Database, organisation_id: str, zone: ZoneInfo) -> list[ThemeFigures]:
    """Return the upper themes, those of most voices first."""
    with db.begin() as session:
        figures = list_themes(session, organisation_id, zone=zone)
    return sorted(figures, key=lambda one: (-one.items, one.theme.id))


def tell_themes(console: Console, figures: Sequence[ThemeFigures]) -> None:
    """Show the ten largest themes, if there are any."""
    if figures:
        console.table(
            ("voices", "customers", "contacts", "kind", "theme"),
            [
                (one.items, one.customers, one.contacts, one.theme.kind.replace("_", " "), one.theme.title)
                for one in figures[:10]
            ],
            title=f"The largest of {_counted(len(figures), 'theme')}" if len(figures) > 10 else "",
        )


def tell_run(
    console: Console,
    reports: Sequence[Report],
    figures: Sequence[ThemeFigures],
    came: Outcome,
    *,
    seconds: float,
) -> None:
    """Say what each stage did, which themes are the largest, and where everything stands."""
    if came.items:
        tell_stages(console, reports)
    tell_themes(console, figures)
    console.say(f"{came.sentence()} {took(seconds)}")
    console.say(f"Next: {came.next_command()}")
    stages = [asdict(report) for report in reports]
    console.answer({**asdict(came), "seconds": round(seconds, 1), "stages": stages})


def tell_stages(console: Console, reports: Sequence[Report]) -> None:
    """Say what the stages did that had something to do."""
    busy = [report for report in reports if report.done or report.failed]
    failed = any(report.failed for report in busy)
    if busy:
        console.table(
            ("stage", "done", *(("failed",) if failed else ()), "of what"),
            [(r.stage, r.done, *((r.failed,) if failed else ()), DEALT_WITH[r.stage]) for r in busy],
        )
    for note in (note for report in reports for note in report.notes):
        console.say(note)


def tell_import(console: Console, report: ImportReport, *, seconds: float) -> None:
    """Say what an import stored, what it left out and why, and which column was taken for what."""
    for line, reason in report.rejects:
        console.say(f"  line {line:,}: {reason}" if line else f"  {reason}")
    if len(report.rejects) < report.rejected:
        console.say(f"  … and {report.rejected - len(report.rejects):,} more.")
    taken = ", ".join(f"{field} ← {column}" for field, column in report.recognised.items())
    console.say(f"Taken as {taken}. Read as {report.encoding}.")
    for note in report.notes:
        console.say(note)
    for reason, count in report.left_out.items():
        console.say(f"{count:,} left out: {reason}.")
    updated = f" ({report.updated:,} of them say something new)" if report.updated else ""
    console.say(
        f"{report.received:,} received: {report.stored:,} stored, "
        f"{report.duplicates:,} known already{updated}, {report.rejected:,} rejected. {took(seconds)}"
    )
    console.answer({**asdict(report), "seconds": round(seconds, 1)})


def tell_ready(console: Console, url: str, **more: object) -> None:
    """Say where the pages are."""
    console.say(f"Koe is ready: {url}")
    console.answer({"url": url, **more})


def took(seconds: float) -> str:
    """Return how long something took, as a sentence."""
    minutes, rest = divmod(round(seconds), 60)
    return f"It took {minutes} min {rest} s." if minutes else f"It took {seconds:.1f} s."


def why(error: Exception) -> tuple[str, int]:
    """Return in one line why a command came to nothing, and its exit status.

    Of an error that nobody foresaw only its name and place are told: its words may be a customer's.
    """
    if isinstance(error, WrongUse):
        return str(error), 2
    if isinstance(error, KoeError | ConnectorError | NlpError | OSError):
        return str(error), 1
    return (
        f"Koe made a mistake ({place_of(error)}). What was finished is kept. "
        "PYTHONDEVMODE=1 shows the way there.",
        1,
    )


def _voices(count: int) -> str:
    return _counted(count, "voice")


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
