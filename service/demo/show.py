"""The demo: a made-up company's voices through the whole loop, told step by step."""

import shutil
import subprocess
from datetime import datetime, timedelta
from pathlib import Path

from service.config import Settings
from service.console import Console
from service.db import Database
from service.demo import write_files
from service.imports import import_file
from service.models import MAIN
from service.pipeline import ingest, redact
from service.pipeline.run import Ports, run
from service.postgres import remove_home
from service.repositories import suggestions, targets
from service.repositories import themes as theme_repository


def show(db: Database, settings: Settings, ports: Ports, console: Console) -> None:
    """Bring the demo up to today: import, run, and show one suggestion. Quick when nothing is new."""
    today = datetime.now(settings.zone).date()
    console.say(f"1/4  The voices of a made-up company, up to {today - timedelta(days=1)}")
    with console.progress() as progress:
        for file in write_files(settings.home / "voices", today):
            report = import_file(
                db, MAIN, file.noun, file.path, source=file.source, options=file.options, progress=progress
            )
            console.note(f"     {file.path.name}: {report.received:,} received, {report.stored:,} new")
        ingest.run(db, MAIN, progress=progress)
        redact.run(db, MAIN, progress=progress)
    console.say("2/4  Targets: a Git folder of articles and a backlog file")
    add_targets(db, settings.home)
    console.say("3/4  From voices to themes, suggestions and figures")
    with console.progress() as progress:
        run(db, MAIN, ports, progress=progress)
    console.say("4/4  What came of it")
    tell_suggestion(db, settings, console)


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


def tell_suggestion(db: Database, settings: Settings, console: Console) -> None:
    """Show the suggestion that most people wait for."""
    with db.begin() as session:
        figures = {f.theme.id: f for f in theme_repository.list_themes(session, MAIN, zone=settings.zone)}
        found = [
            each
            for each in suggestions.list_suggestions(session, MAIN)
            if each.draft and each.theme_id in figures
        ]
    if not found:
        console.say("     No suggestion yet.")
        return
    best = max(found, key=lambda each: (figures[each.theme_id].people, each.confidence, each.id))
    theme = figures[best.theme_id]
    console.say(f"     Suggestion: {best.action} for “{theme.theme.title}” ({theme.items} voices)")
    for line in (best.draft or {})["body"].splitlines()[:8]:
        console.say(f"       {line}")
