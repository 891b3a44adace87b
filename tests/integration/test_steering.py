"""The measures to steer by: reckoned from what is stored, told by commands and the API, kept apart."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from sqlmodel import select

from service.db import Database
from service.models import (
    MAIN,
    Account,
    Event,
    Intervention,
    MeasureCase,
    MeasureSeries,
    Message,
    Search,
    Suggestion,
    Theme,
)
from service.models.columns import digest
from service.pipeline import steer, steered
from service.rules.steering.catalogue import MEASURES
from tests.access import a_token, an_organisation, by
from tests.callers import Server
from tests.cli import Koe
from tests.integration.test_themes import World

TODAY = date(2026, 6, 30)
MARCH = datetime(2026, 3, 10, 3, tzinfo=UTC)
"""Noon in Tokyo."""
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@dataclass
class Firm(World):
    """A company whose accounts, usage and solutions are written by hand."""

    happened: int = 0

    def account(self, account_id: str, **more: object) -> None:
        given: dict[str, Any] = {"plan": "S", "revenue": Decimal(100), "currency": "JPY"} | more
        with self.db.begin() as session:
            session.add(Account(id=account_id, organisation_id=MAIN, account_id=account_id, **given))

    def event(self, kind: str, at: datetime, **more: object) -> None:
        self.happened += 1
        given: dict[str, Any] = more
        with self.db.begin() as session:
            session.add(
                Event(
                    id=f"e{self.happened}",
                    organisation_id=MAIN,
                    source_id="s1",
                    occurred_at=at,
                    kind=kind,
                    **given,
                )
            )

    def solve(self, theme: str, at: datetime) -> None:
        with self.db.begin() as session:
            session.add(
                Intervention(
                    id=f"i-{theme}",
                    organisation_id=MAIN,
                    intervention_id=f"fix-{theme}",
                    theme=theme,
                    theme_id=theme,
                    occurred_at=at,
                    kind="fix",
                )
            )

    def reckon(self, today: date = TODAY) -> None:
        steer.run(self.db, MAIN, today=today)

    def measured(self, *, month: str = "2026-03-01", name: str = "") -> dict[str, Mapping[str, Any]]:
        """Every measure of a month, by its name."""
        with self.db.begin() as session:
            board = steered.board(session, MAIN, name=name, month=date.fromisoformat(month))
        assert board
        return {one.measure.name: steered.told(one) for one in board.shown.values()}

    def cases(self, kind: str) -> list[MeasureCase]:
        with self.db.begin() as session:
            query = select(MeasureCase).where(MeasureCase.kind == kind)
            return sorted(session.exec(query), key=lambda one: (one.day, one.key))


@pytest.fixture
def firm(db: Database) -> Firm:
    return Firm(db)


def says(told: Mapping[str, Any]) -> tuple[object, object, object, object]:
    return told["value"], told["numerator"], told["denominator"], told["reason"]


class TestByHand:
    """A spring of which every number is known."""

    @pytest.fixture
    def spring(self, firm: Firm) -> Firm:
        for name, customer, at, more in (
            ("a1", "c1", MARCH, {"account_id": "A", "replied_at": MARCH + HOUR, "status": "solved"}),
            ("a2", "c1", MARCH + 5 * DAY, {"account_id": "A", "resolved_at": MARCH + 5 * DAY + 8 * HOUR}),
            ("a3", "c2", MARCH, {"account_id": "B", "replied_at": MARCH + 3 * HOUR}),
            ("a4", None, MARCH, {"replied_at": MARCH + 5 * HOUR, "status": "open"}),
            ("b1", "c1", MARCH, {"account_id": "A", "channel": "review"}),
            ("x1", "c3", MARCH + DAY, {"team": "north"}),
            ("spam", "c4", MARCH, {"set_aside": "spam"}),
            ("last", "c9", datetime(2026, 6, 30, 3, tzinfo=UTC), {}),
            ("future", "c9", datetime(2026, 7, 2, 3, tzinfo=UTC), {}),
        ):
            firm.say(name, customer_id=customer, created_at=at, **more)
        firm.say("first", created_at=datetime(2026, 1, 5, 3, tzinfo=UTC), channel="interview")
        firm.group([["a1", "a2", "a3", "a4", "b1"]], unthemed=["x1", "last", "future", "first"])
        firm.take()
        for account in ("A", "B", "C", "D"):
            firm.account(account)
            firm.event("usage", MARCH, account_id=account)
        return firm

    def test_contacts_repeats_times_and_efforts(self, spring: Firm) -> None:
        spring.reckon()
        found = spring.measured()
        # a1, a2, a3, a4 about the theme, x1 about none; the review and the spam are no contacts.
        assert says(found["contact_rate"]) == (1.25, 5, 4, None)
        assert found["contact_rate"]["facts"] == {"base": "accounts", "unthemed": 1}
        assert says(found["repeat_rate"]) == (pytest.approx(1 / 3, abs=1e-5), 1, 3, None)
        # 1, 3 and 5 hours, a solution after 8, and one that waits still.
        assert says(found["first_answer"]) == (5.0, 4, 5, None)
        # One is solved and three wait; one is closed and nobody knows when.
        assert says(found["solution"]) == (None, 1, 4, "under_half")
        assert found["solution"]["left_out"] == 1
        assert says(found["customer_effort"]) == (2.0, 2, 1, None)
        assert found["customer_effort"]["left_out"] == 1
        assert says(found["answered_themes"]) == (0.0, 0, 1, None)
        assert [(one.key, one.facts["again"]) for one in spring.cases("repeat")] == [
            (digest(MAIN, "item", "a1"), "2026-03-15")
        ]
        assert [one.facts["contacts"] for one in spring.cases("effort")] == [2]

    def test_what_is_dated_after_today_waits_for_its_day(self, spring: Firm) -> None:
        spring.reckon()
        with spring.db.begin() as session:
            kept = session.exec(select(MeasureSeries)).first()
            assert kept
            assert (kept.until, kept.later) == (TODAY, 1)
        spring.reckon(date(2026, 7, 10))
        with spring.db.begin() as session:
            assert {one.until for one in session.exec(select(MeasureSeries))} == {date(2026, 7, 2)}

    def test_a_message_of_an_agent_is_an_answer_too(self, spring: Firm) -> None:
        with spring.db.begin() as session:
            for position, (role, minutes) in enumerate((("bot", 1), ("agent", 30), ("agent", 90))):
                session.add(
                    Message(
                        id=f"m{position}",
                        organisation_id=MAIN,
                        item_id=digest(MAIN, "item", "x1"),
                        position=position,
                        author_role=role,
                        created_at=MARCH + DAY + timedelta(minutes=minutes),
                    )
                )
        spring.reckon()
        assert spring.measured()["first_answer"]["value"] == 3.0

    def test_who_asks_again_in_a_resolved_item_has_reached_out_again(self, spring: Firm) -> None:
        with spring.db.begin() as session:
            session.add(
                Message(
                    id="m",
                    organisation_id=MAIN,
                    item_id=digest(MAIN, "item", "a2"),
                    position=0,
                    created_at=MARCH + 9 * DAY,
                    reopens=True,
                )
            )
        spring.reckon()
        found = spring.measured()
        assert found["contact_rate"]["numerator"] == 6
        assert says(found["repeat_rate"])[1:3] == (2, 4)

    def test_a_theme_of_no_interest_is_in_no_number(self, spring: Firm) -> None:
        with spring.db.begin() as session:
            theme = session.exec(select(Theme)).one()
            theme.ignored = True
        spring.reckon()
        found = spring.measured()
        assert found["contact_rate"]["numerator"] == 1
        assert found["answered_themes"]["reason"] == "no_theme"

    def test_a_written_decision_not_to_act_is_an_answer(self, spring: Firm) -> None:
        with spring.db.begin() as session:
            theme = session.exec(select(Theme.id)).one()
            session.add(
                Suggestion(
                    id="s",
                    organisation_id=MAIN,
                    theme_id=theme,
                    action="fix_product",
                    lang="en",
                    confidence=1.0,
                    status="dismissed",
                    decided_at=MARCH + 60 * DAY,
                    decision_reason="no",
                )
            )
        spring.reckon()
        assert says(spring.measured()["answered_themes"])[:3] == (1.0, 1, 1)
        (theme_case,) = spring.cases("theme")
        assert (theme_case.facts["by"], theme_case.day) == ("decision", date(2026, 3, 10))

    def test_each_slice_is_measured_by_itself(self, spring: Firm) -> None:
        spring.reckon()
        assert spring.measured(name="plan:S")["contact_rate"]["numerator"] == 3
        north = spring.measured(name="team:north")
        assert says(north["contact_rate"]) == (0.25, 1, 4, None)
        assert north["retention"]["reason"] == "not_by_slice"

    def test_looking_into_the_help_centre_without_asking_is_self_service(self, spring: Firm) -> None:
        spring.event("article_view", MARCH + DAY, customer_id="c7", article="a")
        spring.event("article_view", MARCH + DAY, customer_id="c7", article="b")
        spring.event("article_view", MARCH - DAY, customer_id="c1", article="b")
        with spring.db.begin() as session:
            for number, (customer, results, clicked) in enumerate(
                (("c8", 3, True), ("c5", 0, None), ("c6", 3, False), (None, 5, True))
            ):
                session.add(
                    Search(
                        id=f"q{number}",
                        organisation_id=MAIN,
                        source_id="s1",
                        searched_at=MARCH + 2 * DAY,
                        query="?",
                        content_hash="?",
                        results=results,
                        clicked=clicked,
                        customer_id=customer,
                    )
                )
        spring.reckon()
        # c7 and c8 helped themselves; c1, c2 and c3 asked.
        assert says(spring.measured()["self_service"])[:3] == (0.4, 2, 5)

    def test_views_of_nobody_known_are_no_self_service(self, spring: Firm) -> None:
        spring.event("article_view", MARCH, article="a")
        spring.reckon()
        assert says(spring.measured()["self_service"]) == (None, None, None, "unknown_looks")


class TestAccounts:
    @pytest.fixture
    def solved(self, firm: Firm) -> Firm:
        """Two accounts whose theme was solved in February, and two others, with what became of them."""
        start = datetime(2026, 1, 5, 3, tzinfo=UTC)
        for name, account in (("a1", "A"), ("a2", "B"), ("b1", "C"), ("b2", "D")):
            firm.say(name, created_at=start, customer_id=f"c-{account}", account_id=account)
        firm.say("last", created_at=datetime(2026, 6, 30, 3, tzinfo=UTC))
        firm.group([["a1", "a2"], ["b1", "b2"]], unthemed=["last"])
        theme = firm.take()["a1"]
        firm.solve(theme, start + 30 * DAY)
        ended = datetime(2026, 4, 20, tzinfo=UTC)
        firm.account("A", started_at=start)
        firm.account("B", started_at=start - 900 * DAY, revenue=Decimal(50), currency="USD")
        firm.account("C", started_at=start - 900 * DAY)
        firm.account("D", started_at=start - 900 * DAY, ended_at=ended)
        firm.event("renewal", start - 30 * DAY, account_id="C")
        firm.event("renewal", MARCH, account_id="A", amount=Decimal(100))
        firm.event("contraction", ended, account_id="B", amount=Decimal(50))
        firm.event("expansion", MARCH, account_id="A", amount=Decimal(20))
        return firm

    def test_what_they_kept_stands_beside_what_the_others_did(self, solved: Firm) -> None:
        solved.reckon()
        found = solved.measured()
        assert says(found["retention"])[:3] == (1.0, 2, 2)
        facts = found["retention"]["facts"]
        assert (facts["others"], facts["others_kept"]) == (2, 1)
        assert facts["difference"]["value"] == pytest.approx(0.5)
        assert found["revenue_kept"]["value"] == 0.75
        money = found["revenue_kept"]["facts"]["money"]
        assert (money["USD"]["solved"], money["USD"]["solved_kept"]) == (100, 50)
        assert found["usage_kept"]["reason"] == "no_usage"
        behind = [one for one in solved.cases("account") if one.day == date(2026, 3, 1)]
        assert [(one.key, one.facts["retention"], len(one.facts["themes"])) for one in behind] == [
            ("A", 1.0, 1),
            ("B", 1.0, 1),
            ("C", 1.0, 0),
            ("D", 0.0, 0),
        ]

    def test_the_three_numbers_name_their_accounts(self, solved: Firm) -> None:
        solved.reckon()
        with solved.db.begin() as session:
            board = steered.board(session, MAIN)
        assert board
        first, shrinkage, growth = (
            board.shown[name].now.reading for name in ("first_deals_kept", "shrinkage_avoided", "growth_won")
        )
        assert (first.value, first.facts["money"]) == (1, {"JPY": 100.0})
        assert (shrinkage.value, shrinkage.reason) == (None, "none_decided")
        assert (growth.value, growth.facts["money"]) == (1, {"JPY": 20.0})
        assert [one.key for one in solved.cases("first_deals_kept")] == ["A"]
        assert [one.key for one in solved.cases("growth_won")] == ["A"]


class TestAnInternalHelpDesk:
    def test_what_needs_accounts_says_so_and_the_rest_works(self, firm: Firm) -> None:
        for number in range(6):
            firm.say(
                f"a{number}",
                customer_id=f"employee-{number % 4}",
                created_at=MARCH + number * DAY,
                replied_at=MARCH + number * DAY + 2 * HOUR,
                status="solved",
                team="payroll",
            )
            firm.event("usage", MARCH, customer_id=f"employee-{number}")
        firm.say("first", created_at=MARCH - 60 * DAY)
        firm.say("last", created_at=datetime(2026, 6, 30, 3, tzinfo=UTC))
        firm.group([[f"a{number}" for number in range(6)]], unthemed=["first", "last"])
        firm.take()
        firm.reckon()
        found = firm.measured()
        assert says(found["contact_rate"]) == (1.0, 6, 6, None)
        assert found["contact_rate"]["facts"]["base"] == "customers"
        assert says(found["repeat_rate"])[1:3] == (2, 6)
        assert found["first_answer"]["value"] == 2.0
        assert found["customer_effort"]["value"] == 1.5
        assert firm.measured(name="team:payroll")["contact_rate"]["numerator"] == 6
        for name in ("retention", "usage_kept", "revenue_kept", "first_deals_kept", "growth_won"):
            assert says(found[name]) == (None, None, None, "no_accounts")
            assert "employees" in found[name]["why"]


class TestNothingAndLittle:
    def test_where_nobody_was_heard_nothing_is_reckoned(self, firm: Firm) -> None:
        firm.reckon()
        with firm.db.begin() as session:
            assert steered.board(session, MAIN) is None

    def test_one_item_is_enough_for_every_measure_to_say_something(self, firm: Firm) -> None:
        firm.say("a", created_at=MARCH)
        firm.reckon()
        with firm.db.begin() as session:
            board = steered.board(session, MAIN)
        assert board
        assert list(board.shown) == [measure.name for measure in MEASURES]
        for one in board.shown.values():
            assert one.now.reading.value is None
            assert one.now.reading.reason is not None

    def test_only_what_lies_in_the_future_is_nothing_yet(self, firm: Firm) -> None:
        firm.say("a", created_at=MARCH)
        firm.reckon(date(2026, 3, 1))
        with firm.db.begin() as session:
            assert steered.board(session, MAIN) is None

    def test_an_item_of_1970_stretches_no_series(self, firm: Firm) -> None:
        firm.say("old", created_at=datetime(1970, 1, 1, tzinfo=UTC))
        for number in range(5):
            firm.say(f"a{number}", created_at=MARCH + number * DAY)
        firm.reckon()
        with firm.db.begin() as session:
            board = steered.board(session, MAIN)
        assert board
        assert board.first == date(2026, 3, 10)

    def test_reckoning_twice_changes_nothing(self, firm: Firm) -> None:
        firm.say("a", created_at=MARCH)
        firm.reckon()
        with firm.db.begin() as session:
            before = [one.model_dump() for one in session.exec(select(MeasureSeries))]
        firm.reckon()
        with firm.db.begin() as session:
            assert [one.model_dump() for one in session.exec(select(MeasureSeries))] == before


class TestTold:
    def test_the_demo_has_them_all(self, demo_pages: httpx.Client) -> None:
        told = demo_pages.get("/api/v1/measures").json()
        assert [one["measure"] for one in told["data"]] == [measure.name for measure in MEASURES]
        for one in told["data"]:
            assert (one["value"] is None) == (one["reason"] is not None)
            assert (one["why"] is None) == (one["reason"] is None)
        assert "plan:Standard" in told["slices"]
        month = told["until"][:7]
        for query in (f"month={month}", "every=week", "plan=Standard", f"month={month}&plan=Standard"):
            assert demo_pages.get(f"/api/v1/measures?{query}").status_code == 200

    @pytest.mark.parametrize(
        ("query", "status"),
        [
            ("month=May", 422),
            ("month=1999-01", 422),
            ("plan=Standard&segment=clinic", 422),
            ("plan=none", 404),
            ("every=day", 422),
            ("year=2026", 422),
        ],
    )
    def test_what_cannot_be_asked_is_told(self, demo_pages: httpx.Client, query: str, status: int) -> None:
        answer = demo_pages.get(f"/api/v1/measures?{query}")
        assert answer.status_code == status
        assert answer.json()["detail"]

    def test_another_organisation_sees_its_own(self, firm: Firm, server: Server) -> None:
        firm.say("a", created_at=MARCH)
        firm.reckon()
        ours = server.client.get("/api/v1/measures", headers=by(a_token(firm.db))).json()
        assert len(ours["data"]) == len(MEASURES)
        north = by(a_token(firm.db, "read", organisation_id=an_organisation(firm.db, "north")))
        told = server.client.get("/api/v1/measures", headers=north).json()
        assert told == {"first": None, "until": None, "slice": "", "slices": [], "data": []}

    def test_the_command_lists_them(self, koe: Koe, firm: Firm) -> None:
        assert "Nothing has been measured yet" in koe("measures").out
        firm.say("a", created_at=MARCH)
        firm.reckon()
        told = json.loads(koe("measures", "--json").out)
        assert [one["measure"] for one in told] == [measure.name for measure in MEASURES]
        shown = koe("measures", "--month", "2026-03").out
        assert "contact_rate: No usage and no accounts were given" in shown
        assert (koe("measures", "--month", "03/2026").status, koe("measures", "--plan", "x").status) == (2, 1)
        assert koe("measures", "--plan", "x", "--team", "y").status == 2
