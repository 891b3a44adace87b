"""Intercom: conversations and their parts, by webhook and by the search for conversations.

A notification holds the conversation with its newest part alone, so that it is fetched as well once a token
is there. Texts are asked for as plain text, as notifications bring them from version 2.15 on.
Sources: developers.intercom.com, "Webhook topics", "Set up webhooks", "Rate limiting"; the published OpenAPI
description of version 2.15.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Self

from connectors import hmacs
from connectors.asking import Api, is_yes, one_of_many, part
from connectors.errors import Refused
from connectors.intercom_account import ADDRESS, REGIONS, TOKEN, address_of, advice_on, headers_of
from connectors.loose import NOTHING, Loose
from connectors.outgoing import Receipt, Reply
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
    Withdrawn,
)
from connectors.replying import SETTING, Replier, asking_first, inactive, is_on, lines_as_html
from connectors.writing import Writer, unnamed

SIGNATURE = "x-hub-signature"
CHANNELS: Mapping[str, Channel] = {"email": "ticket", "phone_call": "call", "phone_switch": "call"}
"""All others are chats."""
REPLIED_IN = frozenset({"conversation", "email"})
"""By what a conversation came whose customer gets what is said in it: the Messenger and mail. Others are
systems of somebody else's, with rules of their own."""
SPOKEN = frozenset({"comment", "open", "close", "snoozed", "quick_reply", "assignment", "assign_and_reopen"})
"""The types of a part that customers see, if it has words; all others are notes, or tell what happened."""
ROLES: Mapping[str, Role] = {"admin": "agent", "team": "agent", "bot": "bot"}
"""Of authors by their type; everybody else is a customer."""
AUTOMATIC = frozenset({"operator_initiated", "automated", "campaigns_initiated"})
"""How a conversation began of which nobody of the team wrote the first message."""
FIRST = "first"
"""The name of what a conversation began with, which is no part of it."""
CONVERSATIONS = 40
"""Of one page: each takes a request of its own for its parts."""


