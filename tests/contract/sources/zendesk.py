"""Zendesk, as its documentation describes it."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from connectors.ports import Changed, Company, Customer, Heard, Said, Withdrawn
from tests.contract.sources import Asked, Example, Sent, Vector

AT = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
CREATED = datetime(2026, 5, 1, 5, 27, 58, tzinfo=UTC)
UPDATED = datetime(2026, 5, 1, 5, 33, 18, tzinfo=UTC)


def sign(body: bytes, secret: str, at: datetime) -> Mapping[str, str]:
    stamp = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    made = hmac.new(secret.encode(), stamp.encode() + body, hashlib.sha256).digest()
    return {
        "x-zendesk-webhook-signature": base64.b64encode(made).decode(),
        "x-zendesk-webhook-signature-timestamp": stamp,
    }


def event(kind: str, told: Mapping[str, object], **detail: object) -> Mapping[str, object]:
    return {
        "account_id": 12514403,
        "id": "01JQ0000000000000000000001",
        "type": f"zen:event-type:{kind}",
        "subject": "zen:ticket:5300",
        "time": "2026-05-01T05:33:18Z",
        "zendesk_event_version": "2022-11-06",
        "detail": {
            "id": "5300",
            "subject": "ログインできない",
            "description": "昨日からログインできません。",
            "status": "OPEN",
            "requester_id": "1900",
            "organization_id": "0",
            "tags": ["vip"],
            "via": {"channel": "email"},
            "created_at": "2026-05-01T05:27:58Z",
            "updated_at": "2026-05-01T05:33:18Z",
            **detail,
        },
        "event": told,
    }


FIRST = Said(external_id="first", text="昨日からログインできません。", created_at=CREATED)
TICKET = Heard(
    external_id="5300",
    title="ログインできない",
    created_at=CREATED,
    updated_at=UPDATED,
    status="open",
    customer=Customer(id="1900"),
    url="{base}/agent/tickets/5300",
    tags=["vip"],
    said=[FIRST],
)

USERS = [
    {"id": 1900, "name": "A", "email": "aya@example.com", "role": "end-user", "locale": "ja"},
    {"id": 42, "name": "B", "email": "agent@example.com", "role": "agent", "locale": "ja"},
]
SOLVED: dict[str, object] = {
    "id": 5300,
    "subject": "ログインできない",
    "description": "昨日からログインできません。",
    "status": "solved",
    "requester_id": 1900,
    "organization_id": 77,
    "tags": ["vip", "login"],
    "via": {"channel": "chat"},
    "satisfaction_rating": {"id": 1, "score": "bad", "comment": "遅いです"},
    "created_at": "2026-05-01T05:27:58Z",
    "updated_at": "2026-05-02T00:00:00Z",
}
MEASURED: dict[str, object] = {"metric_set": {"solved_at": "2026-05-01T09:00:00Z"}}
COMMENTS = {
    "comments": [
        {
            "id": 98,
            "author_id": 1900,
            "body": "昨日からログインできません。",
            "plain_body": "昨日からログインできません。",
            "public": True,
            "created_at": "2026-05-01T05:27:58Z",
        },
        {"id": 99, "author_id": 42, "body": "調査中のメモ", "public": False},
        {
            "id": 100,
            "author_id": 42,
            "body": "パスワードを再設定してください。",
            "public": True,
            "created_at": "2026-05-01T06:00:00Z",
        },
    ],
    "users": USERS,
    "meta": {"has_more": True},
    "links": {"next": "{base}/api/v2/tickets/5300/comments.json?page%5Bafter%5D=x"},
}
MORE_COMMENTS = {
    "comments": [
        {
            "id": 101,
            "author_id": 1900,
            "body": "直りました。",
            "public": True,
            "created_at": "2026-05-01T07:00:00Z",
        }
    ],
    "users": USERS,
    "meta": {"has_more": False},
    "links": {"next": None},
}
WHOLE = Heard(
    external_id="5300",
    channel="chat",
    title="ログインできない",
    lang="ja",
    created_at=CREATED,
    updated_at=datetime(2026, 5, 2, tzinfo=UTC),
    replied_at=datetime(2026, 5, 1, 6, tzinfo=UTC),
    resolved_at=datetime(2026, 5, 1, 9, tzinfo=UTC),
    status="solved",
    rating=1.0,
    customer=Customer(id="1900", email="aya@example.com", account_id="77"),
    url="{base}/agent/tickets/5300",
    tags=["vip", "login"],
    said=[
        FIRST,
        Said(
            external_id="100",
            text="パスワードを再設定してください。",
            author_role="agent",
            created_at=datetime(2026, 5, 1, 6, tzinfo=UTC),
        ),
        Said(external_id="101", text="直りました。", created_at=datetime(2026, 5, 1, 7, tzinfo=UTC)),
        Said(
            external_id="satisfaction",
            text="遅いです",
            created_at=datetime(2026, 5, 2, tzinfo=UTC),
            updated_at=datetime(2026, 5, 2, tzinfo=UTC),
        ),
    ],
)
EXPORT = "/api/v2/incremental/tickets/cursor.json"
ASKED_COMMENTS = [
    Asked(target="/api/v2/tickets/5300/comments.json?page%5Bafter%5D", answer=MORE_COMMENTS),
    Asked(target="/api/v2/tickets/5300/comments.json", answer=COMMENTS),
]
ME = Asked(target="/api/v2/users/me.json", answer={"user": {"id": 42, "role": "admin"}})

EXAMPLE = Example(
    settings={"address": "{base}", "email": "agent@example.com", "token": "t0ken"},
    sign=sign,
    vectors=[
        Vector(
            at=AT,
            headers={
                "x-zendesk-webhook-signature": "zeYee/Cq9cKqY/1VtXe6lBabGKP6SYnmpOcEPGXUCKE=",
                "x-zendesk-webhook-signature-timestamp": "2023-11-14T22:13:20Z",
            },
        )
    ],
    sent=[
        Sent(
            content=event("ticket.created", {}),
            named="01JQ0000000000000000000001",
            tells=[TICKET, Changed(external_id="5300")],
        ),
        Sent(
            content=event(
                "ticket.comment_added",
                {
                    "comment": {
                        "id": "99",
                        "body": "まだ入れません",
                        "is_public": True,
                        "author": {"id": "1900", "is_staff": False, "name": "A"},
                    }
                },
            ),
            named="01JQ0000000000000000000001",
            tells=[
                replace(
                    TICKET, said=[FIRST, Said(external_id="99", text="まだ入れません", created_at=UPDATED)]
                ),
                Changed(external_id="5300"),
            ],
        ),
        Sent(
            content=event(
                "ticket.comment_added", {"comment": {"id": "9", "body": "メモ", "is_public": False}}
            ),
            named="01JQ0000000000000000000001",
            tells=[TICKET, Changed(external_id="5300")],
        ),
        Sent(
            content=event("ticket.permanently_deleted", {}),
            named="01JQ0000000000000000000001",
            tells=[Withdrawn(external_id="5300", at=UPDATED)],
        ),
        Sent(content={"koe": 1, "ticket_id": "5300"}, tells=[Changed(external_id="5300")]),
    ],
    own=[
        Sent(
            content=event("ticket.created", {}, description="ご案内します。 [koe:0123456789abcdef0123]"),
            named="01JQ0000000000000000000001",
            tells=[],
        )
    ],
    check=[ME],
    since=datetime(2026, 5, 1, tzinfo=UTC),
    walk=[
        Asked(
            target=f"{EXPORT}?start_time=1777593600",
            answer={
                "tickets": [SOLVED],
                "users": USERS,
                "organizations": [
                    {
                        "id": 77,
                        "external_id": "A-1",
                        "name": "Acme",
                        "domain_names": ["acme.example"],
                    }
                ],
                "metric_sets": [{"ticket_id": 5300, "solved_at": "2026-05-01T09:00:00Z"}],
                "after_cursor": "MTc3",
                "end_of_stream": False,
            },
        ),
        Asked(
            target=f"{EXPORT}?cursor=MTc3",
            answer={
                "tickets": [{"id": 5301, "status": "deleted", "updated_at": "2026-05-02T00:00:00Z"}],
                "after_cursor": "MTc4",
                "end_of_stream": True,
            },
        ),
        *ASKED_COMMENTS,
    ],
    pages=2,
    walked=[
        Company(account_id="77", own_id="A-1", name="Acme", domains=["acme.example"]),
        replace(WHOLE, customer=replace(WHOLE.customer, account_own_id="A-1")),
        Withdrawn(external_id="5301", at=datetime(2026, 5, 2, tzinfo=UTC)),
    ],
    refused=("5300", "/api/v2/tickets/5300/comments.json"),
    fetch=[
        ME,
        Asked(
            target="/api/v2/tickets/5300.json",
            answer={
                "ticket": SOLVED | MEASURED,
                "users": USERS,
            },
        ),
        *ASKED_COMMENTS,
    ],
    fetched=("5300", WHOLE),
    gone="404",
)
