"""Calls of targets: who is heard, that they are hints and no more, and that what changed is seen at once."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from connectors.outgoing import Remote
from connectors.registry import TARGETS
from connectors.signatures import key_of, new_secret, sign
from connectors.targets.memory import MemoryTarget
from service.access import senders
from service.access.senders import TargetReceivers
from service.app import create_app
from service.config import Settings
from service.db import Database
from service.models import MAIN, Delivery, Target
from service.pipeline import track
from service.repositories import targets
from tests.access import an_organisation
from tests.calling import SEAL
from tests.live import serving
from tests.outbox import Outbox, accept_suggestions

Headers = Mapping[str, str]


def hexed(body: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def standard(body: bytes, secret: str) -> Headers:
    now = int(time.time())
    signature = sign(key_of(secret), "msg_1", now, body)
    return {"webhook-id": "msg_1", "webhook-timestamp": str(now), "webhook-signature": signature}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of target that calls, as its system does."""

    reference: str
    told: Any
    """What says that this has changed."""
    headers: Callable[[bytes, str], Headers]
    elsewhere: Any
    """What says that something else has changed."""
    proof: str | None = None


KINDS: dict[str, Kind] = {
    "jira": Kind(
        reference="APP-7",
        told={"webhookEvent": "jira:issue_updated", "issue": {"id": "10007", "key": "APP-7"}},
        headers=lambda body, secret: {"x-hub-signature": f"sha256={hexed(body, secret)}"},
        elsewhere={"webhookEvent": "jira:issue_updated", "issue": {"id": "10008", "key": "APP-8"}},
    ),
    "linear": Kind(
        reference="0b7a3c9e-1111-4222-8333-444455556666",
        told={
            "type": "Issue",
            "action": "update",
            "data": {"id": "0b7a3c9e-1111-4222-8333-444455556666", "identifier": "ENG-7"},
            "webhookTimestamp": 0,
        },
        headers=lambda body, secret: {"linear-signature": hexed(body, secret)},
        elsewhere={"type": "Comment", "data": {"id": "0b7a3c9e"}, "webhookTimestamp": 0},
    ),
    "github-issues": Kind(
        reference="acme/app#7",
        told={
            "action": "closed",
            "issue": {"number": 7, "html_url": "https://github.com/acme/app/issues/7"},
            "repository": {"full_name": "acme/app"},
        },
        headers=lambda body, secret: {
            "x-hub-signature-256": f"sha256={hexed(body, secret)}",
            "x-github-event": "issues",
        },
        elsewhere={"action": "closed", "issue": {"number": 8}, "repository": {"full_name": "acme/app"}},
    ),
    "gitlab-issues": Kind(
        reference="acme/app#7",
        told={
            "object_kind": "issue",
            "object_attributes": {"iid": 7, "action": "close"},
            "project": {"path_with_namespace": "acme/app"},
        },
        headers=standard,
        elsewhere={"object_kind": "note", "object_attributes": {"iid": 7}, "project": {"id": 1}},
    ),
    "gitlab by a token": Kind(
        reference="acme/app#7",
        told={
            "object_kind": "work_item",
            "object_attributes": {"iid": 7},
            "project": {"path_with_namespace": "acme/app"},
        },
        headers=lambda _, secret: {"x-gitlab-token": secret},
        elsewhere={"object_kind": "push"},
        proof="bearer",
    ),
    "backlog": Kind(
        reference="7",
        told={"id": 1, "type": 14, "project": {"id": 3}, "content": {"link": [{"id": 6}, {"id": 7}]}},
        headers=lambda *_: {},
        elsewhere={"id": 1, "type": 2, "project": {"id": 3}, "content": {"id": 8, "key_id": 7}},
    ),
    "redmine": Kind(
        reference="7",
        told={"type": "issue.updated", "data": {"issue": {"id": 7}, "journal": {"id": 8}}},
        headers=lambda body, secret: {"x-redmine-signature-256": f"sha256={hexed(body, secret)}"},
        elsewhere={"type": "issue.updated", "data": {"issue": {"id": 8}}},
    ),
    "redmine by a plugin": Kind(
        reference="7",
        told={"payload": {"action": "updated", "issue": {"id": 7}}},
        headers=lambda *_: {},
        elsewhere={"payload": {"action": "updated", "issue": {"id": 8}}},
        proof="url",
    ),
}


