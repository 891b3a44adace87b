"""The demo: a made-up company's voices through the whole loop, told step by step."""

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path

from service.config import Settings
from service.console import Console
from service.db import Database
from service.demo import write_files
from service.imports import import_file
from service.models import MAIN, Suggestion
from service.pipeline.run import Ports, run
from service.postgres import remove_home
from service.repositories import sources, suggestions, targets, touchpoints
from service.repositories.figures import ThemeFigures
from service.telling import ACTIONS, outcome, tell_themes, themes_by_size

MOST_LINES = 12
"""Lines of a draft that are shown."""


def show(db: Database, settings: Settings, ports: Ports, console: Console) -> dict[str, object]:
    """Bring the demo up to today: import, run, and show what came of it. Quick when nothing is new.

    Returns the same for programs.
    """
    today = datetime.now(settings.zone).date()
    console.say(f"1/4  The voices of a made-up company, up to {today - timedelta(days=1)}")
    with console.progress() as progress:
        for file in write_files(settings.home / "voices", today):
            report = import_file(
                db, MAIN, file.noun, file.path, source=file.source, options=file.options, progress=progress
            )
            with db.begin() as session:
                touchpoints.tell(session, sources.get_source(session, MAIN, file.source), file.heard)
            console.note(f"     {file.path.name}: {report.received:,} received, {report.stored:,} new")
    console.say("2/4  Targets: a Git folder of articles and a backlog file")
    add_targets(db, settings.home)
    console.say("3/4  From voices to themes, suggestions and figures")
    with console.progress() as progress:
        run(db, MAIN, ports, progress=progress, announce=console.note)
    console.say("4/4  What came of it")
    figures = themes_by_size(db, MAIN, settings.zone)
    came = outcome(db, MAIN, figures)
    tell_themes(console, figures)
    console.say(came.sentence())
    suggestion = tell_suggestion(db, figures, console)
    return {**asdict(came), "suggestion": suggestion.model_dump(include=TOLD) if suggestion else None}


TOLD = {"id", "theme_id", "action", "draft"}


def todays_home(settings: Settings) -> Path:
    """Return the demo's home for today, and remove those of other days: each day's demo starts afresh.

    Its days count back from today, so yesterday's voices would be other ones with the same names.
    """
    homes = settings.home / "demo"
    today = homes / datetime.now(settings.zone).date().isoformat()
    for home in sorted(homes.glob("????-??-??")):
        if home != today:
            remove_home(home)
    return today


def add_targets(db: Database, home: Path) -> None:
    """Add the demo's targets, once."""
    with db.begin() as session:
        known = {target.name for target in targets.list_targets(session, MAIN)}
        if "help-centre" not in known and shutil.which("git"):
            articles = home / "help-centre"
            if not (articles / ".git").exists():
                articles.mkdir(parents=True, exist_ok=True)
                subprocess.run(["git", "init", "--quiet", str(articles)], check=True)
            targets.add_target(session, MAIN, "help-centre", "markdown-git", {"path": str(articles)})
        if "backlog" not in known:
            settings = {"path": str(home / "backlog.jsonl")}
            targets.add_target(session, MAIN, "backlog", "backlog-file", settings)


def tell_suggestion(db: Database, figures: Sequence[ThemeFigures], console: Console) -> Suggestion | None:
    """Show and return the suggestion with a draft that most people wait for; None if there is none."""
    by_theme = {one.theme.id: one for one in figures}
    with db.begin() as session:
        found = suggestions.list_suggestions(session, MAIN)
    drafted = [
        each for each in found if each.draft and each.theme_id in by_theme and each.status != "dismissed"
    ]
    if not drafted:
        console.say("No suggestion yet.")
        return None
    best = max(drafted, key=lambda each: (by_theme[each.theme_id].people, each.confidence, each.id))
    theme = by_theme[best.theme_id]
    draft = best.draft or {}
    console.say(
        f"\nOne of {len(found):,} suggestions: {ACTIONS[best.action]}, for “{theme.theme.title}” "
        f"({theme.items:,} voices, {theme.people:,} people). Its draft:\n"
    )
    lines = [f"# {draft['title']}", "", *draft["body"].splitlines()]
    for line in lines[:MOST_LINES]:
        console.say(f"     {line}".rstrip())
    if len(lines) > MOST_LINES:
        console.say("     …")
    console.say("")
    return best
