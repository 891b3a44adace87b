"""Webhooks over HTTP: who is heard, who is not, and that nothing is answered before it is kept."""

import base64
import json
import re
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import make_url, text
from sqlmodel import col, select

from service.access.senders import PROOFS, Receivers, close_secrets, make_secret
from service.app import create_app
from service.config import Settings
from service.db import Database
from service.imports.bodies import FIELDS
from service.models import MAIN, WebhookCall
from service.pipeline import ingest
from tests.calling import SEAL, Door, call, open_door
from tests.live import serving
from tests.waiting import until

BODY = '{"external_id":"1","text":"ログインできない","n":1}'.encode()
MOST = 1 << 20
DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("webhooks.md", "webhooks.ja.md")


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server that calls go to."""

    db: Database
    app: FastAPI
    client: httpx.Client

    def send(
        self, door: Door, body: bytes, headers: dict[str, str] | None = None, at: str = ""
    ) -> httpx.Response:
        """Send a call, signed unless it has headers of its own."""
        proof = door.signed(body) if headers is None else headers
        return self.client.post(f"/webhooks/{door.source.name}{at}", content=body, headers=proof)

    def kept(self) -> list[bytes]:
        """Return the bodies that were kept, in their order."""
        with self.db.begin() as session:
            return list(session.exec(select(WebhookCall.body).order_by(col(WebhookCall.sequence))))

    def states(self) -> list[str]:
        with self.db.begin() as session:
            return list(session.exec(select(WebhookCall.state).order_by(col(WebhookCall.sequence))))

    def forget_sources(self) -> None:
        """Let a second pass."""
        self.app.state.receivers = Receivers(self.db, lambda: SEAL)


@pytest.fixture
def server(db: Database) -> Iterator[Server]:
    app = create_app(db, Settings())
    app.state.receivers = Receivers(db, lambda: SEAL)
    with serving(app) as address, httpx.Client(base_url=address, trust_env=False, timeout=60) as client:
        yield Server(db=db, app=app, client=client)


def problem(answer: httpx.Response, status: int) -> None:
    """Check that an answer is that problem."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status


class TestProofs:
    def test_a_signed_call_is_kept_byte_for_byte_and_answered_by_nothing(self, server: Server) -> None:
        rung: list[str] = []
        server.app.state.ring = rung.append
        answer = server.send(open_door(server.db), BODY)
        assert (answer.status_code, answer.content) == (200, b"")
        assert (server.kept(), server.states(), rung) == ([BODY], ["pending"], [MAIN])

    def test_a_token_or_a_password_proves_a_call(self, server: Server) -> None:
        door = open_door(server.db, proof="bearer")
        basic = base64.b64encode(f"any:{door.secret}".encode()).decode()
        for number, told in enumerate((f"Bearer {door.secret}", f"bearer  {door.secret}", f"Basic {basic}")):
            assert server.send(door, b"%d" % number, {"Authorization": told}).status_code == 200
        assert len(server.kept()) == 3

    def test_an_address_proves_a_call(self, server: Server) -> None:
        door = open_door(server.db, proof="url")
        assert server.send(door, BODY, {}, at=f"/{door.secret}").status_code == 200
        for at in ("", "/", "/x", f"/{door.secret}x", f"/{door.secret}/x"):
            assert server.send(door, BODY, {}, at=at).status_code in (401, 404, 307)
        assert server.kept() == [BODY]

    def test_a_proof_of_another_kind_proves_nothing(self, server: Server) -> None:
        for proof in PROOFS:
            door = open_door(server.db, f"by-{proof}", proof=proof)
            problem(server.send(door, BODY, {}), 401)
            problem(server.send(door, BODY, door.signed(BODY, secret=make_secret("signature"))), 401)
            for told in (b"Bearer koe_x", b"Bearer", b"Basic !!!", b"Basic 8J+YgA==", b"Bearer \xff"):
                problem(server.send(door, BODY, {"Authorization": told}), 401)  # type: ignore[dict-item]
            if proof != "bearer":
                problem(server.send(door, BODY, {"Authorization": f"Bearer {door.secret}"}), 401)
            if proof != "url":
                problem(server.send(door, BODY, {}, at=f"/{door.secret.replace('/', '_')}"), 401)
        assert server.kept() == []

    def test_whatever_is_wrong_is_told_to_no_stranger(self, server: Server) -> None:
        door = open_door(server.db)
        late = datetime.now(UTC) - timedelta(hours=1)
        wrong = [
            server.send(door, BODY, headers)
            for headers in ({}, door.signed(b"other"), door.signed(BODY, at=late))
        ]
        assert len({answer.json()["detail"] for answer in wrong}) == 1


