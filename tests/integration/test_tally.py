"""The stored figures of themes are those that their voices give, whatever happens to the voices."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from service.db import Database
from service.models import MAIN, Item, Message, Span, Tally, Theme
from service.models.item import CHANNELS, CONTACT_CHANNELS
from service.pipeline import tally
from service.repositories import heard, spans, tallies, themes
from service.repositories.figures import ThemeFigures
from tests.desk import Desk

ZONE = ZoneInfo("Asia/Tokyo")


def figures(each: ThemeFigures) -> tuple[object, ...]:
    """What lists show of a theme."""
    return (
        (each.spans, each.items, each.customers, each.people, each.accounts, each.contacts),
        (each.first_seen, each.last_seen),
        dict(each.revenue),
        dict(each.languages),
        [count for _, count in each.weekly[-26:] if count],
        [count for _, count in each.weekly_items[-26:] if count],
        (each.weekly or each.weekly_items)[-1:],
    )


def assert_stored(db: Database) -> int:
    """Compare all that is stored with the voices; return how many themes there are."""
    with db.begin() as session:
        everything = themes.upper_themes(session, MAIN)
        counted = themes.counted(session, MAIN, everything, zone=ZONE)
        fresh = select(Tally.theme_id).where(col(Tally.stale).is_(False))
        assert {theme.id for theme in everything} <= set(session.exec(fresh))
        stored = tallies.stored(session, MAIN, everything, zone=ZONE)
    assert [figures(each) for each in stored] == [figures(each) for each in counted]
    return len(everything)


class TestStoredFigures:
    def test_of_a_whole_company_are_those_of_its_voices(self, demo_db: Database) -> None:
        assert assert_stored(demo_db) > 20

    def test_follow_a_run_a_correction_and_its_undoing(self, desk: Desk, login: str, invoices: str) -> None:
        assert assert_stored(desk.db) == 2
        moved = desk.correct("move", invoices, spans=["a00", "a01"])
        assert_stored(desk.db)
        desk.undo(moved)
        assert_stored(desk.db)
        desk.correct("merge", login, invoices)
        assert assert_stored(desk.db) == 1

    def test_tell_by_what_voices_differ(self, demo_db: Database) -> None:
        with demo_db.begin() as session:
            row = session.exec(select(Tally).order_by(col(Tally.items).desc())).first()
            assert row
            assert sum(row.facets["source"].values()) == row.items
            assert sum(row.facets["channel"].values()) == row.items
            assert sum(row.facets["lang"].values()) <= row.spans

    def test_are_counted_anew_where_a_voice_has_left(self, desk: Desk, login: str) -> None:
        with desk.db.begin() as session:
            item = session.exec(
                select(Item).join(Span, col(Span.item_id) == col(Item.id)).where(Span.id == desk.spans["a00"])
            ).one()
            read = {
                "id": item.id,
                "text": "",
                "title_end": 0,
                "lang": "en",
                "set_aside": "empty",
                "reading": 1,
            }
            spans.store(session, MAIN, [read], [], [], {})
        with desk.db.begin() as session:
            theme = session.get_one(Theme, login)
            assert tallies.stale(session, MAIN) == [login]
            [shown] = tallies.stored(session, MAIN, [theme], zone=ZONE)
            assert shown.items == 19
        tally.catch_up(desk.db, MAIN)
        with desk.db.begin() as session:
            assert tallies.stale(session, MAIN) == []
            assert session.get_one(Tally, login).items == 19

    def test_that_nobody_counted_yet_are_counted_when_they_are_shown(self, desk: Desk, login: str) -> None:
        with desk.db.begin() as session:
            session.delete(session.get_one(Tally, login))
            session.flush()
            [shown] = tallies.stored(session, MAIN, [session.get_one(Theme, login)], zone=ZONE)
            assert shown.items == 20

    def test_end_in_the_same_week_for_all_themes(self, desk: Desk, login: str, invoices: str) -> None:
        with desk.db.begin() as session:
            late = session.get_one(Tally, invoices)
            assert late.until_items
            session.execute(
                update(Tally)
                .where(col(Tally.theme_id) == invoices)
                .values(until_items=late.until_items - timedelta(weeks=2))
            )
        with desk.db.begin() as session:
            both = [session.get_one(Theme, login), session.get_one(Theme, invoices)]
            one, other = tallies.stored(session, MAIN, both, zone=ZONE)
        assert one.weekly_items[-1][0] == other.weekly_items[-1][0]
        assert [count for _, count in other.weekly_items[-2:]] == [0, 0]


class TestWhenAnybodyWasHeard:
    """The short way by the index gives what counting all days gives."""

    @pytest.mark.parametrize(
        "days",
        [
            [],
            [0],
            [0, 10, 364, 700],
            [0, 5, 5, 5, 400],  # a year of silence, then one voice
            [0, 800, 801, 802, 803],
            [-20_000, 0, 1, 2, 3],
        ],
    )
    @pytest.mark.parametrize("again", [None, 30, 500, -900])
    def test_it_is_the_same(self, desk: Desk, days: list[int], again: int | None) -> None:
        begin = datetime(2026, 1, 1, 20, tzinfo=UTC)
        with desk.db.begin() as session:
            source = session.exec(select(Item.source_id)).first()
            session.execute(update(Item).values(channel="review", created_at=begin))
            for number, day in enumerate(days):
                item = Item(
                    id=f"new-{number}",
                    organisation_id=MAIN,
                    source_id=source or "",
                    external_id=f"new-{number}",
                    channel=("ticket", "chat")[number % 2],
                    created_at=begin + timedelta(days=day),
                    version="",
                )
                session.add(item)
            session.flush()
            if again is not None and days:
                session.add(
                    Message(
                        id="again",
                        organisation_id=MAIN,
                        item_id="new-0",
                        position=9,
                        created_at=begin + timedelta(days=again),
                        reopens=True,
                    )
                )
            session.flush()
            for channels in (CONTACT_CHANNELS, CHANNELS):
                assert heard.heard_between(
                    session, MAIN, zone=ZONE, channels=channels
                ) == heard._counted_between(session, MAIN, zone=ZONE, channels=channels)
