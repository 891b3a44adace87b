"""The demo company's voices on a fixed day, as tests feed them."""

import tempfile
from datetime import date
from pathlib import Path

from connectors.registry import open_target
from nlp.clusterers import open_clusterer
from nlp.embedders import open_embedders
from nlp.labelers import open_labeler
from service.db import Database
from service.demo import write_files
from service.imports import import_file
from service.models import MAIN
from service.pipeline.run import Ports, run

DAY = date(2026, 5, 4)
"""The day after the demo's 26 weeks; a fixed one, so that tests repeat."""


def feed_demo(db: Database, *, only: tuple[str, ...] = ()) -> None:
    """Import the demo's files, or those of the sources named."""
    with tempfile.TemporaryDirectory() as folder:
        for file in write_files(Path(folder), DAY):
            if not only or file.source in only:
                import_file(db, MAIN, file.noun, file.path, source=file.source, options=file.options)


def take_through_the_loop(db: Database) -> None:
    """Feed everything, and run."""
    feed_demo(db)
    run(db, MAIN, demo_ports())


def demo_ports(*, embedder: str = "default") -> Ports:
    """The parts that a run uses, as the settings' defaults choose them."""
    return Ports(
        embedders=open_embedders(embedder),
        clusterer=open_clusterer(),
        labeler=open_labeler(),
        connect=lambda target: open_target(target.kind, target.settings),
    )
