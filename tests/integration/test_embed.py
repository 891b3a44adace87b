"""The stage that gives texts their vectors, and where vectors are kept."""

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import pytest
from sqlalchemy import text
from sqlmodel import col, select

from nlp.embedders import Embedders, HashingEmbedder
from nlp.errors import ModelMissing
from nlp.ports import Embedder, Vectors
from service.db import Database
from service.errors import NotFound, Unavailable
from service.models import MAIN, Article, Item, Passage, Source, Span
from service.models.columns import digest
from service.pipeline import embed
from service.pipeline.report import Report
from service.repositories import embeddings

DAY = datetime(2026, 5, 4, tzinfo=UTC)


class Counting(HashingEmbedder):
    """Remembers what it was given."""

    def __init__(self, name: str = "counting") -> None:
        super().__init__(dimensions=32)
        self.name = name
        self.read: list[str] = []

    def embed_batch(self, texts: Sequence[str]) -> Vectors:
        self.read.extend(texts)
        return super().embed_batch(texts)


class Broken(Counting):
    """Has no weights."""

    def embed_batch(self, texts: Sequence[str]) -> Vectors:
        raise ModelMissing(f"no weights for {len(texts)} texts")


class Dying(Counting):
    """Ends in the middle, as a killed process does."""

    def embed_batch(self, texts: Sequence[str]) -> Vectors:
        if self.read:
            raise KeyboardInterrupt
        return super().embed_batch(texts)


@pytest.fixture
def source(db: Database) -> None:
    """The source that items and articles come from."""
    with db.begin() as session:
        session.add(Source(id="s", organisation_id=MAIN, name="s", kind="file", created_at=DAY))


def say(db: Database, *texts: str, lang: str | None = "en", set_aside: str | None = None) -> list[str]:
    """Store an item with a span a text; return the hashes."""
    hashes = [digest(each, length=32) for each in texts]
    with db.begin() as session:
        item_id = digest("item", *texts, str(lang))
        session.add(
            Item(
                id=item_id,
                organisation_id=MAIN,
                source_id="s",
                external_id=item_id,
                channel="ticket",
                created_at=DAY,
                text="\n\n".join(texts),
                set_aside=set_aside,
                version="1",
            )
        )
        session.flush()
        for position, each in enumerate(texts):
            session.add(
                Span(
                    id=digest(item_id, str(position)),
                    organisation_id=MAIN,
                    item_id=item_id,
                    start=0,
                    end=len(each),
                    text=each,
                    lang=lang,
                    content_hash=hashes[position],
                )
            )
    return hashes


def write(db: Database, title: str, body: str = "", lang: str | None = "en") -> str:
    """Store an article; return its id."""
    with db.begin() as session:
        article = Article(
            id=digest(title, body),
            organisation_id=MAIN,
            source_id="s",
            external_id=title,
            title=title,
            body=body,
            lang=lang,
            version="1",
        )
        session.add(article)
    return article.id


def run(db: Database, embedder: Embedder, **by_language: Embedder) -> Report:
    return embed.run(db, MAIN, Embedders(default=embedder, by_language=by_language))


