"""Intercom, as its documentation and its published description of the API tell of it."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from connectors.ports import Changed, Customer, Heard, Said, Withdrawn
from tests.contract.sources import Asked, Example, Sent, Vector


def sign(body: bytes, secret: str, at: datetime) -> Mapping[str, str]:  # noqa: ARG001
    return {"x-hub-signature": "sha1=" + hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()}


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(1767000000 + seconds, UTC)


USER = {"type": "user", "id": "5f", "name": "A", "email": "aya@example.com"}
ADMIN = {"type": "admin", "id": "42", "name": "B", "email": "b@example.com"}
BOT = {"type": "bot", "id": "278", "name": "Fin", "email": "operator@example.com"}


def part(number: int, author: Mapping[str, object], body: str | None, **more: object) -> Mapping[str, object]:
    return {
        "type": "conversation_part",
        "id": str(number),
        "part_type": "comment",
        "body": body,
        "created_at": 1767000000 + number,
        "updated_at": 1767000000 + number,
        "author": author,
        "redacted": False,
        **more,
    }


def conversation(*parts: Mapping[str, object], **more: object) -> Mapping[str, object]:
    return {
        "type": "conversation",
        "id": "1295",
        "title": None,
        "created_at": 1767000000,
        "updated_at": 1767000060,
        "state": "open",
        "open": True,
        "source": {
            "type": "email",
            "id": "3",
            "delivered_as": "customer_initiated",
            "subject": "ログインできない",
            "body": "昨日からログインできません。",
            "author": USER,
            "redacted": False,
        },
        "contacts": {"type": "contact.list", "contacts": [{"type": "contact", "id": "5f"}]},
        "tags": {"type": "tag.list", "tags": [{"type": "tag", "id": "1", "name": "vip"}]},
        "conversation_parts": {"type": "conversation_part.list", "conversation_parts": parts},
        **more,
    }


def notification(topic: str, item: object) -> Mapping[str, object]:
    return {
        "type": "notification_event",
        "app_id": "abc123",
        "id": "notif_1",
        "topic": topic,
        "created_at": 1767000060,
        "delivery_attempts": 1,
        "self": None,
        "data": {"type": "notification_event_data", "item": item},
    }


FIRST = Said(external_id="first", text="昨日からログインできません。", created_at=at(0))
ASKED_BACK = Said(
    external_id="20", text="どの画面ですか。", author_role="agent", created_at=at(20), updated_at=at(20)
)
STILL = Said(external_id="40", text="まだ入れません", created_at=at(40), updated_at=at(40))
OPEN = Heard(
    external_id="1295",
    title="ログインできない",
    created_at=at(0),
    updated_at=at(60),
    status="open",
    customer=Customer(id="5f", email="aya@example.com"),
    url="{base}/a/apps/abc123/conversations/1295",
    tags=["vip"],
    said=[FIRST],
)
STORED = conversation(
    part(5, BOT, "自動応答です。"),
    part(10, ADMIN, "社内メモ", part_type="note"),
    part(20, ADMIN, "どの画面ですか。", part_type="assignment"),
    part(40, USER, "まだ入れません", part_type="open"),
    part(45, USER, "", updated_at=1767000050, redacted=True),
    part(50, {**ADMIN, "from_ai_agent": True}, "解決しましたか。"),
    part(55, ADMIN, None, part_type="close"),
    part(56, ADMIN, "状態の変更", part_type="conversation_attribute_updated_by_admin"),
    title="<p>ログインの件</p>",
    state="closed",
    company={"type": "company", "id": "c-internal", "company_id": "77"},
    statistics={"first_admin_reply_at": 1767000020, "last_close_at": 1767000055},
    conversation_rating={
        "rating": 2,
        "remark": "遅いです",
        "created_at": 1767000056,
        "updated_at": 1767000058,
    },
)
WHOLE = Heard(
    external_id="1295",
    title="<p>ログインの件</p>",
    created_at=at(0),
    updated_at=at(60),
    replied_at=at(20),
    resolved_at=at(55),
    status="closed",
    rating=2.0,
    customer=Customer(id="5f", email="aya@example.com", account_id="c-internal", account_own_id="77"),
    url="{base}/a/apps/abc123/conversations/1295",
    tags=["vip"],
    said=[
        FIRST,
        Said(external_id="5", text="自動応答です。", author_role="bot", created_at=at(5), updated_at=at(5)),
        ASKED_BACK,
        STILL,
        Said(external_id="45", text="", created_at=at(45), updated_at=at(50)),
        Said(
            external_id="50", text="解決しましたか。", author_role="bot", created_at=at(50), updated_at=at(50)
        ),
        Said(external_id="rating", text="遅いです", created_at=at(58), updated_at=at(58)),
    ],
)
CAMPAIGN = {
    "type": "conversation",
    "id": "1296",
    "created_at": 1767000000,
    "updated_at": 1767000070,
    "state": "open",
    "source": {
        "type": "conversation",
        "id": "4",
        "delivered_as": "automated",
        "subject": "",
        "body": "新機能のご案内です。",
        "author": ADMIN,
    },
    "contacts": {"contacts": [{"type": "contact", "id": "60", "external_id": "70"}]},
    "ai_agent": {"rating": 5, "rating_remark": "早い", "updated_at": 1767000065},
    "conversation_parts": {
        "conversation_parts": [
            part(30, {"type": "lead", "id": "60"}, "使えません"),
            part(35, ADMIN, "ご確認ください。"),
        ]
    },
}
ME = Asked(target="/me", answer={"type": "admin", "app": {"id_code": "abc123", "name": "Example"}})
GET = Asked(target="/conversations/1295?display_as=plaintext", answer=STORED)
SEARCH = "/conversations/search"
CHECK = [ME, Asked(target=SEARCH, method="POST", holds='"per_page": 1}', answer={"conversations": []})]

EXAMPLE = Example(
    settings={"address": "{base}", "token": "t0ken", "verified": "yes"},
    sign=sign,
    vectors=[
        Vector(
            at=at(0),
            headers={"x-hub-signature": "sha1=2cc89519ed3d809768021558ed799a0420414eb1"},
        )
    ],
    sent=[
        Sent(
            content=notification("conversation.user.created", conversation()),
            named="notif_1",
            tells=[OPEN, Changed(external_id="1295")],
        ),
        Sent(
            content=notification(
                "conversation.user.replied",
                conversation(part(40, USER, "まだ入れません", part_type="open")),
            ),
            named="notif_1",
            tells=[replace(OPEN, said=[FIRST, STILL]), Changed(external_id="1295")],
        ),
        Sent(
            content=notification(
                "conversation.admin.replied", conversation(part(20, ADMIN, "どの画面ですか。"))
            ),
            named="notif_1",
            tells=[replace(OPEN, said=[FIRST, ASKED_BACK]), Changed(external_id="1295")],
        ),
        Sent(
            content=notification(
                "conversation.admin.noted", conversation(part(10, ADMIN, "社内メモ", part_type="note"))
            ),
            named="notif_1",
            tells=[OPEN, Changed(external_id="1295")],
        ),
        Sent(
            content=notification(
                "conversation_part.redacted",
                conversation(
                    part(
                        40,
                        USER,
                        "<p><i>This message was deleted</i></p>",
                        part_type="open",
                        updated_at=1767000060,
                    )
                ),
            ),
            named="notif_1",
            tells=[
                replace(OPEN, said=[FIRST, replace(STILL, text="", updated_at=at(60))]),
                Changed(external_id="1295"),
            ],
        ),
        Sent(
            content=notification(
                "conversation.rating.added",
                conversation(conversation_rating={"rating": 4, "remark": None}),
            ),
            named="notif_1",
            tells=[replace(OPEN, rating=4.0), Changed(external_id="1295")],
        ),
        Sent(
            content=notification("conversation.admin.closed", {"type": "conversation", "id": "1295"}),
            named="notif_1",
            tells=[Changed(external_id="1295")],
        ),
        Sent(
            content=notification("conversation.deleted", {"type": "conversation", "id": "1295"}),
            named="notif_1",
            tells=[Withdrawn(external_id="1295", at=at(60))],
        ),
        Sent(
            content=notification("contact.created", {"type": "contact", "id": "5f"}),
            named="notif_1",
            tells=[],
        ),
    ],
    own=[
        Sent(
            content=notification(
                "conversation.admin.single.created",
                conversation(
                    source={
                        "type": "conversation",
                        "body": "記事ができました。 [koe:0123456789abcdef0123]",
                        "author": ADMIN,
                    }
                ),
            ),
            named="notif_1",
            tells=[],
        )
    ],
    greeting=(
        Sent(
            content={
                "type": "notification_event",
                "id": None,
                "topic": "ping",
                "data": {"type": "notification_event_data", "item": {"type": "ping"}},
            },
            tells=[],
        ),
        b"",
    ),
    check=CHECK,
    since=at(-60),
    walk=[
        Asked(
            target=SEARCH,
            method="POST",
            holds='"starting_after": "WzE3"',
            answer={
                "type": "conversation.list",
                "conversations": [{"type": "conversation", "id": "1296"}, {"id": "1297"}],
                "total_count": 3,
                "pages": {"type": "pages", "page": 2},
            },
        ),
        Asked(
            target=SEARCH,
            method="POST",
            holds='"operator": ">", "value": 1766999940}',
            answer={
                "type": "conversation.list",
                "conversations": [{"type": "conversation", "id": "1295", "source": {"body": "<p>x</p>"}}],
                "total_count": 3,
                "pages": {"type": "pages", "page": 1, "next": {"page": 2, "starting_after": "WzE3"}},
            },
        ),
        *CHECK,
        GET,
        Asked(target="/conversations/1296?", answer=CAMPAIGN),
    ],
    pages=2,
    walked=[
        WHOLE,
        Heard(
            external_id="1296",
            channel="chat",
            created_at=at(0),
            updated_at=at(70),
            replied_at=at(35),
            status="open",
            rating=5.0,
            customer=Customer(id="60", own_id="70"),
            url="{base}/a/apps/abc123/conversations/1296",
            tags=[],
            said=[
                Said(external_id="first", text="新機能のご案内です。", author_role="bot", created_at=at(0)),
                Said(external_id="30", text="使えません", created_at=at(30), updated_at=at(30)),
                Said(
                    external_id="35",
                    text="ご確認ください。",
                    author_role="agent",
                    created_at=at(35),
                    updated_at=at(35),
                ),
                Said(external_id="rating of the bot", text="早い", created_at=at(65), updated_at=at(65)),
            ],
        ),
        Withdrawn(external_id="1297"),
    ],
    refused=("1295", "/conversations/1295"),
    fetch=[*CHECK, GET],
    fetched=("1295", WHOLE),
    gone="404",
)
