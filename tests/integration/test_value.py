"""What themes are worth: weighed from what is stored, shown with what it rests on, ranked as was wished."""

import json
import re
from datetime import datetime, timedelta
from decimal import Decimal

import httpx
import pytest
from sqlalchemy import event
from sqlmodel import select

from service.db import Database
from service.models import MAIN, Account, Event, Source, Theme, Value
from service.pipeline import value as value_stage
from service.repositories import values
from service.rules.value import COUNTED
from service.rules.weights import DEFAULTS
from tests.access import OURS, a_token, an_organisation, by
from tests.callers import Server
from tests.cli import Koe
from tests.desk import Desk
from tests.integration.test_themes import START


def stored(db: Database) -> dict[str, Value]:
    with db.begin() as session:
        return values.of(session, MAIN)


def term(value: Value, name: str) -> dict[str, object]:
    (found,) = [each for each in value.terms if each["term"] == name]
    return found


class TestTheDemo:
    def test_every_theme_is_ranked_and_its_sum_is_that_of_its_terms(self, demo_db: Database) -> None:
        found = stored(demo_db)
        with demo_db.begin() as session:
            assert set(found) == set(values.weighable(session, MAIN))
        assert sorted(value.rank for value in found.values()) == list(range(1, len(found) + 1))
        for value in found.values():
            points = [each["points"] or 0 for each in value.terms]
            assert value.worth == pytest.approx(sum(points), abs=0.01)
            assert value.low <= value.worth <= value.high
            assert value.rank_low <= value.rank <= value.rank_high

    def test_the_list_has_the_ranks_and_each_number_opens_to_who_adds_it(
        self, demo_db: Database, demo_pages: httpx.Client
    ) -> None:
        ranked = [v.theme_id for v in sorted(stored(demo_db).values(), key=lambda value: value.rank)]
        listed = re.findall(r'class="title"[^>]*><a href="/themes/([^"]+)"', demo_pages.get("/themes").text)
        assert listed == ranked[: len(listed)]
        page = demo_pages.get(f"/themes/{ranked[0]}").text
        for address in set(re.findall(rf'href="(/themes/{ranked[0]}/value|/items\?[^"]*since=[^"]*)', page)):
            assert demo_pages.get(address.replace("&amp;", "&")).status_code == 200

    def test_who_adds_how_much_adds_up_to_the_sum(self, demo_db: Database) -> None:
        with demo_db.begin() as session:
            best = session.exec(select(Value).order_by("rank")).first()
            assert best
            theme = session.get(Theme, best.theme_id)
            assert theme
            opened = value_stage.opened(session, theme)
            assert opened
            assert opened.worth.worth.value == pytest.approx(best.worth, abs=0.001)
            for place, name in enumerate(COUNTED):
                added = sum(party.parts[place] for party in opened.worth.raised.parties) + sum(
                    party.parts[place] * opened.worth.raised.damping for party in opened.worth.raised.unknown
                )
                assert term(best, name)["points"] == pytest.approx(added, abs=0.001)

    def test_the_export_and_the_api_tell_the_sum(self, demo_db: Database, demo_pages: httpx.Client) -> None:
        best = min(stored(demo_db).values(), key=lambda value: value.rank)
        told = demo_pages.get(f"/api/v1/themes/{best.theme_id}").json()["priority"]
        assert (told["worth"], told["rank"], told["until"]) == (best.worth, 1, best.until.isoformat())
        assert [each["term"] for each in told["terms"]] == [each["term"] for each in best.terms]
        with demo_db.begin() as session:
            part = session.exec(select(Theme.id).where(Theme.parent_id != None)).first()  # noqa: E711
        told = demo_pages.get(f"/api/v1/themes/{part}").json()["priority"]
        assert (told["worth"], told["rank"], told["terms"]) == (None, None, [])


