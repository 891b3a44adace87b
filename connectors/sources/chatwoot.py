"""Chatwoot: conversations and their messages, by webhook and by the application API.

Sources: developers.chatwoot.com, "Webhooks", "Conversations API", "Messages API"; the server's own source,
for its webhooks, the order of its lists and deleted messages.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Self

from connectors import hmacs
from connectors.asking import Api, Params, base_of, needed, one_of_many, own_address, part
from connectors.errors import Refused
from connectors.loose import NOTHING, Loose
from connectors.outgoing import Receipt, Reply
from connectors.ports import (
    BadRow,
    Call,
    Changed,
    Channel,
    Customer,
    Event,
    Heard,
    Means,
    Pace,
    Page,
    Role,
    Said,
    Setting,
    Withdrawn,
)
from connectors.replying import SETTING, Replier, inactive, is_on
from connectors.writing import Writer, unnamed

SIGNATURE = "x-chatwoot-signature"
STAMP = "x-chatwoot-timestamp"
DELIVERY = "x-chatwoot-delivery"
OF_MESSAGES = frozenset({"message_created", "message_updated"})
OF_CONVERSATIONS = frozenset(
    {
        "conversation_created",
        "conversation_updated",
        "conversation_status_changed",
        "conversation_opened",
        "conversation_resolved",
    }
)
SPOKEN: Mapping[object, Role] = {"incoming": "customer", "outgoing": "agent", 0: "customer", 1: "agent"}
"""Who speaks, by the type of a message: a word in webhooks, else a number. Others tell what happened."""
BOTS = frozenset({"agent_bot", "agentbot", "captain_assistant", "captain::assistant"})
CHANNELS: Mapping[str, Channel] = {"Channel::Email": "ticket", "Channel::Voice": "call"}
"""All others are chats."""
MESSAGE_PAGES = 20
"""Of one conversation: the newest are at the end of the first."""
ADVICE = {
    401: "copy the access token anew from the profile settings of an administrator",
    403: "the user whose token it is must be an administrator of the account",
    404: "see whether the address and the number of the account are right",
}


class Chatwoot(Replier):
    """An account on a Chatwoot server."""

    slug = "chatwoot"
    title = "Chatwoot"
    category = "helpdesk"
    settings = (
        own_address("Chatwoot", example="https://app.chatwoot.com"),
        Setting(
            name="account",
            label={
                "en": "Number of the account: it stands in the address, after /accounts/",
                "ja": "アカウントの番号(アドレスの /accounts/ の後の数字)",
            },
            example="1",
        ),
        Setting(
            name="token",
            label={"en": "Access token of an administrator", "ja": "管理者のアクセストークン"},
            secret=True,
            needed="to_fetch",
        ),
        SETTING,
    )
    proofs = ("own", "url")
    secret_from = "sender"
    pace = Pace(requests=60, seconds=60, burst=20)
    keeps = frozenset[str]()
    replies_in = frozenset[Channel]({"chat", "ticket"})
    guide = (
        {
            "en": "As an administrator, open Settings › Integrations › Webhooks › Configure › Add new "
            "webhook. URL: {url} – tick Message created, Message updated, Conversation created and "
            "Conversation status changed.",
            "ja": "管理者として「設定 › 連携 › Webhook › 設定 › 新しい Webhook を追加」を開き、URL に "
            "{url} を入力して、メッセージの作成と更新、会話の作成、会話の状態の変更に印を付けます。",
        },
        {
            "en": "Give Koe the secret that is shown with the webhook. Before version 4.11.2 there is none: "
            "let the source prove itself by its address (url) then.",
            "ja": "Webhook と一緒に表示されるシークレットを Koe に入力します。4.11.2 より前の版には"
            "シークレットがないので、取り込み元の証明を URL によるもの(url)にします。",
        },
        {
            "en": "For what is there already, and for what calls lose, give Koe the access token at the "
            "end of an administrator's profile settings. An agent's token shows that agent's inboxes alone.",
            "ja": "すでにある会話や届かなかった分を取得するには、管理者のプロフィール設定の末尾にある"
            "アクセストークンを Koe に入力します。担当者のトークンでは、その担当者の受信トレイしか"
            "見えません。",
        },
        {
            "en": "Koe writes nothing into conversations. Only with replies=yes it writes messages to "
            "customers, as the administrator whose token it is: those that a person agreed to on the page "
            "of a notice.",
            "ja": "Koe は会話に何も書き込みません。replies=yes とした場合に限り、お知らせのページで担当者が承"
            "認した文面を、アクセストークンの管理者としてお客様に送ります。",
        },
    )
    unverified = (
        {
            "en": "When a conversation was resolved: the time of its last activity is taken. An answer to "
            "the satisfaction survey is read where it stands in the messages.",
            "ja": "会話の解決日時(最後に動きのあった日時を使います)と、満足度調査の回答(メッセージに"
            "含まれるものを読みます)。",
        },
        {
            "en": "On some installations (issue 13809) an API inbox shows a secret that it does not sign "
            "with: its calls are refused. The webhook of the account works there.",
            "ja": "一部の環境(Issue 13809)では、API 受信トレイに表示されるシークレットが署名と一致せず、"
            "呼び出しが拒否されます。その場合はアカウントの Webhook を使ってください。",
        },
    )

    def __init__(self, base: str, account: str, api: Api | None, writer: Writer | None = None) -> None:
        self._base = base
        self._account = account
        self._api = api
        self._writer = writer

    @classmethod
    def place(cls, settings: Mapping[str, str]) -> str:
        return f"{super().place(settings)}app/accounts/{settings.get('account', '').strip()}/"

    @classmethod
    def open(cls, settings: Mapping[str, str], means: Means, /) -> Self:
        base, account = base_of(settings, "address"), needed(settings, "account")
        if not (account.isascii() and account.isdigit()):
            raise Refused("the setting 'account' must be the number of the account, such as 1")
        token, may_reply = settings.get("token", "").strip(), is_on(settings)
        if not token:
            return cls(base, account, None)
        api = Api(http=means.http, base=base, headers={"api_access_token": token}, advice=ADVICE)
        writer = Writer(http=means.http, base=base, headers=api.headers, advice=ADVICE)
        return cls(base, account, api, writer if may_reply else None)

    @classmethod
    def prove(cls, call: Call, secrets: Sequence[str], now: datetime) -> str:
        stamp = call.headers.get(STAMP, "")
        hmacs.must_be_fresh(hmacs.seconds_of(stamp, header=STAMP), now, header=STAMP)
        signed = f"{stamp}.".encode() + call.body
        given = call.headers.get(SIGNATURE)
        hmacs.prove(secrets, signed, given, header=SIGNATURE, encoding="hex", prefix="sha256=")
        return Loose(call.headers.get(DELIVERY)).id or ""

    def read(self, call: Call) -> Iterator[Event]:
        told = Loose.of(call.body)
        kind = told["event"].text or ""
        if kind not in OF_MESSAGES | OF_CONVERSATIONS:
            if not kind:
                yield BadRow(line=1, reason="it names no event")
            return
        conversation = told["conversation"] if kind in OF_MESSAGES else told
        account = told["account"]["id"].id
        if conversation["id"].id is None:
            yield BadRow(line=1, reason=f"it names no conversation, though it is an event “{kind}”")
        elif account not in (None, self._account):
            yield BadRow(line=1, reason=f"it is of account {account}, and this source of {self._account}")
        else:
            messages = [told] if kind in OF_MESSAGES else [*told["messages"]]
            heard = self._heard(conversation, messages, whole=False)
            yield heard
            # Other events tell no rating: once it may be there, the whole conversation is worth a look.
            is_over = kind in OF_CONVERSATIONS and heard.status == "resolved"
            if is_over or heard.rating is not None:
                yield Changed(external_id=heard.external_id)

    def check(self) -> str:
        accounts = self._asked().get("/api/v1/profile")["accounts"]
        role = next((one["role"].text for one in accounts if one["id"].id == self._account), None)
        if role is None:
            raise Refused(f"the user whose token it is has no account {self._account}")
        if role != "administrator":
            raise Refused("an agent's token shows the inboxes of that agent alone; use an administrator's")
        self._list(1)
        replies = " Koe may reply in them." if self._writer else ""
        return f"Chatwoot answers, and lets Koe read the conversations of account {self._account}.{replies}"

    def page(self, since: datetime | None, cursor: str | None) -> Page:
        number = int(cursor or 1)
        found = self._list(number)
        events: list[Event] = []
        for conversation in found["payload"]:
            last = _last(conversation)
            if since and last and last < since:  # the latest activity comes first
                return Page(events=events)
            if (named := conversation["id"].id) is not None:
                events += self._walked(named, conversation)
        total = found["meta"]["all_count"].number if since is None else None
        return Page(
            events=events,
            cursor=str(number + 1) if any(found["payload"]) else None,
            total=None if total is None else int(total),
        )

    def fetch(self, external_id: str) -> Heard | Withdrawn:
        conversation = self._asked().find(self._path(external_id), alive=lambda: self._list(1))
        if conversation is None:
            return Withdrawn(external_id=external_id)
        if conversation["id"].id != external_id:
            raise Refused(f"Chatwoot answered with something that is not conversation {external_id}")
        return self._heard(conversation, self._messages(external_id))

    def reply(self, conversation: str, reply: Reply) -> Receipt:
        # Chatwoot fills in placeholders of whoever writes a message.
        said = {"content": inactive(reply.text), "message_type": "outgoing", "private": False}
        made = self._switched_on().send("POST", f"{self._path(conversation)}/messages", said)["id"].id
        if made is None:
            unnamed(self.title, "the message")
        url = f"{self._base}/app/accounts/{self._account}/conversations/{part(conversation)}"
        return Receipt(reference=made, url=url)

    def _walked(self, named: str, conversation: Loose) -> Iterator[Event]:
        """Yield a conversation of a page; one that Chatwoot refuses is left for later."""
        return one_of_many(named, lambda: [self._heard(conversation, self._messages(named))])

    def _asked(self) -> Api:
        if self._api is None:
            raise Refused("the setting 'token' is missing: Chatwoot tells nothing without it")
        return self._api

    def _path(self, conversation: str = "") -> str:
        path = f"/api/v1/accounts/{self._account}/conversations"
        return f"{path}/{part(conversation)}" if conversation else path

    def _list(self, number: int) -> Loose:
        """Return a page of conversations. Raises Refused where the answer holds none."""
        asked: Params = {"status": "all", "assignee_type": "all", "page": number}
        found = self._asked().get(self._path(), asked)["data"]
        if not isinstance(found["payload"].value, list):
            raise Refused("Chatwoot answered with something that is no list of conversations")
        return found

    def _messages(self, conversation: str) -> list[Loose]:
        """Return the messages of a conversation, the oldest first."""
        found: list[Loose] = []
        before: int | None = None
        for _ in range(MESSAGE_PAGES):
            asked = {} if before is None else {"before": before}
            older = [*self._asked().get(f"{self._path(conversation)}/messages", asked)["payload"]]
            first = min((int(one) for each in older if (one := each["id"].number) is not None), default=None)
            if first is None or (before is not None and first >= before):
                break
            found, before = older + found, first
        return found

    def _heard(self, conversation: Loose, messages: Sequence[Loose], *, whole: bool = True) -> Heard:
        named = conversation["id"].id or ""
        person, more = conversation["meta"]["sender"], conversation["additional_attributes"]
        said = [one for message in messages if (one := _said(message))]
        asking = next((one for one in messages if _survey(one).is_object), NOTHING)
        if comment := _survey(asking)["feedback_message"].text:
            said.append(Said(external_id="survey", text=comment, created_at=_time(asking["created_at"])))
        replies = [one.created_at for one in said if one.author_role == "agent" and one.created_at]
        channel = conversation["channel"].text or conversation["meta"]["channel"].text
        status = conversation["status"].text
        lang = more["conversation_language"].text or more["browser_language"].text
        return Heard(
            external_id=named,
            said=said,
            channel=CHANNELS.get(channel or "", "chat"),
            title=more["mail_subject"].text,
            lang=(lang or "")[:2].lower() or None,
            created_at=conversation["created_at"].counted_time(),
            updated_at=conversation["updated_at"].counted_time() or _last(conversation),
            replied_at=_time(conversation["first_reply_created_at"])
            or (min(replies, default=None) if whole else None),
            resolved_at=_last(conversation) if status == "resolved" else None,
            status=status,
            rating=_survey(asking)["rating"].number,
            customer=Customer(
                id=person["id"].id,
                email=person["email"].text,
                own_id=person["identifier"].id if _is_verified(conversation) else None,
            ),
            url=f"{self._base}/app/accounts/{self._account}/conversations/{part(named)}",
            tags=[tag for one in conversation["labels"] if (tag := one.text)],
        )


def _is_verified(conversation: Loose) -> bool:
    """Whether a visitor has proven who they are: what they are called is theirs to say otherwise.

    The API and webhooks tell it at places of their own.
    """
    return conversation["meta"]["hmac_verified"].flag or conversation["contact_inbox"]["hmac_verified"].flag


def _said(message: Loose) -> Said | None:
    """Return a message that customers see; one without words says that it was deleted, if it was."""
    kind = message["message_type"].value
    role = SPOKEN.get(kind) if isinstance(kind, str | int) and not isinstance(kind, bool) else None
    named, attributes = message["id"].id, message["content_attributes"]
    deleted = attributes["deleted"].flag
    text = "" if deleted else message["content"].text
    if role is None or named is None or text is None or message["private"].value is True:
        return None
    sent_by = message["sender"]["type"].text or message["sender_type"].text or ""
    automatic = sent_by.lower() in BOTS or attributes["automation_rule_id"].id is not None
    return Said(
        external_id=named,
        text=text,
        author_role="bot" if role == "agent" and automatic else role,
        created_at=_time(message["created_at"]),
    )


def _survey(message: Loose) -> Loose:
    """Return the customer's answer to a satisfaction survey that a message holds."""
    return message["content_attributes"]["submitted_values"]["csat_survey_response"]


def _time(made: Loose) -> datetime | None:
    """Return a time to the second, as numbers tell it: webhooks write some as text, with milliseconds."""
    at = made.written_time or made.counted_time()
    return at.replace(microsecond=0) if at else None


def _last(conversation: Loose) -> datetime | None:
    """Return when something happened last in a conversation."""
    return conversation["last_activity_at"].counted_time() or conversation["timestamp"].counted_time()
