"""Zammad, as its documentation and its source describe it."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from connectors.ports import BadRow, Changed, Company, Customer, Event, Heard, Said, Withdrawn
from tests.contract.sources import Asked, Example, Sent, Vector

API = "/api/v1"
SINCE = datetime(2026, 5, 1, tzinfo=UTC)
CREATED = datetime(2026, 5, 1, 5, 27, 58, 282_000, tzinfo=UTC)
UPDATED = datetime(2026, 5, 1, 9, 0, 0, 333_000, tzinfo=UTC)
REPLIED = datetime(2026, 5, 1, 6, tzinfo=UTC)
ENDED = datetime(2026, 5, 1, 8, 30, tzinfo=UTC)
DELIVERY = {"x-zammad-delivery": "7a4c2c5d-6a35-4c3c-9f5f-3b8f8a0b5c11"}


def sign(body: bytes, secret: str, at: datetime) -> Mapping[str, str]:  # noqa: ARG001  no time is signed
    return {"x-hub-signature": f"sha1={hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()}"}


def minute(number: int) -> datetime:
    return datetime(2026, 5, 1, 6, number, tzinfo=UTC)


def article(number: int, sender: str, body: str, **more: object) -> dict[str, object]:
    return {
        "id": number,
        "ticket_id": 81,
        "sender": sender,
        "type": "email",
        "internal": False,
        "subject": "",
        "body": body,
        "content_type": "text/html",
        "created_at": f"2026-05-01T06:{number:02}:00.000Z",
        "updated_at": f"2026-05-01T06:{number:02}:00.000Z",
        "attachments": [],
        **more,
    }


TICKET = {
    "id": 81,
    "number": "10081",
    "title": "請求書が届かない",
    "state_id": 2,
    "state": "open",
    "customer_id": 8,
    "organization_id": 3,
    "create_article_type": "email",
    "first_response_at": None,
    "close_at": None,
    "created_at": "2026-05-01T05:27:58.282Z",
    "updated_at": "2026-05-01T09:00:00.333Z",
}
COMPANY = {"id": 3, "name": "Acme KK", "domain": "acme.example", "domain_assignment": True}
KNOWN = Company(account_id="3", name="Acme KK", domains=["acme.example"])


def told(said: object, **more: object) -> Mapping[str, object]:
    """Return what a webhook sends: objects where the API tells names."""
    return {
        "ticket": {
            **TICKET,
            "group": {"id": 3, "name": "Billing"},
            "customer": {"id": 8, "email": "aya@acme.example", "organization": "Acme KK"},
            "organization": COMPANY,
            **more,
        },
        "article": said,
    }


def sent(content: object, *tells: Event) -> Sent:
    return Sent(content=content, tells=tells, naming=DELIVERY, named=DELIVERY["x-zammad-delivery"])


def listed(**more: object) -> dict[str, object]:
    return {**TICKET, "group": "Billing", "customer": "aya", "organization": "Acme KK", **more}


ASKED = article(1, "Customer", "<p>請求書が届きません。</p>")
FIRST = Said(external_id="1", text="<p>請求書が届きません。</p>", created_at=minute(1), updated_at=minute(1))
TALK = Heard(
    external_id="81",
    title="請求書が届かない",
    created_at=CREATED,
    updated_at=UPDATED,
    status="open",
    customer=Customer(id="8", email="aya@acme.example", account_id="3"),
    url="{base}/#ticket/zoom/81",
    tags=[],
    team="Billing",
    said=[FIRST],
)
CHANGED = Changed(external_id="81")
HIDDEN_AT = "2026-05-01T07:00:00.000Z"
ANSWER = Said(
    external_id="2", text="確認します。", author_role="agent", created_at=minute(2), updated_at=minute(2)
)
TAKEN_BACK = replace(ANSWER, text="", updated_at=datetime(2026, 5, 1, 7, tzinfo=UTC))
CLOSED = {
    "state": "closed",
    "first_response_at": "2026-05-01T06:00:00.000Z",
    "close_at": "2026-05-01T08:00:00.000Z",
    "last_close_at": "2026-05-01T08:30:00.000Z",
}
WHOLE = replace(
    TALK,
    lang="ja",
    status="closed",
    replied_at=REPLIED,
    resolved_at=ENDED,
    tags=["vip"],
    said=[
        FIRST,
        TAKEN_BACK,
        Said(
            external_id="4",
            text="自動応答です。",
            author_role="bot",
            created_at=minute(4),
            updated_at=minute(4),
        ),
    ],
)
ONE = [
    Asked(
        target=f"{API}/ticket_articles/by_ticket/81",
        answer=[
            ASKED,
            article(2, "Agent", "確認します。", internal=True, updated_at=HIDDEN_AT),
            article(3, "Agent", "社内メモ", internal=True, type="note"),
            article(4, "System", "自動応答です。"),
        ],
    ),
    Asked(target=f"{API}/tags?object=Ticket&o_id=81", answer={"tags": ["vip"]}),
    Asked(
        target=f"{API}/users/8",
        answer={"id": 8, "email": "aya@acme.example", "preferences": {"locale": "ja-jp"}},
    ),
    Asked(target=f"{API}/organizations/3", answer=COMPANY),
]
SEARCH = (
    f"{API}/tickets/search?condition%5Bticket.updated_at%5D%5Boperator%5D=after+%28absolute%29"
    "&condition%5Bticket.updated_at%5D%5Bvalue%5D="
)
SORTED = "&sort_by=updated_at&order_by=asc"
BEFORE = "2026-05-01T03:00:00.000Z"


def at_once(*numbers: int, at: str) -> list[object]:
    """Return tickets of which nobody is known and nothing was said, changed at one time."""
    nobody = {"customer_id": None, "organization_id": None, "state": "merged", "updated_at": at}
    return [listed(id=number, **nobody) for number in numbers]


def merged(*numbers: int) -> list[Withdrawn]:
    return [Withdrawn(external_id=str(number), at=datetime(2026, 5, 1, 3, tzinfo=UTC)) for number in numbers]


EXAMPLE = Example(
    settings={"address": "{base}", "token": "t0ken"},
    sign=sign,
    vectors=[
        Vector(at=CREATED, headers={"x-hub-signature": "sha1=2cc89519ed3d809768021558ed799a0420414eb1"})
    ],
    sent=[
        sent(told(ASKED), KNOWN, TALK, CHANGED),
        sent(told(article(2, "Agent", "確認します。")), KNOWN, replace(TALK, said=[ANSWER]), CHANGED),
        sent(
            told(article(2, "Agent", "確認します。", internal=True, updated_at=HIDDEN_AT)),
            KNOWN,
            replace(TALK, said=[TAKEN_BACK]),
            CHANGED,
        ),
        sent(told(article(3, "Agent", "社内メモ", internal=True)), KNOWN, replace(TALK, said=[]), CHANGED),
        sent(told(article(5, "Customer", "別の記事", ticket_id=80)), KNOWN, replace(TALK, said=[]), CHANGED),
        sent(
            told({}, create_article_type="phone", organization={}, organization_id=None, **CLOSED),
            replace(
                TALK,
                said=[],
                channel="call",
                status="closed",
                replied_at=REPLIED,
                resolved_at=ENDED,
                customer=replace(TALK.customer, account_id=None),
            ),
            CHANGED,
        ),
        sent(told({}, state="merged"), KNOWN, Withdrawn(external_id="81", at=UPDATED)),
        sent(
            {"ticket": "請求書が届かない", "message": "…"},
            BadRow(line=1, reason="it holds no ticket: turn Custom Payload of the webhook off"),
        ),
    ],
    own=[sent(told(article(6, "Agent", "ご案内します。 [koe:0123456789abcdef0123]")))],
    check=[
        Asked(target=f"{API}/users/me", answer={"id": 3, "email": "chris@example.com"}),
        Asked(target=f"{API}/tickets?page=1&per_page=1&expand=true", answer=[listed()]),
        Asked(target=SEARCH, answer=[]),
    ],
    since=SINCE,
    walk=[
        Asked(
            target=f"{SEARCH}2026-05-01T00%3A00%3A00.000000Z{SORTED}&page=1&per_page=12&expand=true",
            answer=at_once(*range(1, 13), at=BEFORE),
        ),
        Asked(
            target=f"{SEARCH}2026-05-01T03%3A00%3A00.000000Z{SORTED}&page=1&per_page=12&expand=true",
            answer=at_once(*range(1, 13), at=BEFORE),
        ),
        Asked(
            target=f"{SEARCH}2026-05-01T03%3A00%3A00.000000Z{SORTED}&page=2&per_page=12&expand=true",
            answer=[*at_once(13, at=BEFORE), listed(**CLOSED), listed(id=82, **CLOSED)],
        ),
        *ONE,
    ],
    pages=3,
    walked=[
        *merged(*range(1, 13)),
        *merged(*range(1, 13)),
        *merged(13),
        KNOWN,
        WHOLE,
        Changed(external_id="82"),
    ],
    refused=("81", f"{API}/ticket_articles/by_ticket/81"),
    fetch=[
        Asked(target=f"{API}/tickets?page=1&per_page=1", answer=[listed()]),
        Asked(target=f"{API}/tickets/81?expand=true", answer=listed(**CLOSED)),
        *ONE,
    ],
    fetched=("81", WHOLE),
    gone="404",
)