class Intercom(Replier):
    """An Intercom workspace."""

    slug = "intercom"
    title = "Intercom"
    category = "helpdesk"
    settings = (
        ADDRESS,
        TOKEN,
        Setting(
            name="verified",
            label={
                "en": "Whether identity verification is enforced in the Messenger: only then is who somebody "
                "says they are, and of which company, taken for your own id of them",
                "ja": "Messenger で本人確認(Identity verification)を必須にしているか(必須の場合に限り、"
                "利用者と会社の ID を自社の ID とみなします)",
            },
            needed="never",
            choices=("no", "yes"),
            default="no",
        ),
        SETTING,
    )
    secret_from = "sender"
    pace = Pace(requests=600, seconds=60, burst=20)
    keeps = frozenset[str]()
    replies_in = frozenset[Channel]({"chat", "ticket"})
    guide = (
        {
            "en": "In Intercom, open Settings › Integrations › Developer Hub, and create an app for your "
            "workspace (or open the one you have).",
            "ja": "Intercom の「Settings › Integrations › Developer Hub」で、ワークスペース用のアプリを"
            "作ります(既存のアプリでもかまいません)。",
        },
        {
            "en": "Copy the client secret from Configure › Basic information, and give it to Koe as the "
            "secret of the webhook.",
            "ja": "「Configure › Basic information」の Client secret をコピーし、Webhook のシークレットと"
            "して Koe に入力します。",
        },
        {
            "en": "Open Configure › Webhooks › Edit, enter {url} as the endpoint URL, and choose the topics "
            "conversation.user.created, conversation.user.replied, conversation.admin.replied, "
            "conversation.admin.single.created, conversation.admin.closed, conversation.admin.opened, "
            "conversation.rating.added, conversation_part.redacted and conversation.deleted.",
            "ja": "「Configure › Webhooks › Edit」で Endpoint URL に {url} を入力し、トピックとして "
            "conversation.user.created、conversation.user.replied、conversation.admin.replied、"
            "conversation.admin.single.created、conversation.admin.closed、conversation.admin.opened、"
            "conversation.rating.added、conversation_part.redacted、conversation.deleted を選びます。",
        },
        {
            "en": "Copy the access token from Configure › Authentication, where the app must be allowed to "
            "read conversations, and give it to Koe: a notification holds the newest message alone.",
            "ja": "「Configure › Authentication」で会話の読み取り(Read conversations)を許可し、アクセス"
            "トークンをコピーして Koe に入力します。通知には最新のメッセージしか含まれないためです。",
        },
        {
            "en": "Choose the address by where you sign in: app.intercom.com, app.eu.intercom.com or "
            "app.au.intercom.com.",
            "ja": "アドレスは、ログイン先(app.intercom.com、app.eu.intercom.com、app.au.intercom.com)に"
            "合わせて選びます。",
        },
        {
            "en": "Koe writes nothing into conversations. Only with replies=yes, and an app that may write "
            "conversations, it replies in those of the Messenger and of mail, in the name of the teammate "
            "whose token it is: what a person agreed to on the page of a notice.",
            "ja": "Koe は会話に何も書き込みません。replies=yes とし、アプリに会話の書き込み(Write conver"
            "sations)を許可した場合に限り、お知らせのページで担当者が承認した文面を、アクセストークンの担当者"
            "の名前で、Messenger とメールの会話に返信します。",
        },
    )
    unverified = (
        {
            "en": "Which topics your workspace offers for ratings and for messages that are taken back, and "
            "whether the address of a conversation leads to its page in the inbox.",
            "ja": "評価と削除されたメッセージのトピックがワークスペースで選べるかどうかと、会話のリンクが"
            "受信トレイのページを開くかどうか。",
        },
        {
            "en": "Tickets that were never a conversation are not taken.",
            "ja": "会話から始まっていないチケットは取り込みません。",
        },
        {
            "en": "How lines and paragraphs of a reply look in the Messenger and in mail.",
            "ja": "返信の改行と段落が、Messenger とメールでどう表示されるか。",
        },
    )

    def __init__(
        self, api: Api | None, address: str, *, verified: bool, writer: Writer | None = None
    ) -> None:
        self._api = api
        self._verified = verified
        self._writer = writer
        self._inbox = REGIONS.get(address, address)

    @classmethod
    def place(cls, settings: Mapping[str, str]) -> str:
        address = address_of(settings)
        return f"{REGIONS.get(address, address)}/a/apps/"

    @classmethod
    def open(cls, settings: Mapping[str, str], means: Means, /) -> Self:
        address, token = address_of(settings), settings.get("token", "").strip()
        verified, may_reply = is_yes(settings, "verified", usually="no"), is_on(settings)
        if not token:
            return cls(None, address, verified=verified)
        advice = advice_on("read conversations")
        api = Api(http=means.http, base=address, headers=headers_of(token), advice=advice)
        advice = advice_on("write conversations")
        writer = Writer(http=means.http, base=address, headers=api.headers, advice=advice)
        return cls(api, address, verified=verified, writer=writer if may_reply else None)

    @classmethod
    def prove(cls, call: Call, secrets: Sequence[str], now: datetime) -> str:  # noqa: ARG003
        hmacs.prove(
            secrets,
            call.body,
            call.headers.get(SIGNATURE),
            header=SIGNATURE,
            encoding="hex",
            prefix="sha1=",
            algorithm="sha1",
        )
        return Loose.glimpse(call.body)["id"].id or ""

    @classmethod
    def greet(cls, call: Call) -> Greeting | None:
        return Greeting() if Loose.glimpse(call.body)["topic"].text == "ping" else None

    def read(self, call: Call) -> Iterator[Event]:
        told = Loose.of(call.body)
        topic, item = told["topic"].text, told["data"]["item"]
        if topic is None:
            yield BadRow(line=1, reason="this is no notification of Intercom: it names no topic")
        if topic is None or not topic.startswith("conversation"):
            return  # people may subscribe to more than they were asked to
        at = told["created_at"].counted_time()
        if topic == "conversation.deleted":
            named = item["id"].id or item["conversation_id"].id
            if named is not None:
                yield Withdrawn(external_id=named, at=at)
                return
        conversation = item if item["type"].text == "conversation" else item["conversation"]
        named = conversation["id"].id
        if named is None:
            yield BadRow(line=1, reason="it names no conversation: data.item.id is not there")
            return
        if conversation["created_at"].counted_time():
            said = list(_said(conversation, at=at, redacted=topic == "conversation_part.redacted"))
            yield self._heard(named, conversation, said, workspace=told["app_id"].id)
        yield Changed(external_id=named)

    def check(self) -> str:
        workspace = self._asked().get("/me")["app"]["name"].text or "your workspace"
        if not isinstance(self._search(None, None, most=1)["conversations"].value, list):
            raise Refused("Intercom answered with something that is no list of conversations")
        replies = " Koe may reply in them." if self._writer else ""
        return f"Intercom answers for {workspace}, and lets Koe read its conversations.{replies}"

    def page(self, since: datetime | None, cursor: str | None) -> Page:
        found = self._search(since, cursor, most=CONVERSATIONS)
        named = [one for conversation in found["conversations"] if (one := conversation["id"].id)]
        total = found["total_count"].number
        return Page(
            events=[event for one in named for event in self._walked(one)],
            cursor=found["pages"]["next"]["starting_after"].text if named else None,
            total=None if total is None else int(total),
        )

    def fetch(self, external_id: str) -> Heard | Withdrawn:
        path, asked = f"/conversations/{part(external_id)}", {"display_as": "plaintext"}
        found = self._asked().find(path, asked, alive=self.check)
        if found is None:
            return Withdrawn(external_id=external_id)
        if found["id"].id != external_id:
            raise Refused(f"Intercom answered with something that is not conversation {external_id}")
        return self._heard(external_id, found, list(_said(found)), workspace=self._workspace, whole=True)

    def reply(self, conversation: str, reply: Reply) -> Receipt:
        writer, path = self._switched_on(), f"/conversations/{part(conversation)}"
        with asking_first():
            found = self._asked().find(path, alive=self.check)
            teammate = self._me["id"].id
        _must_reach_one(found or NOTHING)
        html = lines_as_html(inactive(reply.text))
        said = {"message_type": "comment", "type": "admin", "admin_id": teammate or "", "body": html}
        parts = [*writer.send("POST", f"{path}/reply", said)["conversation_parts"]["conversation_parts"]]
        made = parts[-1]["id"].id if parts else None
        if made is None:
            unnamed(self.title, "the reply")
        workspace = self._workspace
        url = self._page_of(workspace, conversation) if workspace else None
        return Receipt(reference=made, url=url)

    def _page_of(self, workspace: str, conversation: str) -> str:
        return f"{self._inbox}/a/apps/{part(workspace)}/conversations/{part(conversation)}"

    def _asked(self) -> Api:
        if self._api is None:
            raise Refused("the setting 'token' is missing: Intercom tells nothing without it")
        return self._api

    def _walked(self, named: str) -> Iterator[Event]:
        """Yield a conversation of a page; one that Intercom refuses is left for later."""
        return one_of_many(named, lambda: [self.fetch(named)])

    @cached_property
    def _workspace(self) -> str | None:
        """The id of the workspace, as notifications tell it: it stands in addresses that people open."""
        return self._me["app"]["id_code"].id

    @cached_property
    def _me(self) -> Loose:
        """The teammate whose token it is, with the workspace."""
        return self._asked().get("/me")

    def _search(self, since: datetime | None, cursor: str | None, *, most: int) -> Loose:
        began = int(since.timestamp()) if since else 0
        return self._asked().post(
            "/conversations/search",
            {
                "query": {
                    "operator": "AND",
                    "value": [{"field": "updated_at", "operator": ">", "value": began}],
                },
                "sort": {"field": "updated_at", "order": "ascending"},
                "pagination": {"per_page": most, **({"starting_after": cursor} if cursor else {})},
            },
        )

    def _heard(
        self,
        named: str,
        conversation: Loose,
        said: Sequence[Said],
        *,
        workspace: str | None,
        whole: bool = False,
    ) -> Heard:
        """Return a conversation; only a `whole` one tells by its parts when it was answered first."""
        source, measured = conversation["source"], conversation["statistics"]
        answered = [one.created_at for one in said if one.author_role == "agent" and one.created_at]
        status = conversation["state"].text
        return Heard(
            external_id=named,
            said=said,
            channel=CHANNELS.get(source["type"].text or "", "chat"),
            title=conversation["title"].text or source["subject"].text,
            created_at=conversation["created_at"].counted_time(),
            updated_at=conversation["updated_at"].counted_time(),
            replied_at=measured["first_admin_reply_at"].counted_time()
            or (min(answered, default=None) if whole else None),
            resolved_at=measured["last_close_at"].counted_time() if status == "closed" else None,
            status=status,
            rating=_rating(conversation),
            customer=_customer(conversation, verified=self._verified),
            url=self._page_of(workspace, named) if workspace else None,
            tags=[tag for one in conversation["tags"]["tags"] if (tag := one["name"].text)],
        )


