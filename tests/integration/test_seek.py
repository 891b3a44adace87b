"""What is said for the first time becomes a theme before the next run."""

from pathlib import Path

import pytest
from sqlmodel import col, select

from nlp.embedders import Embedders, open_embedders
from nlp.labelers import open_labeler
from service.db import Database
from service.imports import Options, import_file
from service.jobs.queue import Queue
from service.jobs.sweep import ask_for_what_is_due
from service.models import MAIN, Assignment, Delivery, Item, Lineage, Span, Theme
from service.pipeline import correct, seek
from service.pipeline.run import run, take_live
from service.repositories import targets, waiting
from service.repositories.runs import live_run
from service.rules.corrections import Wanted
from service.rules.freshness import is_search_due
from tests.demo import demo_ports

HEATED = (
    "The lid of the kettle melts when the water boils.",
    "My kettle's lid melted while the water was boiling!",
    "Kettle lid melts from boiling water, is that normal?",
    "After two days the lid of the kettle has melted in boiling water.",
    "The kettle lid melts as soon as water boils in it.",
    "Boiling water melts the lid of my kettle.",
)


@pytest.fixture(scope="module")
def embedders() -> Embedders:
    return open_embedders()


def say(db: Database, folder: Path, *said: str, customers: int = 100, prefix: str = "kettle") -> None:
    """Import a ticket a text, by so many customers in turn."""
    path = folder / f"{prefix}.csv"
    rows = [
        f'{prefix}-{number},"{text}",2026-05-05T09:00:00+09:00,buyer-{number % customers}'
        for number, text in enumerate(said)
    ]
    path.write_text("\n".join(["external_id,text,created_at,customer_id", *rows]), encoding="utf-8")
    import_file(db, MAIN, "feedback", path, source="live", options=Options())


def themes(db: Database, prefix: str = "kettle") -> list[Theme | None]:
    """Return the theme of each span of these tickets in the live run."""
    with db.begin() as session:
        live = live_run(session, MAIN)
        assert live is not None
        query = (
            select(Assignment, Theme)
            .select_from(Item)
            .join(Span, col(Span.item_id) == col(Item.id))
            .join(Assignment, (col(Assignment.span_id) == col(Span.id)))
            .outerjoin(Theme, col(Theme.id) == col(Assignment.theme_id))
            .where(Assignment.run_id == live.id, col(Item.external_id).startswith(f"{prefix}-"))
            .order_by(col(Item.external_id), col(Span.start))
        )
        return [theme for _, theme in session.exec(query)]


def looked(db: Database, embedders: Embedders) -> int:
    """Take what came into its themes, look through it, and return how many themes are new."""
    take_live(db, MAIN, embedders)
    return seek.run(db, MAIN, open_labeler()).done


def test_what_several_customers_say_for_the_first_time_is_a_theme(
    demo_db: Database, tmp_path: Path, embedders: Embedders
) -> None:
    say(demo_db, tmp_path, *HEATED)
    assert looked(demo_db, embedders) == 1
    found = themes(demo_db)
    assert len({theme.id for theme in found if theme}) == 1
    (theme, *_) = found
    assert theme is not None
    assert "kettle" in theme.title.casefold()
    assert (theme.lang, theme.retired, theme.stage) == ("en", False, "understood")
    with demo_db.begin() as session:
        (birth,) = session.exec(select(Lineage).where(Lineage.to_ids == [theme.id]))
        assert (birth.event, birth.from_ids) == ("birth", [])
        places = session.exec(select(Assignment).where(Assignment.theme_id == theme.id)).all()
        assert all(one.origin == "model" and one.late and 0 < (one.confidence or 0) < 1 for one in places)


def test_whoever_chose_to_hear_of_new_themes_is_told_of_it(
    demo_db: Database, tmp_path: Path, embedders: Embedders
) -> None:
    with demo_db.begin() as session:
        chosen = {"url": "https://example.com", "events": "theme.created"}
        targets.add_target(session, MAIN, "curious", "webhook", chosen)
    say(demo_db, tmp_path, *HEATED)
    looked(demo_db, embedders)
    (theme, *_) = themes(demo_db)
    assert theme is not None
    with demo_db.begin() as session:
        [news] = session.exec(select(Delivery)).all()
    assert (news.event, news.subject_id) == ("theme.created", theme.id)
    assert (news.payload or {})["data"]["theme_title"] == theme.title


