"""Help Scout, as its documentation and its library describe it."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from connectors.ports import Changed, Customer, Heard, Said, Withdrawn
from tests.contract.sources import Asked, Example, Sent, Vector

CREATED = datetime(2026, 4, 21, 14, 39, 56, tzinfo=UTC)
UPDATED = datetime(2026, 4, 21, 14, 43, 24, tzinfo=UTC)
CLOSED = datetime(2026, 4, 21, 14, 43, 20, tzinfo=UTC)


def sign(body: bytes, secret: str, at: datetime) -> Mapping[str, str]:  # noqa: ARG001
    made = hmac.new(secret.encode(), body, hashlib.sha1).digest()
    return {"x-helpscout-signature": base64.b64encode(made).decode()}


def told_by(kind: str) -> Mapping[str, str]:
    return {"x-helpscout-event": kind}


def thread(number: int, kind: str, body: str, by: str = "user", **more: object) -> Mapping[str, object]:
    return {
        "id": number,
        "type": kind,
        "status": "active",
        "state": "published",
        "body": body,
        "createdBy": {"id": 12, "type": by},
        "createdAt": f"2026-04-21T14:4{number}:00Z",
        **more,
    }


def conversation(*threads: Mapping[str, object], **more: object) -> dict[str, object]:
    return {
        "id": 10,
        "number": 15473,
        "threads": 2,
        "type": "email",
        "status": "active",
        "state": "published",
        "subject": "ログインできない",
        "preview": "入れ…",
        "mailboxId": 85,
        "createdBy": {"id": 238604, "type": "customer", "email": "aya@example.com"},
        "createdAt": "2026-04-21T14:39:56Z",
        "userUpdatedAt": "2026-04-21T14:43:24Z",
        "tags": [{"id": 9150, "color": "#929499", "tag": "vip"}],
        "primaryCustomer": {"id": 238604},
        "_embedded": {"threads": threads},
        **more,
    }


def minute(number: int) -> datetime:
    return datetime(2026, 4, 21, 14, 40 + number, tzinfo=UTC)


ASKED = thread(1, "customer", "入れません。", "customer")
FIRST = Said(external_id="1", text="入れません。", created_at=minute(1))
OPEN = Heard(
    external_id="10",
    title="ログインできない",
    created_at=CREATED,
    updated_at=UPDATED,
    status="active",
    customer=Customer(id="238604", email="aya@example.com"),
    url="https://secure.helpscout.net/conversation/10/15473/",
    tags=["vip"],
    said=[FIRST],
)
CHANGED = Changed(external_id="10")
STORED = conversation(
    thread(6, "lineitem", "Assigned"),
    thread(5, "message", "公開前", state="draft"),
    thread(4, "note", "社内メモ"),
    thread(3, "message", "自動応答です。", action={"type": "automatic-workflow"}),
    thread(2, "message", "どの画面ですか。"),
    ASKED,
    status="closed",
    closedAt="2026-04-21T14:43:20Z",
)
WHOLE = replace(
    OPEN,
    status="closed",
    resolved_at=CLOSED,
    replied_at=minute(2),
    said=[
        Said(external_id="3", text="自動応答です。", author_role="bot", created_at=minute(3)),
        Said(external_id="2", text="どの画面ですか。", author_role="agent", created_at=minute(2)),
        FIRST,
    ],
)
TOKEN = Asked(
    target="/v2/oauth2/token",
    method="POST",
    holds='"client_id": "app"',
    answer={"token_type": "bearer", "access_token": "t0ken", "expires_in": 172800},
)
LIST = "/v2/conversations?status=all&modifiedSince="
ORDER = "&sortField=modifiedAt&sortOrder=asc&embed=threads"
CHECK = [
    TOKEN,
    Asked(target="/v2/users/me", answer={"id": 4, "email": "b@example.com"}),
    Asked(target="/v2/conversations?page=1", answer={"page": {"totalPages": 0}}),
]

EXAMPLE = Example(
    settings={"app_id": "app", "app_secret": "s3cr3t", "address": "{base}"},
    sign=sign,
    vectors=[Vector(at=CREATED, headers={"x-helpscout-signature": "LMiVGe09gJdoAhVY7XmaBCBBTrE="})],
    sent=[
        Sent(content=conversation(ASKED), headers=told_by("convo.created"), tells=[OPEN, CHANGED]),
        Sent(
            content=conversation(thread(2, "message", "どの画面ですか。"), ASKED),
            headers=told_by("convo.agent.reply.created"),
            tells=[replace(OPEN, said=[WHOLE.said[1], FIRST]), CHANGED],
        ),
        Sent(
            content=conversation(thread(4, "note", "社内メモ")),
            headers=told_by("convo.note.created"),
            tells=[replace(OPEN, said=[]), CHANGED],
        ),
        Sent(
            content=conversation(type="chat", status="spam"),
            headers=told_by("convo.status"),
            tells=[Withdrawn(external_id="10", at=UPDATED)],
        ),
        Sent(content=conversation(state="draft"), headers=told_by("convo.created"), tells=[]),
        Sent(content={"id": 10}, headers=told_by("convo.tags"), tells=[CHANGED]),
        Sent(content={"id": 10}, headers=told_by("convo.deleted"), tells=[Withdrawn(external_id="10")]),
        Sent(content={"id": 7}, headers=told_by("customer.deleted"), tells=[]),
    ],
    own=[
        Sent(
            content=conversation(thread(2, "message", "記事です。 [koe:0123456789abcdef0123]")),
            headers=told_by("convo.agent.reply.created"),
            tells=[],
        )
    ],
    greeting=(Sent(content={"ok": True}, headers=told_by("helpscout.test"), tells=[]), b""),
    check=CHECK,
    since=datetime(2026, 4, 21, tzinfo=UTC),
    walk=[
        TOKEN,
        Asked(
            target=f"{LIST}2026-04-21T00%3A00%3A00Z{ORDER}&page=1",
            answer={
                "_embedded": {"conversations": [STORED]},
                "page": {"size": 25, "totalElements": 3, "totalPages": 3, "number": 1},
            },
        ),
        Asked(
            target=f"{LIST}2026-04-21T14%3A43%3A24Z{ORDER}&page=1",
            answer={
                "_embedded": {"conversations": [STORED]},
                "page": {"size": 25, "totalElements": 2, "totalPages": 2, "number": 1},
            },
        ),
        Asked(
            target=f"{LIST}2026-04-21T14%3A43%3A24Z{ORDER}&page=2",
            answer={
                "_embedded": {
                    "conversations": [
                        conversation(id=11, state="deleted"),
                        conversation(id=12, state="draft"),
                    ]
                },
                "page": {"size": 25, "totalElements": 2, "totalPages": 2, "number": 2},
            },
        ),
    ],
    pages=3,
    walked=[WHOLE, WHOLE, Withdrawn(external_id="11", at=UPDATED)],
    fetch=[*CHECK, Asked(target="/v2/conversations/10?embed=threads", answer=STORED)],
    fetched=("10", WHOLE),
    gone="404",
)