def slug_of(name: str) -> str:
    return {"gitlab by a token": "gitlab-issues"}.get(name, name.partition(" ")[0])


def body_of(told: Any) -> bytes:
    """Return what is sent: of Linear with the time at which it is."""
    now = {"webhookTimestamp": int(time.time() * 1000)} if "webhookTimestamp" in told else {}
    return json.dumps({**told, **now}, ensure_ascii=False).encode()


@dataclass(kw_only=True)
class World:
    """A server, and a target at which one thing lies that was looked at a moment ago."""

    outbox: Outbox
    app: FastAPI
    client: httpx.Client
    rung: list[str]
    memory: MemoryTarget
    kind: Kind
    target: Target
    secret: str

    def path(self, secret: str | None = None) -> str:
        """Return where the target calls."""
        at = f"/hooks/{self.target.id}"
        return f"{at}/{secret or self.secret}" if self.target.proof == "url" else at

    def send(self, told: Any, secret: str | None = None) -> httpx.Response:
        """Call as the system does, with its secret unless another is given."""
        body = told if isinstance(told, bytes) else body_of(told)
        headers = self.kind.headers(body, secret or self.secret)
        return self.client.post(self.path(secret), content=body, headers=dict(headers))

    def delivery(self) -> Delivery:
        [found] = self.outbox.deliveries()
        return found

    def track(self) -> int:
        """Let the stage take its turn, and return at how many things it looked."""
        return track.run(self.outbox.db, MAIN, self.outbox.connect).done

    def forget(self) -> None:
        """Let a second pass, after which a change of targets shows."""
        self.app.state.target_receivers = TargetReceivers(self.outbox.db, lambda: SEAL)


def delivered(outbox: Outbox, name: str, kind: Kind) -> tuple[MemoryTarget, Target, str]:
    """Add a target that calls, deliver one thing to it, and look at that a while ago."""
    memory = outbox.target(slug_of(name), kind=slug_of(name))
    accept_suggestions(outbox.db, 1)
    outbox.run()
    track.run(outbox.db, MAIN, outbox.connect)
    with outbox.db.begin() as session:
        target = targets.get_target(session, MAIN, slug_of(name))
        senders.hear(SEAL, target, kind.proof)
        if senders.maker_of_secret(target):
            senders.rotate(SEAL, target, "lin_wh_of_theirs")
        [secret] = senders.secrets_of(SEAL, target)
        session.execute(
            text("UPDATE delivery SET reference = :named, looked_at = looked_at - interval '1 minute'"),
            {"named": kind.reference},
        )
    return memory, target, secret


@pytest.fixture(params=["github-issues"])
def world(request: pytest.FixtureRequest, db: Database) -> Iterator[World]:
    kind, outbox = KINDS[request.param], Outbox(db=db)
    memory, target, secret = delivered(outbox, request.param, kind)
    rung: list[str] = []
    app = create_app(db, Settings(), ring_to_track=rung.append)
    app.state.target_receivers = TargetReceivers(db, lambda: SEAL)
    with serving(app) as address, httpx.Client(base_url=address, trust_env=False, timeout=60) as client:
        yield World(
            outbox=outbox,
            app=app,
            client=client,
            rung=rung,
            memory=memory,
            kind=kind,
            target=target,
            secret=secret,
        )


every_kind = pytest.mark.parametrize("world", sorted(KINDS), indirect=True)


