"""The pages of targets: set up, tried, shown how they stand, changed, rested, removed; and who may."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import text

from service import connections, destinations
from service.access import senders
from service.app import create_app
from service.config import Settings
from service.db import Database
from service.errors import Conflict
from service.models import MAIN, Target
from service.parts import connecting, secret_of
from service.pipeline import deliver
from service.repositories import deliveries, targets
from service.repositories.waiting import organisations_to_deliver
from service.sealing import Seal
from tests.access import OURS, a_token, by
from tests.board import Reply
from tests.contract.targets import DoubledDesk, opened
from tests.live import serving
from tests.outbox import accept_suggestions
from tests.receiver import Receiver, receiver

KEY = "a key for tests alone"
NASTY = '"><img src=x onerror=alert(1)>'


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """The pages as an administrator sees them, and a Redmine."""

    client: httpx.Client
    db: Database
    settings: Settings
    redmine: DoubledDesk

    def get(self, path: str, **headers: str) -> str:
        answer = self.client.get(path, headers=headers)
        assert answer.status_code == 200, (path, answer.text[:500])
        return unescape(answer.text)

    def post(self, path: str, **data: str) -> httpx.Response:
        return self.client.post(path, data={k.replace("__", "."): v for k, v in data.items()})

    def told(self, **more: str) -> dict[str, str]:
        usual = {
            "name": "product",
            "set__address": self.redmine.board.address,
            "set__key": self.redmine.secret,
            "set__project": "koe-backlog",
            "set__tracker": "Feature",
            "set__fields": "Severity=High",
        }
        return {**usual, **more}

    def add(self, **more: str) -> httpx.Response:
        return self.post("/targets/new/redmine", **self.told(**more))

    @property
    def place(self) -> str:
        return f"/targets/{targets.target_id(MAIN, 'product')}"

    def target(self, name: str = "product") -> Target:
        with self.db.begin() as session:
            return targets.get_target(session, MAIN, name)

    def names(self) -> list[str]:
        with self.db.begin() as session:
            return [one.name for one in targets.list_targets(session, MAIN)]

    def secret(self) -> str | None:
        return secret_of(self.target(), self.settings)

    def deliver(self) -> None:
        deliver.run(self.db, MAIN, connecting(self.settings, self.db))

    def states(self) -> list[str]:
        with self.db.begin() as session:
            return [one.state for one in deliveries.list_deliveries(session, MAIN)]

    def as_(self, token: str) -> httpx.Client:
        return httpx.Client(
            base_url=self.client.base_url, headers={**by(token), **OURS}, trust_env=False, timeout=60
        )


@pytest.fixture
def pages(db: Database, url: str) -> Iterator[Pages]:
    settings = Settings(secret_key=SecretStr(KEY), database_url=url, private_hosts="127.0.0.1")
    headers = {**OURS, "Accept-Language": "en", **by(a_token(db, "admin", name="admin"))}
    with (
        opened("redmine") as redmine,
        serving(create_app(db, settings)) as address,
        httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=120) as client,
    ):
        yield Pages(client=client, db=db, settings=settings, redmine=redmine)


@pytest.fixture
def crm() -> Iterator[Receiver]:
    with receiver() as taker:
        yield taker


class TestAdding:
    def test_begins_with_what_to_do_where_there_is_none(self, pages: Pages) -> None:
        page = pages.get("/targets")
        assert "No target yet." in page
        assert 'href="/targets/new"' in page
        assert "まだ送付先がありません。" in pages.get("/targets", **{"Accept-Language": "ja"})

    def test_every_kind_but_those_on_this_machine_asks_for_what_it_declares(self, pages: Pages) -> None:
        page = pages.get("/targets/new")
        for slug, kind in destinations.KINDS.items():
            assert f'href="/targets/new/{slug}"' in page
            form = pages.get(f"/targets/new/{slug}")
            assert all(f'name="set.{one.name}"' in form for one in kind.settings), slug
            assert kind.settings, slug
            japanese = pages.get(f"/targets/new/{slug}", **{"Accept-Language": "ja"})
            assert all(one.label["ja"] in japanese for one in kind.settings), slug
        for slug in ("backlog-file", "markdown-git"):
            assert pages.client.get(f"/targets/new/{slug}").status_code == 404
            assert f"koe target add {slug}" in page
        assert "redmine" in pages.get("/targets/new?q=red")
        assert "signed webhook" in pages.get("/targets/new?q=nothing")

    def test_tries_it_and_delivers_what_was_accepted_before(self, pages: Pages) -> None:
        accept_suggestions(pages.db, 1)
        answer = pages.add(automatic="yes")
        assert (answer.status_code, pages.names()) == (303, ["product"])
        assert answer.headers["location"] == f"{pages.place}?done=added#content"
        target = pages.target()
        assert (target.automatic, pages.secret()) == (True, pages.redmine.secret)
        assert pages.redmine.secret not in str(target.settings)
        pages.deliver()
        assert (pages.states(), len(pages.redmine.there())) == (["delivered"], 1)
        assert "One target." in pages.get("/targets")
        page = pages.get(f"{pages.place}?done=added")
        assert "Added." in page
        assert f"/hooks/{target.id}" in page

    def test_what_is_missing_or_wrong_stands_beside_its_field_and_nothing_is_kept(self, pages: Pages) -> None:
        missing = pages.add(set__project="", set__key="")
        for name in ("project", "key"):
            assert f'id="set-{name}-error"' in missing.text
        assert pages.redmine.board.asked == [], "nothing was asked"
        for name, given, words in (
            ("tracker", "Epic", "Feature"),
            ("fields", "Colour=red", "Severity"),
            ("fields", "odd", "Name=value"),
        ):
            wrong = pages.add(**{f"set__{name}": given})
            page = unescape(wrong.text)
            assert wrong.status_code == 422
            beside = re.search(rf'id="set-{name}-error"[^>]*>([^<]+)<', page)
            assert beside is not None, (name, page[:3000])
            assert words in beside[1]
            assert re.search(rf'<input id="set-{name}"[^>]*aria-invalid="true"', page)
            assert f'value="{given}"' in page
        refuse = ("GET", re.compile(r"/projects/.*"), lambda _: Reply(status=401))
        pages.redmine.board.routes.insert(0, refuse)
        revoked = pages.add(set__key="another")
        assert 'id="set-key-error"' in revoked.text
        assert (revoked.status_code, "another" in revoked.text) == (422, False)
        assert pages.names() == []

    def test_a_name_that_is_odd_or_taken_is_told(self, pages: Pages) -> None:
        odd = pages.add(name=NASTY)
        assert (odd.status_code, 'id="name-error"' in odd.text, NASTY in odd.text) == (422, True, False)
        assert pages.add().status_code == 303
        taken = pages.add()
        assert (taken.status_code, "is taken" in taken.text) == (422, True)

    def test_a_webhook_gets_a_secret_that_is_shown_this_once(self, pages: Pages, crm: Receiver) -> None:
        added = pages.post("/targets/new/webhook", name="crm", set__url=crm.url)
        [secret] = re.findall(r"whsec_[A-Za-z0-9+/]{43}=", unescape(added.text))
        place = f"/targets/{pages.target('crm').id}"
        assert secret not in pages.get(place)
        rotated = unescape(pages.post(f"{place}/rotate").text)
        [fresh] = re.findall(r"whsec_[A-Za-z0-9+/]{43}=", rotated)
        assert secret_of(pages.target("crm"), pages.settings) == f"{fresh} {secret}"
        assert f"{place}/finish" in pages.get(place)
        assert pages.post(f"{place}/finish").status_code == 303
        assert secret_of(pages.target("crm"), pages.settings) == fresh
        assert (
            pages.post(f"{place}/settings", set__url=crm.url, set__events="alarm.raised").status_code == 303
        )
        assert pages.target("crm").settings == {"url": crm.url, "events": "alarm.raised"}
        assert secret_of(pages.target("crm"), pages.settings) == fresh
        odd = pages.post(f"{place}/settings", set__url=crm.url, set__events="weather")
        assert 'id="set-events-error"' in odd.text


class TestChanging:
    def test_a_secret_that_is_left_empty_stays_and_goes_to_no_other_address(self, pages: Pages) -> None:
        pages.add()
        told = pages.told(set__key="", set__template="{body}")
        assert pages.post(f"{pages.place}/settings", **told).status_code == 303
        assert (pages.target().settings["template"], pages.secret()) == ("{body}", pages.redmine.secret)
        asked = len(pages.redmine.board.asked)
        moved = pages.post(f"{pages.place}/settings", **{**told, "set__address": "https://evil.example.com"})
        assert (moved.status_code, 'id="set-key-error"' in moved.text) == (422, True)
        assert len(pages.redmine.board.asked) == asked
        wrong = pages.post(f"{pages.place}/settings", **{**told, "set__tracker": "Epic"})
        assert (wrong.status_code, pages.target().settings["tracker"]) == (422, "Feature")

    def test_what_may_have_arrived_is_not_looked_for_elsewhere(self, pages: Pages) -> None:
        pages.add()
        accept_suggestions(pages.db, 1)
        with pages.db.begin() as session:
            deliver.fill_outbox(session, MAIN)
            session.execute(text("UPDATE delivery SET state = 'uncertain'"))
            target = targets.get_target(session, MAIN, "product")
            kind = destinations.KINDS["redmine"]
            known = dict(destinations.told(target, pages.settings))
            filled = connections.read(kind, {**known, "project": "other"})
            wanted = destinations.changed(target, pages.settings, kind, filled, automatic=False)
            with pytest.raises(Conflict, match="may have arrived"):
                destinations.change(session, pages.settings, target, wanted)
        assert pages.target().settings["project"] == "koe-backlog"

    def test_it_is_tested_and_what_it_refused_is_tried_again(self, pages: Pages) -> None:
        pages.add()
        accept_suggestions(pages.db, 1)
        with pages.db.begin() as session:
            session.execute(
                text("UPDATE target SET refuses_since = clock_timestamp(), held_reason = 'no key'")
            )
        page = pages.get(pages.place)
        assert ("It has let Koe do nothing" in page, "no key" in page) == (True, True)
        assert 'role="alert"' in pages.get("/targets")
        assert "Issues of the tracker Feature" in unescape(pages.post(f"{pages.place}/test").text)
        assert pages.target().refuses_since is None

    def test_it_rests_and_goes_on(self, pages: Pages) -> None:
        pages.add()
        assert pages.post(f"{pages.place}/pause").status_code == 303
        accept_suggestions(pages.db, 1)
        pages.deliver()
        assert pages.states() == ["pending"]
        with pages.db.begin() as session:
            assert organisations_to_deliver(session) == []
        assert "Paused" in pages.get(pages.place)
        assert pages.post(f"{pages.place}/resume").status_code == 303
        pages.deliver()
        assert pages.states() == ["delivered"]

    def test_it_is_removed_if_what_waits_is_given_up_and_comes_back(self, pages: Pages) -> None:
        pages.add()
        accept_suggestions(pages.db, 1)
        with pages.db.begin() as session:
            deliver.fill_outbox(session, MAIN)
        assert 'name="give_up"' in pages.get(pages.place)
        assert (pages.post(f"{pages.place}/remove").status_code, pages.names()) == (409, ["product"])
        assert pages.post(f"{pages.place}/remove", give_up="yes").status_code == 303
        assert (pages.names(), pages.states()) == ([], ["dead"])
        page = pages.get(pages.place)
        assert ("Bring it back" in page, 'name="set.key"' in page) == (True, False)
        assert pages.post(f"{pages.place}/restore").status_code == 303
        assert (pages.names(), pages.secret()) == (["product"], pages.redmine.secret)

    def test_its_calls_are_set_up_where_their_secret_is_shown_when_asked(self, pages: Pages) -> None:
        pages.add()
        with pages.db.begin() as session:
            target = targets.get_target(session, MAIN, "product")
            [secret] = senders.secrets_of(Seal.of(pages.settings), target)
        assert secret not in pages.get(pages.place)
        assert secret in pages.post(f"{pages.place}/calls", proof="own").text
        fresh = pages.post(f"{pages.place}/calls-secret").text
        assert secret not in fresh
        assert f"{pages.place}/calls-drop" in fresh
        assert pages.post(f"{pages.place}/calls-drop").status_code == 303
        by_address = unescape(pages.post(f"{pages.place}/calls", proof="url").text)
        assert re.search(rf"/hooks/{target.id}/[\w-]{{20,}}", by_address)
        assert pages.post(f"{pages.place}/calls", proof="bearer").status_code == 422

    def test_the_secret_that_the_system_makes_is_taken(self, pages: Pages) -> None:
        with pages.db.begin() as session:
            targets.add_target(session, MAIN, "product", "linear", {"project": "ENG"})
        assert pages.post(f"{pages.place}/calls").status_code == 200
        assert 'id="secret-error"' in pages.post(f"{pages.place}/calls-secret").text
        assert pages.post(f"{pages.place}/calls-secret", secret="lin_wh_theirs").status_code == 303
        page = pages.get(pages.place)
        assert ("lin_wh_theirs" in page, "Koe knows one." in page) == (False, True)


def test_only_administrators_set_up_targets_and_see_what_they_were_told(pages: Pages) -> None:
    pages.add()
    for scope in ("read", "write"):
        with pages.as_(a_token(pages.db, scope, name=scope)) as client:
            page = client.get(pages.place).text
            assert pages.redmine.board.address not in page
            assert f"{pages.place}/settings" not in page
            assert "set.key" not in client.get("/targets/new/redmine").text
            for way in (
                "settings",
                "test",
                "pause",
                "resume",
                "calls",
                "calls-secret",
                "calls-drop",
                "remove",
            ):
                assert client.post(f"{pages.place}/{way}").status_code == 403, way
            assert client.post("/targets/new/redmine", data={"name": "x"}).status_code == 403
    assert pages.names() == ["product"]


def test_a_target_that_only_commands_set_up_has_a_page_without_settings(pages: Pages) -> None:
    with pages.db.begin() as session:
        targets.add_target(session, MAIN, "product", "backlog-file", {"path": "/nowhere/b.jsonl"})
        targets.add_target(session, MAIN, "strange", "from-a-package", {})
    assert 'name="set.path"' not in pages.get(pages.place)
    assert pages.post(f"{pages.place}/settings").status_code == 303
    assert "from-a-package" in pages.get(f"/targets/{pages.target('strange').id}")
    assert "from-a-package" in pages.get("/targets")
