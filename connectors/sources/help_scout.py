"""Help Scout: conversations with their threads, by webhook and by the list of the Mailbox API.

What Help Scout calls a thread is one message of a conversation. A webhook brings the conversation itself,
whose threads are asked for as well once there are credentials.
Sources: developer.helpscout.com, "Webhooks", "Conversation object"; the official PHP library.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Self

from connectors import hmacs
from connectors.asking import Api, api_address, base_of, needed, part
from connectors.errors import Refused
from connectors.loose import Loose
from connectors.ports import (
    BadRow,
    Call,
    Changed,
    Channel,
    Customer,
    Event,
    Greeting,
    Heard,
    Means,
    Pace,
    Page,
    Role,
    Said,
    Setting,
    Source,
    Withdrawn,
)

SIGNATURE = "x-helpscout-signature"
EVENT = "x-helpscout-event"
API = "https://api.helpscout.net"
ADVICE = {
    400: "see that the App ID and the App Secret are those of one app",
    401: "see that the App ID and the App Secret are those of one app (Your profile › My apps)",
    403: "let the owner of the app see the inboxes",
}
CHANNELS: Mapping[str, Channel] = {"chat": "chat", "phone": "call"}
SPOKEN = frozenset({"customer", "message", "chat", "beaconchat", "phone"})
"""The types of a thread that customers see; all others are notes, or tell what happened."""
SPAM = "spam"
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class HelpScout(Source):
    """A Help Scout account."""

    slug = "help-scout"
    title = "Help Scout"
    category = "helpdesk"
    settings = (
        Setting(name="app_id", label={"en": "App ID", "ja": "App ID"}, needed="to_fetch"),
        Setting(
            name="app_secret",
            label={"en": "App Secret", "ja": "App Secret"},
            secret=True,
            needed="to_fetch",
        ),
        api_address(API),
    )
    secret_from = "sender"
    pace = Pace(requests=120, seconds=60, burst=10)
    keeps = frozenset({EVENT})
    guide = (
        {
            "en": "In Help Scout, open Manage › Apps › Webhooks, enter {url} as the callback URL, and think "
            "of a secret key of at most 40 characters; give it to Koe as well.",
            "ja": "Help Scout の「Manage › Apps › Webhooks」で Callback URL に {url} を入力し、40 文字以内の "
            "Secret Key を決めて、Koe にも入力します。",
        },
        {
            "en": "Choose the v2 payload and the events of conversations: created, customer reply, agent "
            "reply, status updated, merged, deleted.",
            "ja": "ペイロードは v2 とし、会話のイベント(作成・顧客の返信・担当者の返信・ステータス変更・"
            "統合・削除)を選びます。",
        },
        {
            "en": "Under Your profile › My apps, create an app (any redirection URL will do), and give Koe "
            "its App ID and App Secret.",
            "ja": "「Your profile › My apps」でアプリを作り(Redirection URL は何でもかまいません)、App ID と "
            "App Secret を Koe に入力します。",
        },
    )
    unverified = (
        {
            "en": "How often Help Scout tries a webhook again, and whether a webhook brings the threads; "
            "where not, they are fetched.",
            "ja": "Webhook の再送の回数と、Webhook にスレッドが含まれるかどうか(含まれないときは"
            "取りに行きます)。",
        },
        {
            "en": "Ratings are not taken; a conversation that was merged into another one stays as it was.",
            "ja": "評価は取り込みません。ほかの会話に統合された会話は、そのまま残ります。",
        },
    )

    def __init__(self, api: Api | None, credentials: Mapping[str, str]) -> None:
        self._unproven = api
        self._credentials = credentials

    @classmethod
    def open(cls, settings: Mapping[str, str], means: Means, /) -> Self:
        address = base_of(settings, "address", usual=API)
        if not settings.get("app_secret", "").strip():
            return cls(None, {})
        credentials = {
            "grant_type": "client_credentials",
            "client_id": needed(settings, "app_id"),
            "client_secret": needed(settings, "app_secret"),
        }
        return cls(Api(http=means.http, base=f"{address}/v2", advice=ADVICE), credentials)

    @classmethod
    def prove(cls, call: Call, secrets: Sequence[str], now: datetime) -> str:  # noqa: ARG003
        given = call.headers.get(SIGNATURE)
        hmacs.prove(secrets, call.body, given, header=SIGNATURE, encoding="base64", algorithm="sha1")
        return ""

    @classmethod
    def greet(cls, call: Call) -> Greeting | None:
        return Greeting() if call.headers.get(EVENT) == "helpscout.test" else None

    def read(self, call: Call) -> Iterator[Event]:
        told, kind = Loose.of(call.body), call.headers.get(EVENT, "convo.")
        if not kind.startswith("convo."):
            return  # people may choose more events than they were asked to
        named = told["id"].id
        if named is None:
            yield BadRow(line=1, reason="it names no conversation: id is not there")
        elif kind == "convo.deleted":
            yield Withdrawn(external_id=named)
        else:
            conversation = _conversation(named, told)
            if isinstance(conversation, Withdrawn):
                yield conversation
            elif conversation is not None:
                if conversation.created_at is not None:
                    yield conversation
                yield Changed(external_id=named)

    def check(self) -> str:
        user = self._api.get("/users/me")["email"].text or "the owner of the app"
        if not self._api.get("/conversations", {"page": 1, "status": "all"})["page"].is_object:
            raise Refused("Help Scout answered with something that is no list of conversations")
        return f"Help Scout answers for {user}, and lets Koe read its conversations."

    def page(self, since: datetime | None, cursor: str | None) -> Page:
        told = Loose.glimpse((cursor or "").encode())
        began = told[0].written_time or since or LONG_AGO
        number = int(told[1].number or 1)
        asked: dict[str, str | int] = {
            "status": "all",
            "modifiedSince": began.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "sortField": "modifiedAt",
            "sortOrder": "asc",
            "embed": "threads",
            "page": number,
        }
        found = self._api.get("/conversations", asked)
        told_of = [one for one in found["_embedded"]["conversations"] if one["id"].id]
        events = [_whole(one["id"].id or "", one) for one in told_of]
        last = told_of[-1]["userUpdatedAt"].written_time if told_of else None
        # A page that is counted from the start loses what changes meanwhile: so the next one begins at the
        # last change seen, and pages are counted only where many changed at once.
        after = [last.isoformat(), 1] if last and last > began else [began.isoformat(), number + 1]
        ended = not told_of or number >= (found["page"]["totalPages"].number or 0)
        return Page(events=[one for one in events if one], cursor=None if ended else json.dumps(after))

    def fetch(self, external_id: str) -> Heard | Withdrawn:
        path, asked = f"/conversations/{part(external_id)}", {"embed": "threads"}
        found = self._api.find(path, asked, alive=self.check)
        if found is None:
            return Withdrawn(external_id=external_id)
        if found["id"].id != external_id:
            raise Refused(f"Help Scout answered with something that is not conversation {external_id}")
        return _whole(external_id, found) or Withdrawn(external_id=external_id)

    @cached_property
    def _api(self) -> Api:
        """The API with a token, which is good for two days. Raises Refused and RetryLater."""
        if self._unproven is None:
            raise Refused("the setting 'app_secret' is missing: Help Scout tells nothing without it")
        token = self._unproven.post("/oauth2/token", self._credentials)["access_token"].text
        if token is None:
            raise Refused("Help Scout gave no token; is the address that of its API?")
        return replace(self._unproven, headers={"authorization": f"Bearer {token}"})


def _whole(named: str, conversation: Loose) -> Heard | Withdrawn | None:
    """Return a conversation that came with all its threads: they tell when it was answered first."""
    heard = _conversation(named, conversation)
    if not isinstance(heard, Heard):
        return heard
    answered = [one.created_at for one in heard.said if one.author_role == "agent" and one.created_at]
    return replace(heard, replied_at=min(answered, default=None))


def _conversation(named: str, conversation: Loose) -> Heard | Withdrawn | None:
    """Return a conversation; None for a draft, which no customer has seen."""
    at = conversation["userUpdatedAt"].written_time
    status = conversation["status"].text
    if status == SPAM or conversation["state"].text == "deleted":
        return Withdrawn(external_id=named, at=at)
    if conversation["state"].text == "draft":
        return None
    customer, by = conversation["primaryCustomer"], conversation["createdBy"]
    email = customer["email"].text
    if email is None and by["type"].text == "customer":
        email = by["email"].text
    number = conversation["number"].id
    return Heard(
        external_id=named,
        said=list(_said(conversation["_embedded"]["threads"])),
        channel=CHANNELS.get(conversation["type"].text or "", "ticket"),
        title=conversation["subject"].text,
        created_at=conversation["createdAt"].written_time,
        updated_at=at,
        resolved_at=conversation["closedAt"].written_time if status == "closed" else None,
        status=status,
        customer=Customer(id=customer["id"].id, email=email),
        url=f"https://secure.helpscout.net/conversation/{part(named)}/{part(number)}/" if number else None,
        tags=[tag for one in conversation["tags"] if (tag := one["tag"].text)],
    )


def _said(threads: Loose) -> Iterator[Said]:
    for one in threads:
        named, text = one["id"].id, one["body"].text
        is_out = one["state"].text in (None, "published")
        if named is None or text is None or not is_out or one["type"].text not in SPOKEN:
            continue
        role: Role = "customer" if one["createdBy"]["type"].text == "customer" else "agent"
        if role == "agent" and "workflow" in (one["action"]["type"].text or ""):
            role = "bot"
        yield Said(external_id=named, text=text, author_role=role, created_at=one["createdAt"].written_time)
