"""What comes after a run goes into the themes that exist, within seconds and beside a run."""

import csv
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from sqlmodel import Session, col, func, select

from nlp.clusterers import ExactClusterer
from nlp.embedders import Embedders, open_embedders
from nlp.ports import Clusterer, Clustering, Past, Vectors
from service.db import Database
from service.imports import Options, import_file
from service.models import MAIN, Assignment, Item, Span, Theme
from service.pipeline import cluster, embed, place
from service.pipeline.run import run, take_in, take_live
from service.repositories.runs import live_run, lock_runs
from tests.demo import demo_ports

STRANGER = "The moon over the harbour was painted by a violinist in 1820."


@pytest.fixture(scope="module")
def embedders() -> Embedders:
    return open_embedders()


def say(db: Database, folder: Path, texts: Sequence[str], *, prefix: str = "new") -> None:
    """Import one ticket a text."""
    path = folder / f"{prefix}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["external_id", "text", "created_at", "customer_id"])
        for number, text in enumerate(texts):
            rows.writerow([f"{prefix}-{number}", text, "2026-05-05T09:00:00+09:00", f"{prefix}-{number}"])
    import_file(db, MAIN, "feedback", path, source="live", options=Options())


def places(db: Database, prefix: str = "new") -> dict[str, Assignment | None]:
    """Return where the live run has the first span of each item."""
    with db.begin() as session:
        live = live_run(session, MAIN)
        rows = session.exec(
            select(Item.external_id, Assignment)
            .join(Span, col(Span.item_id) == col(Item.id))
            .outerjoin(
                Assignment,
                (col(Assignment.span_id) == col(Span.id))
                & (col(Assignment.run_id) == (live.id if live else "")),
            )
            .where(col(Item.external_id).startswith(f"{prefix}-"))
            .order_by(col(Span.start).desc())
        )
        return dict(rows.all())


def waiting(session: Session) -> int:
    return session.exec(select(func.count()).select_from(Item).where(Item.unplaced)).one()


def a_theme(session: Session, lang: str) -> tuple[Theme, list[str]]:
    """Return the largest theme of a language, and what its surest members say."""
    rows = session.exec(
        select(Theme, func.count(col(Assignment.span_id)))
        .join(Assignment, col(Assignment.theme_id) == col(Theme.id))
        .where(Theme.lang == lang)
        .group_by(col(Theme.id))
        .order_by(func.count(col(Assignment.span_id)).desc(), col(Theme.id))
    ).first()
    assert rows is not None
    said = session.exec(
        select(Span.text)
        .join(Assignment, col(Assignment.span_id) == col(Span.id))
        .where(Assignment.theme_id == rows[0].id)
        .order_by(col(Assignment.confidence).desc(), col(Span.id))
    )
    return rows[0], list(said)


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_a_new_voice_goes_to_the_theme_that_says_the_same(
    demo_db: Database, tmp_path: Path, embedders: Embedders, lang: str
) -> None:
    with demo_db.begin() as session:
        theme, said = a_theme(session, lang)
    say(demo_db, tmp_path, [said[0], said[1].rstrip(".。") + ("!" if lang == "en" else "！")])
    take_live(demo_db, MAIN, embedders)
    found = places(demo_db)
    assert [one.theme_id for one in found.values() if one] == [theme.id, theme.id]
    with demo_db.begin() as session:
        heard = session.get_one(Theme, theme.id)
        assert (heard.heard_at is not None, waiting(session)) == (True, 0)


def test_a_voice_that_is_like_no_theme_stays_un_themed(
    demo_db: Database, tmp_path: Path, embedders: Embedders
) -> None:
    say(demo_db, tmp_path, [STRANGER])
    take_live(demo_db, MAIN, embedders)
    (found,) = places(demo_db).values()
    assert found is not None
    assert (found.theme_id, found.subtheme_id, found.confidence) == (None, None, None)


def test_how_sure_a_place_is_lies_between_nothing_and_one(
    demo_db: Database, tmp_path: Path, embedders: Embedders
) -> None:
    with demo_db.begin() as session:
        _, said = a_theme(session, "en")
    say(demo_db, tmp_path, [f"{text} again, please help" for text in said[:5]])
    take_live(demo_db, MAIN, embedders)
    sure = [one.confidence for one in places(demo_db).values() if one and one.theme_id]
    assert sure
    assert all(0 < (each or 0) < 1 for each in sure)


