"""Slack, as its documentation describes it."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from connectors.ports import Changed, Customer, Heard, Said, Withdrawn
from tests.contract.sources import Asked, Example, Sent, Vector

BEGAN = datetime.fromtimestamp(1767000000, UTC)


def sign(body: bytes, secret: str, at: datetime) -> Mapping[str, str]:
    stamp = str(int(at.timestamp()))
    made = hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    return {"x-slack-request-timestamp": stamp, "x-slack-signature": f"v0={made}"}


def ts(seconds: int) -> str:
    return f"{1767000000 + seconds}.000100"


def at(seconds: int) -> datetime:
    return BEGAN + timedelta(seconds=seconds, microseconds=100)


def message(seconds: int, text: str, **more: object) -> dict[str, object]:
    return {"type": "message", "user": "U1", "team": "T9", "text": text, "ts": ts(seconds), **more}


def event(**told: object) -> Mapping[str, object]:
    return {
        "type": "event_callback",
        "team_id": "T1",
        "api_app_id": "A1",
        "event_id": "Ev1",
        "event_time": 1767000000,
        "authorizations": [{"team_id": "T1", "user_id": "UBOT", "is_bot": True}],
        "event": {"type": "message", "channel": "C1", "channel_type": "channel", **told},
    }


ROOT = "昨日から<https://example.com/login|ログイン画面>に入れません。&lt;b&gt; と出ます <@U2>"
SAID = Said(
    external_id=ts(0),
    text="昨日からログイン画面 (https://example.com/login)に入れません。&lt;b&gt; と出ます @U2",
    created_at=at(0),
)
THREAD = Heard(
    external_id=f"C1:{ts(0)}",
    said=[SAID],
    channel="chat",
    created_at=at(0),
    updated_at=at(0),
    customer=Customer(id="U1", account_id="T9"),
)
CHANGED = Changed(external_id=f"C1:{ts(0)}")
ANSWER = Said(
    external_id=ts(20), text="どの画面ですか。#support でも伺います", author_role="agent", created_at=at(20)
)
STILL = Said(external_id=ts(40), text="まだです", created_at=at(40))
EDITED = {"user": "U1", "ts": ts(60)}
STAFF = {"user": "U2", "team": "T1", "thread_ts": ts(0), "parent_user_id": "U1"}
REPLY = {"thread_ts": ts(0), "parent_user_id": "U1"}
GONE = Said(external_id=ts(40), text="", created_at=at(40), updated_at=at(80))

HISTORY = "/api/conversations.history?channel=C1&limit=40"
REPLIES = f"/api/conversations.replies?channel=C1&ts={ts(0)}&limit=200"
ALONE = message(300, "CSVが文字化けします", user="U3", team="T1")
PEOPLE = [
    Asked(
        target="/api/users.info?user=U1",
        answer={
            "ok": True,
            "user": {"id": "U1", "team_id": "T9", "profile": {"email": "aya@client.example"}},
        },
    ),
    Asked(
        target="/api/users.info?user=U2",
        answer={"ok": True, "user": {"id": "U2", "profile": {"email": "b@Example.com"}}},
    ),
    Asked(target="/api/users.info?user=U3", answer={"ok": False, "error": "user_not_found"}),
]
HOME = Asked(
    target="/api/auth.test",
    method="POST",
    answer={
        "ok": True,
        "team": "Example",
        "team_id": "T1",
        "user_id": "UBOT",
        "url": "https://example.slack.com/",
    },
)
ASKED_REPLIES = [
    Asked(
        target=f"{REPLIES}&cursor=next",
        answer={
            "ok": True,
            "messages": [
                message(0, ROOT, thread_ts=ts(0), reply_count=4),
                message(40, "まだ入れません", edited=EDITED, **REPLY),
                message(50, "", subtype="tombstone", user="USLACKBOT", thread_ts=ts(0)),
            ],
            "response_metadata": {"next_cursor": ""},
        },
    ),
    Asked(
        target=REPLIES,
        answer={
            "ok": True,
            "messages": [
                message(0, ROOT, thread_ts=ts(0), reply_count=4),
                message(10, "自動応答", subtype="bot_message", bot_id="B1", thread_ts=ts(0)),
                message(20, "どの画面ですか。<#C2|support> でも伺います", **STAFF),
            ],
            "has_more": True,
            "response_metadata": {"next_cursor": "next"},
        },
    ),
]
WHOLE = replace(
    THREAD,
    said=[
        SAID,
        ANSWER,
        replace(STILL, text="まだ入れません", updated_at=at(60)),
        Said(external_id=ts(50), text="", created_at=at(50)),
    ],
    updated_at=at(60),
    replied_at=at(20),
    customer=Customer(id="U1", email="aya@client.example", account_id="T9"),
    url="https://example.slack.com/archives/C1/p1767000000000100",
)

EXAMPLE = Example(
    settings={
        "channels": "C1, C2",
        "token": "xoxb-t0ken",
        "staff": "T1X, example.com",
        "own": "U8",
        "address": "{base}",
    },
    sign=sign,
    vectors=[
        Vector(
            at=datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC),
            headers={
                "x-slack-request-timestamp": "1700000000",
                "x-slack-signature": "v0=92f161d56253ea5abbd34c10f1b09eaba58d6a210696522abe115cdcd9579f84",
            },
        )
    ],
    sent=[
        Sent(content=event(**message(0, ROOT)), named="Ev1", tells=[THREAD, CHANGED]),
        Sent(
            content=event(
                **message(20, "どの画面ですか。<#C2|support> でも伺います", **STAFF | {"team": "T1X"})
            ),
            named="Ev1",
            tells=[replace(THREAD, said=[ANSWER], updated_at=None, customer=Customer()), CHANGED],
        ),
        Sent(
            content=event(**message(40, "まだです", user="U4", **REPLY)),
            named="Ev1",
            tells=[
                replace(THREAD, said=[STILL], updated_at=None, customer=Customer(id="U4", account_id="T9")),
                CHANGED,
            ],
        ),
        Sent(
            content=event(
                subtype="message_changed",
                hidden=True,
                ts=ts(60),
                message=message(40, "まだ入れません", edited=EDITED, **REPLY),
                previous_message=message(40, "まだです", **REPLY),
            ),
            named="Ev1",
            tells=[
                replace(
                    THREAD, said=[replace(STILL, text="まだ入れません", updated_at=at(60))], updated_at=None
                ),
                CHANGED,
            ],
        ),
        Sent(
            content=event(
                subtype="message_deleted",
                hidden=True,
                ts=ts(80),
                deleted_ts=ts(40),
                previous_message=message(40, "まだ入れません", **REPLY),
            ),
            named="Ev1",
            tells=[replace(THREAD, said=[GONE], updated_at=None), CHANGED],
        ),
        Sent(
            content=event(
                subtype="message_changed",
                hidden=True,
                ts=ts(90),
                message=message(100, "This message was deleted.", subtype="tombstone", user="USLACKBOT"),
                previous_message=message(100, "間違えました", thread_ts=ts(100), reply_count=1),
            ),
            named="Ev1",
            tells=[
                Heard(
                    external_id=f"C1:{ts(100)}",
                    said=[Said(external_id=ts(100), text="", created_at=at(100), updated_at=at(90))],
                    channel="chat",
                    created_at=at(100),
                    customer=Customer(id="U1", account_id="T9"),
                ),
                Changed(external_id=f"C1:{ts(100)}"),
            ],
        ),
        Sent(
            content=event(
                subtype="message_deleted",
                ts=ts(210),
                deleted_ts=ts(200),
                previous_message=message(200, "別の話"),
            ),
            named="Ev1",
            tells=[Withdrawn(external_id=f"C1:{ts(200)}", at=at(210))],
        ),
        *(
            Sent(content=event(**told), named="Ev1", tells=[])
            for told in (
                message(1, "お知らせ", bot_id="B1"),
                message(2, "<@U1> has joined the channel", subtype="channel_join"),
                message(3, "連携からの投稿", user="U8"),
                message(4, "別のチャンネルの話", channel="C3"),
                message(5, ""),
                {"subtype": "message_deleted", "deleted_ts": ts(1), "previous_message": {"bot_id": "B1"}},
            )
        ),
        Sent(content={"type": "app_rate_limited", "team_id": "T1", "api_app_id": "A1"}, tells=[]),
    ],
    own=[
        Sent(
            content=event(**message(0, "記事ができました。 [koe:0123456789abcdef0123]")),
            named="Ev1",
            tells=[],
        )
    ],
    greeting=(
        Sent(content={"token": "x", "type": "url_verification", "challenge": "3eZbrw1a"}, tells=[]),
        b"3eZbrw1a",
    ),
    check=[
        HOME,
        *(
            Asked(target=f"/api/conversations.history?channel=C{n}&limit=1", answer={"ok": True})
            for n in (1, 2)
        ),
        Asked(target="/api/users.info?user=UBOT", answer={"ok": True, "user": {"id": "UBOT"}}),
    ],
    since=at(50),
    walk=[
        HOME,
        Asked(
            target=f"{HISTORY}&oldest=1764408050.000100&cursor=bmV4dA",
            answer={
                "ok": True,
                "messages": [
                    message(0, ROOT, thread_ts=ts(0), reply_count=4, latest_reply=ts(50)),
                    message(-900, "とうに済んだ話"),
                ],
            },
        ),
        Asked(
            target=f"{HISTORY}&oldest=1764408050.000100",
            answer={
                "ok": True,
                "messages": [
                    ALONE,
                    message(310, "お知らせ", bot_id="B1"),
                    message(320, "<@U1> has joined", subtype="channel_join"),
                ],
                "has_more": True,
                "response_metadata": {"next_cursor": "bmV4dA"},
            },
        ),
        Asked(target="/api/conversations.history?channel=C2&limit=40", answer={"ok": True, "messages": []}),
        *ASKED_REPLIES,
        *PEOPLE,
    ],
    pages=3,
    walked=[
        Heard(
            external_id=f"C1:{ts(300)}",
            said=[Said(external_id=ts(300), text="CSVが文字化けします", created_at=at(300))],
            channel="chat",
            created_at=at(300),
            updated_at=at(300),
            customer=Customer(id="U3"),
            url="https://example.slack.com/archives/C1/p1767000300000100",
        ),
        WHOLE,
    ],
    fetch=[
        HOME,
        *ASKED_REPLIES,
        *PEOPLE,
        Asked(
            target=f"/api/conversations.replies?channel=C1&ts={ts(999)}",
            answer={"ok": False, "error": "thread_not_found"},
        ),
    ],
    fetched=(f"C1:{ts(0)}", WHOLE),
    gone=f"C1:{ts(999)}",
)
