"""Front: conversations and their messages, by the webhook of an app or of a rule, and by the list of them.

An event names its conversation, which is then fetched; a full one brings its message as well. What teammates
say among themselves (comments, discussions, private conversations) is never taken.
Sources: dev.frontapp.com, "Application webhooks", "Rule webhooks", "Events", "Rate limiting"; the published
OpenAPI description of the Core API.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Self
from urllib.parse import parse_qs, urlsplit

from connectors import hmacs
from connectors.asking import Api, api_address, base_of, needed, one_of_many, part
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

SIGNATURE = "x-front-signature"
STAMP = "x-front-request-timestamp"
CHALLENGE = "x-front-challenge"
MILLISECONDS = 0.001
API = "https://api2.frontapp.com"
ADVICE = {
    401: "make a new API token (Settings › Developers › API tokens)",
    403: "let the token read conversations and messages of the inboxes that you want (its scopes)",
}
GONE = frozenset({"trash", "conversation_deleted"})
INTERNAL = frozenset({"comment", "mention", "new_comment_added"})
"""Events of what teammates say among themselves."""
CHANNELS: Mapping[str, Channel] = {
    "email": "ticket",
    "googleplay": "review",
    "call": "call",
    "phone-call": "call",
    "truly-call": "call",
}
"""By the type of a message; all others are chats."""
BOTS = frozenset({"rule", "macro", "API", "integration", "CSAT"})
"""The types of an author who is nobody."""
DELETED = "deleted"
CONVERSATIONS = 40
"""Of one page: each takes a request of its own for its messages."""
MESSAGE_PAGES = 10


class Front(Source):
    """A Front company."""

    slug = "front"
    title = "Front"
    category = "helpdesk"
    settings = (
        Setting(
            name="token",
            label={"en": "API token", "ja": "API トークン"},
            secret=True,
            needed="to_fetch",
        ),
        api_address(API),
    )
    secret_from = "sender"
    pace = Pace(requests=45, seconds=60, burst=5)
    keeps = frozenset[str]()
    guide = (
        {
            "en": "In Front, open Settings › Developers, create an app, and copy its signing key to Koe.",
            "ja": "Front の「Settings › Developers」でアプリを作り、signing key を Koe に入力します。",
        },
        {
            "en": "Add the feature Webhooks to the app with the address {url}, for inbound and outbound "
            "messages and for conversations that are deleted or restored. Front calls the address at once, "
            "so Koe must know the signing key by then.",
            "ja": "アプリに「Webhooks」機能を加え、アドレスを {url} として、受信・送信メッセージと会話の"
            "削除・復元を選びます。アドレスはその場で確かめられるので、先に signing key を Koe に入力して"
            "おきます。",
        },
        {
            "en": "Or let a rule send to a webhook (app store › Webhooks): then the secret is the API "
            "secret, and “Send full event data” spares requests.",
            "ja": "ルールの「Send to a webhook」も使えます(App store › Webhooks)。その場合のシークレットは "
            "API secret です。「Send full event data」を有効にすると、Koe からの API リクエストが減ります。",
        },
        {
            "en": "Under Settings › Developers › API tokens, make a token that may read conversations and "
            "messages of the shared inboxes, and give it to Koe.",
            "ja": "「Settings › Developers › API tokens」で、共有の受信トレイの会話とメッセージを読める"
            "トークンを作り、Koe に入力します。",
        },
    )
    unverified = (
        {
            "en": "In which form Front wants its challenge answered (Koe answers in plain text), and what "
            "the events of an app are called; an event of any name makes Koe fetch its conversation.",
            "ja": "challenge への答え方(Koe は平文で答えます)と、アプリのイベントの正確な名前(名前を問わず、"
            "会話を取りに行きます)。",
        },
        {
            "en": "Front lists conversations by when they moved up in its inbox: a change that moves nothing "
            "up is found only if an event tells of it.",
            "ja": "会話の一覧は受信トレイで上に移動した順に並ぶため、移動を伴わない変更は、イベントで届いた"
            "ときだけ取り込まれます。",
        },
    )

    def __init__(self, api: Api | None) -> None:
        self._api = api

    @classmethod
    def open(cls, settings: Mapping[str, str], means: Means, /) -> Self:
        address = base_of(settings, "address", usual=API)
        if not settings.get("token", "").strip():
            return cls(None)
        headers = {"authorization": f"Bearer {needed(settings, 'token')}"}
        return cls(Api(http=means.http, base=address, headers=headers, advice=ADVICE))

    @classmethod
    def prove(cls, call: Call, secrets: Sequence[str], now: datetime) -> str:
        stamp, given = call.headers.get(STAMP), call.headers.get(SIGNATURE)
        if stamp is None:  # as a rule signs
            hmacs.prove(secrets, call.body, given, header=SIGNATURE, encoding="base64", algorithm="sha1")
        else:
            signed_at = hmacs.seconds_of(stamp, header=STAMP, unit=MILLISECONDS)
            hmacs.must_be_fresh(signed_at, now, header=STAMP)
            signed = stamp.encode() + b":" + call.body
            hmacs.prove(secrets, signed, given, header=SIGNATURE, encoding="base64")
        return _event(Loose.glimpse(call.body))["id"].id or ""

    @classmethod
    def greet(cls, call: Call) -> Greeting | None:
        challenge = call.headers.get(CHALLENGE)
        if challenge is None or Loose.glimpse(call.body)["type"].text != "sync":
            return None
        return Greeting(body=challenge.encode())

    def read(self, call: Call) -> Iterator[Event]:
        told = Loose.of(call.body)
        event = _event(told)
        kinds = {told["type"].text, event["type"].text}
        conversation, at = event["conversation"], event["emitted_at"].counted_time()
        named = conversation["id"].id
        if named is None and "sync" not in kinds:
            yield BadRow(line=1, reason="it names no conversation: payload.conversation.id is not there")
        if named is None or kinds & INTERNAL or not _is_open(conversation):
            return
        if kinds & GONE or conversation["status"].text == DELETED:
            yield Withdrawn(external_id=named, at=at)
            return
        target = event["target"]
        if target["_meta"]["type"].text == "deleted_conversation_ids":  # they are parts of this one now
            for one in target["data"]:
                if merged := one.id or one["id"].id:
                    yield Withdrawn(external_id=merged, at=at)
        said = list(_said([target["data"]])) if target["_meta"]["type"].text == "message" else []
        if said:
            yield _heard(named, conversation, said, kind=target["data"]["type"].text)
        yield Changed(external_id=named)

    def check(self) -> str:
        company = self._asked().get("/me")["name"].text or "your company"
        if not isinstance(self._asked().get("/conversations", {"limit": 1})["_results"].value, list):
            raise Refused("Front answered with something that is no list of conversations")
        return f"Front answers for {company}, and lets Koe read its conversations."

    def page(self, since: datetime | None, cursor: str | None) -> Page:
        asked: dict[str, str | int] = {"limit": CONVERSATIONS, "sort_by": "date", "sort_order": "desc"}
        found = self._asked().get("/conversations", asked | ({"page_token": cursor} if cursor else {}))
        changed = [one for one in found["_results"] if one["id"].id and _changed_since(one, since)]
        return Page(
            events=[event for one in changed for event in self._walked(one)],
            cursor=_next(found) if changed else None,
        )

    def fetch(self, external_id: str) -> Heard | Withdrawn:
        found = self._asked().find(f"/conversations/{part(external_id)}", alive=self.check)
        if found is None:
            return Withdrawn(external_id=external_id)
        if found["id"].id != external_id:
            raise Refused(f"Front answered with something that is not conversation {external_id}")
        return self._whole(found) or Withdrawn(external_id=external_id)

    def _asked(self) -> Api:
        if self._api is None:
            raise Refused("the setting 'token' is missing: Front tells nothing without it")
        return self._api

    def _walked(self, conversation: Loose) -> Iterator[Event]:
        """Yield a conversation of a page; one that Front refuses is left for later."""
        named = conversation["id"].id or ""
        return one_of_many(named, lambda: [one for one in [self._whole(conversation)] if one])

    def _whole(self, conversation: Loose) -> Heard | Withdrawn | None:
        """Return a conversation with its messages; None for one that teammates have among themselves."""
        named = conversation["id"].id or ""
        if conversation["status"].text == DELETED:
            return Withdrawn(external_id=named, at=conversation["updated_at"].counted_time())
        if not named or not _is_open(conversation):
            return None
        messages = list(self._messages(named))
        kind = next((one for message in messages if (one := message["type"].text)), None)
        said = list(_said(messages))
        answered = [one.created_at for one in said if one.author_role == "agent" and one.created_at]
        return _heard(named, conversation, said, kind=kind, replied_at=min(answered, default=None))

    def _messages(self, named: str) -> Iterator[Loose]:
        """Yield the messages of a conversation, the oldest first."""
        asked: dict[str, str | int] = {"limit": 100, "sort_by": "created_at", "sort_order": "asc"}
        for _ in range(MESSAGE_PAGES):
            found = self._asked().get(f"/conversations/{part(named)}/messages", asked)
            yield from found["_results"]
            token = _next(found)
            if token is None:
                return
            asked["page_token"] = token


def _event(told: Loose) -> Loose:
    """Return the event of a call: an app puts it into an envelope, a rule does not."""
    return told["payload"] if told["payload"].is_object else told


def _is_open(conversation: Loose) -> bool:
    """Whether it is one with customers."""
    return conversation["type"].text in (None, "conversation") and not conversation["is_private"].flag


def _changed_since(conversation: Loose, since: datetime | None) -> bool:
    at = conversation["updated_at"].counted_time()
    return since is None or at is None or at >= since


def _next(found: Loose) -> str | None:
    """Return what to ask the next page by: its address leads to a host of the company's own."""
    address = found["_pagination"]["next"].text
    try:
        told = parse_qs(urlsplit(address).query) if address else {}
    except ValueError:
        return None
    return next(iter(told.get("page_token", [])), None)