def test_before_there_are_themes_everything_waits_for_the_first_run(
    db: Database, tmp_path: Path, embedders: Embedders
) -> None:
    say(db, tmp_path, ["The export fails"] * 4 + ["Where is my invoice?"])
    assert [report.done for report in take_live(db, MAIN, embedders)] == [5, 5, 0]
    ports = demo_ports(embedder="hashing")
    run(db, MAIN, ports)
    with db.begin() as session:
        assert waiting(session) == 0


def test_a_new_version_of_a_voice_takes_a_new_place(
    demo_db: Database, tmp_path: Path, embedders: Embedders
) -> None:
    with demo_db.begin() as session:
        theme, said = a_theme(session, "en")
    say(demo_db, tmp_path, [STRANGER])
    take_live(demo_db, MAIN, embedders)
    say(demo_db, tmp_path, [said[0]])
    take_live(demo_db, MAIN, embedders)
    (found,) = places(demo_db).values()
    assert found is not None
    assert found.theme_id == theme.id


def test_placing_again_changes_nothing(demo_db: Database, tmp_path: Path, embedders: Embedders) -> None:
    say(demo_db, tmp_path, [STRANGER])
    take_live(demo_db, MAIN, embedders)
    assert place.run(demo_db, MAIN, embedders).done == 0


class Meanwhile(Clusterer):
    """Groups equal texts, while something else happens."""

    name = "meanwhile"

    def __init__(self, happens: Sequence[object]) -> None:
        self.happens = list(happens)

    def cluster(
        self,
        vectors: Vectors,
        texts: Sequence[str],
        *,
        langs: Sequence[str | None] | None = None,
        seed: int = 0,
        past: Past | None = None,
    ) -> Clustering:
        while self.happens:
            happening = self.happens.pop()
            assert callable(happening)
            happening()
        return ExactClusterer().cluster(vectors, texts, langs=langs, seed=seed, past=past)


def test_what_comes_during_a_run_is_read_beside_it_and_placed_by_it(db: Database, tmp_path: Path) -> None:
    ports = demo_ports(embedder="hashing")
    say(db, tmp_path, ["The export fails"] * 4, prefix="old")

    def a_ticket_comes() -> None:
        say(db, tmp_path, ["The export fails", STRANGER])
        take_live(db, MAIN, ports.embedders)

    meanwhile = Meanwhile([a_ticket_comes])
    run(db, MAIN, replace(ports, clusterer=meanwhile))
    old = {one.theme_id for one in places(db, "old").values() if one}
    new = {name: one.theme_id for name, one in places(db).items() if one}
    assert len(old) == 1
    assert new == {"new-0": old.pop(), "new-1": None}


def test_a_voice_that_changes_during_a_run_does_not_stop_it(db: Database, tmp_path: Path) -> None:
    ports = demo_ports(embedder="hashing")
    say(db, tmp_path, ["The export fails"] * 4 + ["It prints twice"])
    take_in(db, MAIN)
    embed.run(db, MAIN, ports.embedders)

    def one_changes() -> None:
        say(db, tmp_path, ["The export fails"] * 3 + ["The import fails", "It prints twice"])
        take_in(db, MAIN)

    report = cluster.run(db, MAIN, ports.embedders, Meanwhile([one_changes]))
    assert report.done == 5
    with db.begin() as session:
        kept = session.exec(select(func.count()).select_from(Assignment)).one()
    assert kept == 4


def test_voices_are_placed_while_a_run_holds_its_lock(
    demo_db: Database, tmp_path: Path, embedders: Embedders
) -> None:
    with demo_db.begin() as session:
        theme, said = a_theme(session, "en")
    say(demo_db, tmp_path, [said[0]])
    with demo_db.begin() as guard:
        assert lock_runs(guard, MAIN, wait=False)
        take_live(demo_db, MAIN, embedders)
    (found,) = places(demo_db).values()
    assert found is not None
    assert found.theme_id == theme.id
