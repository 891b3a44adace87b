"""The pages of the measures to steer by: every number opens, and what is not known says why."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from service.db import Database
from service.models import MAIN
from service.pipeline import steer
from service.rules.steering.catalogue import MEASURES
from tests.access import a_token, an_organisation, by
from tests.callers import Server
from tests.integration.test_steering import MARCH, TODAY, Firm

LANGUAGES = ("en", "ja")
LATER = datetime(2026, 6, 30, 3, tzinfo=UTC)


@pytest.fixture
def firm(db: Database) -> Firm:
    return Firm(db)


@pytest.fixture
def spring(firm: Firm) -> Firm:
    """Six contacts of three customers of an account, answered after two hours, one after the other."""
    for number in range(6):
        at = MARCH + number * timedelta(days=1)
        firm.say(
            f"a{number}",
            customer_id=f"c{number % 3}",
            created_at=at,
            replied_at=at + timedelta(hours=2 + number),
            status="solved",
            account_id="A",
        )
        firm.event("usage", MARCH, account_id="A")
    firm.say("first", created_at=MARCH - timedelta(days=70))
    firm.say("last", created_at=LATER)
    firm.group([[f"a{number}" for number in range(6)]], unthemed=["first", "last"])
    firm.take()
    firm.account("A", plan="S<script>")
    firm.reckon()
    return firm


Read = Callable[..., str]


@pytest.fixture
def page(server: Server) -> Read:
    """Reads a page as somebody of the organisation does."""
    headers = by(a_token(server.db))

    def read(path: str, lang: str = "en", *, status: int = 200) -> str:
        answer = server.client.get(path, headers=headers | {"Accept-Language": lang})
        assert answer.status_code == status, path
        return answer.text

    return read


@pytest.mark.usefixtures("spring")
class TestTheList:
    def test_it_says_how_many_are_clearly_better_and_every_number_opens(self, page: Read) -> None:
        for lang, words in (
            ("en", "No measure can be held against"),
            ("ja", "前の期間と比べられる指標はまだ"),
        ):
            text = page("/measures?month=2026-03", lang)
            assert words in text
            opens = re.findall(r'<a class="open" href="([^"]+)"', text)
            assert len(opens) >= 4
            for address in opens:
                page(address.replace("&amp;", "&").partition("#")[0], lang)

    def test_the_contacts_open_to_the_very_voices(self, page: Read) -> None:
        text = page("/measures?month=2026-03")
        (address,) = re.findall(r'href="(/items\?[^"]+)">600 per 100 accounts', text)
        voices = page(address.replace("&amp;", "&"))
        assert "6 voices fit." in voices

    def test_a_slice_opens_to_its_own_voices(self, spring: Firm, page: Read) -> None:
        spring.say("z", created_at=MARCH, customer_id="c9")
        spring.reckon()
        text = page("/measures?month=2026-03&of=plan%3AS%3Cscript%3E")
        assert "<script>" not in text.replace('<script src="/static/koe.js" type="module">', "")
        (address,) = re.findall(r'href="(/items\?[^"]+)">600 per 100 accounts', text)
        assert "6 voices fit." in page(address.replace("&amp;", "&"))

    def test_what_cannot_be_asked_is_refused(self, page: Read) -> None:
        for path, status in (
            ("/measures?month=May", 422),
            ("/measures?month=2020-01", 422),
            ("/measures?of=plan%3Anone", 404),
            ("/measures/none", 404),
            ("/measures?every=day", 422),
            ("/items?of=colour%3Ared", 404),
        ):
            page(path, status=status)


class TestNothingYet:
    @pytest.mark.parametrize("lang", LANGUAGES)
    def test_an_empty_home_says_what_to_do_first(self, page: Read, lang: str) -> None:
        for path in ("/measures", "/measures/retention"):
            assert "<code>koe import" in page(path, lang)

    def test_voices_that_were_not_measured_yet_say_so(self, firm: Firm, page: Read) -> None:
        firm.say("a", created_at=MARCH)
        text = page("/measures")
        assert "Nothing has been measured yet" in text
        assert "koe import" not in text


@pytest.mark.usefixtures("spring")
class TestOneMeasure:
    def test_each_tells_its_number_its_course_and_what_it_leaves_out(self, page: Read) -> None:
        for lang in LANGUAGES:
            for measure in MEASURES:
                text = page(f"/measures/{measure.name}?month=2026-03", lang)
                assert text.count('class="answer"') == 1
                assert 'id="behind"' in text

    def test_repeat_inquiries_name_who_came_back_and_when(self, page: Read) -> None:
        text = page("/measures/repeat_rate?month=2026-03")
        assert "3 of 6 contacts were followed by another." in text
        assert len(re.findall(r'href="/items\?customer=c\d&amp;theme=', text)) == 3

    def test_the_longest_waits_come_first(self, page: Read) -> None:
        text = page("/measures/first_answer?month=2026-03")
        waits = re.findall(r'data-label="Answered after">([^<]+)<', text)
        assert waits == ["7 hours", "6 hours", "5 hours", "4 hours", "3 hours", "2 hours"]

    def test_weeks_can_be_looked_at(self, page: Read) -> None:
        text = page("/measures/contact_rate?every=week")
        assert "Week of 9 March 2026" in text

    def test_what_is_another_organisations_is_in_none(self, spring: Firm, server: Server) -> None:
        north = by(a_token(spring.db, "read", organisation_id=an_organisation(spring.db, "north")))
        for path in ("/measures", "/measures/repeat_rate", "/measures/retention"):
            text = server.client.get(path, headers=north).text
            assert "koe import" in text
            assert "c1" not in text


def test_2_000_themes_and_accounts_make_no_long_page(firm: Firm, page: Read) -> None:
    for number in range(30):
        firm.account(f"A{number:02}", name=f"Account {number}", started_at=MARCH - timedelta(days=900))
        firm.say(f"v{number}", created_at=MARCH - timedelta(days=40), account_id=f"A{number:02}")
    firm.say("last", created_at=LATER)
    firm.group([[f"v{number}" for number in range(30)]], unthemed=["last"])
    theme = firm.take()["v0"]
    firm.solve(theme, MARCH - timedelta(days=20))
    firm.event("churn", MARCH, account_id="A29")
    firm.reckon()
    text = page("/measures/retention?month=2026-02")
    assert "29 of 30 accounts whose theme was solved." in text
    assert text.count("Account ") >= 30


def test_the_demo_tells_them_too(demo_pages: httpx.Client) -> None:
    text = demo_pages.get("/measures").text
    assert text.count('<tr class="row"') == len(MEASURES)
    assert 'aria-current="page"' in text


def test_reckoning_does_not_touch_another_organisation(firm: Firm) -> None:
    an_organisation(firm.db, "north")
    firm.say("a", created_at=MARCH)
    firm.reckon()
    assert steer.run(firm.db, "north", today=TODAY).done == 0
    assert firm.measured()["contact_rate"]["reason"] is not None
    assert steer.run(firm.db, MAIN, today=TODAY).done == len(MEASURES)
