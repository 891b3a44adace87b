"""Chatwoot, as its documentation and its source describe it."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from connectors.ports import Changed, Customer, Heard, Said
from tests.contract.sources import Asked, Example, Sent, Vector

AT = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
BEGAN = datetime(2026, 5, 1, 5, 20, tzinfo=UTC)
SAID = datetime(2026, 5, 1, 5, 27, 58, tzinfo=UTC)
ACTIVE = datetime(2026, 5, 1, 6, tzinfo=UTC)
UPDATED = datetime(2026, 5, 1, 6, 0, 0, 500_000, tzinfo=UTC)
DELIVERY = "5f1c1f0e-7f0b-4b53-8a5e-1de3fdd9b7a4"


def sign(body: bytes, secret: str, at: datetime) -> Mapping[str, str]:
    stamp = str(int(at.timestamp()))
    made = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return {"x-chatwoot-signature": f"sha256={made}", "x-chatwoot-timestamp": stamp}


def seconds(at: datetime) -> int:
    return int(at.timestamp())


PERSON = {"id": 14, "name": "A", "email": "aya@example.com", "identifier": "u-77", "type": "contact"}
AGENT = {"id": 3, "name": "B", "email": "agent@example.com", "type": "user"}


def conversation(**other: object) -> dict[str, object]:
    """Return a conversation as webhooks tell of it."""
    return {
        "id": 10,
        "inbox_id": 1,
        "status": "open",
        "channel": "Channel::WebWidget",
        "labels": ["billing"],
        "meta": {"sender": PERSON, "assignee": None, "team": None},
        "additional_attributes": {"browser_language": "ja"},
        "custom_attributes": {},
        "timestamp": seconds(ACTIVE),
        "last_activity_at": seconds(ACTIVE),
        "created_at": seconds(BEGAN),
        "updated_at": UPDATED.timestamp(),
        "messages": [],
        **other,
    }


def spoken(named: int, content: str | None, kind: object, **other: object) -> dict[str, object]:
    """Return a message as webhooks tell of it, or with a number as its type as it stands anywhere else."""
    return {
        "id": named,
        "content": content,
        "content_type": "text",
        "content_attributes": {},
        "message_type": kind,
        "private": False,
        "created_at": "2026-05-01T05:27:58.482Z" if isinstance(kind, str) else seconds(SAID),
        "sender": AGENT if kind in ("outgoing", 1) else PERSON,
        **other,
    }


def event(kind: str, told: Mapping[str, object], **of: object) -> dict[str, object]:
    return {"event": kind, **told, "account": {"id": 1, "name": "Acme"}, **of}


def sent(content: Mapping[str, object], *tells: Heard | Changed) -> Sent:
    naming = {"x-chatwoot-delivery": DELIVERY}
    return Sent(content=content, naming=naming, named=DELIVERY, tells=[*tells])


ASKED = Said(external_id="118", text="請求書が届きません", created_at=SAID)
ANSWERED = Said(external_id="119", text="再送しました。", author_role="agent", created_at=SAID)
TALK = Heard(
    external_id="10",
    channel="chat",
    lang="ja",
    created_at=BEGAN,
    updated_at=UPDATED,
    status="open",
    customer=Customer(id="14", email="aya@example.com"),
    url="{base}/app/accounts/1/conversations/10",
    tags=["billing"],
    said=[ASKED],
)
VERIFIED = Customer(id="14", email="aya@example.com", own_id="u-77")
"""As the website has signed who they are; anybody else may call themselves what they like."""
SURVEY = {"submitted_values": {"csat_survey_response": {"rating": 2, "feedback_message": "遅いです"}}}
RATED = Said(external_id="survey", text="遅いです", created_at=SAID)
LISTED = {k: v for k, v in conversation(status="resolved").items() if k != "updated_at"} | {
    "meta": {"sender": PERSON, "channel": "Channel::Email", "hmac_verified": False},
    "additional_attributes": {"mail_subject": "請求書", "browser_language": "ja-JP"},
    "first_reply_created_at": seconds(SAID),
}
del LISTED["channel"]
WHOLE = replace(
    TALK,
    channel="ticket",
    title="請求書",
    status="resolved",
    updated_at=ACTIVE,
    replied_at=SAID,
    resolved_at=ACTIVE,
    rating=2.0,
    said=[ASKED, ANSWERED, replace(ASKED, external_id="121", text=""), RATED],
)
PROVEN = LISTED | {"id": 11, "meta": {"sender": PERSON, "channel": "Channel::Email", "hmac_verified": True}}
TALKS = "/api/v1/accounts/1/conversations"
MESSAGES = [
    Asked(target=f"{TALKS}/10/messages?before=118", answer={"payload": []}),
    Asked(
        target=f"{TALKS}/10/messages?before=119",
        answer={"payload": [spoken(118, "請求書が届きません", 0)]},
    ),
    Asked(
        target=f"{TALKS}/10/messages",
        answer={
            "payload": [
                spoken(119, "再送しました。", 1),
                spoken(120, "社内メモ", 1, private=True),
                spoken(121, "This message was deleted", 0, content_attributes={"deleted": True}),
                spoken(122, "B resolved the conversation", 2),
                spoken(123, "Please rate us", 3, content_type="input_csat", content_attributes=SURVEY),
            ]
        },
    ),
]

EXAMPLE = Example(
    settings={"address": "{base}", "account": "1", "token": "t0ken"},
    sign=sign,
    vectors=[
        Vector(
            at=AT,
            headers={
                "x-chatwoot-signature": "sha256="
                "034bae4e424544933854d75fc691ead17941ac9ed69c3769242647886b88290d",
                "x-chatwoot-timestamp": "1700000000",
            },
        )
    ],
    sent=[
        sent(
            event(
                "message_created",
                spoken(118, "請求書が届きません", "incoming"),
                conversation=conversation(),
            ),
            TALK,
        ),
        sent(
            event("message_created", spoken(119, "再送しました。", "outgoing"), conversation=conversation()),
            replace(TALK, said=[ANSWERED]),
        ),
        sent(
            event(
                "message_created",
                spoken(118, "請求書が届きません", "incoming"),
                conversation=conversation(contact_inbox={"id": 7, "hmac_verified": True}),
            ),
            replace(TALK, customer=VERIFIED),
        ),
        sent(
            event(
                "message_created",
                spoken(118, "請求書が届きません", "incoming"),
                conversation=conversation(contact_inbox={"id": 7, "hmac_verified": False}),
            ),
            TALK,
        ),
        sent(
            event(
                "message_created",
                spoken(124, "自動応答です。", "outgoing", sender={"id": 2, "type": "agent_bot"}),
                conversation=conversation(),
            ),
            replace(
                TALK,
                said=[replace(ANSWERED, external_id="124", text="自動応答です。", author_role="bot")],
            ),
        ),
        sent(
            event(
                "message_created",
                spoken(120, "社内メモ", "outgoing", private=True),
                conversation=conversation(),
            ),
            replace(TALK, said=[]),
        ),
        sent(
            event("message_created", spoken(125, "B joined", "activity"), conversation=conversation()),
            replace(TALK, said=[]),
        ),
        sent(
            event(
                "message_updated",
                spoken(121, "This message was deleted", "incoming", content_attributes={"deleted": True}),
                conversation=conversation(),
            ),
            replace(TALK, said=[replace(ASKED, external_id="121", text="")]),
        ),
        sent(
            event(
                "message_updated",
                spoken(123, "Please rate us", "template", content_attributes=SURVEY),
                conversation=conversation(status="resolved"),
            ),
            replace(TALK, said=[RATED], status="resolved", resolved_at=ACTIVE, rating=2.0),
            Changed(external_id="10"),
        ),
        sent(
            event(
                "conversation_status_changed",
                conversation(status="resolved", messages=[spoken(118, "請求書が届きません", 0)]),
                changed_attributes=[{"status": {"previous_value": "open", "current_value": "resolved"}}],
            ),
            replace(TALK, status="resolved", resolved_at=ACTIVE),
            Changed(external_id="10"),
        ),
        sent(
            event(
                "conversation_updated",
                conversation(
                    first_reply_created_at="2026-05-01T05:27:58.482Z",
                    messages=[spoken(118, "請求書が届きません", 0)],
                ),
                changed_attributes=[{"priority": {"previous_value": None, "current_value": "high"}}],
            ),
            replace(TALK, replied_at=SAID),
        ),
        sent(event("contact_updated", PERSON)),
        sent(event("webwidget_triggered", {"id": 1})),
    ],
    own=[
        sent(
            event(
                "message_created",
                spoken(126, "ご案内します。 [koe:0123456789abcdef0123]", "outgoing"),
                conversation=conversation(),
            )
        )
    ],
    check=[
        Asked(
            target="/api/v1/profile",
            answer={"id": 3, "accounts": [{"id": 1, "role": "administrator"}]},
        ),
        Asked(target=f"{TALKS}?", answer={"data": {"payload": []}}),
    ],
    since=datetime(2026, 5, 1, tzinfo=UTC),
    walk=[
        Asked(
            target=f"{TALKS}?status=all&assignee_type=all&page=1",
            answer={"data": {"meta": {"all_count": 3}, "payload": [LISTED, PROVEN]}},
        ),
        Asked(
            target=f"{TALKS}?status=all&assignee_type=all&page=2",
            answer={"data": {"payload": [{**LISTED, "id": 9, "last_activity_at": 1_700_000_000}]}},
        ),
        *MESSAGES,
        Asked(target=f"{TALKS}/11/messages?before=118", answer={"payload": []}),
        Asked(
            target=f"{TALKS}/11/messages",
            answer={"payload": [spoken(118, "請求書が届きません", 0)]},
        ),
    ],
    pages=2,
    walked=[
        WHOLE,
        replace(
            WHOLE,
            external_id="11",
            said=[ASKED],
            rating=None,
            replied_at=SAID,
            customer=VERIFIED,
            url="{base}/app/accounts/1/conversations/11",
        ),
    ],
    refused=("10", f"{TALKS}/10/messages"),
    fetch=[
        Asked(target=f"{TALKS}?", answer={"data": {"payload": []}}),
        *MESSAGES,
        Asked(target=f"{TALKS}/10", answer=LISTED),
    ],
    fetched=("10", WHOLE),
    gone="404",
)
