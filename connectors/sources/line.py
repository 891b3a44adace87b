"""LINE: what customers write to an official account, by webhook; no history can be asked for.

A conversation is what one person writes in one day, which begins at four in the morning, when few write. So
the item of a message depends on its own time alone, in whatever order calls come. Answers that people give
in LINE's own manager are not sent: a conversation has one side.

What Koe says there is told by a key that LINE keeps for a day: said again within it, it is said once. Nothing
can be looked up, so that after that day nothing is said again that may have arrived.
Sources: developers.line.biz, "Receive messages", "Retry failed API requests", "Messaging API reference"; the
specification line-openapi.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Self
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from connectors import hmacs
from connectors.asking import Api, api_address, base_of
from connectors.errors import Refused, Unknowable, Unreadable
from connectors.loose import Loose
from connectors.outgoing import Receipt, Reply
from connectors.ports import (
    BadRow,
    Call,
    Channel,
    Customer,
    Event,
    Heard,
    Means,
    Pace,
    Said,
    Setting,
    Unsaid,
)
from connectors.replying import SETTING, Replier, asking_first, is_on
from connectors.writing import Writer, unnamed

SIGNATURE = "x-line-signature"
ZONE = "Asia/Tokyo"
DAWN = timedelta(hours=4)
"""When a day begins."""
UNSENDABLE = 7
"""Days after which nobody can take a message back any more."""
HOME = "https://api.line.me"
KEY = "x-line-retry-key"
KEPT = timedelta(hours=23)
"""For which LINE surely keeps a key: an hour less than it says, for clocks that differ."""
ALREADY = 409
"""The status of what was said before, under the same key."""
ALONE = re.compile(r"(U[0-9a-f]{32})/\d{4}-\d\d-\d\d")
"""The name of a conversation with one person, in no group."""
PLACES = {"group": "groupId", "room": "roomId"}
"""Where several people write, and the name of each such place."""
ADVICE = {
    401: "copy the channel access token anew from the tab Messaging API of the channel",
    403: "the channel whose token it is may not send messages",
}


class Line(Replier):
    """An official account of LINE."""

    slug = "line"
    title = "LINE Messaging API"
    category = "chat"
    settings = (
        Setting(
            name="timezone",
            label={
                "en": "Time zone of your customers, by whose days conversations are told apart",
                "ja": "お客様のタイムゾーン(会話を日ごとに分けるのに使います)",
            },
            default=ZONE,
            example=ZONE,
        ),
        Setting(
            name="token",
            label={
                "en": "Channel access token of the same channel, for replies alone",
                "ja": "同じチャネルのチャネルアクセストークン(返信にだけ使います)",
            },
            secret=True,
            needed="never",
        ),
        SETTING,
        api_address(HOME),
    )
    secret_from = "sender"
    fetches = False
    pace = Pace(requests=600, seconds=60, burst=20)
    replies_in = frozenset[Channel]({"chat"})
    idempotent = True
    guide = (
        {
            "en": "In the LINE Developers Console, open the Messaging API channel of your official account. "
            "Copy the channel secret from the tab Basic settings, and give it to Koe.",
            "ja": "LINE Developers コンソールで公式アカウントの Messaging API チャネルを開き、「チャネル基"
            "本設定」のチャネルシークレットをコピーして Koe に入力します。",
        },
        {
            "en": "On the tab Messaging API, enter {url} as the webhook URL, switch on Use webhook and "
            "Webhook redelivery, and press Verify.",
            "ja": "「Messaging API設定」で Webhook URL に {url} を入力し、「Webhookの利用」と「Webhookの再"
            "送」をオンにして「検証」を押します。",
        },
        {
            "en": "LINE tells nothing of what was written before. An older history that you exported can be "
            "brought in with koe import feedback.",
            "ja": "LINE からは過去のメッセージを取得できません。書き出してある履歴は koe import feedback "
            "で取り込めます。",
        },
        {
            "en": "Koe writes to nobody. Only with replies=yes and the long-lived channel access token from "
            "the tab Messaging API of this very channel it sends messages, to whoever wrote outside of "
            "groups and has not blocked the account: those that a person agreed to on the page of a notice. "
            "They count towards the messages of your plan.",
            "ja": "Koe は誰にもメッセージを送りません。replies=yes とし、このチャネルの「Messaging API設定」"
            "のチャネルアクセストークン(長期)を入力した場合に限り、お知らせのページで担当者が承認した文面を、グル"
            "ープ以外で書いた、アカウントをブロックしていないお客様に送ります。料金プランのメッセージ数に数えら"
            "れます。",
        },
    )
    unverified = (
        {
            "en": "How often and for how long LINE sends again what was not taken, and whether answers that "
            "agents give in the LINE Official Account Manager are ever sent (as far as known, they are not).",
            "ja": "受け取れなかったイベントを LINE が何回・いつまで再送するか、LINE Official Account "
            "Manager での担当者の返信が送られてくるか(分かっている限り、送られません)。",
        },
        {
            "en": "Whether a person's profile is always told while they can get messages: to those of whom "
            "LINE tells none, Koe sends nothing, for LINE takes messages that nobody gets.",
            "ja": "メッセージを受け取れるお客様のプロフィールを、LINE が必ず返すかどうか。LINE は届かないメッ"
            "セージも受け付けるため、プロフィールが返らないお客様には送りません。",
        },
    )

    def __init__(self, zone: ZoneInfo, api: Api | None = None, writer: Writer | None = None) -> None:
        self._zone = zone
        self._api = api
        self._writer = writer

    @classmethod
    def reaches(cls, conversation: str) -> bool:
        return ALONE.fullmatch(conversation) is not None

    @classmethod
    def place(cls, settings: Mapping[str, str]) -> str:  # noqa: ARG003
        return ""  # its conversations have no address

    @classmethod
    def open(cls, settings: Mapping[str, str], means: Means, /) -> Self:
        named, token = settings.get("timezone", "").strip() or ZONE, settings.get("token", "").strip()
        base, may_reply = base_of(settings, "address", usual=HOME), is_on(settings)
        try:
            zone = ZoneInfo(named)
        except (KeyError, ValueError, OSError) as error:
            raise Refused(f"the setting 'timezone' names no time zone, such as {ZONE}: {named!r}") from error
        if not token:
            return cls(zone)
        headers = {"authorization": f"Bearer {token}"}
        api = Api(http=means.http, base=base, headers=headers, advice=ADVICE)
        writer = Writer(http=means.http, base=base, headers=headers, advice=ADVICE)
        return cls(zone, api, writer if may_reply else None)

    @classmethod
    def prove(cls, call: Call, secrets: Sequence[str], now: datetime) -> str:  # noqa: ARG003  it signs no time
        hmacs.prove(secrets, call.body, call.headers.get(SIGNATURE), header=SIGNATURE, encoding="base64")
        return ""

    def read(self, call: Call) -> Iterator[Event]:
        told = Loose.of(call.body)["events"]
        if not isinstance(told.value, list):
            raise Unreadable("it holds no list of events, which is what LINE sends")
        for place, event in enumerate(told, start=1):
            kind, message = event["type"].text, event["message"]
            if kind == "message" and message["type"].text == "text":
                yield self._said(place, event, message)
            elif kind == "unsend":
                yield self._unsaid(place, event)

    def check(self) -> str:
        name = self._account()
        if self._writer is None:
            return f"LINE answers for {name}."
        told = self._asked().get("/v2/bot/message/quota")
        most = told["value"].number
        if told["type"].text == "limited" and most is not None:
            sent = self._asked().get("/v2/bot/message/quota/consumption")["totalUsage"].number
            if sent is not None and sent >= most:
                raise Refused(
                    f"{name} has sent the {int(most):,} messages of this month; its plan has no more"
                )
        return f"LINE answers for {name}. Koe may reply to whoever writes to it."

    def reply(self, conversation: str, reply: Reply) -> Receipt:
        writer, found = self._switched_on(), ALONE.fullmatch(conversation)
        if found is None:
            raise Refused("others would read it: this is no conversation with one person alone")
        person = found.group(1)
        with asking_first():
            profile = self._asked().find(f"/v2/bot/profile/{person}", alive=self._account)
        if profile is None:
            raise Refused("LINE brings this person nothing: they have blocked the account, or are no friend")
        key = str(uuid5(NAMESPACE_URL, f"koe {conversation} {reply.since.isoformat()} {reply.text}"))
        said = {"to": person, "messages": [{"type": "text", "text": reply.text}]}
        keyed = replace(writer, headers={**writer.headers, KEY: key})
        try:
            told = keyed.send("POST", "/v2/bot/message/push", said)
        except Refused as error:
            if error.status != ALREADY:
                raise
            return Receipt(reference=_named(Loose.glimpse(error.body)) or key)
        if (named := _named(told)) is None:
            unnamed(self.title, "the message")
        return Receipt(reference=named)

    def replied(self, conversation: str, reply: Reply) -> Receipt | None:  # noqa: ARG002
        """Return None: it is said again under the same key, as long as LINE surely keeps that."""
        if datetime.now(UTC) - reply.since >= KEPT:
            raise Unknowable("LINE does not know any more whether this was sent")
        return None

    def _account(self) -> str:
        """Return what the account is called whose token it is."""
        account = self._asked().get("/v2/bot/info")
        if account["userId"].id is None:
            raise Refused("LINE answered with something that is no account")
        return account["displayName"].text or "your account"

    def _asked(self) -> Api:
        if self._api is None:
            raise Refused("the setting 'token' is missing: Koe can only be told by LINE without it")
        return self._api

    def _said(self, place: int, event: Loose, message: Loose) -> Event:
        named, at = message["id"].id, event["timestamp"].counted_time(0.001)
        talk = _talk(event["source"])
        if named is None or at is None or talk is None:
            return BadRow(line=place, reason="it names no message, no time, or nobody who wrote it")
        return Heard(
            external_id=f"{talk}/{self._day(at)}",
            channel="chat",
            customer=Customer(id=event["source"]["userId"].id),
            said=[Said(external_id=named, text=message["text"].text or "", created_at=at)],
        )

    def _unsaid(self, place: int, event: Loose) -> Event:
        named, at = event["unsend"]["messageId"].id, event["timestamp"].counted_time(0.001)
        talk = _talk(event["source"])
        if named is None or at is None or talk is None:
            return BadRow(line=place, reason="it names no message, no time, or nobody who took it back")
        days = dict.fromkeys(self._day(at - timedelta(days=past)) for past in range(UNSENDABLE + 1))
        return Unsaid(external_id=named, items=[f"{talk}/{day}" for day in days], at=at)

    def _day(self, at: datetime) -> str:
        """Return the day that a time belongs to."""
        return (at.astimezone(self._zone) - DAWN).date().isoformat()


def _named(told: Loose) -> str | None:
    """Return the id of the message that an answer tells of."""
    return next((one["id"].id for one in told["sentMessages"]), None)


def _talk(source: Loose) -> str | None:
    """Return who writes where: a person, alone or in a group; in groups LINE may not say who it is."""
    place = source[PLACES.get(source["type"].text or "", "")].id
    return "/".join(named for named in (place, source["userId"].id) if named) or None
