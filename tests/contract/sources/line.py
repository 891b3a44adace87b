"""LINE, as its documentation describes it."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime

from connectors.ports import BadRow, Customer, Heard, Said, Unsaid
from tests.contract.sources import Example, Sent, Vector

AYA, BEN = f"U{'a' * 32}", f"U{'b' * 32}"
GROUP = f"C{'c' * 32}"
OWN = f"U{'d' * 32}"
NIGHT = 1777665540000
"""2026-05-02 04:59 in Tokyo, and 2026-05-01 19:59 in Greenwich."""


def sign(body: bytes, secret: str, at: datetime) -> Mapping[str, str]:  # noqa: ARG001  LINE signs no time
    made = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    return {"x-line-signature": base64.b64encode(made).decode()}


def event(kind: str, at: int, source: Mapping[str, str], **told: object) -> Mapping[str, object]:
    return {
        "type": kind,
        "mode": "active",
        "timestamp": at,
        "webhookEventId": f"01HX{at}",
        "deliveryContext": {"isRedelivery": False},
        "source": source,
        **told,
    }


def text(at: int, source: Mapping[str, str], named: str, words: str) -> Mapping[str, object]:
    message = {"id": named, "type": "text", "quoteToken": "q", "text": words}
    return event("message", at, source, replyToken="r", message=message)


def user(named: str) -> Mapping[str, str]:
    return {"type": "user", "userId": named}


def heard(item: str, named: str, words: str, at: datetime, *, customer: str | None) -> Heard:
    return Heard(
        external_id=item,
        channel="chat",
        customer=Customer(id=customer),
        said=[Said(external_id=named, text=words, created_at=at)],
    )


def line_calls(words: str) -> tuple[object, object]:
    """Return a message, and the call by which its author takes it back."""
    said = text(NIGHT, user(AYA), "444473", words)
    unsaid = event("unsend", NIGHT + 60_000, user(AYA), unsend={"messageId": "444473"})
    return {"destination": OWN, "events": [said]}, {"destination": OWN, "events": [unsaid]}


EXAMPLE = Example(
    settings={"timezone": "Asia/Tokyo", "address": "{base}", "token": "t0ken"},
    sign=sign,
    vectors=[
        Vector(
            at=datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC),
            headers={"x-line-signature": "LxRqlMUHJpWuvpqrJN9Sqvxtgc5trMsb+fe4kdX6GhA="},
        )
    ],
    sent=[
        Sent(
            content={
                "destination": OWN,
                "events": [
                    text(NIGHT, user(AYA), "4001", "朝早くにすみません。ログインできません。"),
                    text(NIGHT - 3_600_000, user(AYA), "4000", "アプリが固まりました。"),
                    text(NIGHT, user(BEN), "4002", "退会したいです。"),
                    event("message", NIGHT, user(BEN), message={"id": "4003", "type": "sticker"}),
                    event("message", NIGHT, user(BEN), message={"id": "4004", "type": "image"}),
                    event("follow", NIGHT, user(BEN), follow={"isUnblocked": False}),
                    event("unfollow", NIGHT, user(BEN)),
                    event("postback", NIGHT, user(BEN), postback={"data": "action=faq"}),
                ],
            },
            tells=[
                heard(
                    f"{AYA}/2026-05-02",
                    "4001",
                    "朝早くにすみません。ログインできません。",
                    datetime(2026, 5, 1, 19, 59, tzinfo=UTC),
                    customer=AYA,
                ),
                heard(
                    f"{AYA}/2026-05-01",
                    "4000",
                    "アプリが固まりました。",
                    datetime(2026, 5, 1, 18, 59, tzinfo=UTC),
                    customer=AYA,
                ),
                heard(
                    f"{BEN}/2026-05-02",
                    "4002",
                    "退会したいです。",
                    datetime(2026, 5, 1, 19, 59, tzinfo=UTC),
                    customer=BEN,
                ),
            ],
        ),
        Sent(
            content={
                "destination": OWN,
                "events": [
                    text(
                        NIGHT, {"type": "group", "groupId": GROUP, "userId": AYA}, "4010", "みんな使えてる?"
                    ),
                    text(NIGHT, {"type": "room", "roomId": f"R{'e' * 32}"}, "4011", "使えないです。"),
                ],
            },
            tells=[
                heard(
                    f"{GROUP}/{AYA}/2026-05-02",
                    "4010",
                    "みんな使えてる?",
                    datetime(2026, 5, 1, 19, 59, tzinfo=UTC),
                    customer=AYA,
                ),
                heard(
                    f"R{'e' * 32}/2026-05-02",
                    "4011",
                    "使えないです。",
                    datetime(2026, 5, 1, 19, 59, tzinfo=UTC),
                    customer=None,
                ),
            ],
        ),
        Sent(
            content={"events": [event("unsend", NIGHT, user(AYA), unsend={"messageId": "4000"})]},
            tells=[
                Unsaid(
                    external_id="4000",
                    items=[
                        f"{AYA}/{day}"
                        for day in (
                            "2026-05-02",
                            "2026-05-01",
                            "2026-04-30",
                            "2026-04-29",
                            "2026-04-28",
                            "2026-04-27",
                            "2026-04-26",
                            "2026-04-25",
                        )
                    ],
                    at=datetime(2026, 5, 1, 19, 59, tzinfo=UTC),
                )
            ],
        ),
        Sent(content={"destination": OWN, "events": []}, tells=[]),
        Sent(
            content={"events": [text(NIGHT, {"type": "user"}, "4005", "誰でしょう"), {"type": "unsend"}]},
            tells=[
                BadRow(line=1, reason="it names no message, no time, or nobody who wrote it"),
                BadRow(line=2, reason="it names no message, no time, or nobody who took it back"),
            ],
        ),
    ],
    own=[
        Sent(
            content={"events": [text(NIGHT, user(AYA), "4006", "ご案内 [koe:0123456789abcdef0123]")]},
            tells=[],
        )
    ],
)