def _must_reach_one(conversation: Loose) -> None:
    """Raise Refused where a reply would not reach the one customer of a conversation, and nobody else."""
    medium = conversation["source"]["type"].text
    if medium not in REPLIED_IN:
        came = f"it came by “{medium}”" if medium else "it is not there any more, or says not by what it came"
        raise Refused(f"{came}; Koe replies in the Messenger and by mail alone")
    if len([*conversation["contacts"]["contacts"]]) != 1:
        raise Refused("not exactly one customer takes part in this conversation")


def _said(conversation: Loose, *, at: datetime | None = None, redacted: bool = False) -> Iterator[Said]:
    """Yield what a conversation began with, the parts that customers see, and what they say of a rating.

    `at` is the time of a part that has none itself; with `redacted` a part that stands alone was taken back.
    """
    source = conversation["source"]
    text, gone = source["body"].text, source["redacted"].flag
    if text or gone:
        role = _role(source["author"])
        automatic = role == "agent" and source["delivered_as"].text in AUTOMATIC
        yield Said(
            external_id=FIRST,
            text="" if gone else text or "",
            author_role="bot" if automatic else role,
            created_at=conversation["created_at"].counted_time() or at,
            updated_at=conversation["updated_at"].counted_time() if gone else None,
        )
    parts = list(conversation["conversation_parts"]["conversation_parts"])
    redacted = redacted and len(parts) == 1
    for one in parts:
        named, text, gone = one["id"].id, one["body"].text, redacted or one["redacted"].flag
        if named and (text or gone) and one["part_type"].text in SPOKEN:
            yield Said(
                external_id=named,
                text="" if gone else text or "",
                author_role=_role(one["author"]),
                created_at=one["created_at"].counted_time() or at,
                updated_at=one["updated_at"].counted_time() or at,
            )
    for name, rating, remark in (
        ("rating", conversation["conversation_rating"], "remark"),
        ("rating of the bot", conversation["ai_agent"], "rating_remark"),
    ):
        if words := rating[remark].text:
            rated_at = rating["updated_at"].counted_time() or rating["created_at"].counted_time() or at
            yield Said(external_id=name, text=words, created_at=rated_at, updated_at=rated_at)