class TestHearing:
    def test_every_kind_that_calls_is_tried_here(self) -> None:
        assert {slug for slug, port in TARGETS.items() if port.hints} == {slug_of(name) for name in KINDS}
        assert all(port.hints.proofs for port in TARGETS.values() if port.hints)

    @every_kind
    def test_what_is_done_there_is_done_here_within_one_turn_of_the_stage(self, world: World) -> None:
        world.memory.stands[world.kind.reference] = Remote(
            reference=world.kind.reference, state="done", status="Closed"
        )
        assert world.track() == 0, "it was looked at a moment ago"
        answer = world.send(world.kind.told)
        assert (answer.status_code, answer.content, world.rung) == (200, b"", [MAIN])
        assert world.track() == 1
        assert world.delivery().remote_state == "done"

    @every_kind
    def test_a_call_is_a_hint_and_what_it_says_is_not_believed(self, world: World) -> None:
        assert world.send(world.kind.told).status_code == 200
        assert world.track() == 1
        assert world.delivery().remote_state == "open"

    @every_kind
    def test_what_changed_beside_changes_nothing(self, world: World) -> None:
        assert world.send(world.kind.elsewhere).status_code == 200
        assert (world.track(), world.rung) == (0, [])

    @every_kind
    def test_whoever_has_another_secret_or_none_is_not_heard(self, world: World) -> None:
        body = body_of(world.kind.told)
        answers = [
            world.send(world.kind.told, secret=new_secret().replace("/", "_").replace("+", "-"))
            if world.target.proof != "signature"
            else world.send(world.kind.told, secret=new_secret()),
            world.client.post(f"/hooks/{world.target.id}", content=body),
            world.client.post(f"/hooks/{world.target.id}/", content=body),
        ]
        if world.target.proof != "url":
            answers.append(world.client.post(f"/hooks/{world.target.id}/{world.secret[:5]}", content=body))
        if world.target.proof in ("own", "signature"):
            proof = dict(world.kind.headers(body, world.secret))
            answers.append(world.client.post(world.path(), content=body + b" ", headers=proof))
            [named] = [key for key in proof if "signature" in key]
            right = proof[named]
            wrong = ("", "sha256=", "sha256=zz", right.upper() + "x", right[:-1], f"{right}00", f"{right}é")
            for each in wrong:
                told = {key: value.encode() for key, value in {**proof, named: each}.items()}
                answers.append(world.client.post(world.path(), content=body, headers=told))  # type: ignore[arg-type]
        assert {answer.status_code for answer in answers} == {401}
        assert len({answer.json()["detail"] for answer in answers}) == 1
        assert (world.track(), world.rung) == (0, [])

    def test_a_call_of_linear_that_is_old_is_none(self, db: Database, world: World) -> None:
        with db.begin() as session:
            target = session.merge(world.target)
            target.kind, target.proof = "linear", "own"
        world.kind, world.target = KINDS["linear"], target
        world.forget()
        told = {**KINDS["linear"].told, "webhookTimestamp": int(time.time() * 1000) - 400_000}
        old = json.dumps(told).encode()
        assert world.send(old).status_code == 401
        assert world.send(b'{"type": "Issue"}').status_code == 401
        assert world.send(told).status_code == 200

    def test_a_secret_is_changed_without_a_gap(self, db: Database, world: World) -> None:
        with db.begin() as session:
            fresh = senders.rotate(SEAL, session.merge(world.target))
        both = (fresh, world.secret)
        world.forget()
        assert [world.send(world.kind.told, secret=one).status_code for one in both] == [
            200,
            200,
        ]
        with db.begin() as session:
            target = targets.get_target(session, MAIN, world.target.name)
            assert senders.drop_old(SEAL, target)
        world.forget()
        assert [world.send(world.kind.told, secret=one).status_code for one in both] == [
            200,
            401,
        ]

    def test_the_first_call_that_only_makes_sure_of_the_address_is_answered(self, world: World) -> None:
        body = b'{"zen":"Keep it logically awesome."}'
        headers = {**world.kind.headers(body, world.secret), "x-github-event": "ping"}
        assert world.client.post(world.path(), content=body, headers=headers).status_code == 200
        assert world.client.head(world.path()).status_code == 200
        assert world.rung == []


UNREADABLE: tuple[bytes, ...] = (
    b"",
    b"\xff\xfe",
    b"{",
    b"[]",
    b"null",
    b"7",
    b'"words"',
    b"{}",
    b'{"issue": []}',
    b'{"issue": {"number": {}}, "repository": 5}',
    b'{"issue": {"number": 7}, "repository": {"full_name": ["acme/app"]}}',
    b'{"issue": {"number": 1e999, "html_url": "\\u0000"}, "repository": {"full_name": "\\u0000"}}',
    b"payload=%7B%22",
    b"payload=",
    b"[" * 20_000,
    b'{"a":' * 20_000,
    b'{"issue": {"number": "' + b"9" * 100_000 + b'"}, "repository": {"full_name": "acme/app"}}',
)


