"""LINE: what customers write to an official account, by webhook; no history can be asked for.

A conversation is what one person writes in one day, which begins at four in the morning, when few write. So
the item of a message depends on its own time alone, in whatever order calls come. Answers that people give
in LINE's own manager are not sent: a conversation has one side.
Sources: developers.line.biz, "Receive messages", "Messaging API reference"; the specification line-openapi.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from connectors import hmacs
from connectors.errors import Refused, Unreadable
from connectors.loose import Loose
from connectors.ports import BadRow, Call, Customer, Event, Heard, Means, Said, Setting, Source, Unsaid

SIGNATURE = "x-line-signature"
ZONE = "Asia/Tokyo"
DAWN = timedelta(hours=4)
"""When a day begins."""
UNSENDABLE = 7
"""Days after which nobody can take a message back any more."""
PLACES = {"group": "groupId", "room": "roomId"}
"""Where several people write, and the name of each such place."""


class Line(Source):
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
    )
    secret_from = "sender"
    fetches = False
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
    )
    unverified = (
        {
            "en": "How often and for how long LINE sends again what was not taken, and whether answers that "
            "agents give in the LINE Official Account Manager are ever sent (as far as known, they are not).",
            "ja": "受け取れなかったイベントを LINE が何回・いつまで再送するか、LINE Official Account "
            "Manager での担当者の返信が送られてくるか(分かっている限り、送られません)。",
        },
    )

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone

    @classmethod
    def open(cls, settings: Mapping[str, str], means: Means, /) -> Self:  # noqa: ARG003  it asks for nothing
        named = settings.get("timezone", "").strip() or ZONE
        try:
            return cls(ZoneInfo(named))
        except (KeyError, ValueError, OSError) as error:
            raise Refused(f"the setting 'timezone' names no time zone, such as {ZONE}: {named!r}") from error

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


def _talk(source: Loose) -> str | None:
    """Return who writes where: a person, alone or in a group; in groups LINE may not say who it is."""
    place = source[PLACES.get(source["type"].text or "", "")].id
    return "/".join(named for named in (place, source["userId"].id) if named) or None
