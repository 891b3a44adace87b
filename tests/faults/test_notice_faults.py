"""Notices to systems that fail in every way, by processes that are killed: each customer is told once."""

import random
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial

import pytest
from sqlalchemy import update

from connectors.replying import words_of
from service.db import Database
from service.models import Delivery, Item
from tests.acting import MONDAY
from tests.board import Board, Fault, Reply, Request, listening
from tests.deliverers import Deliverers, attempts_by, check_told, counts, delivering
from tests.telling import TellingDesk
from tests.waiting import until

CUSTOMERS = 60
KILLS = 4
HURRY = 40
SECONDS = 0.5
PATIENCE = 240
SHARES = {
    Fault.BUSY: 0.1,
    Fault.BROKEN: 0.05,
    Fault.GATEWAY: 0.05,
    Fault.LOST: 0.1,
    Fault.CUT: 0.05,
    Fault.PAGE: 0.03,
    Fault.HANG: 0.02,
    Fault.LATE: 0.02,
}
"""Of the replies, by how they fail; questions fail a fifth as often."""


class Desk(Board, ABC):
    """A system whose conversations are kept, and what is said in them."""

    kind: str
    """Of the source that it is."""
    channel = "ticket"
    form = "mail"

    def __init__(self, seed: int) -> None:
        super().__init__(retry_after="2", hang_seconds=2 * SECONDS)
        self.comments: dict[str, list[tuple[str, datetime]]] = {}
        self.met = Counter[str]()
        self.choose = lambda request: self._drawn(request, seed)
        self.serve()

    @abstractmethod
    def serve(self) -> None:
        """Say what is answered."""

    @property
    def settings(self) -> dict[str, str]:
        """What a source is to be told."""
        return {"address": self.address, "token": "t", "replies": "yes"}

    def named(self, number: int) -> str:
        """Return what the conversation of a customer is called."""
        return f"crash-{number}"

    def has_told(self, customers: int) -> bool:
        """Say whether so many customers were told."""
        return len(self.comments) >= customers

    def keep(self, conversation: str, text: str) -> int:
        """Keep what is said, and return its number."""
        said = self.comments.setdefault(conversation, [])
        said.append((text, datetime.now(UTC)))
        return 1000 + len(said)

    def _drawn(self, request: Request, seed: int) -> Fault | None:
        key = f"{request.method} {request.path}"
        self.met[key] += 1
        lot = random.Random(f"{seed} {key} {self.met[key]}").random() * (1 if request.writes else 5)
        for fault, share in SHARES.items():
            if lot < share:
                return fault
            lot -= share
        return None


class Tickets(Desk):
    """A Zendesk with tickets whose public comments are kept."""

    kind = "zendesk"

    def serve(self) -> None:
        self.on("PUT", r"/api/v2/tickets/([\w-]+)\.json")(self._comment)
        self.on("GET", r"/api/v2/tickets/([\w-]+)\.json")(self._ticket)
        self.on("GET", r"/api/v2/tickets/([\w-]+)/comments\.json")(self._comments)
        self.on("GET", r"/api/v2/users/me\.json")(
            lambda _: Reply(content={"user": {"id": 42, "role": "admin"}})
        )

    @property
    def settings(self) -> dict[str, str]:
        return {**super().settings, "email": "a@example.com"}

    def _comment(self, request: Request, ticket: str) -> Reply:
        named = self.keep(ticket, request.json["ticket"]["comment"]["html_body"])
        events = [{"type": "Comment", "id": named}]
        return Reply(content={"ticket": {"id": ticket}, "audit": {"events": events}})

    def _ticket(self, _: Request, ticket: str) -> Reply:
        return Reply(content={"ticket": {"id": ticket, "status": "solved", "requester_id": 9}})

    def _comments(self, _: Request, ticket: str) -> Reply:
        made = [
            {
                "id": 1001 + place,
                "author_id": 42,
                "plain_body": text,
                "public": True,
                "created_at": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            }
            for place, (text, at) in enumerate(self.comments.get(ticket, ()))
        ]
        asked = {"id": 1, "author_id": 9, "plain_body": "落ちます。", "public": True}
        users = [{"id": 9, "role": "end-user"}, {"id": 42, "role": "admin"}]
        return Reply(content={"comments": [asked, *made], "users": users, "meta": {"has_more": False}})


