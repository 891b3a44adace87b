"""The pages of sources: set up, tried, shown how fresh they are, changed; and what nobody may see or do."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import text

from service import connections
from service.access.senders import close_secrets
from service.app import create_app
from service.config import Settings
from service.db import Database
from service.models import MAIN, Source
from service.models.columns import digest
from service.parts import listening
from service.pipeline import fetch, ingest
from service.pipeline.run import take_in
from service.repositories import calls, source_standings, sources, walks
from service.sealing import Seal
from tests.access import OURS, a_token, by
from tests.calling import call, open_door
from tests.contract.sources import SECRET
from tests.integration.test_source_setup import ANSWERS, EXAMPLE, whole
from tests.live import serving
from tests.site import address_of, site
from tests.sourcing import ELSEWHERE, signed
from tests.waiting import until
from tests.walking import add

KEY = "a key for tests alone"
"""That of `tests.calling`."""
NASTY = '"><img src=x onerror=alert(1)>'


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """The pages as somebody of a scope sees them, and a Zendesk."""

    client: httpx.Client
    db: Database
    settings: Settings
    zendesk: str
    rung: list[str]

    def get(self, path: str, **headers: str) -> str:
        answer = self.client.get(path, headers=headers)
        assert answer.status_code == 200, path
        return unescape(answer.text)

    def post(self, path: str, **data: str) -> httpx.Response:
        return self.client.post(path, data={k.replace("__", "."): v for k, v in data.items()})

    def add(self, **more: str) -> httpx.Response:
        told = {"name": "helpdesk", "set__address": self.zendesk, "set__email": "agent@example.com"}
        return self.post("/sources/new/zendesk", **{**told, "set__token": "t0ken", **more})

    @property
    def place(self) -> str:
        return f"/sources/{digest(MAIN, 'source', 'helpdesk')}"

    def source(self) -> Source:
        with self.db.begin() as session:
            return sources.get_source(session, MAIN, "helpdesk")

    def names(self) -> list[str]:
        with self.db.begin() as session:
            return [source.name for source in sources.list_sources(session, MAIN)]

    def as_(self, token: str) -> httpx.Client:
        return httpx.Client(
            base_url=self.client.base_url, headers={**by(token), **OURS}, trust_env=False, timeout=60
        )

    def send(self) -> int:
        sent = signed(EXAMPLE, EXAMPLE.sent[0], at=datetime.now(UTC))
        return self.client.post(
            "/webhooks/helpdesk", content=sent.body, headers=dict(sent.headers)
        ).status_code


@pytest.fixture
def pages(db: Database, url: str) -> Iterator[Pages]:
    settings = Settings(secret_key=SecretStr(KEY), database_url=url, private_hosts="127.0.0.1")
    rung: list[str] = []
    headers = {**OURS, "Accept-Language": "en", **by(a_token(db, "admin", name="admin"))}
    with (
        site(whole(ANSWERS)) as zendesk,
        serving(create_app(db, settings, ring=rung.append)) as address,
        httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=60) as client,
    ):
        yield Pages(client=client, db=db, settings=settings, zendesk=address_of(zendesk), rung=rung)


class TestTheList:
    def test_says_what_to_do_first_where_there_is_none(self, pages: Pages) -> None:
        page = pages.get("/sources")
        assert "No source yet." in page
        assert 'href="/sources/new"' in page
        assert 'href="/files"' in page
        assert "取り込み元はまだありません。" in pages.get("/sources", **{"Accept-Language": "ja"})

    def test_tells_how_fresh_each_is(self, pages: Pages) -> None:
        pages.add()
        fetch.run(pages.db, MAIN, listening(pages.settings, pages.db))
        take_in(pages.db, MAIN)
        with pages.db.begin() as session:
            session.execute(text("UPDATE inbox SET received_at = received_at - interval '3 minutes'"))
            session.execute(text("UPDATE walk SET repaired = 2"))
        page = pages.get("/sources")
        assert "Last heard 3 minutes ago." in page
        assert "All of it is here, up to just now." in page
        assert 'data-label="Gaps repaired">2<' in page
        japanese = pages.get("/sources", **{"Accept-Language": "ja"})
        assert "最後に届いたのは3分前です。" in japanese

    def test_shows_a_bar_while_the_history_comes_in(self, pages: Pages) -> None:
        pages.add()
        with pages.db.begin() as session:
            session.execute(text("UPDATE walk SET items = 40, total = 120"))
        page = pages.get("/sources")
        assert 'max="120" value="40"' in page
        assert "40 of 120" in page

    def test_says_why_one_waits_and_what_could_not_be_read(self, pages: Pages) -> None:
        pages.add()
        with pages.db.begin() as session:
            session.execute(text("UPDATE walk SET reason = 'the token was withdrawn', tries = 1"))
        door = open_door(pages.db, "desk")
        call(pages.db, door, b"\xff")
        ingest.run(pages.db, MAIN)
        page = pages.get("/sources")
        assert "the token was withdrawn" in page
        assert 'href="/dead-letters?source=desk">1<' in page

    def test_is_parted_into_pages(self, pages: Pages) -> None:
        for number in range(51):
            open_door(pages.db, f"desk-{number:02}")
        assert pages.get("/sources").count('class="row"') == 50
        assert pages.get("/sources?page=2").count('class="row"') == 1


class TestChoosing:
    def test_finds_a_kind_by_its_name(self, pages: Pages) -> None:
        assert 'href="/sources/new/zendesk"' in pages.get("/sources/new?q=ZEN")
        page = pages.get("/sources/new?q=nobody knows this")
        assert 'href="/sources/new/generic"' in page
        assert "/sources/new/zendesk" not in page

    def test_what_was_never_seen_is_told(self, pages: Pages) -> None:
        assert "Not tried on a real account yet" in pages.get("/sources/new/zendesk")

    def test_a_kind_that_is_only_asked_says_first_what_to_do_there_and_speaks_of_no_webhook(
        self, pages: Pages
    ) -> None:
        asked = [kind for kind in connections.KINDS.values() if kind.fetches and not kind.proofs]
        assert asked
        for kind in asked:
            content = pages.get(f"/sources/new/{kind.slug}").partition("</header>")[2]
            before, _, after = content.partition("<form class")
            assert all(words["en"] in before for words in kind.guide)
            assert "webhook" not in after
        assert (
            "webhook"
            in pages.get("/sources/new/zendesk").partition("</header>")[2].partition("<form class")[2]
        )

    def test_a_kind_that_there_is_not_is_not_there(self, pages: Pages) -> None:
        assert pages.client.get("/sources/new/fax").status_code == 404
        assert pages.post("/sources/new/fax").status_code == 404


class TestAdding:
    def test_tries_it_and_leads_to_what_to_do_there(self, pages: Pages) -> None:
        answer = pages.add()
        assert (answer.status_code, answer.headers["Location"]) == (303, f"{pages.place}?done=added#content")
        page = pages.get(answer.headers["Location"])
        address = f"{str(pages.client.base_url).rstrip('/')}/webhooks/helpdesk"
        assert f"with the endpoint {address}." in page
        assert "Calls are refused until Koe knows it." in page
        assert "No voice has come yet." in page
        assert "t0ken" not in page
        assert pages.rung == [MAIN]
        with pages.db.begin() as session:
            assert walks.walk_of(session, pages.source().id) is not None

    def test_keeps_what_was_typed_but_for_secrets(self, pages: Pages) -> None:
        answer = pages.add(name="a/b", set__email="")
        page = unescape(answer.text)
        assert answer.status_code == 422
        assert "Use letters, digits, hyphens" in page
        assert 'id="set-email-error"' in page
        assert pages.zendesk in page
        assert 'value="a/b"' in page
        assert "t0ken" not in page
        assert pages.names() == []

    def test_stores_nothing_where_the_system_says_no(self, pages: Pages) -> None:
        answer = pages.add(set__address="http://127.0.0.1:9")
        assert answer.status_code == 422
        assert "Nothing was stored:" in answer.text
        assert "cannot be reached" in answer.text
        assert pages.names() == []

    def test_a_name_that_is_taken_is_told(self, pages: Pages) -> None:
        pages.add()
        answer = pages.add()
        assert answer.status_code == 422
        assert "is taken" in answer.text

    def test_brings_in_as_much_as_is_wanted(self, pages: Pages) -> None:
        wrong = pages.add(history="since", since="yesterday")
        assert (wrong.status_code, 'id="since-error"' in wrong.text) == (422, True)
        pages.add(history="since", since="2026-05-01")
        with pages.db.begin() as session:
            walk = walks.walk_of(session, pages.source().id)
            assert walk is not None
            assert walk.since == datetime(2026, 4, 30, 15, tzinfo=UTC)

    def test_a_webhook_for_any_tool_shows_its_secret_where_that_is_wanted(self, pages: Pages) -> None:
        pages.post("/sources/new/generic", name="helpdesk", proof="signature")
        assert "whsec_" not in pages.get(pages.place)
        shown = pages.post(f"{pages.place}/secret")
        assert shown.status_code == 200
        assert "whsec_" in shown.text
        assert "curl -sS" in shown.text
        assert shown.headers["Cache-Control"] == "no-store"


class TestOneSource:
    def test_takes_the_secret_of_its_sender_and_shows_the_first_delivery(self, pages: Pages) -> None:
        pages.add()
        assert pages.send() == 401
        missing = pages.post(f"{pages.place}/rotate", secret=" ")
        assert (missing.status_code, 'id="secret-error"' in missing.text) == (422, True)
        before = pages.client.get(f"{pages.place}/live").json()["mark"]
        assert pages.post(f"{pages.place}/rotate", secret=SECRET).status_code == 303
        until(lambda: pages.send() == 200)  # a change shows within a second
        assert pages.client.get(f"{pages.place}/live").json()["mark"] != before
        take_in(pages.db, MAIN)
        page = pages.get(pages.place)
        assert "昨日からログインできません。" in page
        assert SECRET not in page

    def test_shows_no_personal_data(self, pages: Pages) -> None:
        door = open_door(pages.db, "helpdesk")
        call(pages.db, door, {"external_id": "1", "text": f"Call 090-1234-5678. {NASTY}"})
        call(pages.db, door, b'{"090-1234-5678": "x"}', named="two")
        take_in(pages.db, MAIN)
        raw = pages.client.get(pages.place).text
        assert "[phone]" in raw
        assert "1234" not in raw
        assert "<img src=x" not in raw
        assert "A call came just now and could not be read:" in raw

    def test_whose_secret_does_not_open_any_more_says_so_and_is_shown(self, pages: Pages) -> None:
        door = open_door(pages.db, "helpdesk")
        sealed = close_secrets(Seal("another key altogether"), door.source.id, ["whsec_x"])
        with pages.db.begin() as session:
            sources.get_source(session, MAIN, "helpdesk").sealed_secrets = sealed
        assert "closed with another key" in pages.get(pages.place)

    def test_is_changed_once_that_was_tried(self, pages: Pages) -> None:
        pages.add()
        wrong = pages.post(
            f"{pages.place}/settings",
            set__address="http://127.0.0.1:9",
            set__email="b@c.example",
            set__token="t0ken",
        )
        assert wrong.status_code == 422
        assert "Nothing was changed:" in wrong.text
        assert "b@c.example" in wrong.text
        assert pages.source().settings["email"] == "agent@example.com"
        right = pages.post(
            f"{pages.place}/settings", set__address=pages.zendesk, set__email="b@c.example", set__token=""
        )
        assert right.headers["Location"] == f"{pages.place}?done=told#content"
        assert pages.source().settings["email"] == "b@c.example"
        assert pages.source().sealed_credentials is not None, "a secret that is left empty stays as it is"

    @pytest.mark.parametrize("told", [{}, {"set__address": ""}], ids=["not told", "emptied"])
    def test_sends_its_secret_to_no_usual_address(self, pages: Pages, told: dict[str, str]) -> None:
        add(pages.db, "front", name="helpdesk")
        page = pages.post(f"{pages.place}/settings", set__token="", **told)
        assert page.status_code == 422
        assert "This is needed." in page.text
        assert pages.source().settings["address"] == ELSEWHERE

    def test_is_tried_when_somebody_asks(self, pages: Pages) -> None:
        pages.add()
        assert "Zendesk answers, and" in pages.post(f"{pages.place}/test").text

    def test_is_paused_and_goes_on(self, pages: Pages) -> None:
        pages.add()
        pages.post(f"{pages.place}/pause")
        assert "Paused just now: calls are kept and not read." in pages.get(pages.place)
        assert pages.post(f"{pages.place}/fetch").status_code == 409
        pages.post(f"{pages.place}/resume")
        assert pages.source().paused_at is None

    def test_is_removed_for_good_and_what_came_stays(self, pages: Pages) -> None:
        pages.add()
        pages.post(f"{pages.place}/rotate", secret=SECRET)
        pages.post(f"{pages.place}/pause")
        assert pages.send() == 200
        assert pages.post(f"{pages.place}/remove").status_code == 409
        assert "One call waits to be read; it is given up." in pages.get(pages.place)
        assert pages.post(f"{pages.place}/remove", give_up="yes").status_code == 303
        source = pages.source()
        assert (source.kind, source.proof, source.settings) == ("file", None, {})
        assert (source.sealed_secrets, source.sealed_credentials) == (None, None)
        until(lambda: pages.send() == 404)
        assert "Remove this source" not in pages.get(pages.place)
        assert pages.post(f"{pages.place}/remove").status_code == 409

    def test_is_asked_again_from_a_day_on(self, pages: Pages) -> None:
        pages.add()
        fetch.run(pages.db, MAIN, listening(pages.settings, pages.db))
        assert pages.post(f"{pages.place}/fetch", since="soon").status_code == 422
        assert pages.post(f"{pages.place}/fetch", since="2026-05-01").status_code == 303
        with pages.db.begin() as session:
            walk = walks.walk_of(session, pages.source().id)
            assert walk is not None
            assert walk.since == datetime(2026, 4, 30, 15, tzinfo=UTC)

    def test_changes_its_secret_without_a_gap(self, pages: Pages) -> None:
        pages.post("/sources/new/generic", name="helpdesk", proof="bearer")
        fresh = pages.post(f"{pages.place}/rotate")
        assert "The new secret counts; the old one does too" in fresh.text
        assert "/drop-old" in fresh.text
        assert pages.post(f"{pages.place}/drop-old").status_code == 303
        assert "/drop-old" not in pages.get(pages.place)

    def test_of_files_says_how_more_come_in(self, pages: Pages) -> None:
        with pages.db.begin() as session:
            source = sources.open_source(session, MAIN, "請求/2026 <b>", kind="file")
        page = pages.client.get(f"/sources/{source.id}")
        assert page.status_code == 200
        assert "&lt;b&gt;" in page.text
        assert pages.post(f"/sources/{source.id}/pause").status_code == 409
        assert pages.post(f"/sources/{source.id}/settings").status_code == 409


class TestPermissions:
    @pytest.mark.parametrize("scope", ["read", "write"])
    def test_whoever_is_no_administrator_looks_and_changes_nothing(self, pages: Pages, scope: str) -> None:
        pages.add()
        named = {"read": "read", "write": "write"}[scope]
        with pages.as_(a_token(pages.db, "read" if named == "read" else "write", name=named)) as client:
            for path in ("/sources", "/sources/new", "/sources/new/zendesk", pages.place):
                page = client.get(path)
                assert page.status_code == 200
                assert '<form method="post"' not in page.text
                assert "agent@example.com" not in page.text
            for path in ("secret", "settings", "test", "rotate", "drop-old", "pause", "resume", "fetch"):
                assert client.post(f"{pages.place}/{path}").status_code == 403, path
            assert client.post("/sources/new/zendesk", data={"name": "x"}).status_code == 403
        assert pages.names() == ["helpdesk"]
        assert pages.source().paused_at is None

    def test_the_address_of_a_form_leads_to_its_page(self, pages: Pages) -> None:
        pages.add()
        answer = pages.client.get(f"{pages.place}/settings")
        assert (answer.status_code, answer.headers["Location"]) == (303, pages.place)


class TestStandings:
    def test_are_of_one_organisation(self, pages: Pages) -> None:
        pages.add()
        with pages.db.begin() as session:
            assert [one.source.name for one in source_standings.standings(session, MAIN)] == ["helpdesk"]
            assert source_standings.standings(session, "north") == []

    def test_of_one_source_are_what_they_are_among_all_and_read_nothing_of_another(
        self, pages: Pages
    ) -> None:
        pages.add()
        door = open_door(pages.db, "voices")
        for name, body in (("one", {"text": "It hangs."}), ("two", {"text": "It hangs again."})):
            call(pages.db, door, body, named=name)
        with pages.db.begin() as session:
            walks.tell(session, MAIN, pages.source().id, ["1", "2"])
        take_in(pages.db, MAIN)
        call(pages.db, door, b'{"text": 1', named="three")
        with pages.db.begin() as session:
            whole = source_standings.standings(session, MAIN)
            assert [one.source.name for one in whole] == ["helpdesk", "voices"]
            assert [(one.voices, one.to_fetch, one.calls.waiting) for one in whole] == [(0, 2, 0), (2, 0, 1)]
            for one in whole:
                name = one.source.id
                assert source_standings.standing(session, one.source) == one
                assert calls.heard(session, MAIN, source_id=name).keys() <= {name}
                assert sources.last_heard(session, MAIN, source_id=name).keys() <= {name}
                assert walks.walks_of(session, MAIN, source_id=name).keys() <= {name}
                assert walks.count_told(session, MAIN, source_id=name).keys() <= {name}

    def test_a_source_that_can_be_asked_no_more_is_due_no_more(self, pages: Pages) -> None:
        pages.add()
        with pages.db.begin() as session:
            source = sources.get_source(session, MAIN, "helpdesk")
            filled = connections.read(connections.KINDS["zendesk"], {"address": pages.zendesk})
            later = datetime.now(UTC) + timedelta(days=1)
            connections.change(session, Seal(KEY), source, filled, now=later)
            session.flush()
            assert not walks.is_due(session, MAIN)