class TestWithoutAccountsRevenueAndCosts:
    @pytest.fixture
    def plain(self, desk: Desk) -> Desk:
        value_stage.run(desk.db, MAIN)
        return desk

    def test_what_more_people_said_comes_first(self, plain: Desk, login: str, invoices: str) -> None:
        found = stored(plain.db)
        assert (found[login].rank, found[invoices].rank) == (1, 2)

    def test_the_pages_say_what_is_unknown_in_both_languages(
        self, plain: Desk, server: Server, login: str
    ) -> None:
        headers = by(a_token(plain.db))
        for lang, words in (
            ("en", ("Revenue unknown", "it is not known which customers spoke", "costs is unknown")),
            ("ja", ("契約額は不明", "どの顧客の声か分かりません", "費用は不明")),
        ):
            page = server.client.get(f"/themes/{login}", headers=headers | {"Accept-Language": lang}).text
            assert [word for word in words if word not in page] == []
        for name in ("revenue", "repeats", "outcome", "effort"):
            told = term(stored(plain.db)[login], name)
            assert (told["points"], told["low"], told["high"]) == (None, None, None)

    def test_an_organisation_in_which_nobody_was_heard_has_none(self, db: Database) -> None:
        assert value_stage.run(db, MAIN).done == 0
        assert stored(db) == {}


class TestAccounts:
    def test_an_account_that_raised_it_and_left_is_held_against_comparable_ones(
        self, desk: Desk, login: str
    ) -> None:
        with desk.db.begin() as session:
            source = session.exec(select(Source)).first()
            assert source
            for number in range(8):
                account = Account(
                    id=f"a{number}",
                    organisation_id=MAIN,
                    account_id=f"A{number}",
                    plan="S",
                    revenue=Decimal(-5 if number == 7 else 100),
                    currency="USD" if number == 6 else "JPY",
                )
                session.add(account)
            for number in (0, 1, 4):
                churn = Event(
                    id=f"e{number}",
                    organisation_id=MAIN,
                    source_id=source.id,
                    occurred_at=START + timedelta(days=50),
                    kind="churn",
                    account_id=f"A{number}",
                )
                session.add(churn)
        for number in range(4):
            hear(desk, f"a-{number}", login, customer_id=f"c{number}", account_id=f"A{number}")
        hear(desk, "late", login, created_at=START + timedelta(days=90))
        value_stage.run(desk.db, MAIN)
        told = term(stored(desk.db)[login], "outcome")
        facts = told["facts"]
        assert isinstance(facts, dict)
        churned = facts["measures"]["churn"]
        # One of the others has a revenue that cannot be, and so no company.
        assert [churned[name] for name in ("raised", "raised_met", "others", "others_met")] == [4, 2, 3, 1]
        assert told["points"] == pytest.approx(2 - 4 * 3 / 7, abs=0.001)
        assert churned["low"] < 0 < churned["high"]
        revenue = term(stored(desk.db)[login], "revenue")["facts"]
        assert isinstance(revenue, dict)
        assert (revenue["known"], revenue["amounts"]) == (4, {"JPY": 400.0})


def hear(
    desk: Desk,
    name: str,
    theme: str,
    *,
    created_at: datetime = START,
    customer_id: str | None = None,
    account_id: str | None = None,
) -> None:
    """Store a ticket, and let a person put it into a theme."""
    desk.say(
        name, f"Cannot log in {name}", created_at=created_at, customer_id=customer_id, account_id=account_id
    )
    desk.correct("move", theme, spans=[name])