class TestFloods:
    @every_kind
    def test_whatever_is_sent_is_answered_and_nothing_fails(self, world: World) -> None:
        for body in UNREADABLE:
            answer = world.send(body)
            assert answer.status_code == (401 if slug_of(world.target.kind) == "linear" else 200), body[:40]
        assert world.track() <= 1

    @pytest.mark.parametrize("world", ["backlog"], indirect=True)
    def test_a_call_that_does_not_say_what_changed_makes_all_of_its_target_be_looked_at_once(
        self, world: World
    ) -> None:
        with world.outbox.db.begin() as session:
            session.execute(text("UPDATE delivery SET looked_at = looked_at - interval '10 minutes'"))
        for _ in range(3):
            assert world.send(b"<xml/>").status_code == 200
        assert world.track() == 1
        assert world.send(b"<xml/>").status_code == 200
        assert world.track() == 0, "not again within minutes"

    def test_a_call_that_comes_again_and_again_makes_one_look(self, world: World) -> None:
        looks: list[str] = []
        look = world.memory.look

        def counted(reference: str) -> Remote:
            looks.append(reference)
            return look(reference)

        world.memory.look = counted  # type: ignore[method-assign]
        body = body_of(world.kind.told)
        assert world.send(body).status_code == 200
        assert world.track() == 1
        world.outbox.later(minutes=-5)  # however long the machine takes for the rest, the look was just now
        for number in range(100):
            assert world.send(body).status_code == 200
            if number % 50 == 0:
                world.track()
        world.track()
        assert looks == [world.kind.reference]
        assert len(world.rung) <= 2, "one more look waits its seconds, and nobody is woken for the rest"

    def test_what_changes_while_koe_looks_is_looked_at_again_soon(self, world: World) -> None:
        look = world.memory.look

        def slow(reference: str) -> Remote:
            found = look(reference)
            assert world.send(world.kind.told).status_code == 200
            return found

        world.memory.look = slow  # type: ignore[method-assign]
        assert world.send(world.kind.told).status_code == 200
        assert world.track() == 1
        wait = world.outbox.left(world.delivery().look_at)
        assert wait.total_seconds() <= 10, "not only in an hour"

    def test_a_body_that_is_too_long_or_packed_is_refused(self, world: World) -> None:
        assert world.send(b" " * ((1 << 20) + 1)).status_code == 413
        packed = world.client.post(world.path(), content=b"x", headers={"content-encoding": "gzip"})
        assert packed.status_code == 415


class TestWhose:
    def test_a_target_of_another_organisation_moves_nothing_here(self, db: Database, world: World) -> None:
        north = an_organisation(db, "north")
        with db.begin() as session:
            theirs = targets.add_target(session, north, "github-issues", "github-issues", {})
            senders.hear(SEAL, theirs)
            [secret] = senders.secrets_of(SEAL, theirs)
        ours = world.target
        assert world.send(world.kind.told, secret=secret).status_code == 401
        world.target = theirs
        assert world.send(world.kind.told, secret=secret).status_code == 200
        assert world.send(world.kind.told).status_code == 401
        assert world.track() == 0
        world.target = ours

    def test_one_that_was_removed_or_never_called_is_not_there(self, db: Database, world: World) -> None:
        for change in ("removed_at = clock_timestamp()", "removed_at = NULL, proof = NULL"):
            with db.begin() as session:
                session.execute(text(f"UPDATE target SET {change}"))
            world.forget()
            assert world.send(world.kind.told).status_code == 404
            assert world.client.head(world.path()).status_code == 404
        assert world.client.post("/hooks/nobody", content=b"{}").status_code == 404

    def test_one_that_rests_is_heard_and_not_looked_at(self, db: Database, world: World) -> None:
        with db.begin() as session:
            session.execute(text("UPDATE target SET paused_at = clock_timestamp()"))
        assert world.send(world.kind.told).status_code == 200
        assert world.track() == 0

    def test_two_things_that_changed_at_once_are_both_looked_at(self, world: World) -> None:
        accept_suggestions(world.outbox.db, 1, first=1)
        moved_to = Remote(reference="old/app#9", state="open", url="https://b.example/9")
        world.memory.stands["1"] = world.memory.stands[moved_to.reference] = moved_to
        world.outbox.run()
        world.track()
        with world.outbox.db.begin() as session:
            session.execute(text("UPDATE delivery SET looked_at = looked_at - interval '1 minute'"))
        moved = {
            "issue": {"number": 1, "html_url": "https://b.example/9"},
            "repository": {"full_name": "x/y"},
        }
        assert world.send(moved).status_code == 200, "what has another name by now is known by its address"
        assert world.send(world.kind.told).status_code == 200
        assert world.track() == 2