@pytest.mark.usefixtures("source")
class TestTheStage:
    def test_equal_texts_are_read_once_and_a_second_run_reads_nothing(self, db: Database) -> None:
        say(db, "mail is slow", "mail is slow")
        say(db, "mail is slow", "no sound")
        embedder = Counting()
        assert run(db, embedder).done == 2
        assert sorted(embedder.read) == ["mail is slow", "no sound"]
        assert run(db, embedder).done == 0

    def test_every_language_is_read_by_its_own_embedder(self, db: Database) -> None:
        english = say(db, "mail is slow")
        japanese = say(db, "遅い", lang="ja")
        unknown = say(db, "???", lang=None)
        run(db, Counting("rest"), ja=Counting("ja"), en=Counting("en"))
        with db.begin() as session:
            assert embeddings.missing(session, MAIN, "ja", japanese) == []
            assert embeddings.missing(session, MAIN, "en", english + unknown) == []
            assert embeddings.missing(session, MAIN, "rest", english + japanese) == english + japanese

    def test_items_set_aside_and_blank_texts_never_reach_an_embedder(self, db: Database) -> None:
        say(db, "buy cheap watches", set_aside="spam")
        say(db, " \n", "no sound")
        embedder = Counting()
        run(db, embedder)
        assert embedder.read == ["no sound"]

    def test_what_was_read_before_a_kill_stays_read(
        self, db: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(embed, "BATCH", 2)
        hashes = say(db, "one", "two", "three")
        with pytest.raises(KeyboardInterrupt):
            run(db, Dying())
        with db.begin() as session:
            assert len(embeddings.missing(session, MAIN, "counting", hashes)) == 1
        assert run(db, Counting()).done == 1

    def test_weights_that_are_missing_end_the_stage_with_the_reason(self, db: Database) -> None:
        say(db, "one")
        with pytest.raises(Unavailable, match="no weights"):
            run(db, Broken())

    def test_what_stands_in_for_missing_weights_is_reported(self, db: Database) -> None:
        embedders = Embedders(default=Counting(), notes=("The weights are not there.",))
        assert embed.run(db, MAIN, embedders).notes == ("The weights are not there.",)

    def test_progress_goes_from_nothing_to_all(self, db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(embed, "BATCH", 2)
        say(db, "one", "two", "three")
        told: list[tuple[str, int, int]] = []
        embedders = Embedders(default=Counting())
        embed.run(db, MAIN, embedders, progress=lambda stage, done, total: told.append((stage, done, total)))
        assert told == [("embed", 0, 3), ("embed", 2, 3), ("embed", 3, 3)]


@pytest.mark.usefixtures("source")
class TestPassages:
    def test_an_article_is_cut_once_and_its_offsets_count_in_title_blank_line_body(
        self, db: Database
    ) -> None:
        title, body = "Sync", "First step. " * 60 + "\n\nLast step."
        article_id = write(db, title, body)
        run(db, Counting())
        run(db, Counting())
        with db.begin() as session:
            query = select(Passage).where(Passage.article_id == article_id).order_by(col(Passage.position))
            cut = session.exec(query).all()
        assert len(cut) > 1
        assert [each.position for each in cut] == list(range(len(cut)))
        full = f"{title}\n\n{body}"
        assert all(each.text == f"{title}\n{full[each.start : each.end]}" for each in cut)

    def test_an_article_without_a_body_is_found_by_its_title(self, db: Database) -> None:
        write(db, "Sync problems")
        embedder = Counting()
        run(db, embedder)
        assert embedder.read == ["Sync problems"]

    def test_personal_data_in_an_article_reaches_no_embedder(self, db: Database) -> None:
        write(db, "Billing", "Write to hanako.sato@example.jp, or call 03-1234-5678.")
        embedder = Counting()
        run(db, embedder)
        assert embedder.read == ["Billing\nWrite to [email], or call [phone]."]

    def test_passages_are_read_by_the_embedder_of_their_articles_language(self, db: Database) -> None:
        write(db, "同期", lang="ja")
        japanese = Counting("ja")
        run(db, Counting("rest"), ja=japanese)
        assert japanese.read == ["同期"]


@pytest.mark.usefixtures("source")
class TestWhereVectorsAreKept:
    def test_vectors_come_back_bit_by_bit_in_the_order_asked(self, db: Database, seed: int) -> None:
        vectors = np.random.default_rng(seed).normal(size=(300, 812)).astype(np.float32)
        hashes = [digest(str(number), length=32) for number in range(300)]
        asked = [*reversed(hashes), hashes[7], hashes[7]]
        with db.begin() as session:
            embeddings.store(session, MAIN, "x", hashes, vectors)
            embeddings.store(session, MAIN, "x", hashes, vectors)
            loaded = embeddings.load(session, MAIN, "x", asked)
        assert loaded.dtype == np.float32
        assert loaded.tobytes() == np.vstack([vectors[::-1], vectors[7], vectors[7]]).tobytes()

    def test_spaces_never_mix(self, db: Database) -> None:
        with db.begin() as session:
            session.execute(text("INSERT INTO organisation VALUES ('other', 'other', 'UTC')"))
            for organisation, embedder, value in ((MAIN, "x", 1), (MAIN, "y", 2), ("other", "x", 3)):
                embeddings.store(session, organisation, embedder, ["h"], np.full((1, 2), value, np.float32))
            assert embeddings.load(session, MAIN, "y", ["h"]).tolist() == [[2, 2]]
            assert embeddings.missing(session, "other", "y", ["h", "h"]) == ["h"]

    def test_a_vector_that_is_missing_is_an_error_and_nothing_asked_is_nothing(self, db: Database) -> None:
        with db.begin() as session:
            assert len(embeddings.load(session, MAIN, "x", [])) == 0
            with pytest.raises(NotFound, match="1 texts have no vector of x"):
                embeddings.load(session, MAIN, "x", ["h"])
