"""`koe source` for systems that Koe knows: asked, tried, told what to do there, fetched, waited for."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import httpx
import pytest
from pydantic import SecretStr
from sqlmodel import select

from connectors.registry import SOURCES
from service import connections
from service.app import create_app
from service.config import Settings
from service.connections import KINDS, Kind
from service.db import Database
from service.models import MAIN, Source, Walk
from service.repositories import arrivals, sources
from tests.cli import Koe, Said
from tests.contract.sources import SECRET, Asked, example_of
from tests.live import serving
from tests.site import address_of, site
from tests.sourcing import signed
from tests.waiting import until

KEY = "a key for tests that is long enough"
EXAMPLE = example_of("zendesk")
ANSWERS = [*EXAMPLE.check, *EXAMPLE.walk, *EXAMPLE.fetch]
EXPORT = "/api/v2/incremental/tickets/cursor.json"


def whole(asked: Sequence[Asked]) -> list[Asked]:
    """Return the answers of the example, whichever day is asked for first."""
    return [
        replace(one, target=EXPORT + "?start_time=") if "start_time" in one.target else one for one in asked
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The commands, beside a server over the same database, and a Zendesk that answers them."""

    koe: Koe
    db: Database
    zendesk: str

    def __call__(self, *command: str, given: str = "") -> Said:
        return self.koe(*command, given=given.encode())

    def add(self, *more: str, token: str = "t0ken", name: str = "helpdesk") -> Said:
        settings = (f"address={self.zendesk}", "email=agent@example.com", "token=-")
        told = [part for setting in settings for part in ("--set", setting)]
        return self("source", "add", "zendesk", name, *told, *more, given=f"{token}\n{SECRET}\n")

    def walk(self) -> Walk | None:
        with self.db.begin() as session:
            return session.exec(select(Walk)).one_or_none()

    def source(self) -> Source:
        with self.db.begin() as session:
            return sources.get_source(session, MAIN, "helpdesk")

    def send(self) -> int:
        """Let Zendesk send its first call, and return the status of the answer."""
        call = signed(EXAMPLE, EXAMPLE.sent[0], at=datetime.now(UTC))
        url = f"{self.koe.settings['KOE_PUBLIC_URL']}/webhooks/helpdesk"
        return httpx.post(url, content=call.body, headers=dict(call.headers), trust_env=False).status_code


@contextmanager
def a_desk(koe: Koe, db: Database, url: str, asked: Sequence[Asked]) -> Iterator[Desk]:
    settings = Settings(secret_key=SecretStr(KEY), database_url=url)
    with site(asked) as zendesk, serving(create_app(db, settings)) as address:
        own = {
            "KOE_DATABASE_URL": url,
            "KOE_SECRET_KEY": KEY,
            "KOE_PUBLIC_URL": address,
            "KOE_PRIVATE_HOSTS": "127.0.0.1",
        }
        known = Koe(folder=koe.folder, settings={**koe.settings, **own}, loaded=koe.loaded)
        yield Desk(koe=known, db=db, zendesk=address_of(zendesk))


@pytest.fixture
def desk(koe: Koe, db: Database, url: str) -> Iterator[Desk]:
    with a_desk(koe, db, url, whole(ANSWERS)) as desk:
        yield desk


class TestKinds:
    def test_all_are_listed_with_what_they_need(self, desk: Desk) -> None:
        told = {one["kind"]: one for one in desk("source", "kinds", "--json").json}
        assert list(told) == ["generic", *sorted(SOURCES)]
        assert [one["name"] for one in told["zendesk"]["settings"]] == [
            "address",
            "email",
            "token",
            "replies",
        ]
        assert told["zendesk"]["category"] == "helpdesk"
        table = desk("source", "kinds").out
        assert "address [email] [token]" in table
        assert "calls and history" in table


