"""A Koe of its own for a measurement: an empty database, and files taken through every stage."""

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
from service.pipeline.run import Ports, run
from service.postgres import open_server


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
