"""A receiver of signed webhooks (Standard Webhooks): whatever program takes suggestions by HTTP."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from hashlib import sha256
from typing import Self

from connectors.errors import Refused, Uncertain, Unreadable
from connectors.guards import must_hear, must_take, url_setting
from connectors.http import Http
from connectors.outgoing import News, Outgoing, Receipt
from connectors.ports import Means, Setting
from connectors.signatures import key_of, sign
from connectors.target_port import ACCEPTED, STANDING, WEEKLY, Target

USUAL = frozenset({ACCEPTED, "alarm.raised"}) | STANDING
"""The events that are told where none are chosen."""
DATA = (
    *("suggestion_id", "theme_id", "action", "audience", "lang", "title", "body", "theme_title"),
    *("contacts", "customers", "accounts", "revenue", "currency", "keywords", "citations", "link"),
)
"""What of a suggestion is sent."""


class Webhook(Target):
    """Posts each suggestion, and each piece of news, as one message.

    A receiver cannot be asked what it has. It gets the same `webhook-id` with every repetition instead, and
    takes a message it has taken already as the same one.
    """

    slug = "webhook"
    title = "Signed webhook"
    title_ja = "署名付き Webhook"
    settings = (
        Setting(
            name="url",
            label={"en": "Address that messages are posted to", "ja": "メッセージの送り先のアドレス"},
            example="https://example.com/koe",
        ),
        Setting(
            name="events",
            label={"en": "Events to tell, with commas between", "ja": "知らせる出来事（カンマ区切り）"},
            needed="never",
            example="suggestion.accepted, theme.created",
        ),
    )
    guide = (
        {
            "en": "Let your program prove each message with the secret, answer any 2xx, and take the same "
            "webhook-id once; docs/webhooks-out.md says how.",
            "ja": "受け取るプログラムでは、シークレットで署名を確かめ、2xx を返し、同じ webhook-id は一度だけ"
            "受け取ります。方法は docs/webhooks-out.ja.md にあります。",
        },
    )
    takes = frozenset(
        {"fix_product", "write_article", "edit_article", "make_findable", "resolve_contradiction"}
    )
    hears = frozenset(
        {
            WEEKLY,
            "delivery.delivered",
            "effect.measured",
            "suggestion.created",
            "theme.created",
            "theme.updated",
        }
        | (USUAL - {ACCEPTED})
    )
    needs_secret = True
    idempotent = True

    def __init__(self, url: str, *, keys: Sequence[bytes], http: Http) -> None:
        self._url = url
        self._keys = keys
        self._http = http

    @classmethod
    def chosen(cls, settings: Mapping[str, object]) -> frozenset[str]:
        """Return the events of the setting `events`, with commas between them; without it the usual ones."""
        written = settings.get("events")
        return USUAL if written is None else frozenset(each.strip() for each in str(written).split(","))

    @classmethod
    def open(cls, settings: Mapping[str, object], means: Means) -> Self:
        """Return the target that posts to the address in the setting `url`, signed with every secret."""
        url = url_setting(settings, "url")
        known = cls.hears | {ACCEPTED}
        if unknown := cls.chosen(settings) - known:
            raise Refused(
                f"the setting 'events' names {', '.join(map(repr, sorted(unknown)))}; "
                f"there are {', '.join(sorted(known))}"
            )
        secrets = (means.secret or "").split()
        if not secrets:
            raise Refused(f"a target of the kind {cls.slug} needs a secret to sign with; add it anew")
        try:
            return cls(url, keys=[key_of(secret) for secret in secrets], http=means.http)
        except Unreadable as error:
            raise Refused(f"its secret cannot be used: {error}") from error

    def check(self) -> str:
        """Connect, and send nothing: a message would be acted on."""
        return f"{self._http.reach(self._url)} takes connections; what happens is posted there, signed."

    def find(self, suggestion_id: str) -> Receipt | None:  # noqa: ARG002  nothing can be looked up
        return None

    def deliver(self, outgoing: Outgoing) -> Receipt:
        must_take(self, outgoing)
        return self._post(key_of_delivery(outgoing.suggestion_id), message(outgoing))

    def tell(self, news: News) -> Receipt:
        must_hear(self, news)
        return self._post(
            key_of_delivery(news.subject_id, event=news.event), envelope(news.event, news.at, news.data)
        )

    def _post(self, message_id: str, body: bytes) -> Receipt:
        now = int(datetime.now(UTC).timestamp())
        headers = {
            "content-type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": str(now),
            "webhook-signature": " ".join(sign(key, message_id, now, body) for key in self._keys),
        }
        answer = self._http.send("POST", self._url, headers=headers, content=body)
        if answer.is_page:
            raise Uncertain(
                f"{answer.name} answered {answer.status} with a web page for people; "
                "is there a sign-in or a proxy before the receiver?"
            )
        return Receipt(reference=message_id)


def key_of_delivery(subject_id: str, *, event: str = ACCEPTED) -> str:
    """Return the `webhook-id` of an event: the same for every attempt, and without a full stop."""
    return f"koe_{sha256(f'{event}:{subject_id}'.encode()).hexdigest()[:32]}"


def message(outgoing: Outgoing) -> bytes:
    """Return what is posted: compact JSON, which is signed and sent as these bytes."""
    decided_at = outgoing.decided_at or outgoing.created_at or datetime.now(UTC)
    values = asdict(outgoing)
    return envelope(ACCEPTED, decided_at, {name: values[name] for name in DATA})


def envelope(event: str, at: datetime, data: Mapping[str, object]) -> bytes:
    """Return an event as it is posted."""
    told = {
        "type": event,
        "timestamp": at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "data": data,
    }
    text = json.dumps(told, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")
