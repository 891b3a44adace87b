"""The loop board: each theme once, in its stage, with its owner and the decisions not to act."""

import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlmodel import col, select

from service.app import create_app
from service.config import Settings
from service.db import Database
from service.models import MAIN, Owner, Suggestion, Theme
from service.models.theme import STAGES
from service.pipeline import decide
from tests.access import OURS, PASSWORD, a_person, an_organisation, sign_in
from tests.integration.conftest import Reader
from tests.live import serving


def an_open_suggestion(db: Database) -> Suggestion:
    with db.begin() as session:
        session.expire_on_commit = False
        query = select(Suggestion).join(Theme, col(Theme.id) == col(Suggestion.theme_id))
        query = query.where(Suggestion.status == "open", ~col(Theme.retired), Theme.stage == "understood")
        return session.exec(query.order_by(Suggestion.id)).first() or pytest.fail("none is open")


class TestTheBoard:
    def test_counts_the_themes_of_each_stage_and_opens_to_them(self, demo_pages: httpx.Client) -> None:
        page = demo_pages.get("/loop").text
        found = dict(re.findall(r'href="/themes\?stage=(\w+)">([\d,]+)</a></h2>', page))
        assert set(found) == set(STAGES)
        for stage, count in found.items():
            pills = demo_pages.get("/themes", params={"stage": stage}).text
            assert f'aria-current="true">{stage.capitalize()} <span class="count">{count}<' in pills
        ids = re.findall(r'class="name"[^>]*href="/themes/([0-9a-f]+)"', page)
        assert len(ids) == len(set(ids))

    def test_shows_some_of_a_long_stage_and_leads_to_the_others(self, demo_pages: httpx.Client) -> None:
        page = demo_pages.get("/loop").text
        column = page.partition('id="stage-understood"')[2].partition("</section>")[0]
        total = re.search(r'stage=understood">(\d+)<', column)
        assert total
        assert column.count("data-row") == 8
        assert f"{int(total[1]) - 8} more" in column

    def test_keeps_its_filters_in_every_link(self, demo_pages: httpx.Client) -> None:
        page = demo_pages.get("/loop?kind=question&lang=ja").text
        assert 'href="/themes?stage=understood&amp;kind=question&amp;lang=ja"' in page
        alone = demo_pages.get("/loop?stage=understood").text
        assert alone.count("<section") == 1
        assert alone.count("data-row") > 8

    def test_tells_what_was_decided_not_to_do_why_and_until_when(
        self, demo_pages: httpx.Client, demo_db: Database
    ) -> None:
        chosen = an_open_suggestion(demo_db)
        with demo_db.begin() as session:
            review = datetime(2027, 3, 1, 3, tzinfo=UTC)
            decide.dismiss(session, MAIN, chosen.id, by="Aki", reason="Costs too much", review_at=review)
        page = demo_pages.get("/loop?stage=decided").text
        assert f'href="/suggestions/{chosen.id}">Costs too much</a>' in page
        assert "looked at again on 1 March 2027" in page
        assert "since today" in page

    def test_says_since_when_a_theme_stands_there(self, demo_pages: httpx.Client, demo_db: Database) -> None:
        with demo_db.begin() as session:
            for theme in session.exec(select(Theme).where(Theme.stage == "measured")):
                theme.stage_since = datetime.now(UTC) - timedelta(days=12, hours=1)
        assert "for 12 days" in demo_pages.get("/loop?stage=measured").text

    def test_leads_on_where_there_is_no_theme_yet(self, empty_pages: httpx.Client) -> None:
        page = empty_pages.get("/loop").text
        assert "No themes yet." in page
        assert 'href="/sources"' in page


class TestOwners:
    @pytest.fixture
    def theme(self, demo_db: Database) -> str:
        with demo_db.begin() as session:
            query = select(Theme.id).where(Theme.stage == "measured", col(Theme.parent_id).is_(None))
            return session.exec(query.order_by(Theme.id)).first() or pytest.fail("none is measured")

    def owner(self, db: Database, theme: str) -> str | None:
        with db.begin() as session:
            found = session.get(Owner, theme)
            return found.person_id if found else None

    def test_take_hand_over_and_let_go_and_each_is_undone(
        self, demo_db: Database, reader: Reader, theme: str
    ) -> None:
        aki = a_person(demo_db, password=PASSWORD, role="writer", name="Aki")
        bo = a_person(demo_db, "bo@example.com", name="Bo")
        with serving(create_app(demo_db, Settings())) as address:
            client = reader(address)
            sign_in(client, "aki@example.com")

            def give(person: str) -> str:
                answer = client.post(f"/themes/{theme}/owner", headers=OURS, data={"person": person})
                assert answer.status_code == 303
                return client.get(answer.headers["Location"].partition("#")[0]).text

            assert "it is Aki’s now." in give(aki.id)
            page = give(bo.id)
            assert "it is Bo’s now." in page
            undo = re.search(r'name="person" value="([^"]*)" data-undo', page)
            assert undo
            assert undo[1] == aki.id
            give(undo[1])
            assert self.owner(demo_db, theme) == aki.id
            assert f'href="/themes/{theme}"' in client.get(f"/loop?owner={aki.id}").text
            assert f'href="/themes/{theme}"' not in client.get("/loop?owner=nobody").text
            page = give("")
            assert "it is nobody’s now." in page
            assert self.owner(demo_db, theme) is None

    def test_are_people_of_the_organisation_who_are_let_in(
        self, demo_db: Database, demo_pages: httpx.Client, theme: str
    ) -> None:
        north = an_organisation(demo_db, "north")
        stranger = a_person(demo_db, "north@example.com", organisation_id=north)
        gone = a_person(demo_db, "gone@example.com")
        with demo_db.begin() as session:
            session.add(gone)
            gone.disabled_at = datetime.now(UTC)
        for person in (stranger.id, gone.id, "nobody"):
            answer = demo_pages.post(f"/themes/{theme}/owner", headers=OURS, data={"person": person})
            assert answer.status_code == 422
        assert self.owner(demo_db, theme) is None

    def test_a_viewer_gives_nothing_to_anybody(self, demo_db: Database, reader: Reader, theme: str) -> None:
        aki = a_person(demo_db, password=PASSWORD)
        with serving(create_app(demo_db, Settings())) as address:
            client = reader(address)
            sign_in(client, "aki@example.com")
            answer = client.post(f"/themes/{theme}/owner", headers=OURS, data={"person": aki.id})
            assert answer.status_code == 403
            assert 'class="owner"' not in client.get("/loop").text
