"""Home: what changed since whoever asks was here, and what waits for somebody."""

import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import update
from sqlmodel import col, func, select

from service.app import create_app
from service.config import Settings
from service.db import Database
from service.models import MAIN, Alarm, Effect, Intervention, Presence, Source, Suggestion, Theme
from service.pipeline import measure
from service.repositories import presences
from tests.access import PASSWORD, a_person, a_token, an_organisation, by, sign_in
from tests.integration.conftest import Reader
from tests.live import serving

NOW = datetime(2026, 5, 5, 9, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def forget_all_news(db: Database) -> None:
    """Let everything have been noted long ago."""
    with db.begin() as session:
        session.execute(update(Theme).values(born_at=LONG_AGO))
        session.execute(update(Alarm).values(noted_at=LONG_AGO))
        session.execute(update(Intervention).values(noted_at=LONG_AGO))
        session.execute(update(Effect).values(told_at=LONG_AGO))


class TestAVisit:
    @pytest.fixture
    def aki(self, db: Database) -> str:
        return a_person(db).id

    def test_begins_where_the_one_before_ended(self, db: Database, aki: str) -> None:
        def look(minutes: int) -> datetime | None:
            with db.begin() as session:
                return presences.look(session, MAIN, aki, now=NOW + timedelta(minutes=minutes))

        assert look(0) is None
        assert look(29) is None
        assert look(58) is None  # still the first visit: no pause was longer than half an hour
        assert look(88) == NOW + timedelta(minutes=58)
        assert look(90) == NOW + timedelta(minutes=58)
        assert look(500) == NOW + timedelta(minutes=90)

    def test_is_not_undone_by_a_clock_that_goes_back(self, db: Database, aki: str) -> None:
        with db.begin() as session:
            presences.look(session, MAIN, aki, now=NOW)
            presences.look(session, MAIN, aki, now=NOW - timedelta(hours=3))
            assert session.get_one(Presence, aki).seen_at == NOW


class TestHome:
    def test_tells_three_things_first_and_folds_the_others(self, demo_pages: httpx.Client) -> None:
        page = demo_pages.get("/").text
        total = re.search(r"([\d,]+) things changed in the last 7 days", page)
        assert total
        first, folded = page.split('<details class="more-news">')
        assert first.count('class="news"') == 3
        assert f"<summary>{int(total[1]) - 3} more</summary>" in folded
        assert len(set(re.findall(r'class="kind">([^<]+)<', first))) == 3

    def test_counts_each_change_once(self, demo_pages: httpx.Client, demo_db: Database) -> None:
        total = re.search(r"([\d,]+) things changed", demo_pages.get("/").text)
        with demo_db.begin() as session:
            alarmed = set(session.exec(select(Alarm.theme_id).where(col(Alarm.ended_at).is_(None))))
            born = set(
                session.exec(
                    select(Theme.id).where(
                        col(Theme.parent_id).is_(None), ~col(Theme.retired), ~col(Theme.ignored)
                    )
                )
            )
            alarms = session.exec(select(func.count()).where(col(Alarm.ended_at).is_(None))).one()
            told = set(session.exec(select(Effect.intervention_id).where(Effect.verdict != "cannot_tell")))
            done = set(session.exec(select(Intervention.id).where(col(Intervention.theme_id).is_not(None))))
            back = session.exec(select(func.count()).where(col(Suggestion.came_back_at).is_not(None))).one()
        assert total
        assert int(total[1]) == len(born - alarmed) + alarms + len(told | done) + back

    def test_says_honestly_that_nothing_changed(self, demo_pages: httpx.Client, demo_db: Database) -> None:
        forget_all_news(demo_db)
        assert "Nothing changed in the last 7 days." in demo_pages.get("/").text
        page = demo_pages.get("/", headers={"Accept-Language": "ja"}).text
        assert "この7日間に、変わったことはありません。" in page

    def test_leads_whoever_has_no_voices_yet_to_the_sources(self, empty_pages: httpx.Client) -> None:
        page = empty_pages.get("/").text
        assert "No voices yet." in page
        assert 'href="/sources/new"' in page
        assert "changed" not in page.partition("<main")[2].partition('class="answer"')[2]

    def test_a_measurement_that_says_the_same_again_is_no_news(
        self, demo_pages: httpx.Client, demo_db: Database
    ) -> None:
        forget_all_news(demo_db)
        measure.run(demo_db, MAIN)
        assert "Nothing changed" in demo_pages.get("/").text
        with demo_db.begin() as session:
            session.execute(update(Effect).values(verdict="cannot_tell"))
        measure.run(demo_db, MAIN)
        assert "Measured" in demo_pages.get("/").text

    def test_what_waits_is_counted_and_leads_to_its_list(
        self, demo_pages: httpx.Client, demo_db: Database
    ) -> None:
        page = demo_pages.get("/").text
        waiting = re.search(r'href="/suggestions">(\d+) suggestions wait', page)
        assert waiting
        assert f"{waiting[1]} suggestions wait" in demo_pages.get("/suggestions").text
        with demo_db.begin() as session:
            source = session.exec(select(Source)).first()
            assert source
            source.paused_at = NOW
            name, address = source.name, f'href="/sources/{source.id}"'
        page = demo_pages.get("/").text
        assert f"{name} is paused" in page
        assert address in page

    def test_a_person_is_told_what_changed_since_their_last_visit(
        self, demo_db: Database, reader: Reader
    ) -> None:
        aki = a_person(demo_db, password=PASSWORD, role="manager")
        with serving(create_app(demo_db, Settings())) as address:
            client = reader(address)
            assert sign_in(client, "aki@example.com").headers["Location"] == "/"
            assert "in the last 7 days" in client.get("/").text
            with demo_db.begin() as session:
                session.get_one(Presence, aki.id).seen_at = datetime.now(UTC) - timedelta(days=1, minutes=1)
            forget_all_news(demo_db)
            with demo_db.begin() as session:
                born = session.exec(
                    select(Theme).where(col(Theme.parent_id).is_(None), ~col(Theme.retired))
                ).first()
                assert born
                born.born_at = datetime.now(UTC)
                title = born.title
            page = client.get("/").text
            assert "One thing changed since yesterday." in page
            assert title in page
            # Looked at again at once, it is the same visit and the same news.
            assert "One thing changed since yesterday." in client.get("/").text

    def test_a_program_is_told_of_the_last_days_and_leaves_no_trace(
        self, demo_db: Database, reader: Reader
    ) -> None:
        token = a_token(demo_db)
        with serving(create_app(demo_db, Settings())) as address:
            page = reader(address).get("/", headers=by(token))
        assert "in the last 7 days" in page.text
        with demo_db.begin() as session:
            assert session.exec(select(Presence)).all() == []

    def test_another_organisation_hears_nothing_of_it(self, demo_db: Database, reader: Reader) -> None:
        north = an_organisation(demo_db, "north")
        token = a_token(demo_db, organisation_id=north)
        with serving(create_app(demo_db, Settings())) as address:
            page = reader(address).get("/", headers=by(token)).text
        assert "No voices yet." in page
        assert 'class="news"' not in page
