"""What came of interventions, measured on the voices in the database and told on the pages."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session, select

from service.db import Database
from service.models import Effect, Intervention, Item, Theme
from service.pipeline import measure
from service.web.language import Language
from service.web.verdicts import effect_reasons, told_effect
from tests.acting import MONDAY, ORG, World

WEEK = timedelta(weeks=1)
BEFORE, AFTER = 20, 8


@pytest.fixture
def world(db: Database) -> World:
    """Four contacts a week about crashes for 20 weeks, then one; ten of exports all the time."""
    world = World(db)
    with db.begin() as session:
        for week in range(BEFORE):
            ask(world, session, week, crash=4, export=10)
    return world


def ask(
    world: World, session: Session, week: int, *, crash: int, export: int, segment: str | None = None
) -> None:
    """Let so many customers ask in a week."""
    for theme, asked in (("crash", crash), ("export", export)):
        for number in range(asked):
            place = 700 + 700 * week + 10 * number + (3 if segment else 0)
            world.say(session, theme, place, f"{theme}、{week}-{number}-{segment or ''}")
            item = session.get_one(Item, f"{theme}-{place}")
            item.created_at = MONDAY + (week + 10) * WEEK + timedelta(days=number % 7)
            item.segment = segment


def done(world: World, *, week: int, segment: str | None = None) -> None:
    """Let crashes be mended in a week."""
    with world.db.begin() as session:
        session.add(
            Intervention(
                id="mended",
                organisation_id=ORG,
                intervention_id="mended",
                theme="crash",
                occurred_at=MONDAY + (week + 10) * WEEK,
                kind="fix",
                segment=segment,
            )
        )


def effect(world: World) -> Effect:
    """Return what came of it."""
    measure.run(world.db, ORG)
    with world.db.begin() as session:
        found = session.exec(select(Effect)).one()
        session.expunge(found)
    return found


def codes(found: Effect) -> list[str]:
    return [str(reason["code"]) for reason in found.reasons]


def test_fewer_contacts_than_before_are_told_with_their_bounds(world: World) -> None:
    done(world, week=BEFORE)
    with world.db.begin() as session:
        for week in range(BEFORE, BEFORE + AFTER):
            ask(world, session, week, crash=1, export=10)
    found = effect(world)
    assert found.verdict == "reduced"
    assert found.low is not None
    assert found.high is not None
    assert -1 < found.low < -0.5 < found.high < 0
    assert {"forecast", "before_after"} <= set(codes(found))


def test_what_will_come_is_written_down_first_and_stays(world: World) -> None:
    done(world, week=BEFORE)
    [foreseen] = [reason for reason in effect(world).reasons if reason["code"] == "foreseen"]
    assert foreseen["expected"] == pytest.approx(48, abs=10)
    with world.db.begin() as session:
        for week in range(BEFORE, BEFORE + AFTER):
            ask(world, session, week, crash=1, export=10)
    assert [reason for reason in effect(world).reasons if reason["code"] == "foreseen"] == [foreseen]


def test_what_was_entered_when_the_result_was_known_has_no_forecast_written_down(world: World) -> None:
    done(world, week=BEFORE - 6)
    assert "foreseen" not in codes(effect(world))


def test_what_was_done_for_one_segment_is_measured_there(world: World) -> None:
    done(world, week=BEFORE, segment="clinic")
    with world.db.begin() as session:
        for week in range(BEFORE + AFTER):
            ask(world, session, week, crash=5 if week < BEFORE else 1, export=0, segment="clinic")
            if week >= BEFORE:
                ask(world, session, week, crash=4, export=10)
    found = effect(world)
    assert found.verdict == "reduced"
    assert found.observed is not None
    assert found.observed <= AFTER


@pytest.mark.parametrize(("lang", "said"), [("en", "That is a reduction"), ("ja", "減っています")])
def test_the_page_says_it_in_one_sentence_and_what_stands_behind_it(
    world: World, lang: str, said: str
) -> None:
    done(world, week=BEFORE)
    with world.db.begin() as session:
        for week in range(BEFORE, BEFORE + AFTER):
            ask(world, session, week, crash=1, export=10)
    found = effect(world)
    with world.db.begin() as session:
        intervention = session.exec(select(Intervention)).one()
        theme = session.get_one(Theme, "crash")
        language = Language(lang=lang, zone=ZoneInfo("Asia/Tokyo"))
        told = told_effect(language, theme, intervention, found)
    assert said in told
    assert "href=" in told, "the numbers open to their voices"
    why = effect_reasons(language, found)
    assert len(why) >= 2
    assert not [each for each in why if "{" in each]