MALFORMED = [
    "",
    "v1",
    "v1,",
    "v1,!",
    "v1,AAAA",
    "v1,AAA",
    "v1,{wrong} trailing,",
    "v1a,{right}",
    "V1,{right}",
    "v2,{right}",
    "{right}",
    "v1 {right}",
    "v1,,{right}",
    "v1,{right}é",
    "v1,{right}=",
    "v1," + "A" * 5000,
]


ODD_HEADERS: dict[str, tuple[str | None, ...]] = {
    "webhook-id": (None, "", "a.b", "a" * 300),
    "webhook-timestamp": (None, "", "0", "-1", "1e9", "9" * 40, "2026-05-03T10:00:00Z"),
    "webhook-signature": (None,),
}


class TestSignatures:
    def test_malformed_signatures_are_refused(self, server: Server) -> None:
        door = open_door(server.db)
        headers = door.signed(BODY)
        right = headers["webhook-signature"].removeprefix("v1,")
        for shape in MALFORMED:
            given = shape.replace("{right}", right).replace("{wrong}", right[::-1]).encode()
            problem(server.send(door, BODY, {**headers, "webhook-signature": given}), 401)  # type: ignore[dict-item]
        assert server.kept() == []

    def test_headers_that_are_missing_or_odd_are_refused(self, server: Server) -> None:
        door = open_door(server.db)
        for header, values in ODD_HEADERS.items():
            for value in values:
                headers = {k: v for k, v in {**door.signed(BODY), header: value}.items() if v is not None}
                problem(server.send(door, BODY, headers), 401)

    def test_another_key_another_byte_or_the_same_json_written_anew_is_refused(self, server: Server) -> None:
        door = open_door(server.db)
        other = open_door(server.db, "other")
        problem(server.send(door, BODY, other.signed(BODY)), 401)
        problem(server.send(door, BODY.replace(b"1", b"2", 1), door.signed(BODY)), 401)
        problem(server.send(door, json.dumps(json.loads(BODY)).encode(), door.signed(BODY)), 401)
        problem(server.send(door, BODY + b"\n", door.signed(BODY)), 401)
        assert server.kept() == []

    def test_a_clock_may_be_five_minutes_wrong(self, server: Server) -> None:
        door = open_door(server.db)
        for seconds, status in ((-305, 401), (-295, 200), (295, 200), (310, 401)):
            at = datetime.now(UTC) + timedelta(seconds=seconds)
            assert server.send(door, BODY, door.signed(BODY, at=at)).status_code == status

    def test_while_secrets_are_changed_the_old_and_the_new_one_count(self, server: Server) -> None:
        door = open_door(server.db)
        new, none = make_secret("signature"), make_secret("signature")
        sealed = close_secrets(SEAL, door.source.id, [new, door.secret])
        with server.db.begin() as session:
            session.execute(text("UPDATE source SET sealed_secrets = :sealed"), {"sealed": sealed})
        assert server.send(door, b"1", door.signed(b"1")).status_code == 200
        assert server.send(door, b"2", door.signed(b"2", secret=new)).status_code == 200
        problem(server.send(door, b"3", door.signed(b"3", secret=none)), 401)

    def test_a_call_that_is_sent_again_is_answered_and_kept_once(self, server: Server) -> None:
        door = open_door(server.db)
        headers = door.signed(BODY, at=datetime.now(UTC) - timedelta(minutes=4))
        assert [server.send(door, BODY, headers).status_code for _ in range(3)] == [200] * 3
        assert server.send(door, BODY, door.signed(BODY, named=headers["webhook-id"])).status_code == 200
        assert server.kept() == [BODY]
        assert server.send(door, b"{}", door.signed(b"{}", named=headers["webhook-id"])).status_code == 200
        assert server.kept() == [BODY, b"{}"]


class TestNames:
    def test_names_of_calls_of_any_kind_are_told_apart(self, server: Server) -> None:
        door = open_door(server.db, proof="bearer")
        proof = {"Authorization": f"Bearer {door.secret}"}
        names = ["", "a", "b", "é", "x" * 5000, "x" * 5001]
        for name in [*names, *names]:
            answer = server.send(door, BODY, {**proof, "Idempotency-Key": name.encode()})  # type: ignore[dict-item]
            assert answer.status_code == 200
        assert len(server.kept()) == len(names)


