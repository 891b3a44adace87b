"""Discourse, as its documentation and its source describe it."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from connectors.ports import Changed, Customer, Heard, Said, Unsaid, Withdrawn
from tests.contract.sources import Asked, Example, Sent, Vector

AT = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
BEGAN = datetime(2026, 5, 1, 5, 20, 0, 120_000, tzinfo=UTC)
EDITED = datetime(2026, 5, 1, 5, 27, 58, 482_000, tzinfo=UTC)
ANSWERED = datetime(2026, 5, 1, 6, tzinfo=UTC)


def sign(body: bytes, secret: str, at: datetime) -> Mapping[str, str]:  # noqa: ARG001
    made = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {"x-discourse-event-signature": f"sha256={made}"}


def post(**other: object) -> dict[str, object]:
    """Return a post as webhooks tell of it."""
    return {
        "id": 501,
        "username": "hana",
        "user_id": 31,
        "created_at": "2026-05-01T05:20:00.120Z",
        "updated_at": "2026-05-01T05:27:58.482Z",
        "cooked": "<p>CSV の書き出しが<strong>失敗</strong>します。</p>",
        "raw": "CSV の書き出しが**失敗**します。",
        "post_number": 1,
        "post_type": 1,
        "reply_to_post_number": None,
        "topic_id": 42,
        "topic_slug": "csv-export",
        "topic_title": "書き出しが失敗する",
        "topic_archetype": "regular",
        "topic_posts_count": 1,
        "category_id": 6,
        "category_slug": "support",
        "primary_group_name": None,
        "moderator": False,
        "admin": False,
        "staff": False,
        "hidden": False,
        "user_deleted": False,
        "deleted_at": None,
        **other,
    }


def reply(**other: object) -> dict[str, object]:
    """Return an answer of the staff."""
    return {
        **post(id=502, username="ken", user_id=2, post_number=2, admin=True, staff=True),
        "created_at": "2026-05-01T06:00:00.000Z",
        "updated_at": "2026-05-01T06:00:00.000Z",
        "raw": '[quote="hana, post:1, topic:42"]\nCSV の書き出し\n[/quote]\n\n直しました。',
        **other,
    }


def topic(**other: object) -> dict[str, object]:
    """Return a topic as webhooks tell of it."""
    return {
        "id": 42,
        "title": "書き出しが失敗する",
        "fancy_title": "書き出しが失敗する",
        "slug": "csv-export",
        "tags": ["export", {"id": 3, "name": "csv", "slug": "csv"}],
        "posts_count": 2,
        "created_at": "2026-05-01T05:20:00.120Z",
        "last_posted_at": "2026-05-01T06:00:00.000Z",
        "archetype": "regular",
        "category_id": 6,
        "user_id": 31,
        "closed": False,
        "archived": False,
        "deleted_at": None,
        "created_by": {"id": 31, "username": "hana", "name": "Hana"},
        **other,
    }


def sent(kind: str, event: str, content: object, *tells: Heard | Withdrawn | Unsaid) -> Sent:
    headers = {"x-discourse-event-type": kind, "x-discourse-event": event}
    return Sent(content={kind: content}, headers=headers, named=event, tells=[*tells])


def shown(*posts: dict[str, object], stream: list[int], **other: object) -> dict[str, object]:
    """Return a topic as it is asked for."""
    plain = {k: v for k, v in topic(**other).items() if k != "created_by"}
    details = {"created_by": {"id": 31, "username": "hana"}}
    return {**plain, "details": details, "post_stream": {"posts": [*posts], "stream": stream}}


QUESTION = Said(
    external_id="501",
    text="CSV の書き出しが**失敗**します。",
    created_at=BEGAN,
    updated_at=EDITED,
)
ANSWER = Said(
    external_id="502", text="直しました。", author_role="agent", created_at=ANSWERED, updated_at=ANSWERED
)
THANKS = replace(ANSWER, external_id="503", text="ありがとうございます。", author_role="customer")
BY_QUESTION = Heard(
    external_id="42",
    said=[QUESTION],
    title="書き出しが失敗する",
    created_at=BEGAN,
    updated_at=BEGAN - timedelta(seconds=1),
    customer=Customer(id="31"),
    url="{base}/t/42",
)
BY_ANSWER = Heard(external_id="42", said=[ANSWER], title="書き出しが失敗する", url="{base}/t/42")
TOPIC = Heard(
    external_id="42",
    said=[],
    title="書き出しが失敗する",
    created_at=BEGAN,
    updated_at=ANSWERED,
    status="open",
    customer=Customer(id="31"),
    url="{base}/t/42",
    tags=["export", "csv"],
)
WHISPER = reply(id=505, post_type=4, raw="解約しそうなお客さまです。")
CLOSING = reply(id=504, post_type=3, raw="", action_code="closed.enabled")
PRIVATE = {"topic_archetype": "private_message", "category_id": None}
SHOWN = shown(post(), reply(), CLOSING, WHISPER, stream=[501, 502, 503])
OTHERS = {
    "post_stream": {
        "posts": [
            reply(id=503, username="hana", user_id=31, admin=False, staff=False, raw="ありがとうございます。")
        ]
    },
    "id": 42,
}
LATEST = "/latest.json?order=activity&no_definitions=true&page"


def row(named: int, at: str, **other: object) -> dict[str, object]:
    """Return a topic as a list shows it."""
    return {"id": named, "archetype": "regular", "category_id": 6, "pinned": False, "bumped_at": at, **other}


EXAMPLE = Example(
    settings={
        "address": "{base}",
        "username": "koe",
        "key": "s3cret-key",
        "categories": "6",
        "agents": "ken2",
    },
    sign=sign,
    vectors=[
        Vector(
            at=AT,
            headers={
                "x-discourse-event-signature": "sha256="
                "2f146a94c5072695aebe9aab24df52aafc6d81ce6daccb1bf9f7b891d5fa1a10"
            },
        )
    ],
    sent=[
        sent("post", "post_created", post(), BY_QUESTION),
        sent("post", "post_created", reply(), BY_ANSWER),
        sent(
            "post",
            "post_created",
            reply(username="ken2", admin=False, staff=False),
            BY_ANSWER,
        ),
        sent(
            "post",
            "post_edited",
            post(raw="PDF です。", updated_at="2026-05-01T06:00:00Z"),
            replace(BY_QUESTION, said=[replace(QUESTION, text="PDF です。", updated_at=ANSWERED)]),
        ),
        sent("post", "post_destroyed", reply(), Unsaid(external_id="502", items=["42"])),
        sent(
            "post",
            "post_edited",
            post(id=510, topic_id=50, user_deleted=True, raw="(著者により投稿が削除されました)"),
            replace(
                BY_QUESTION,
                external_id="50",
                url="{base}/t/50",
                said=[replace(QUESTION, external_id="510", text="")],
            ),
        ),
        sent(
            "post",
            "post_edited",
            post(id=511, topic_id=50, post_number=2, hidden=True),
            replace(
                BY_ANSWER,
                external_id="50",
                url="{base}/t/50",
                said=[replace(QUESTION, external_id="511", text="")],
            ),
        ),
        sent("post", "post_created", WHISPER),
        sent("post", "post_created", CLOSING),
        sent("post", "post_created", post(id=506, user_id=-1, username="system")),
        sent("post", "post_created", post(id=507, **PRIVATE)),
        sent("post", "post_destroyed", post(id=507, **PRIVATE)),
        sent("post", "post_created", post(id=508, category_id=7)),
        sent("topic", "topic_created", topic(last_posted_at=None), replace(TOPIC, updated_at=BEGAN)),
        sent("topic", "topic_closed_status_updated", topic(closed=True), replace(TOPIC, status="closed")),
        sent("topic", "topic_created", topic(id=51, created_by={"id": -1, "username": "system"})),
        sent("topic", "topic_created", topic(id=52, archetype="private_message", category_id=None)),
        sent("topic", "topic_edited", topic(id=53, category_id=7)),
        sent("topic", "topic_destroyed", topic(id=54), Withdrawn(external_id="54")),
        sent("user", "user_created", {"id": 31, "username": "hana"}),
    ],
    own=[sent("post", "post_created", reply(id=509, raw="ご案内します。 <!-- koe:0123456789abcdef0123 -->"))],
    greeting=(Sent(content={"ping": "OK"}, headers={"x-discourse-event-type": "ping"}, tells=[]), b""),
    check=[
        Asked(target=LATEST, answer={"topic_list": {"topics": []}}),
        Asked(target="/c/6/show.json", answer={"category": {"id": 6, "slug": "support"}}),
    ],
    since=datetime(2026, 5, 1, tzinfo=UTC),
    walk=[
        Asked(
            target=f"{LATEST}=0",
            answer={
                "topic_list": {
                    "topics": [
                        row(1, "2020-01-01T00:00:00Z", pinned=True),
                        row(42, "2026-05-01T06:00:00.000Z"),
                        row(44, "2026-05-01T06:00:00.000Z", category_id=7),
                        row(45, "2026-05-01T06:00:00.000Z"),
                    ]
                }
            },
        ),
        Asked(
            target=f"{LATEST}=1",
            answer={
                "topic_list": {
                    "topics": [row(43, "2026-05-01T06:00:00Z"), row(7, "2026-04-01T06:00:00Z"), row(42, "")]
                }
            },
        ),
        Asked(target="/t/42.json?include_raw=true", answer=SHOWN),
        Asked(target="/t/43.json?include_raw=true", answer=shown(post(), reply(), stream=[501, 502], id=43)),
    ],
    pages=2,
    walked=[
        replace(TOPIC, said=[QUESTION, ANSWER]),
        Changed(external_id="42"),
        Changed(external_id="45"),
        replace(TOPIC, external_id="43", url="{base}/t/43", said=[QUESTION, ANSWER], replied_at=ANSWERED),
    ],
    refused=("43", "/t/43.json"),
    fetch=[
        Asked(target="/t/42.json?include_raw=true", answer=SHOWN),
        Asked(target="/t/42/posts.json?include_raw=true&post_ids%5B%5D=503", answer=OTHERS),
        Asked(target=LATEST, answer={"topic_list": {"topics": []}}),
    ],
    fetched=("42", replace(TOPIC, said=[QUESTION, ANSWER, THANKS], replied_at=ANSWERED)),
    gone="404",
)