def _said(messages: Sequence[Loose]) -> Iterator[Said]:
    """Yield what was sent and received; an event's preview names a message without its words."""
    for message in messages:
        named, text = message["id"].id, message["text"].text or message["body"].text
        is_draft = message["draft_mode"].text is not None
        if named is None or text is None or is_draft or message["type"].text == "internal":
            continue
        role: Role = "customer" if message["is_inbound"].flag else "agent"
        if role == "agent" and message["author"]["type"].text in BOTS:
            role = "bot"
        yield Said(
            external_id=named,
            text=text,
            author_role=role,
            created_at=message["created_at"].counted_time(),
        )


def _heard(
    named: str,
    conversation: Loose,
    said: Sequence[Said],
    *,
    kind: str | None,
    replied_at: datetime | None = None,
) -> Heard:
    recipient = conversation["recipient"]
    handle = recipient["handle"].id
    contact = recipient["_links"]["related"]["contact"].text
    return Heard(
        external_id=named,
        said=said,
        channel=CHANNELS.get(kind or "email", "chat"),
        title=conversation["subject"].text,
        created_at=conversation["created_at"].counted_time(),
        updated_at=conversation["updated_at"].counted_time(),
        replied_at=replied_at,
        status=conversation["status_category"].text or conversation["status"].text,
        customer=Customer(
            id=Loose((contact or "").rpartition("/")[2]).id or handle,
            email=handle if handle and "@" in handle else None,
        ),
        url=f"https://app.frontapp.com/open/{part(named)}",
        tags=[tag for one in conversation["tags"] if (tag := one["name"].text)],
    )