class TestAdding:
    def test_says_what_to_do_there_and_begins_the_history(self, desk: Desk) -> None:
        said = desk.add()
        assert (said.status, "t0ken" in said.out) == (0, False)
        url = f"{desk.koe.settings['KOE_PUBLIC_URL']}/webhooks/helpdesk"
        assert "Zendesk answers, and" in said.out
        assert f"with the endpoint {url}." in said.out
        assert "koe source rotate helpdesk --secret -" in said.err
        assert "Not tried on a real account yet" in said.err
        walk = desk.walk()
        assert walk is not None
        assert walk.since is None
        source = desk.source()
        assert source.settings == {"address": desk.zendesk, "email": "agent@example.com"}
        assert b"t0ken" not in (source.sealed_credentials or b"")

    def test_takes_the_secret_that_the_sender_made(self, desk: Desk) -> None:
        answer = desk.add("--secret", "-", "--json").json
        assert (answer["source"], "secret" in answer) == ("helpdesk", False)
        assert desk.send() == 200

    def test_calls_are_refused_until_their_secret_is_known(self, desk: Desk) -> None:
        desk.add()
        assert desk.send() == 401
        tested = desk("source", "test", "helpdesk")
        assert tested.status == 0
        assert "refuses whoever does not know the secret" in tested.out
        assert "koe source rotate helpdesk --secret -" in tested.err
        refused = desk("source", "rotate", "helpdesk")
        assert (refused.status, "Zendesk Support makes the secret" in refused.err) == (2, True)
        assert desk("source", "rotate", "helpdesk", "--secret", "-", given=f"{SECRET}\n").status == 0
        until(lambda: desk.send() == 200)  # a change shows within a second

    def test_begins_where_it_is_told_to(self, desk: Desk) -> None:
        desk.add("--from", "2026-05-01")
        walk = desk.walk()
        assert walk is not None
        assert walk.since is not None
        assert walk.since.isoformat() == "2026-04-30T15:00:00+00:00"

    def test_brings_nothing_that_was_there_where_nobody_wants_that(self, desk: Desk) -> None:
        desk.add("--no-history")
        walk = desk.walk()
        assert walk is not None
        assert walk.since is not None

    def test_takes_calls_alone_where_it_is_told_nothing_to_ask_with(self, desk: Desk) -> None:
        said = desk("source", "add", "zendesk", "helpdesk", "--set", f"address={desk.zendesk}")
        assert said.status == 0
        assert "koe source set helpdesk email=… token=…" in said.err
        assert desk.walk() is None
        assert desk.source().sealed_credentials is None
        assert desk("source", "fetch", "helpdesk").status == 1

    @pytest.mark.parametrize(
        ("more", "status", "reason"),
        [
            (["zendesk", "x"], 2, "needs address: Address of your Zendesk"),
            (["zendesk", "x", "--set", "address=a", "--set", "email=b"], 2, "needs token: API token"),
            (["zendesk", "x", "--set", "colour=a"], 2, "has no setting colour; it has address, email, token"),
            (["zendesk", "x", "--set", "address=no address"], 1, "address"),
            (["zendesk", "x", "--auth", "bearer"], 2, "does not know --auth bearer; it knows own"),
            (["zendesk", "x", "--map", "text=a"], 2, "needs no --map"),
            (["generic", "x", "--secret", "abc"], 2, "takes no --secret"),
            (["generic", "x", "--set", "a=b"], 2, "has no setting a; it has none"),
            (["generic", "x", "--from", "May"], 2, "is no date"),
            (["generic", "x", "--from", "2026-05-01", "--no-history"], 2, "one of --from and --no-history"),
        ],
    )
    def test_refuses_in_words_what_does_not_fit(
        self, desk: Desk, more: list[str], status: int, reason: str
    ) -> None:
        said = desk("source", "add", *more)
        assert (said.status, said.out) == (status, "")
        assert reason in said.err
        assert desk("source", "list", "--json").json == []

    def test_stores_nothing_where_the_credentials_are_wrong(self, koe: Koe, db: Database, url: str) -> None:
        agent = Asked(target="/api/v2/users/me.json", answer={"user": {"id": 1, "role": "agent"}})
        with a_desk(koe, db, url, [agent]) as desk:
            said = desk.add()
            assert (said.status, "administrators alone" in said.err) == (1, True)
            assert "t0ken" not in said.err
            assert desk("source", "list", "--json").json == []

    def test_stores_nothing_where_nobody_answers(self, desk: Desk) -> None:
        nobody = replace(desk, zendesk="http://127.0.0.1:9")
        said = nobody.add()
        assert (said.status, "cannot be reached" in said.err) == (1, True)
        assert desk("source", "list", "--json").json == []


