"""A Koe of its own for a measurement: an empty database, files taken through every stage, and its themes."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from service.config import Settings
from service.db import Database, migrate
from service.imports import Options, import_file
from service.models import MAIN
from service.parts import ports
from service.pipeline.facts import Evidence, evidence_of
from service.pipeline.library import Library, library
from service.pipeline.run import Ports, run
from service.postgres import open_server
from service.repositories import organisations, replies, themes
from service.repositories.figures import ThemeFigures


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file, and how it is imported."""

    noun: str
    path: Path
    source: str
    options: Options = field(default_factory=Options)


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A database with a folder beside it, and the parts that a run uses."""

    db: Database
    folder: Path
    ports: Ports

    def take(self, files: Sequence[File]) -> None:
        """Import files, and take what they hold through every stage."""
        for file in files:
            import_file(self.db, MAIN, file.noun, file.path, source=file.source, options=file.options)
        run(self.db, MAIN, self.ports)


@contextmanager
def empty_home() -> Iterator[Home]:
    """Give a home that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="koe-bench-"))
    folder.chmod(0o755)  # the database's own user must reach its folder
    try:
        with open_server(folder / "home") as server:
            migrate(server.owner_url)
            db = Database.at(server.url)
            yield Home(db=db, folder=folder, ports=ports(Settings()))
            db.close()
    finally:
        shutil.rmtree(folder)


@dataclass(frozen=True, slots=True, kw_only=True)
class Themes:
    """The themes of the forum with all that is known of each."""

    evidence: Sequence[tuple[ThemeFigures, Evidence]]
    articles: Library

    def items_of(self, theme_id: str) -> frozenset[str]:
        """Return the names of a theme's tickets."""
        held = next(evidence for figures, evidence in self.evidence if figures.theme.id == theme_id)
        return frozenset(one.external_id for one in held.items.values())


def themes_of(db: Database) -> Themes:
    """Return the live themes."""
    with db.begin() as session:
        session.expire_on_commit = False
        live = themes.live_run(session, MAIN)
        assert live is not None
        items = replies.items_by_theme(session, MAIN, live.id)
        zone = organisations.zone_of(session, MAIN)
        found = themes.list_themes(session, MAIN, zone=zone)
        evidence = [(each, evidence_of(session, each.theme, items[each.theme.id])) for each in found]
        articles = library(session, MAIN)
        session.expunge_all()
    return Themes(evidence=evidence, articles=articles)
