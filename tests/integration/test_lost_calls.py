"""Calls that a sender lost: the next walk finds all of them, and what comes late is there already."""

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from sqlmodel import func, select

from service.db import Database
from service.models import MAIN, Item, Message, Source, Walk
from service.pipeline import fetch, ingest
from service.repositories import sources, walks
from tests.callers import Server, now_signed
from tests.contract.sources import Asked, Sent, zendesk
from tests.site import address_of, site
from tests.sourcing import opened
from tests.walking import add, due_now

TICKETS = 120
SHARE = 0.05
"""Of the calls that get lost."""
SEED = 20260503
A_PAGE = 50


def ticket(number: int) -> Mapping[str, object]:
    return {**zendesk.SOLVED, "id": number, "satisfaction_rating": None, "description": f"It broke. {number}"}


def held(numbers: Sequence[int]) -> Iterator[Asked]:
    """Yield what a help desk answers that holds these tickets."""
    for place in range(0, max(len(numbers), 1), A_PAGE):
        some = numbers[place : place + A_PAGE]
        is_last = place + A_PAGE >= len(numbers)
        yield Asked(
            target=f"{zendesk.EXPORT}?{f'cursor=c{place}' if place else 'start_time='}",
            answer={
                "tickets": [ticket(number) for number in some],
                "users": zendesk.USERS,
                "after_cursor": f"c{place + A_PAGE}",
                "end_of_stream": is_last,
            },
        )
    for number in numbers:
        said = {
            "id": 7,
            "author_id": 1900,
            "body": f"It broke. {number}",
            "public": True,
            "created_at": "2026-05-01T05:27:58Z",
        }
        comments = {"comments": [said], "users": zendesk.USERS, "meta": {"has_more": False}, "links": {}}
        found = {"ticket": ticket(number), "users": zendesk.USERS}
        yield Asked(target=f"/api/v2/tickets/{number}/comments.json", answer=comments)
        yield Asked(target=f"/api/v2/tickets/{number}.json", answer=found)


def told(number: int) -> Sent:
    """Return the call that tells of a new ticket."""
    content = zendesk.event("ticket.created", {}, id=str(number), description=f"It broke. {number}")
    return Sent(content={**content, "id": f"call-{number}"}, tells=[])


def walk_of(db: Database, source: Source) -> Walk:
    with db.begin() as session:
        walk = walks.walk_of(session, source.id)
    assert walk is not None
    return walk


def counted(db: Database) -> tuple[int, int]:
    """Return how many items there are, and how many messages."""
    with db.begin() as session:
        items = session.exec(select(func.count()).select_from(Item)).one()
        return items, session.exec(select(func.count()).select_from(Message)).one()


def test_the_hourly_walk_finds_what_calls_lost_and_doubles_nothing(server: Server) -> None:
    db, source = server.db, add(server.db, "zendesk")
    lost = set(random.Random(SEED).sample(range(1, TICKETS + 1), round(TICKETS * SHARE)))
    numbers = range(1, TICKETS + 1)
    there = list(held([]))
    with site(there) as desk:
        port = opened("zendesk", address_of(desk))

        def take_all() -> None:
            due_now(db)
            assert fetch.run(db, MAIN, lambda _: port, seconds=120).failed == 0
            assert ingest.run(db, MAIN).failed == 0

        with db.begin() as session:
            found = sources.get_source(session, MAIN, source.name)
            walks.begin(session, found, since=None, now=datetime.now(UTC))
        take_all()
        assert walk_of(db, source).through is not None
        for number in numbers:
            if number not in lost:
                assert server.send(now_signed("zendesk", told(number))).status_code == 200
        assert ingest.run(db, MAIN).failed == 0
        assert counted(db) == (TICKETS - len(lost),) * 2
        there[:] = held(numbers)
        take_all()
        assert walk_of(db, source).repaired == len(lost)
        assert counted(db) == (TICKETS, TICKETS)
        for number in lost:  # they were only late
            assert server.send(now_signed("zendesk", told(number))).status_code == 200
        for number in list(numbers)[:20]:  # and senders repeat what they are not sure of
            assert server.send(now_signed("zendesk", told(number))).status_code == 200
        assert ingest.run(db, MAIN).failed == 0
        take_all()
        assert walk_of(db, source).repaired == len(lost)
        assert counted(db) == (TICKETS, TICKETS)