def _role(author: Loose) -> Role:
    return "bot" if author["from_ai_agent"].flag else ROLES.get(author["type"].text or "", "customer")


def _rating(conversation: Loose) -> float | None:
    """Return how the team was rated, or else its bot, from 1 to 5."""
    for found in (conversation["conversation_rating"]["rating"], conversation["ai_agent"]["rating"]):
        if found.number is not None and 1 <= found.number <= 5:
            return found.number
    return None


def _customer(conversation: Loose, *, verified: bool) -> Customer:
    """Return whose conversation it is: its first contact, with the address that their words came from.

    What a browser tells of them are the organisation's own ids where they were `verified` alone.
    """
    company, contact = conversation["company"], conversation["contacts"]["contacts"][0]
    parts = conversation["conversation_parts"]["conversation_parts"]
    authors = [conversation["source"]["author"], *(one["author"] for one in parts)]
    customers = [one for one in authors if one["type"].text and _role(one) == "customer"]
    named = next((one for found in (contact, *customers) if (one := found["id"].id)), None)
    emails = (one["email"].text for one in customers if one["id"].id == named)
    return Customer(
        id=named,
        email=next((one for one in emails if one), None),
        own_id=contact["external_id"].id if verified else None,
        account_id=company["id"].id,
        account_own_id=company["company_id"].id if verified else None,
    )
