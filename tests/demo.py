"""The demo company's voices on a fixed day, as tests feed them."""

import tempfile
from datetime import UTC, date, datetime
from pathlib import Path

from connectors.registry import open_target
from nlp.clusterers import open_clusterer
from nlp.embedders import open_embedders
from nlp.labelers import open_labeler
from service.db import Database
from service.demo import write_files
from service.imports import import_file
from service.models import MAIN, Upload
from service.pipeline.run import Ports, run
from service.repositories import sources, touchpoints, uploads

DAY = date(2026, 5, 4)
"""The day after the demo's 26 weeks; a fixed one, so that tests repeat."""


def feed_demo(db: Database, *, only: tuple[str, ...] = ()) -> None:
    """Import the demo's files, or those of the sources named."""
    with tempfile.TemporaryDirectory() as folder:
        for file in write_files(Path(folder), DAY):
            if not only or file.source in only:
                import_file(db, MAIN, file.noun, file.path, source=file.source, options=file.options)
                with db.begin() as session:
                    touchpoints.tell(session, sources.get_source(session, MAIN, file.source), file.heard)


def take_through_the_loop(db: Database) -> None:
    """Feed everything, and run; a file waits to be looked at, and another one was imported."""
    feed_demo(db)
    run(db, MAIN, demo_ports())
    give_files(db)


def give_files(db: Database) -> None:
    """Give two files to the pages, of which one is through."""
    now = datetime(2026, 5, 4, 9, tzinfo=UTC)
    content = "お客様の言葉,いつ\n書き出しに失敗します。,2026-05-03\n,昨日\n".encode()
    waits, done = (
        Upload(
            id=f"file-{state}",
            organisation_id=MAIN,
            name=f"{name}.csv",
            size=len(content),
            by="Aki",
            created_at=now,
            modified_at=now,
            state=state,
        )
        for name, state in (("ご意見", "waiting"), ("nps", "done"))
    )
    done.noun, done.source, done.asked_by, done.asked_at, done.done, done.total = (
        "feedback",
        "nps",
        "Aki",
        now,
        3,
        3,
    )
    done.report = {
        **dict.fromkeys(("stored", "duplicates", "rejected"), 1),
        "left_out": {},
        "encoding": "utf-8",
        "recognised": {"text": "お客様の言葉"},
        "rejects": [[4, "created_at: “昨日の” is no date"]],
    }
    with db.begin() as session:
        uploads.add(session, waits, [content])
        uploads.add(session, done, [])


def demo_ports(*, embedder: str = "default") -> Ports:
    """The parts that a run uses, as the settings' defaults choose them."""
    return Ports(
        embedders=open_embedders(embedder),
        clusterer=open_clusterer(),
        labeler=open_labeler(),
        connect=lambda target: open_target(target.kind, target.settings),
    )