class TestSources:
    def test_an_unknown_source_is_not_there(self, server: Server) -> None:
        for name in ("nobody", "%F0%9F%98%80", "%ED%A0%80", "a" * 3000, "'%3B--", "a/b/c"):
            problem(server.client.post(f"/webhooks/{name}", content=BODY), 404)

    def test_a_source_of_files_takes_no_calls(self, server: Server) -> None:
        with server.db.begin() as session:
            session.execute(
                text(
                    "INSERT INTO source (id, organisation_id, name, kind, settings, created_at)"
                    " VALUES ('f', 'main', 'files', 'file', '{}', now())"
                )
            )
        problem(server.client.post("/webhooks/files", content=BODY), 404)

    def test_a_paused_source_holds_what_it_gets(self, server: Server) -> None:
        door = open_door(server.db)
        assert server.send(door, b"1").status_code == 200
        with server.db.begin() as session:
            session.execute(text("UPDATE source SET paused_at = now()"))
        assert server.send(door, b"2").status_code == 200
        problem(server.send(door, b"3", {}), 401)
        assert server.states() == ["pending", "held"]

    def test_a_source_that_is_added_is_known_within_a_second(self, server: Server) -> None:
        door = open_door(server.db, "first")
        assert server.client.post("/webhooks/new", content=BODY).status_code == 404
        new = open_door(server.db, "new")
        until(lambda: server.send(new, BODY).status_code != 404)
        assert server.send(door, BODY).status_code == 200

    def test_other_methods_are_not_answered(self, server: Server) -> None:
        door = open_door(server.db)
        for method in ("GET", "PUT", "PATCH", "DELETE", "OPTIONS"):
            answer = server.client.request(method, f"/webhooks/{door.source.name}")
            assert (answer.status_code, answer.headers["allow"]) == (405, "POST")

    def test_a_sender_may_ask_whether_calls_may_come(self, server: Server) -> None:
        door = open_door(server.db)
        assert server.client.head(f"/webhooks/{door.source.name}").status_code == 200
        assert server.client.head("/webhooks/nobody").status_code == 404
        assert server.kept() == []

    def test_one_that_floods_has_to_wait_and_no_other(self, server: Server) -> None:
        server.app.state.receivers = Receivers(server.db, lambda: SEAL, most_waiting=2)
        flooding, calm = open_door(server.db, "flooding"), open_door(server.db, "calm")
        for number in range(3):
            call(server.db, flooding, {"text": f"{number}"})
        answer = server.send(flooding, BODY)
        problem(answer, 503)
        assert int(answer.headers["retry-after"]) > 0
        assert server.send(calm, BODY).status_code == 200
        ingest.run(server.db, MAIN)
        until(lambda: server.send(flooding, BODY).status_code == 200)


class TestBodies:
    def test_a_body_may_have_a_mebibyte_and_not_a_byte_more(self, server: Server) -> None:
        door = open_door(server.db)
        most = b"x" * MOST
        assert server.send(door, most).status_code == 200
        problem(server.send(door, most + b"x"), 413)
        problem(server.send(door, b"x" * 10 * MOST), 413)
        assert server.kept() == [most]

    def test_a_body_without_a_length_is_counted_while_it_comes(self, server: Server) -> None:
        door = open_door(server.db)

        def pieces(count: int) -> Iterator[bytes]:
            yield from [b"x" * 1024] * count

        def send(count: int) -> httpx.Response:
            headers = door.signed(b"x" * 1024 * count)
            return server.client.post("/webhooks/desk", content=pieces(count), headers=headers)

        assert send(1024).status_code == 200
        problem(send(1025), 413)
        assert len(server.kept()) == 1

    def test_a_packed_body_is_not_unpacked(self, server: Server) -> None:
        door = open_door(server.db)
        for packed in ("gzip", "br", "deflate", "x, gzip"):
            problem(server.send(door, BODY, {**door.signed(BODY), "Content-Encoding": packed}), 415)
        assert (
            server.send(door, BODY, {**door.signed(BODY), "Content-Encoding": "identity"}).status_code == 200
        )

    def test_an_empty_body_and_one_that_is_no_json_are_kept(self, server: Server) -> None:
        door = open_door(server.db)
        for body in (b"", b"\0\xff", b"{"):
            assert server.send(door, body).status_code == 200
        assert server.kept() == [b"", b"\0\xff", b"{"]