class TestAtATerminal:
    def test_asks_for_what_is_missing_and_shows_no_secret(self, desk: Desk) -> None:
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-m", "service", "source", "add", "zendesk", "helpdesk"],
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=theirs,
            cwd=desk.koe.folder,
            env=desk.koe.environment({}),
            start_new_session=True,
        )
        os.close(theirs)
        said = ""
        for question, answer in (
            ("Address of your Zendesk", desk.zendesk),
            ("E-mail of the agent", "agent@example.com"),
            ("API token", "t0ken"),
            ("The secret that stands there", SECRET),
        ):
            while question not in said.replace("\r\n", " "):
                said += os.read(ours, 4096).decode()
            os.write(ours, f"{answer}\n".encode())
        out = process.communicate(timeout=60)[0].decode()
        os.close(ours)
        assert process.returncode == 0
        assert "with the endpoint" in out
        assert "t0ken" not in said + out
        assert SECRET not in said + out
        assert desk.send() == 200


class TestAfterwards:
    def test_a_delivery_is_waited_for_and_shown_without_personal_data(self, desk: Desk) -> None:
        answer = desk.add("--secret", "-", "--wait", "--json").json
        assert "昨日からログインできません" in answer["delivery"]["text"]
        assert answer["delivery"]["external_id"] == "5300"

    def test_waiting_ends_with_what_to_do(self, desk: Desk) -> None:
        line = desk("source", "add", "generic", "desk", "--json").json
        said = desk("source", "test", "desk", "--wait", "--within", "0")
        assert (said.status, "koe source test desk --wait" in said.err) == (1, True)
        headers = {"Authorization": f"Bearer {line['secret']}"}
        httpx.post(line["url"], content=b'{"body": "x"}', headers=headers, trust_env=False)
        again = desk("source", "test", "desk", "--wait", "--within", "0")
        assert (again.status, "Nothing came" in again.err) == (1, True), "what came before does not count"

    def test_a_call_that_cannot_be_read_ends_the_waiting(self, desk: Desk) -> None:
        line = desk("source", "add", "generic", "desk", "--json").json
        headers = {"Authorization": f"Bearer {line['secret']}"}
        waiting = desk.koe.start("source", "test", "desk", "--wait")
        assert waiting.stderr is not None
        said = ""
        while "Waiting for a delivery" not in said:
            said += waiting.stderr.readline()
        httpx.post(line["url"], content=b'{"body": "x"}', headers=headers, trust_env=False)
        _, more = waiting.communicate(timeout=60)
        assert waiting.returncode == 1
        assert "koe dead-letters list --source desk" in more

    def test_what_it_holds_is_fetched_here_and_now(self, desk: Desk) -> None:
        desk.add()
        first = desk("source", "fetch", "helpdesk", "--json").json
        assert (first["fetched"], first["repaired"], first["to_fetch"]) == (2, 0, 0)
        assert first["through"] is not None
        (listed,) = desk("source", "list", "--json").json
        assert listed["history"]["through"] is not None
        assert listed["last_heard_at"] is not None
        again = desk("source", "fetch", "helpdesk", "--again", "2026-05-01")
        assert again.status == 0
        assert again.out.startswith("2 items fetched; all that helpdesk told up to ")
        with desk.db.begin() as session:
            assert arrivals.newest(session, desk.source().id) is not None

    def test_why_it_waits_is_listed(self, koe: Koe, db: Database, url: str) -> None:
        with a_desk(koe, db, url, EXAMPLE.check) as desk:
            desk.add()
            said = desk("source", "fetch", "helpdesk")
            assert (said.status, "it is tried again" in said.err) == (1, True)
            (listed,) = desk("source", "list", "--json").json
            assert "404" in listed["history"]["reason"]
            assert "(waits until " in desk("source", "list").out

    def test_a_paused_source_is_asked_for_nothing(self, desk: Desk) -> None:
        desk.add()
        desk("source", "pause", "helpdesk")
        said = desk("source", "fetch", "helpdesk")
        assert (said.status, "is paused" in said.err) == (1, True)
        desk("source", "resume", "helpdesk")
        assert desk("source", "fetch", "helpdesk", "--json").json["fetched"] == 2

    def test_settings_are_changed_once_they_were_tried(self, desk: Desk) -> None:
        desk("source", "add", "zendesk", "helpdesk", "--set", f"address={desk.zendesk}")
        half = desk("source", "set", "helpdesk", "email=agent@example.com")
        assert (half.status, "needs token" in half.err) == (2, True)
        wrong = desk("source", "set", "helpdesk", "address=http://127.0.0.1:9", "email=a", "token=b")
        assert wrong.status == 1
        assert desk.source().settings == {"address": desk.zendesk}
        told = desk("source", "set", "helpdesk", "email=agent@example.com", "token=-", given="t0ken\n")
        assert (told.status, "Zendesk answers" in told.out) == (0, True)
        assert desk.walk() is not None
        desk("source", "fetch", "helpdesk")
        assert desk("source", "set", "helpdesk", "email=", "token=").status == 0
        assert desk.source().sealed_credentials is None
        assert desk.walk() is None

    def test_a_token_for_replies_alone_lets_nothing_be_fetched(self, desk: Desk) -> None:
        answers = [
            Asked(target="/v2/bot/info", answer={"userId": "U1", "displayName": "Example"}),
            Asked(target="/v2/bot/message/quota", answer={"type": "none"}),
        ]
        with site(answers) as line:
            told = ("replies=yes", "token=t0ken", f"address={address_of(line)}")
            given = [part for one in told for part in ("--set", one)]
            added = desk("source", "add", "line", "helpdesk", *given, given="s3cret\n")
            assert added.status == 0, added.err
            assert "Koe may reply" in added.out
            assert desk.source().sealed_credentials is not None
            assert desk.walk() is None
            again = desk("source", "set", "helpdesk", "timezone=Asia/Bangkok")
            assert (again.status, "Koe may reply" in again.out) == (0, True)
        assert desk.walk() is None
        fetched = desk("source", "fetch", "helpdesk")
        assert (fetched.status, "only tells what is new" in fetched.err) == (1, True)

    def test_a_generic_source_takes_a_mapping_alone(self, desk: Desk) -> None:
        desk("source", "add", "generic", "desk")
        said = desk("source", "set", "desk", "a=b")
        assert (said.status, "koe source map desk" in said.err) == (1, True)

    def test_a_source_of_files_cannot_be_tested(self, desk: Desk) -> None:
        path = desk.koe.folder / "history.csv"
        path.write_text("external_id,text\n4711,The invoice is wrong\n", encoding="utf-8")
        desk("import", "feedback", str(path), "--source", "history")
        said = desk("source", "test", "history")
        assert (said.status, "of the kind “file”" in said.err) == (1, True)