class TestWeights:
    def test_administrators_set_them_and_all_is_ranked_anew(
        self, desk: Desk, server: Server, login: str
    ) -> None:
        value_stage.run(desk.db, MAIN)
        before = stored(desk.db)[login].worth
        admin = by(a_token(desk.db, "admin")) | OURS
        done = server.client.post("/value", headers=admin, data={"customers": "3"})
        assert (done.status_code, done.headers["location"]) == (303, "/value?saved=1")
        assert stored(desk.db)[login].worth > before
        assert "a program" in server.client.get("/value", headers=admin).text

    def test_nobody_else_does(self, desk: Desk, server: Server) -> None:
        writer = by(a_token(desk.db, "write")) | OURS
        assert server.client.post("/value", headers=writer, data={"customers": "3"}).status_code == 403
        assert '<form class="narrow"' not in server.client.get("/value", headers=writer).text
        with desk.db.begin() as session:
            assert values.weighting(session, MAIN) == DEFAULTS

    def test_what_cannot_be_is_told_beside_its_field_and_changes_nothing(
        self, desk: Desk, server: Server
    ) -> None:
        admin = by(a_token(desk.db, "admin")) | OURS
        refused = server.client.post(
            "/value", headers=admin, data={"cost_call": "-5", "currency": "JPY", "repeats": "2"}
        )
        assert refused.status_code == 422
        assert re.search(r'name="cost_call"[^>]*value="-5"[^>]*aria-invalid="true"', refused.text)
        with desk.db.begin() as session:
            assert values.weighting(session, MAIN) == DEFAULTS

    @pytest.mark.parametrize(
        ("given", "english", "japanese"),
        [
            ({"customers": "many"}, "“Customers” is a number from 0 to 1,000.", "0から1,000までの数です"),
            ({"window_days": "3"}, "is a whole number from 28 to 3,660.", "28から3,660までの整数です"),
            ({"cost_call": "-5"}, "a number above 0", "0より大きい数です"),
            ({"currency": "yen!"}, "three letters", "3文字です"),
            ({"cost_call": "5"}, "Say in which currency", "費用の通貨"),
            ({"counted": "nobody"}, "choose one of what is offered", "選択肢から選んでください"),
        ],
    )
    def test_what_cannot_be_is_told_in_the_readers_language(
        self, desk: Desk, server: Server, given: dict[str, str], english: str, japanese: str
    ) -> None:
        admin = by(a_token(desk.db, "admin")) | OURS
        for lang, said in (("en", english), ("ja", japanese)):
            reader = admin | {"Accept-Language": lang}
            refused = server.client.post("/value", headers=reader, data=given)
            assert refused.status_code == 422
            assert said in refused.text

    def test_they_are_the_organisations_own(self, desk: Desk, server: Server) -> None:
        north = by(a_token(desk.db, "admin", organisation_id=an_organisation(desk.db, "north"))) | OURS
        assert server.client.post("/value", headers=north, data={"customers": "3"}).status_code == 303
        with desk.db.begin() as session:
            assert values.weighting(session, MAIN) == DEFAULTS
            assert values.weighting(session, "north").customers == 3

    def test_commands_set_show_and_list_them(self, koe: Koe, login: str) -> None:
        assert koe("value", "set", "repeats=2", "cost_call=1500", "currency=JPY").status == 0
        written = json.loads(koe("value", "weights", "--json").out)
        assert (written["repeats"], written["cost_call"], written["currency"]) == ("2", "1500", "JPY")
        told = json.loads(koe("value", "effort", login, "0.5", "--json").out)
        assert (told["effort_days"], told["rank"]) == (0.5, 1)
        listed = json.loads(koe("value", "list", "--json").out)
        assert [each["rank"] for each in listed] == [1, 2]
        assert listed[0]["terms"][-1]["points"] == -0.25
        refused = koe("value", "set", "repeats=much")
        assert (refused.status, "repeats is a number" in refused.err) == (2, True)
        assert koe("value", "effort", login, "unknown").status == 0


class TestEffort:
    def test_whoever_may_decide_gives_it_and_takes_it_back(
        self, desk: Desk, server: Server, login: str
    ) -> None:
        value_stage.run(desk.db, MAIN)
        before = stored(desk.db)[login].worth
        writer = by(a_token(desk.db, "write")) | OURS
        there = f"/themes/{login}/effort"
        assert server.client.post(there, headers=writer, data={"days": "2.5"}).status_code == 303
        assert stored(desk.db)[login].worth == pytest.approx(before - 1.25)
        assert server.client.post(there, headers=writer, data={"days": "soon"}).status_code == 422
        assert server.client.post(there, headers=writer, data={"days": ""}).status_code == 303
        assert stored(desk.db)[login].worth == before


def test_a_theme_that_is_of_no_interest_is_not_weighed(desk: Desk, login: str, invoices: str) -> None:
    desk.correct("ignore", login)
    value_stage.run(desk.db, MAIN)
    assert list(stored(desk.db)) == [invoices]


def test_however_many_themes_there_are_the_database_is_asked_as_often(desk: Desk, invoices: str) -> None:
    def asked() -> int:
        statements = []
        engine = desk.db.engine
        listener = lambda *told: statements.append(told[2])  # noqa: E731
        event.listen(engine, "before_cursor_execute", listener)
        value_stage.run(desk.db, MAIN)
        event.remove(engine, "before_cursor_execute", listener)
        return len(statements)

    before = asked()
    for number in range(5):
        desk.correct("split", invoices, spans=[f"b{number:02d}"], title=f"Part {number}")
    assert len(stored(desk.db)) == 2
    assert asked() == before
    assert len(stored(desk.db)) == 7