class Conversations(Desk):
    """An Intercom with conversations whose parts are kept."""

    kind = "intercom"

    def serve(self) -> None:
        self.on("POST", r"/conversations/([\w-]+)/reply")(self._said)
        self.on("POST", r"/conversations/search")(lambda _: Reply(content={"conversations": []}))
        self.on("GET", r"/conversations/([\w-]+)")(self._conversation)
        self.on("GET", r"/me")(lambda _: Reply(content={"id": "42", "app": {"id_code": "abc"}}))

    def _said(self, request: Request, conversation: str) -> Reply:
        self.keep(conversation, request.json["body"])
        return self._conversation(request, conversation)

    def _conversation(self, _: Request, conversation: str) -> Reply:
        parts = [
            {
                "id": str(1001 + place),
                "part_type": "comment",
                "author": {"type": "admin", "id": "42"},
                "body": text,
                "created_at": int(at.timestamp()),
            }
            for place, (text, at) in enumerate(self.comments.get(conversation, ()))
        ]
        return Reply(
            content={
                "id": conversation,
                "source": {"type": "email", "body": "落ちます。", "author": {"type": "user", "id": "9"}},
                "contacts": {"contacts": [{"id": "9"}]},
                "conversation_parts": {"conversation_parts": parts},
            }
        )


class Chats(Desk):
    """A LINE that says once what is said twice under one key, and shows nothing of it."""

    kind, channel, form = "line", "chat", "chat"

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.keys: dict[str, int] = {}

    def named(self, number: int) -> str:
        return f"U{number:032x}/2026-05-01"

    def serve(self) -> None:
        self.on("POST", r"/v2/bot/message/push")(self._push)
        self.on("GET", r"/v2/bot/info")(lambda _: Reply(content={"userId": "U1", "displayName": "Example"}))
        self.on("GET", r"/v2/bot/profile/(\w+)")(lambda _, __: Reply(content={"displayName": "Aya"}))
        self.on("GET", r"/v2/bot/message/quota")(lambda _: Reply(content={"type": "none"}))

    def _push(self, request: Request) -> Reply:
        key, told = request.headers["x-line-retry-key"], request.json
        known = key in self.keys
        if not known:
            self.keys[key] = self.keep(f"{told['to']}/2026-05-01", told["messages"][0]["text"])
        sent = {"sentMessages": [{"id": str(self.keys[key])}]}
        return Reply(status=409 if known else 200, content=sent)


@pytest.fixture(params=[Tickets, Conversations, Chats], ids=lambda made: made.kind)
def system(request: pytest.FixtureRequest, seed: int) -> Iterator[Desk]:
    with listening(request.param(seed)) as board:
        assert isinstance(board, Desk)
        yield board


@pytest.fixture
def deliverers(system: Desk) -> Iterator[Deliverers]:
    sources = {"desk": (system.kind, system.settings)}
    with delivering({}, hurry=HURRY, seconds=SECONDS, sources=sources) as started:
        yield started


def test_each_customer_is_told_once_whatever_fails(
    db: Database, system: Desk, deliverers: Deliverers, seed: int
) -> None:
    desk = TellingDesk.over(db, kind=system.kind)
    with db.begin() as session:
        for number in range(4, CUSTOMERS):
            desk.world.say(session, "crash", number, f"写真を開くとアプリが落ちます。{number}回目です。")
        session.execute(update(Item).values(created_at=MONDAY, channel=system.channel))
        for number in range(CUSTOMERS):
            session.get_one(Item, f"crash-{number}").external_id = system.named(number)
    desk.agree()
    desk.say("c7", "no")
    desk.later()
    lots = random.Random(seed)
    deliverers.start(db)
    for kill in range(1, KILLS + 1):
        told_by_then = kill * CUSTOMERS // (KILLS + 2)
        until(partial(system.has_told, told_by_then), within=PATIENCE)
        deliverers.kill_one(lots)
        deliverers.start(db)
    until(lambda: set(counts(db)) <= {"delivered", "dead"}, within=PATIENCE)
    assert counts(db) == {"delivered": CUSTOMERS - 1, "dead": 1}
    assert {ticket: len(said) for ticket, said in system.comments.items()} == {
        system.named(number): 1 for number in range(CUSTOMERS) if number != 7
    }
    text = words_of(desk.overview().texts[f"ja-{system.form}"])
    assert {words_of(said[0][0]) for said in system.comments.values()} == {text}
    for conversation, told in attempts_by(db, _conversation).items():
        if conversation != system.named(7):
            check_told(told)


def _conversation(delivery: Delivery) -> str:
    return str(delivery.link_to)
