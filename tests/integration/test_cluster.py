"""The cluster stage: what it reads, what it stores, and when it does nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from nlp.clusterers import ExactClusterer
from nlp.embedders import Embedders, HashingEmbedder
from nlp.labelers import FirstTextLabeler
from nlp.ports import Clustering, Past, Vectors
from service.db import Database
from service.errors import NotFound
from service.models import Assignment, Item, Run, Source, Span
from service.models.columns import digest
from service.pipeline import cluster, themes
from service.pipeline.report import Report
from service.repositories import embeddings, runs

ORG = "main"
START = datetime(2026, 5, 18, 3, tzinfo=UTC)
EMBEDDERS = Embedders(
    default=HashingEmbedder(dimensions=64), by_language={"ja": HashingEmbedder(dimensions=32)}
)


@dataclass(frozen=True, slots=True)
class Said:
    text: str
    lang: str | None = "en"
    day: int = 0
    set_aside: str | None = None


ENGLISH = [Said("Cannot log in")] * 3 + [Said("Late invoice")] * 2 + [Said("A lonely remark")]
JAPANESE = [Said("ログインできない", "ja")] * 4 + [Said("ひとりごと", "ja")]


def hear(db: Database, said: Sequence[Said], *, embed: bool = True) -> None:
    """Store one item with one span each, the way the stages before would have."""
    with db.begin() as session:
        if session.get(Source, "s") is None:
            session.add(Source(id="s", organisation_id=ORG, name="tickets", kind="file", created_at=START))
            session.flush()
        taken = len(session.exec(select(Item.id)).all())
        for number, each in enumerate(said, start=taken):
            _store(session, number, each)
        session.flush()
        for each in set(said) if embed else ():
            embedder = EMBEDDERS.for_language(each.lang)
            known = digest(each.text, length=32)
            embeddings.store(session, ORG, embedder.name, [known], embedder.embed([each.text]))


def _store(session: Session, number: int, said: Said) -> None:
    item_id = digest(ORG, "tickets", str(number))
    session.add(
        Item(
            id=item_id,
            organisation_id=ORG,
            source_id="s",
            external_id=str(number),
            channel="ticket",
            lang=said.lang,
            created_at=START + timedelta(days=said.day),
            text=said.text,
            set_aside=said.set_aside,
            version="1",
        )
    )
    session.flush()
    session.add(
        Span(
            id=digest(item_id, "0"),
            organisation_id=ORG,
            item_id=item_id,
            start=0,
            end=len(said.text),
            text=said.text,
            lang=said.lang,
            content_hash=digest(said.text, length=32),
        )
    )


def group(db: Database, *, seed: int = 0, as_of: datetime | None = None) -> Report:
    return cluster.run(db, ORG, EMBEDDERS, ExactClusterer(), seed=seed, as_of=as_of)


def grouped(db: Database) -> Run:
    with db.begin() as session:
        run = runs.grouped_run(session, ORG)
        assert run is not None
        return run


def placed(db: Database) -> dict[str, set[tuple[int | None, int | None]]]:
    """Where each text is in the grouped run."""
    with db.begin() as session:
        rows = session.exec(
            select(Span.text, Assignment.group_number, Assignment.subgroup_number)
            .join(Assignment, col(Assignment.span_id) == col(Span.id))
            .join(Run, col(Run.id) == col(Assignment.run_id))
            .where(Run.state == "grouped")
        ).all()
    found: dict[str, set[tuple[int | None, int | None]]] = {}
    for text, number, subnumber in rows:
        found.setdefault(text, set()).add((number, subnumber))
    return found


def accept(db: Database) -> None:
    """Make the grouped run live, as the themes stage does."""
    with db.begin() as session:
        live = runs.live_run(session, ORG)
        if live is not None:
            live.state = "superseded"
            session.flush()
        run = runs.grouped_run(session, ORG)
        assert run is not None
        run.state = "live"


class TestWhatIsStored:
    def test_every_span_is_placed_once_and_the_groups_of_all_spaces_are_numbered_in_one_row(
        self, db: Database
    ) -> None:
        hear(db, ENGLISH + JAPANESE)
        report = group(db)
        assert report.done == 11
        assert report.notes == ("3 groups and 0 sub-groups; 2 of 11 spans belong to none.",)
        where = placed(db)
        numbers = [where[text] for text in ("Cannot log in", "Late invoice", "ログインできない")]
        assert all(len(each) == 1 for each in numbers)
        assert {number for each in numbers for number, _ in each} == {0, 1, 2}
        assert where["A lonely remark"] == where["ひとりごと"] == {(None, None)}

    def test_the_run_says_what_it_read(self, db: Database) -> None:
        hear(db, ENGLISH + JAPANESE)
        group(db, seed=5)
        run = grouped(db)
        assert (run.ordinal, run.seed, run.clusterer) == (1, 5, "exact")
        assert run.embedder == "hashing-32 hashing-64"
        counts = {"spans": 11, "themed": 9, "groups": 3, "subgroups": 0, "voices": 11}
        told = {
            "reach": {"hashing-32": 1.0, "hashing-64": 1.0},
            "likeness": {"hashing-32": 1.0, "hashing-64": None},
        }
        assert run.figures == {**counts, **told}
        assert run.id == digest(ORG, "run", "1", run.input_digest)

    def test_subgroup_numbers_are_unique_over_all_spaces(self, db: Database) -> None:
        class Halves(ExactClusterer):
            name = "halves"

            def cluster(
                self,
                vectors: Vectors,  # noqa: ARG002
                texts: Sequence[str],
                *,
                langs: Sequence[str | None] | None = None,  # noqa: ARG002
                seed: int = 0,  # noqa: ARG002
                past: Past | None = None,  # noqa: ARG002
            ) -> Clustering:
                halves = tuple(row % 2 for row in range(len(texts)))
                return Clustering(groups=(0,) * len(texts), subgroups=halves, confidence=(1.0,) * len(texts))

        hear(db, ENGLISH + JAPANESE)
        cluster.run(db, ORG, EMBEDDERS, Halves())
        english = {where for said in ENGLISH for where in placed(db)[said.text]}
        japanese = {where for said in JAPANESE for where in placed(db)[said.text]}
        assert len({number for number, _ in english | japanese}) == 2
        assert len({subnumber for _, subnumber in english | japanese}) == 4

    def test_what_is_set_aside_or_came_later_is_not_read(self, db: Database) -> None:
        hear(db, [*ENGLISH, Said("Buy now", set_aside="spam"), Said("Tomorrow", day=1)])
        group(db, as_of=START)
        assert set(placed(db)) == {said.text for said in ENGLISH}

    def test_a_vector_that_is_missing_stops_the_stage_and_stores_nothing(self, db: Database) -> None:
        hear(db, ENGLISH, embed=False)
        with pytest.raises(NotFound, match="run the stage embed first"):
            group(db)
        with db.begin() as session:
            assert session.exec(select(Run)).all() == []


class TestDoingNothing:
    def test_without_any_span_there_is_no_run(self, db: Database) -> None:
        assert group(db).done == 0
        with db.begin() as session:
            assert session.exec(select(Run)).all() == []

    def test_the_same_spans_are_not_grouped_twice(self, db: Database) -> None:
        hear(db, ENGLISH)
        group(db)
        first = grouped(db)
        assert group(db).done == 0
        accept(db)
        assert group(db).done == 0
        with db.begin() as session:
            assert [run.id for run in session.exec(select(Run)).all()] == [first.id]

    def test_a_new_span_or_another_seed_makes_a_new_run(self, db: Database) -> None:
        hear(db, ENGLISH)
        group(db)
        accept(db)
        hear(db, [Said("Cannot log in")])
        assert group(db).done == 7
        assert grouped(db).ordinal == 2
        accept(db)
        assert group(db, seed=1).done == 7
        assert grouped(db).ordinal == 3

    def test_a_run_that_never_became_themes_is_replaced_and_leaves_no_gap(self, db: Database) -> None:
        hear(db, ENGLISH)
        group(db)
        hear(db, JAPANESE)
        group(db)
        assert grouped(db).ordinal == 1
        with db.begin() as session:
            assert len(session.exec(select(Run)).all()) == 1
            assert len(session.exec(select(Assignment)).all()) == 11

    def test_when_all_spans_are_gone_an_empty_run_follows_the_live_one(self, db: Database) -> None:
        hear(db, ENGLISH)
        group(db)
        accept(db)
        with db.begin() as session:
            for item in session.exec(select(Item)).all():
                item.set_aside = "spam"
        assert group(db).done == 0
        assert grouped(db).figures["spans"] == 0


class Remembering(ExactClusterer):
    """Groups equal texts, and notes by text where it was told that they were."""

    def __init__(self) -> None:
        self.told: list[dict[str, int | None] | None] = []

    def cluster(
        self,
        vectors: Vectors,
        texts: Sequence[str],
        *,
        langs: Sequence[str | None] | None = None,
        seed: int = 0,
        past: Past | None = None,
    ) -> Clustering:
        self.told.append(None if past is None else dict(zip(texts, past.groups, strict=True)))
        return super().cluster(vectors, texts, langs=langs, seed=seed, past=past)


class TestMemory:
    """What the clusterer is told of the live run."""

    @staticmethod
    def run(db: Database, clusterer: Remembering, *, seed: int | None = None, day: int | None = None) -> None:
        as_of = None if day is None else START + timedelta(days=day)
        cluster.run(db, ORG, EMBEDDERS, clusterer, seed=seed, as_of=as_of)
        themes.run(db, ORG, FirstTextLabeler())

    def test_the_first_run_knows_nothing_and_the_next_where_everything_was(self, db: Database) -> None:
        clusterer = Remembering()
        hear(db, ENGLISH)
        self.run(db, clusterer)
        hear(db, [Said("Something new")])
        self.run(db, clusterer)
        first, second = clusterer.told
        assert first is None
        assert second is not None
        assert second["Cannot log in"] != second["Late invoice"]
        assert None not in (second["Cannot log in"], second["Late invoice"])
        assert second["A lonely remark"] is second["Something new"] is None

    def test_a_space_of_which_nothing_is_known_has_no_past(self, db: Database) -> None:
        clusterer = Remembering()
        hear(db, ENGLISH)
        self.run(db, clusterer)
        hear(db, JAPANESE)
        self.run(db, clusterer)
        japanese, english = clusterer.told[1:]
        assert japanese is None
        assert english is not None

    def test_a_look_back_knows_nothing_of_the_days_that_were_to_come(self, db: Database) -> None:
        clusterer = Remembering()
        hear(db, [*ENGLISH, *(Said("Cannot log in", day=day) for day in (1, 2, 3))])
        self.run(db, clusterer)
        for day in (1, 2):
            self.run(db, clusterer, day=day)
        assert clusterer.told[1] is None, "the live run had read on to day 3"
        assert clusterer.told[2] is not None, "the live run knew no more than the first day"

    def test_without_a_seed_a_run_goes_on_with_that_of_the_live_one(self, db: Database) -> None:
        clusterer = Remembering()
        hear(db, ENGLISH)
        self.run(db, clusterer, seed=5)
        self.run(db, clusterer)
        assert len(clusterer.told) == 1, "it read the very same"
        self.run(db, clusterer, seed=6)
        with db.begin() as session:
            live = runs.live_run(session, ORG)
        assert live is not None
        assert (live.ordinal, live.seed) == (2, 6)
