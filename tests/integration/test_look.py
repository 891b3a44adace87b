"""Looking at themes: an alarm is raised once, with its voices, and whatever the clocks say."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlmodel import col, select

from service.db import Database
from service.errors import Conflict, NotFound
from service.exports import export
from service.models import MAIN, Alarm, Delivery, Event, Theme
from service.pipeline import alarm as deciding
from service.pipeline import look
from service.repositories import alarms, targets
from tests.daily import FIRST, Daily, days_after


@pytest.fixture
def daily(daily: Daily) -> Daily:
    daily.have("login", "export")
    return daily


def wave(daily: Daily, theme: str = "login", *voices: int) -> list[str]:
    """Let a theme be heard of far more than ever, after the quiet weeks."""
    heard: list[str] = []
    for day, many in days_after(daily.last, *(voices or (5, 6))):
        daily.hear("other-0", day, 2)
        heard += daily.hear(theme, day, many)
    return heard


def looked_until(daily: Daily) -> date | None:
    with daily.db.begin() as session:
        return alarms.looked_until(session, MAIN)


def exported(db: Database, folder: Path) -> list[dict[str, Any]]:
    import json

    out = folder / "alarms.jsonl"
    export(db, MAIN, "alarms", out, zone=ZoneInfo("Asia/Tokyo"))
    return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]


class TestRaising:
    def test_weeks_as_usual_raise_nothing(self, daily: Daily) -> None:
        assert daily.look() == []

    def test_a_wave_raises_one_alarm_with_its_voices(self, daily: Daily, tmp_path: Path) -> None:
        heard = wave(daily)
        [alarm] = daily.look()
        assert (alarm.theme_id, alarm.kind, alarm.contacts) == ("login", "new", 11)
        assert alarm.expected < 1
        assert [each["item_id"] for each in alarm.items] == heard
        [row] = exported(daily.db, tmp_path)
        assert list(row) == [
            "alarm_id",
            "theme_id",
            "kind",
            "onset",
            "raised_at",
            "contacts",
            "expected",
            "items",
        ]
        assert row["onset"].startswith((daily.last + timedelta(days=1)).isoformat())
        assert row["items"][0] == {"source": "desk", "external_id": heard[0]}

    def test_the_items_of_an_alarm_are_in_the_order_of_time_and_exported_by_name(
        self, daily: Daily, tmp_path: Path
    ) -> None:
        later, earlier = (daily.hear("login", daily.last + timedelta(days=after), 6) for after in (2, 1))
        [alarm] = daily.look()
        assert [each["item_id"] for each in alarm.items] == [*earlier, *later]
        [row] = exported(daily.db, tmp_path)
        assert [each["external_id"] for each in row["items"]] == [*later, *earlier]

    def test_a_theme_that_was_heard_before_rises(self, daily: Daily) -> None:
        for day in range(0, 56, 4):
            daily.hear("login", FIRST + timedelta(days=day), 1)
        wave(daily)
        [alarm] = daily.look()
        assert alarm.kind == "rising"

    def test_one_customer_who_writes_eleven_times_raises_nothing(self, daily: Daily) -> None:
        for day, many in days_after(daily.last, 5, 6):
            daily.hear("login", day, many, customer="the same")
        assert daily.look() == []

    def test_reviews_are_no_contacts(self, daily: Daily) -> None:
        for day, many in days_after(daily.last, 5, 6):
            daily.hear("login", day, many, channel="review")
        assert daily.look() == []

    def test_before_there_are_themes_there_is_nothing_to_look_at(self, db: Database) -> None:
        assert look.run(db, MAIN).notes == ("There are no themes to look at yet.",)

    def test_usage_that_grew_explains_more_contacts(self, daily: Daily) -> None:
        for day in range(0, 56):
            daily.hear("login", FIRST + timedelta(days=day), 2)
        wave(daily, "login", 7, 7)
        assert len(daily.look()) == 1
        daily.forget()
        with daily.db.begin() as session:
            for day in range(58):
                for who in range(10 if day < 50 else 60):
                    session.add(
                        Event(
                            id=f"e{day}-{who}",
                            organisation_id=MAIN,
                            source_id="desk",
                            occurred_at=datetime(2026, 5, 11, 3, tzinfo=UTC) + timedelta(days=day),
                            kind="usage",
                            customer_id=f"u{who}",
                        )
                    )
        assert daily.look() == []


class TestOnce:
    def test_looking_again_and_again_raises_no_second_one(self, daily: Daily) -> None:
        wave(daily)
        first = daily.look()
        assert [alarm.id for alarm in daily.look()] == [alarm.id for alarm in first]
        for day, many in days_after(daily.last + timedelta(days=2), 4, 5, 4):
            daily.hear("login", day, many)
            assert [alarm.id for alarm in daily.look()] == [first[0].id]
        [alarm] = daily.alarms()
        assert alarm.contacts == 24, "it takes in what is heard while it is open"

    def test_a_look_that_is_cut_off_leaves_nothing_and_the_next_one_raises_it_once(
        self, daily: Daily
    ) -> None:
        wave(daily)

        class CutOff(Exception):
            pass

        def stop(stage: str, done: int, total: int) -> None:  # noqa: ARG001
            if done == total:
                raise CutOff

        with pytest.raises(CutOff):
            look.run(daily.db, MAIN, progress=stop)
        assert daily.alarms() == []
        assert len(daily.look()) == 1

    @pytest.mark.parametrize("into", ["login", "export"])
    def test_a_look_that_a_run_overtakes_begins_anew_and_tells_of_that_runs_themes(
        self, daily: Daily, into: str
    ) -> None:
        wave(daily)
        overtaken = iter([True])

        def overtake(stage: str, done: int, total: int) -> None:  # noqa: ARG001
            if next(overtaken, False):
                daily.run_again({"login": into})

        assert look.run(daily.db, MAIN, progress=overtake).done == 1
        assert [alarm.theme_id for alarm in daily.alarms()] == [into]

    def test_an_alarm_ends_and_a_new_wave_raises_another(self, daily: Daily) -> None:
        wave(daily)
        daily.look()
        day = daily.last + timedelta(days=2)
        daily.hear_others(day, 14)
        [ended] = daily.look()
        assert (ended.ending, ended.contacts) == ("over", 11)
        daily.hear_others(day + timedelta(days=14), 2)
        for after in (15, 16):
            daily.hear("login", day + timedelta(days=after), 6)
        first, second = daily.look()
        assert (first.id, second.ended_at) == (ended.id, None)

    def test_a_merged_themes_alarm_is_about_what_it_became(self, daily: Daily) -> None:
        wave(daily)
        [alarm] = daily.look()
        with daily.db.begin() as session:
            old = session.get_one(Theme, "login")
            old.retired, old.successor_id = True, "export"
        with daily.db.begin() as session:
            from service.models import Assignment

            for put in session.exec(select(Assignment).where(Assignment.theme_id == "login")):
                put.theme_id = "export"
        daily.hear("export", daily.last + timedelta(days=3), 6)
        [same] = daily.look()
        assert (same.id, same.theme_id, same.contacts) == (alarm.id, "export", 17)

    @pytest.mark.parametrize(("merged", "into"), [("login", "export"), ("export", "login")])
    @pytest.mark.parametrize("earlier", ["login", "export"])
    def test_two_alarms_whose_themes_become_one_are_one(
        self, daily: Daily, merged: str, into: str, earlier: str
    ) -> None:
        wave(daily, "login")
        wave(daily, "export")
        assert len(daily.look()) == 2
        with daily.db.begin() as session:
            for alarm in session.exec(select(Alarm)):
                if alarm.theme_id == earlier:
                    alarm.raised_at -= timedelta(hours=1)
            old = session.get_one(Theme, merged)
            old.retired, old.successor_id = True, into
        for _ in range(2):
            first, second = daily.look()
            assert [(first.theme_id, first.ending), (second.theme_id, second.ending)] == [
                (into, None),
                (into, "merged"),
            ]

    def test_a_theme_with_an_open_alarm_raises_no_other_whatever_is_counted(self, daily: Daily) -> None:
        for day, many in days_after(daily.last, 12, 12):
            daily.hear("login", day, many, customer="the same", text="Cheap watches are sold here, call us")
        [alarm] = daily.look()
        assert alarm.counted == "voices"
        wave(daily, "login", 0, 0, 9, 9)
        assert [each.id for each in daily.look()] == [alarm.id]

    def test_a_wave_that_a_run_puts_into_another_theme_is_told_once(self, daily: Daily) -> None:
        wave(daily)
        daily.look()
        with daily.db.begin() as session:
            from service.models import Assignment

            for put in session.exec(select(Assignment).where(Assignment.theme_id == "login")):
                put.theme_id = "export"
        assert len(daily.look()) == 1


class TestClocks:
    def test_items_of_1970_and_of_years_to_come_neither_raise_nor_hide_anything(self, daily: Daily) -> None:
        daily.hear("export", date(1970, 1, 1), 9)
        daily.hear("export", date(2099, 1, 1), 9)
        daily.hear("export", date.today() + timedelta(days=3), 9)  # noqa: DTZ011
        wave(daily)
        [alarm] = daily.look()
        assert alarm.theme_id == "login"

    def test_a_clock_that_was_ahead_hides_no_wave_and_raises_none_twice(self, daily: Daily) -> None:
        wave(daily)
        [alarm] = daily.look()
        ahead = datetime.now(UTC) + timedelta(days=300)
        with daily.db.begin() as session:
            over = session.get_one(Alarm, alarm.id)
            over.ended_at, over.ending = ahead, "over"
            alarms.note_look(session, MAIN, ahead.date())
        daily.hear("login", daily.last + timedelta(days=3), 6)
        [same] = daily.look()
        assert (same.id, same.ended_at, same.contacts) == (alarm.id, None, 17)
        assert looked_until(daily) == daily.last + timedelta(days=3), "no day is skipped until the clock's"

    def test_an_earlier_evening_changes_no_alarm_that_ended_or_was_raised_later(self, daily: Daily) -> None:
        wave(daily)
        daily.hear_others(daily.last + timedelta(days=2), 14)
        [ended] = daily.look()
        assert ended.ending == "over"
        after = daily.last + timedelta(days=16)
        for day, many in days_after(after, 5, 6):
            daily.hear("export", day, many)
            daily.hear_others(day - timedelta(days=1), 1)
        as_they_are = [each.model_dump() for each in daily.look()]
        assert [each["ended_at"] is None for each in as_they_are] == [False, True]
        for evening in (daily.last, daily.last + timedelta(days=3), after + timedelta(days=1)):
            assert [each.model_dump() for each in daily.look(as_of=evening)] == as_they_are
            assert looked_until(daily) == after + timedelta(days=2)

    def test_an_earlier_evening_leaves_two_alarms_that_are_to_become_one_to_the_look_at_today(
        self, daily: Daily
    ) -> None:
        wave(daily, "login")
        for day, many in days_after(daily.last + timedelta(days=2), 5, 6):
            daily.hear("export", day, many)
        first, second = daily.look()
        with daily.db.begin() as session:
            old = session.get_one(Theme, "login")
            old.retired, old.successor_id = True, "export"
        daily.look(as_of=daily.last + timedelta(days=2))
        assert [each.ending for each in daily.alarms()] == [None, None]
        assert [(each.id, each.ending) for each in daily.look()] == [(first.id, None), (second.id, "merged")]

    def test_the_days_are_those_of_the_organisation(self, daily: Daily) -> None:
        heard = wave(daily)
        [alarm] = daily.look()
        first = alarm.days[-2]
        assert (first["day"], first["contacts"]) == ((daily.last + timedelta(days=1)).isoformat(), 5)
        assert len(heard) == 11

    def test_day_after_day_looked_at_as_of_its_evening_gives_the_same_rows_each_time(
        self, daily: Daily, tmp_path: Path
    ) -> None:
        wave(daily, "login", 2, 5, 6, 1)
        told = []
        for _ in range(2):
            for after in range(-3, 5):
                daily.look(as_of=daily.last + timedelta(days=after))
            told.append(exported(daily.db, tmp_path))
            daily.forget()
        assert told[0] == told[1] != []
        assert told[0][0]["raised_at"].startswith((daily.last + timedelta(days=2)).isoformat())


class TestQuiet:
    def test_a_quiet_theme_raises_nothing_until_it_is_let_again(self, daily: Daily) -> None:
        with daily.db.begin() as session:
            alarms.mute(session, MAIN, "login", until=None, by="Aki")
        wave(daily)
        assert daily.look() == []
        with daily.db.begin() as session:
            alarms.unmute(session, MAIN, "login")
        assert [alarm.theme_id for alarm in daily.look()] == ["login"]

    def test_quiet_up_to_a_day_it_raises_alarms_after_that_day(self, daily: Daily) -> None:
        with daily.db.begin() as session:
            alarms.mute(session, MAIN, "login", until=daily.last + timedelta(days=2), by="Aki")
        wave(daily)
        assert daily.look() == []
        daily.hear("login", daily.last + timedelta(days=3), 4)
        [alarm] = daily.look()
        assert alarm.contacts == 15

    def test_an_alarm_is_seen_by_whoever_came_first_and_muting_is_seeing(self, daily: Daily) -> None:
        wave(daily)
        [alarm] = daily.look()
        with daily.db.begin() as session:
            deciding.mute(session, MAIN, alarm.id, until=None, by="Aki")
            deciding.acknowledge(session, MAIN, alarm.id, by="Ben")
        with daily.db.begin() as session:
            assert alarms.get(session, MAIN, alarm.id).acknowledged_by == "Aki"
            assert [each.theme.id for each in alarms.quiet_list(session, MAIN)] == ["login"]
            deciding.unmute(session, MAIN, alarm.id)
            assert alarms.quiet_list(session, MAIN) == []
            with pytest.raises(NotFound):
                deciding.acknowledge(session, "north", alarm.id, by="Eve")

    def test_an_alarm_is_read_while_somebody_decides_about_it(self, daily: Daily) -> None:
        wave(daily)
        [alarm] = daily.look()
        with daily.db.begin() as deciding_one:
            alarms.lock(deciding_one, MAIN, alarm.id)
            with daily.db.begin() as session:
                session.execute(text("SET LOCAL lock_timeout = '100ms'"))
                assert alarms.told_of(session, MAIN, alarm.id).alarm.id == alarm.id
                with pytest.raises(OperationalError, match="lock timeout"):
                    alarms.lock(session, MAIN, alarm.id)
                session.rollback()


class TestSpam:
    SOLD = "Very cheap watches sold here for you today only, call our number now {}"

    def test_many_nearly_equal_texts_of_nobody_are_a_wave_of_spam(self, daily: Daily) -> None:
        for day, many in days_after(daily.last, 8, 8):
            for number in range(many):
                daily.hear("login", day, 1, customer=None, text=self.SOLD.format(number))
        assert [alarm.kind for alarm in daily.look()] == ["spam"]

    def test_and_so_are_those_of_one_customer_who_is_one_contact_a_day(self, daily: Daily) -> None:
        for day, many in days_after(daily.last, 12, 12):
            daily.hear("login", day, many, customer="the same", text=self.SOLD)
        [alarm] = daily.look()
        assert (alarm.kind, alarm.counted) == ("spam", "voices")

    def test_what_is_set_aside_as_spam_is_told_of_without_a_theme(self, daily: Daily) -> None:
        for day, many in days_after(daily.last, 9, 9):
            daily.hear(None, day, many, customer=None, set_aside="spam")
            daily.hear("other-1", day, 2)
        [alarm] = daily.look()
        assert (alarm.kind, alarm.theme_id, alarm.contacts) == ("spam", None, 18)
        with daily.db.begin() as session, pytest.raises(Conflict):
            deciding.mute(session, MAIN, alarm.id, until=None, by="Aki")


class TestNews:
    @pytest.fixture(autouse=True)
    def receiver(self, daily: Daily) -> None:
        with daily.db.begin() as session:
            targets.add_target(session, MAIN, "hook", "webhook", {"url": "https://example.com"})
            targets.add_target(session, MAIN, "files", "backlog-file", {"path": "/tmp/x.jsonl"})

    def told(self, daily: Daily) -> list[Delivery]:
        with daily.db.begin() as session:
            return list(session.exec(select(Delivery).order_by(col(Delivery.id))))

    def test_whoever_hears_of_alarms_is_told_once_and_as_it_was(self, daily: Daily) -> None:
        wave(daily)
        [alarm] = daily.look()
        daily.hear("login", daily.last + timedelta(days=3), 6)
        daily.look()
        [delivery] = self.told(daily)
        assert (delivery.event, delivery.subject_id, delivery.suggestion_id) == (
            "alarm.raised",
            alarm.id,
            None,
        )
        assert delivery.payload is not None
        assert delivery.payload["data"]["contacts"] == 11
        assert delivery.payload["data"]["onset"].endswith("+09:00")

    def test_nobody_is_told_of_what_is_over_or_of_an_earlier_day(self, daily: Daily) -> None:
        wave(daily)
        daily.look(as_of=daily.last + timedelta(days=2))
        assert self.told(daily) == []
        daily.forget()
        daily.hear_others(daily.last + timedelta(days=2), 12)
        [alarm] = daily.look()
        assert alarm.ending == "over"
        assert self.told(daily) == []


def test_the_database_takes_no_second_open_alarm_about_a_theme(daily: Daily) -> None:
    wave(daily)
    [alarm] = daily.look()
    twin = Alarm(**{**alarm.model_dump(exclude={"changed_at"}), "id": "twin"})
    with pytest.raises(Exception, match="alarm_open"), daily.db.begin() as session:
        session.add(twin)
