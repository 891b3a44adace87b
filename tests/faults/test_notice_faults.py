"""Notices to a Zendesk that fails in every way, by processes that are killed: each customer is told once."""

import random
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


class Tickets(Board):
    """A Zendesk with tickets whose public comments are kept."""

    def __init__(self, seed: int) -> None:
        super().__init__(retry_after="2", hang_seconds=2 * SECONDS)
        self.comments: dict[str, list[tuple[str, str]]] = {}
        self.met = Counter[str]()
        self.choose = lambda request: self._drawn(request, seed)
        self.on("PUT", r"/api/v2/tickets/([\w-]+)\.json")(self._comment)
        self.on("GET", r"/api/v2/tickets/([\w-]+)\.json")(self._ticket)
        self.on("GET", r"/api/v2/tickets/([\w-]+)/comments\.json")(self._comments)
        self.on("GET", r"/api/v2/users/me\.json")(
            lambda _: Reply(content={"user": {"id": 42, "role": "admin"}})
        )

    def has_told(self, customers: int) -> bool:
        """Say whether so many customers were told."""
        return len(self.comments) >= customers

    def _drawn(self, request: Request, seed: int) -> Fault | None:
        key = f"{request.method} {request.path}"
        self.met[key] += 1
        lot = random.Random(f"{seed} {key} {self.met[key]}").random() * (1 if request.writes else 5)
        for fault, share in SHARES.items():
            if lot < share:
                return fault
            lot -= share
        return None

    def _comment(self, request: Request, ticket: str) -> Reply:
        said = self.comments.setdefault(ticket, [])
        stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        said.append((request.json["ticket"]["comment"]["html_body"], stamp))
        events = [{"type": "Comment", "id": 1000 + len(said)}]
        return Reply(content={"ticket": {"id": ticket}, "audit": {"events": events}})

    def _ticket(self, _: Request, ticket: str) -> Reply:
        return Reply(content={"ticket": {"id": ticket, "status": "solved", "requester_id": 9}})

    def _comments(self, _: Request, ticket: str) -> Reply:
        made = [
            {"id": 1001 + place, "author_id": 42, "plain_body": text, "public": True, "created_at": stamp}
            for place, (text, stamp) in enumerate(self.comments.get(ticket, ()))
        ]
        asked = {"id": 1, "author_id": 9, "plain_body": "落ちます。", "public": True}
        users = [{"id": 9, "role": "end-user"}, {"id": 42, "role": "admin"}]
        return Reply(content={"comments": [asked, *made], "users": users, "meta": {"has_more": False}})


@pytest.fixture
def zendesk(seed: int) -> Iterator[Tickets]:
    with listening(Tickets(seed)) as board:
        assert isinstance(board, Tickets)
        yield board


@pytest.fixture
def deliverers(zendesk: Tickets) -> Iterator[Deliverers]:
    known = {"address": zendesk.address, "email": "a@example.com", "token": "t", "replies": "yes"}
    with delivering({}, hurry=HURRY, seconds=SECONDS, sources={"desk": ("zendesk", known)}) as started:
        yield started


def test_each_customer_is_told_once_whatever_fails(
    db: Database, zendesk: Tickets, deliverers: Deliverers, seed: int
) -> None:
    desk = TellingDesk.over(db)
    with db.begin() as session:
        for number in range(4, CUSTOMERS):
            desk.world.say(session, "crash", number, f"写真を開くとアプリが落ちます。{number}回目です。")
        session.execute(update(Item).values(created_at=MONDAY))
    desk.agree()
    desk.say("c7", "no")
    desk.later()
    lots = random.Random(seed)
    deliverers.start(db)
    for kill in range(1, KILLS + 1):
        told_by_then = kill * CUSTOMERS // (KILLS + 2)
        until(partial(zendesk.has_told, told_by_then), within=PATIENCE)
        deliverers.kill_one(lots)
        deliverers.start(db)
    until(lambda: set(counts(db)) <= {"delivered", "dead"}, within=PATIENCE)
    assert counts(db) == {"delivered": CUSTOMERS - 1, "dead": 1}
    assert {ticket: len(said) for ticket, said in zendesk.comments.items()} == {
        f"crash-{number}": 1 for number in range(CUSTOMERS) if number != 7
    }
    text = words_of(desk.overview().texts["ja-mail"])
    assert {words_of(said[0][0]) for said in zendesk.comments.values()} == {text}
    for conversation, told in attempts_by(db, _conversation).items():
        if conversation != "crash-7":
            check_told(told)


def _conversation(delivery: Delivery) -> str:
    return str(delivery.link_to)