def test_whoever_chose_to_hear_of_changed_themes_is_told_of_one_that_comes_back(
    demo_db: Database, tmp_path: Path, embedders: Embedders
) -> None:
    say(demo_db, tmp_path, *HEATED)
    looked(demo_db, embedders)
    (found, *_) = themes(demo_db)
    assert found is not None
    with demo_db.begin() as session:
        chosen = {"url": "https://example.com", "events": "theme.updated"}
        targets.add_target(session, MAIN, "curious", "webhook", chosen)
        for place in session.exec(select(Assignment).where(Assignment.theme_id == found.id)):
            place.theme_id = None
        session.get_one(Theme, found.id).retired = True
        for birth in session.exec(select(Lineage).where(Lineage.to_ids == [found.id])):
            session.delete(birth)  # it came about in an earlier run
        live = live_run(session, MAIN)
        assert live is not None
        live.figures = {name: value for name, value in live.figures.items() if name != seek.SOUGHT}
    assert seek.run(demo_db, MAIN, open_labeler()).done == 1
    with demo_db.begin() as session:
        told = [one.payload["data"] for one in session.exec(select(Delivery)) if one.payload]
    assert [(one["theme_id"], one["changed"], one["origin"]) for one in told] == [
        (found.id, ["retired"], "model")
    ]


def test_the_next_voice_goes_there_and_the_next_run_keeps_it(
    demo_db: Database, tmp_path: Path, embedders: Embedders
) -> None:
    say(demo_db, tmp_path, *HEATED)
    looked(demo_db, embedders)
    (theme, *_) = themes(demo_db)
    assert theme is not None
    say(demo_db, tmp_path, "The lid of my new kettle melted when water boiled.", prefix="later")
    take_live(demo_db, MAIN, embedders)
    assert [one.id for one in themes(demo_db, "later") if one] == [theme.id]
    run(demo_db, MAIN, demo_ports())
    assert {one.id for one in [*themes(demo_db), *themes(demo_db, "later")] if one} == {theme.id}


def test_looking_again_changes_nothing_until_more_has_come(
    demo_db: Database, tmp_path: Path, embedders: Embedders
) -> None:
    say(demo_db, tmp_path, *HEATED)
    assert looked(demo_db, embedders) == 1
    before = [theme.id for theme in themes(demo_db) if theme]
    assert seek.run(demo_db, MAIN, open_labeler()).done == 0
    say(demo_db, tmp_path, *HEATED[:4], prefix="again")
    assert looked(demo_db, embedders) == 0
    assert [theme.id for theme in [*themes(demo_db), *themes(demo_db, "again")] if theme] == [
        *before,
        *before[:4],
    ]


@pytest.mark.parametrize(
    ("said", "customers"),
    [(HEATED, 2), (HEATED[:3], 100), (("Thanks a lot!", "OK", "Good morning", "1234", "🎉", "?!"), 100)],
    ids=["two customers", "three voices", "nothing in common"],
)
def test_what_does_not_recur_is_no_theme(
    demo_db: Database, tmp_path: Path, embedders: Embedders, said: tuple[str, ...], customers: int
) -> None:
    say(demo_db, tmp_path, *said, customers=customers)
    assert looked(demo_db, embedders) == 0


def test_more_of_what_a_theme_says_makes_no_theme_beside_it(
    demo_db: Database, tmp_path: Path, embedders: Embedders
) -> None:
    with demo_db.begin() as session:
        query = select(Span.text).join(Assignment, col(Assignment.span_id) == col(Span.id))
        said = session.exec(
            query.where(col(Assignment.theme_id).is_not(None), Span.lang == "en").order_by(Span.id)
        ).all()
    say(demo_db, tmp_path, *(f"{text.rstrip('.')} again".replace('"', "'") for text in said[:40]))
    assert looked(demo_db, embedders) == 0


def test_what_a_person_took_out_of_all_themes_stays_there(
    demo_db: Database, tmp_path: Path, embedders: Embedders
) -> None:
    say(
        demo_db,
        tmp_path,
        *HEATED,
        "The kettle's lid melted: boiling water!",
        "Lid of kettle melts, water boils.",
    )
    take_live(demo_db, MAIN, embedders)
    with demo_db.begin() as session:
        query = select(Span.id).join(Item, col(Item.id) == col(Span.item_id))
        span = session.exec(query.where(Item.external_id == "kettle-0")).one()
        correct.make(session, MAIN, Wanted(op="move", span_ids=(span,)), by="person:ann")
    assert seek.run(demo_db, MAIN, open_labeler()).done == 1
    first, *others = themes(demo_db)
    assert first is None
    assert len({theme.id for theme in others if theme}) == 1


def test_before_any_run_there_is_nothing_to_look_through(
    db: Database, tmp_path: Path, embedders: Embedders
) -> None:
    say(db, tmp_path, *HEATED)
    assert looked(db, embedders) == 0


def test_a_search_is_asked_for_once_enough_has_come(
    demo_db: Database, tmp_path: Path, embedders: Embedders
) -> None:
    def due() -> bool:
        with demo_db.begin() as session:
            return is_search_due(waiting.lateness(session, MAIN))

    assert not due()
    say(demo_db, tmp_path, *HEATED)
    take_live(demo_db, MAIN, embedders)
    assert due()
    ask_for_what_is_due(demo_db, queue := Queue(demo_db), MAIN)
    assert queue.ask("seek", MAIN) is False  # it is asked for already
    seek.run(demo_db, MAIN, open_labeler())
    assert not due()