def raw(server: Server, sent: bytes, *, then_close: bool = False) -> bytes:
    """Send bytes over a socket and return all that comes back until the other side closes."""
    parts = urlsplit(str(server.client.base_url))
    with socket.create_connection((parts.hostname, parts.port or 80), timeout=30) as line:
        line.sendall(sent)
        if then_close:
            line.shutdown(socket.SHUT_WR)
        found = b""
        while part := line.recv(65536):
            found += part
        return found


def head(length: str, **more: str) -> bytes:
    lines = [
        "POST /webhooks/desk HTTP/1.1",
        "Host: 127.0.0.1",
        length,
        *(f"{k}: {v}" for k, v in more.items()),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


class TestLines:
    def test_a_body_that_does_not_come_in_time_is_let_go(self, server: Server) -> None:
        open_door(server.db)
        server.app.state.body_seconds = 0.2
        answer = raw(server, head("Content-Length: 100") + b"x")
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert server.kept() == []

    def test_slow_lines_hold_up_nobody(self, server: Server) -> None:
        door = open_door(server.db)
        parts = urlsplit(str(server.client.base_url))
        lines = [socket.create_connection((parts.hostname, parts.port or 80)) for _ in range(100)]
        for line in lines:
            line.sendall(head("Content-Length: 100") + b"x")
        assert server.send(door, BODY).status_code == 200
        for line in lines:
            line.close()

    def test_a_body_that_breaks_off_is_not_kept(self, server: Server) -> None:
        door = open_door(server.db)
        headers = door.signed(BODY)
        raw(server, head("Content-Length: 1000", **headers) + BODY, then_close=True)
        assert server.send(door, b"after").status_code == 200
        assert server.kept() == [b"after"]

    def test_a_length_that_is_none_is_refused(self, server: Server) -> None:
        for length in ("Content-Length: -1", "Content-Length: x", "Content-Length: 1\r\nContent-Length: 2"):
            assert raw(server, head(length) + b"x").startswith(b"HTTP/1.1 400 ")


def test_nothing_is_acknowledged_while_the_database_is_away(url: str) -> None:
    gone = Database.at(make_url(url).set(database="no_such").render_as_string(hide_password=False))
    app = create_app(gone, Settings())
    with serving(app) as address, httpx.Client(base_url=address, trust_env=False, timeout=60) as client:
        answer = client.post("/webhooks/desk", content=BODY)
    problem(answer, 503)
    assert "Retry-After" in answer.headers
    assert "no_such" not in answer.text
    gone.close()


def test_a_secret_that_does_not_open_is_our_fault_and_loses_nothing(server: Server) -> None:
    door = open_door(server.db)
    with server.db.begin() as session:
        session.execute(text("UPDATE source SET sealed_secrets = '\\x01'"))
    problem(server.send(door, BODY), 503)


def recipe(page: str, language: str) -> str:
    """Return the code that a page gives to whoever sends."""
    found = re.search(rf"```{language}\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


class TestDocuments:
    """What the pages tell a sender to do is done."""

    def test_the_python_recipe_sends_what_is_kept(self, server: Server) -> None:
        door = open_door(server.db)
        names: dict[str, Any] = {}
        exec(recipe(PAGES[0], "python"), names)
        send: Callable[..., int] = names["send"]
        url = f"{server.client.base_url}/webhooks/desk"
        assert [send(url, door.secret, "call-1", {"text": "声"}) for _ in range(2)] == [200, 200]
        assert server.kept() == [json.dumps({"text": "声"}).encode()]

    def test_both_pages_have_the_same_code_headings_and_tables(self) -> None:
        shape = re.compile(r"^(#+|\||```|- )", re.MULTILINE)
        english, japanese = ((DOCS / page).read_text(encoding="utf-8") for page in PAGES)
        assert shape.findall(english) == shape.findall(japanese)
        for language in ("sh", "python", "js"):
            assert recipe(PAGES[0], language) == recipe(PAGES[1], language)

    def test_they_name_every_field(self) -> None:
        for page in PAGES:
            told = (DOCS / page).read_text(encoding="utf-8")
            assert [field for field in FIELDS if f"`{field}`" not in told] == []


def test_a_refusal_does_not_repeat_the_secret_of_an_address(server: Server) -> None:
    open_door(server.db, proof="url")
    answer = server.client.post("/webhooks/desk/not-the-secret", content=b"{}")
    assert (answer.status_code, answer.json()["instance"]) == (401, "/webhooks/desk")


def test_a_slash_too_many_changes_nothing(server: Server) -> None:
    door = open_door(server.db)
    assert server.send(door, BODY, door.signed(BODY), at="/").status_code == 200
    assert server.kept() == [BODY]
