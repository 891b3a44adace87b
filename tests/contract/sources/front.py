"""Front, as its documentation and its published description of the API tell of it."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from connectors.ports import Changed, Customer, Heard, Said, Withdrawn
from tests.contract.sources import Asked, Example, Sent, Vector

AT = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


def sign(body: bytes, secret: str, at: datetime) -> Mapping[str, str]:
    stamp = str(int(at.timestamp() * 1000))
    made = hmac.new(secret.encode(), stamp.encode() + b":" + body, hashlib.sha256).digest()
    return {"x-front-request-timestamp": stamp, "x-front-signature": base64.b64encode(made).decode()}


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(1767000000 + seconds, UTC)


CONVERSATION: dict[str, object] = {
    "id": "cnv_1",
    "type": "conversation",
    "subject": "ログインできない",
    "status": "unassigned",
    "recipient": {
        "_links": {"related": {"contact": "https://example.api.frontapp.com/contacts/crd_7"}},
        "name": "A",
        "handle": "aya@example.com",
        "role": "from",
    },
    "tags": [{"id": "tag_1", "name": "vip"}],
    "created_at": 1767000000.25,
    "updated_at": 1767000060.5,
    "is_private": False,
}
ASKED_BACK = {
    "id": "msg_2",
    "type": "email",
    "is_inbound": False,
    "created_at": 1767000020,
    "author": {"id": "tea_1", "type": "user"},
    "body": "<p>どの画面ですか。</p>",
}
BROKEN = {
    "id": "msg_1",
    "type": "email",
    "is_inbound": True,
    "created_at": 1767000000,
    "body": "<p>入れません。</p>",
    "text": "入れません。",
}


def event(kind: str, target: object = None, **conversation: object) -> Mapping[str, object]:
    return {
        "_links": {"self": "https://example.api.frontapp.com/events/evt_1"},
        "id": "evt_1",
        "type": kind,
        "emitted_at": 1767000060.5,
        "target": target,
        "conversation": CONVERSATION | conversation,
    }


def sent_by_app(kind: str, told: Mapping[str, object]) -> Mapping[str, object]:
    return {"type": kind, "authorization": {"id": "cmp_abc"}, "payload": told}


def message(told: object) -> Mapping[str, object]:
    return {"_meta": {"type": "message"}, "data": told}


FIRST = Said(external_id="msg_1", text="入れません。", created_at=at(0))
OPEN = Heard(
    external_id="cnv_1",
    title="ログインできない",
    created_at=at(0.25),
    updated_at=at(60.5),
    status="unassigned",
    customer=Customer(id="crd_7", email="aya@example.com"),
    url="https://app.frontapp.com/open/cnv_1",
    tags=["vip"],
    said=[FIRST],
)
CHANGED = Changed(external_id="cnv_1")
WHOLE = replace(
    OPEN,
    replied_at=at(20),
    said=[
        FIRST,
        Said(external_id="msg_2", text="<p>どの画面ですか。</p>", author_role="agent", created_at=at(20)),
        Said(external_id="msg_3", text="自動応答です。", author_role="bot", created_at=at(21)),
    ],
)
NEXT = "https://example.api.frontapp.com/conversations?limit=40&page_token=92f3%3D"
LIST = "/conversations?limit=40&sort_by=date&sort_order=desc"
MESSAGES = [
    Asked(
        target="/conversations/cnv_1/messages?limit=100&sort_by=created_at&sort_order=asc&page_token=m2",
        answer={
            "_pagination": {"next": None},
            "_results": [
                {
                    "id": "msg_3",
                    "type": "email",
                    "is_inbound": False,
                    "created_at": 1767000021,
                    "author": {"id": "rul_1", "type": "rule"},
                    "text": "自動応答です。",
                },
                {"id": "msg_4", "type": "email", "draft_mode": "shared", "text": "下書き"},
                {"id": "msg_5", "type": "internal", "text": "社内の話"},
            ],
        },
    ),
    Asked(
        target="/conversations/cnv_1/messages",
        answer={
            "_pagination": {"next": "https://example.api.frontapp.com/messages?page_token=m2"},
            "_results": [BROKEN, ASKED_BACK],
        },
    ),
]
CHECK = [
    Asked(target="/me", answer={"id": "cmp_abc", "name": "Example"}),
    Asked(target="/conversations?limit=1", answer={"_results": []}),
]

EXAMPLE = Example(
    settings={"token": "t0ken", "address": "{base}"},
    sign=sign,
    vectors=[
        Vector(
            at=AT,
            headers={
                "x-front-request-timestamp": "1700000000000",
                "x-front-signature": "zh5ttHphZIg0OA8qQqipbAq4773kcr3m77phq/hywA4=",
            },
        ),
        Vector(at=AT, headers={"x-front-signature": "LMiVGe09gJdoAhVY7XmaBCBBTrE="}),
    ],
    sent=[
        Sent(
            content=sent_by_app("inbound_received", event("inbound", message(BROKEN))),
            named="evt_1",
            tells=[OPEN, CHANGED],
        ),
        Sent(
            content=sent_by_app("outbound_sent", event("out_reply", message(ASKED_BACK))),
            named="evt_1",
            tells=[replace(OPEN, said=[WHOLE.said[1]]), CHANGED],
        ),
        Sent(
            content=sent_by_app("inbound_received", event("inbound", message({"id": "msg_1"}))),
            named="evt_1",
            tells=[CHANGED],
        ),
        Sent(
            content=event("inbound", message({**BROKEN, "type": "googleplay"})),
            named="evt_1",
            tells=[replace(OPEN, channel="review"), CHANGED],
        ),
        Sent(
            content=sent_by_app("new_comment_added", event("comment", {"data": {"body": "社内メモ"}})),
            named="evt_1",
            tells=[],
        ),
        Sent(
            content=sent_by_app("inbound_received", event("inbound", message(BROKEN), is_private=True)),
            named="evt_1",
            tells=[],
        ),
        Sent(
            content=sent_by_app("inbound_received", event("inbound", message(BROKEN), type="discussion")),
            named="evt_1",
            tells=[],
        ),
        Sent(
            content=sent_by_app(
                "conversations_merged",
                event(
                    "conversations_merged",
                    {"_meta": {"type": "deleted_conversation_ids"}, "data": ["cnv_8", {"id": "cnv_9"}]},
                ),
            ),
            named="evt_1",
            tells=[
                Withdrawn(external_id="cnv_8", at=at(60.5)),
                Withdrawn(external_id="cnv_9", at=at(60.5)),
                CHANGED,
            ],
        ),
        Sent(
            content=sent_by_app("conversation_deleted", event("trash")),
            named="evt_1",
            tells=[Withdrawn(external_id="cnv_1", at=at(60.5))],
        ),
    ],
    own=[
        Sent(
            content=sent_by_app(
                "outbound_sent",
                event(
                    "outbound", message({**ASKED_BACK, "body": "記事です。<!-- koe:0123456789abcdef0123 -->"})
                ),
            ),
            named="evt_1",
            tells=[],
        )
    ],
    greeting=(
        Sent(
            content={"type": "sync", "authorization": {"id": "cmp_abc"}},
            headers={"x-front-challenge": "a1b2"},
            tells=[],
        ),
        b"a1b2",
    ),
    check=CHECK,
    since=at(50),
    walk=[
        Asked(
            target=f"{LIST}&page_token=92f3%3D",
            answer={
                "_pagination": {"next": NEXT},
                "_results": [CONVERSATION | {"id": "cnv_3", "updated_at": 1767000049.0}],
            },
        ),
        Asked(
            target=LIST,
            answer={
                "_pagination": {"next": NEXT},
                "_results": [
                    CONVERSATION,
                    CONVERSATION | {"id": "cnv_2", "status": "deleted"},
                    CONVERSATION | {"id": "cnv_4", "type": "discussion"},
                ],
            },
        ),
        *MESSAGES,
    ],
    pages=2,
    walked=[WHOLE, Withdrawn(external_id="cnv_2", at=at(60.5))],
    refused=("cnv_1", "/conversations/cnv_1/messages"),
    fetch=[*CHECK, *MESSAGES, Asked(target="/conversations/cnv_1", answer=CONVERSATION)],
    fetched=("cnv_1", WHOLE),
    gone="cnv_404",
)