class TestFilling:
    KIND = KINDS["zendesk"]

    def test_what_only_fetching_needs_may_be_left_out_as_a_whole(self) -> None:
        filled = connections.read(self.KIND, {"address": " https://a.example ", "email": " "})
        assert (filled.settings, filled.credentials) == ({"address": "https://a.example"}, None)

    def test_a_kind_that_sends_no_calls_needs_all_of_it(self) -> None:
        polled = replace(self.KIND, proofs=())
        with pytest.raises(connections.Unfit) as refused:
            connections.read(polled, {"address": "https://a.example"})
        assert refused.value.faults == {"email": "missing", "token": "missing"}

    def test_a_kind_that_everybody_may_ask_is_asked_without_a_secret(self) -> None:
        open_to_all: Kind = replace(self.KIND, settings=self.KIND.settings[:1])
        assert connections.read(open_to_all, {"address": "https://a.example"}).credentials == {}

    def test_secrets_are_not_shown_when_it_is_printed(self) -> None:
        given = {"address": "https://a.example", "email": "a", "token": "t0ken"}
        assert "t0ken" not in repr(connections.read(self.KIND, given))

    def test_every_kind_can_be_told_in_json(self) -> None:
        json.dumps([[dict(words) for words in kind.steps("own")] for kind in KINDS.values()])


def test_secrets_go_to_no_other_address_than_they_were_given_for() -> None:
    kind = connections.KINDS["chatwoot"]
    known = {"address": "https://one.example.com", "account": "1", "token": "t0ken"}
    moved = {"address": "https://other.example.com"}
    with pytest.raises(connections.Unfit, match="token"):
        connections.kept(kind, known, moved)
    for given in ({"account": "2"}, {"address": known["address"]}, {**moved, "token": "another"}):
        assert connections.kept(kind, known, given) == known


def test_secrets_go_to_no_usual_address_that_they_were_not_given_for() -> None:
    kind = connections.KINDS["front"]
    known = {"address": "https://front.example.com", "token": "t0ken"}
    for given in ({"address": ""}, {"address": " "}, {"address": "", "token": " "}):
        with pytest.raises(connections.Unfit, match="token"):
            connections.kept(kind, known, given)
    assert connections.kept(kind, known, {"address": "", "token": "another"}) == known
    usual = {"token": "t0ken"}
    assert connections.kept(kind, usual, {"address": ""}) == usual
