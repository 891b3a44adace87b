"""The quiet list follows its themes through what runs and people make of them."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from service.db import Database
from service.models import MAIN, Assignment, Theme
from service.pipeline import alarm as deciding
from service.pipeline.correct import make, merge
from service.pipeline.undo import undo
from service.repositories import alarms
from service.rules.corrections import Wanted
from tests.daily import Daily, days_after
from tests.integration.test_cluster import ORG
from tests.previewing import Company


@pytest.fixture
def daily(daily: Daily) -> Daily:
    daily.have("login", "export")
    return daily


def become(daily: Daily, old: str, new: str) -> None:
    """Let a theme go on as another, with all that was said."""
    with daily.db.begin() as session:
        theme = session.get_one(Theme, old)
        theme.retired, theme.successor_id = True, new
        for put in session.exec(select(Assignment).where(Assignment.theme_id == old)):
            put.theme_id = new


def mute(daily: Daily, theme: str, days: int | None = None) -> None:
    until = None if days is None else daily.last + timedelta(days=days)
    with daily.db.begin() as session:
        alarms.mute(session, MAIN, theme, until=until, by="Aki")


def wave(daily: Daily, theme: str) -> None:
    for day, many in days_after(daily.last, 5, 6):
        daily.hear("other-0", day, 2)
        daily.hear(theme, day, many)


class TestMerged:
    def test_what_a_quiet_theme_went_on_as_raises_nothing_until_it_is_let_again(self, daily: Daily) -> None:
        mute(daily, "login")
        become(daily, "login", "export")
        wave(daily, "export")
        assert daily.look() == []
        with daily.db.begin() as session:
            assert [each.theme.id for each in alarms.quiet_list(session, MAIN)] == ["export"]
            deciding.unmute_theme(session, MAIN, "login")
            assert alarms.quiet_list(session, MAIN) == []
        assert [alarm.theme_id for alarm in daily.look()] == ["export"]

    def test_of_two_quiet_themes_that_are_one_the_longer_counts(self, daily: Daily) -> None:
        mute(daily, "login")
        mute(daily, "other-1", days=1)
        become(daily, "login", "export")
        become(daily, "other-1", "export")
        wave(daily, "export")
        assert daily.look() == []

    def test_what_is_said_of_the_theme_itself_counts_before_what_led_to_it(self, daily: Daily) -> None:
        mute(daily, "login")
        become(daily, "login", "export")
        mute(daily, "export", days=1)
        wave(daily, "export")
        assert [alarm.theme_id for alarm in daily.look()] == ["export"]

    def test_an_alarm_that_nobody_has_looked_at_since_makes_its_theme_of_today_quiet(
        self, daily: Daily
    ) -> None:
        wave(daily, "login")
        [alarm] = daily.look()
        become(daily, "login", "export")
        with daily.db.begin() as session:
            deciding.mute(session, MAIN, alarm.id, until=None, by="Aki")
            assert set(alarms.quiet_by_id(session, MAIN)) == {"login", "export"}
            deciding.unmute(session, MAIN, alarm.id)
            assert alarms.quiet_by_id(session, MAIN) == {}


@pytest.fixture
def company(db: Database) -> Company:
    return Company(db)


def quiet(company: Company) -> dict[str, str]:
    """Return who made each quiet theme so."""
    with company.db.begin() as session:
        return {each.theme.id: each.mute.by for each in alarms.quiet_list(session, ORG)}


class TestApart:
    @pytest.fixture(autouse=True)
    def whole(self, company: Company) -> str:
        theme = company.where()["a0"]
        with company.db.begin() as session:
            alarms.mute(session, ORG, theme, until=None, by="Aki")
        return theme

    def test_what_a_run_splits_off_is_quiet_too_and_each_is_let_again_for_itself(
        self, company: Company, whole: str
    ) -> None:
        company.said |= company.apart("a")
        company.run()
        part = company.where()["a9"]
        assert quiet(company) == {whole: "Aki", part: "Aki"}
        with company.db.begin() as session:
            deciding.unmute_theme(session, ORG, part)
        assert quiet(company) == {whole: "Aki"}
        company.run()
        assert quiet(company) == {whole: "Aki"}, "no later run makes it quiet again"

    def test_so_is_what_a_person_splits_off_until_that_is_taken_back(
        self, company: Company, whole: str
    ) -> None:
        with company.db.begin() as session:
            spans = session.exec(
                select(Assignment.span_id)
                .where(Assignment.theme_id == whole)
                .order_by(col(Assignment.span_id))
            )
            wanted = Wanted(op="split", theme_ids=(whole,), span_ids=tuple(spans)[:4])
            done = make(session, ORG, wanted, by="Ben").correction
        assert quiet(company) == {whole: "Aki", done.theme_ids[1]: "Aki"}
        with company.db.begin() as session:
            undo(session, ORG, done.id, by="Ben")
        assert quiet(company) == {whole: "Aki"}

    def test_a_merge_that_is_taken_back_leaves_each_theme_as_quiet_as_it_was(
        self, company: Company, whole: str
    ) -> None:
        other = company.where()["b0"]
        with company.db.begin() as session:
            done = merge(session, ORG, whole, other, by="Ben")
        assert set(quiet(company)) == {done.theme_ids[0]}
        with company.db.begin() as session:
            undo(session, ORG, done.id, by="Ben")
        assert quiet(company) == {whole: "Aki"}
