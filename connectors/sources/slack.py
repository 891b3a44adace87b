"""Slack: what is said in chosen channels, by the Events API and by the history of a channel.

A thread is an item; so is a message without one, which a later reply joins.
Sources: docs.slack.dev, "Verifying requests from Slack", "message event", "conversations.history",
"conversations.replies", "Rate limits".
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Self

from connectors import hmacs
from connectors.asking import Api, base_of, needed
from connectors.errors import Refused, RetryLater
from connectors.loose import NOTHING, Loose
from connectors.ports import (
    BadRow,
    Call,
    Changed,
    Customer,
    Event,
    Greeting,
    Heard,
    Means,
    Pace,
    Page,
    Said,
    Setting,
    Source,
    Withdrawn,
)
from connectors.sources.slack_messages import (
    TOMBSTONE,
    Members,
    customer_of,
    listed,
    name_of,
    said_in,
    time_of,
)

SIGNATURE = "x-slack-signature"
STAMP = "x-slack-request-timestamp"
HOME = "https://slack.com"
CHANNEL = re.compile(r"[CGD][A-Z0-9]{1,20}")
THREADS = 40
"""Of one page: each may take a request of its own for its replies."""
REPLIES = 200
REPLY_PAGES = 20
REACH = timedelta(days=30)
"""How old a thread may be for a reply to be found that no event told of."""
BUSY = frozenset({"ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable"})
GONE = frozenset({"thread_not_found", "message_not_found"})
NOBODY = frozenset({"user_not_found", "user_not_visible", "users_not_found"})
ADVICE = {
    "missing_scope": "the token lacks the scope {needed}: add it under OAuth & Permissions, install the app "
    "again, and give Koe the token anew",
    "not_allowed_token_type": "it wants a token of another kind: give Koe the user token (xoxp-…)",
    "not_in_channel": "the app is not in the channel {channel}: invite it there (/invite)",
    "channel_not_found": "it shows this app no channel {channel}: look up its ID, and invite the app there "
    "(/invite)",
    **dict.fromkeys(
        ("invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"),
        "it does not accept the token any more: copy it anew from OAuth & Permissions",
    ),
}
"""What to do about each error that a person can do something about."""


class Slack(Source):
    """The channels of a Slack workspace."""

    slug = "slack"
    title = "Slack"
    category = "chat"
    settings = (
        Setting(
            name="channels",
            label={"en": "IDs of the channels to take", "ja": "取り込むチャンネルの ID"},
            example="C0123456789, C0987654321",
        ),
        Setting(
            name="token",
            label={"en": "Bot user OAuth token", "ja": "Bot User OAuth Token"},
            secret=True,
            needed="to_fetch",
            example="xoxb-…",
        ),
        Setting(
            name="staff",
            label={
                "en": "Who are your own people: team IDs, or e-mail domains (these need the token); "
                "everybody else is a customer",
                "ja": "自社の人の見分け方：チーム ID またはメールのドメイン(ドメインにはトークンが必要)。"
                "ほかの人はすべてお客様とみなします",
            },
            needed="never",
            example="T0123456789, example.com",
        ),
        Setting(
            name="own",
            label={
                "en": "IDs of users whose messages are left out, such as integrations (bots always are)",
                "ja": "取り込まないユーザーの ID(連携用アカウントなど。ボットは常に除きます)",
            },
            needed="never",
            example="U0123456789",
        ),
        Setting(
            name="address",
            label={"en": "Address of Slack", "ja": "Slack のアドレス"},
            example=HOME,
            choices=(HOME, "https://slack-gov.com"),
            default=HOME,
        ),
    )
    secret_from = "sender"
    pace = Pace(requests=45, seconds=60, burst=10)
    keeps = frozenset[str]()
    guide = (
        {
            "en": "At api.slack.com/apps, create an app of your own (From scratch) in your workspace. It "
            "must be your own: Slack lets apps that are given to others read one page a minute.",
            "ja": "api.slack.com/apps で、ワークスペースに自社専用のアプリを作ります(From scratch)。"
            "他社に配布するアプリは、Slack の制限で 1 分に 1 ページしか読めません。",
        },
        {
            "en": "Copy the signing secret from Basic Information › App Credentials, and give it to Koe.",
            "ja": "「Basic Information › App Credentials」の Signing Secret をコピーし、Koe に入力します。",
        },
        {
            "en": "Under OAuth & Permissions › Bot Token Scopes, add channels:history (groups:history for "
            "private channels), and users:read and users:read.email where Koe may know who speaks. Install "
            "the app, and give Koe the bot user OAuth token.",
            "ja": "「OAuth & Permissions › Bot Token Scopes」に channels:history(非公開チャンネルは "
            "groups:history)と、発言者を Koe に知らせる場合は users:read、users:read.email を加えます。"
            "アプリをインストールし、Bot User OAuth Token を Koe に入力します。",
        },
        {
            "en": "Under Event Subscriptions, switch events on, enter {url} as the request URL, and "
            "subscribe to the bot events message.channels (and message.groups). Slack checks the address at "
            "once, so Koe must know the signing secret by then.",
            "ja": "「Event Subscriptions」を有効にし、Request URL に {url} を入力して、Bot Events の "
            "message.channels(と message.groups)を購読します。アドレスはその場で確かめられるので、"
            "先に Signing Secret を Koe に入力しておきます。",
        },
        {
            "en": "Invite the app into each channel (/invite), and give Koe the IDs of the channels; each "
            "stands at the end of the channel's details.",
            "ja": "各チャンネルにアプリを招待し(/invite)、チャンネルの ID を Koe に入力します。ID は"
            "チャンネル詳細のいちばん下にあります。",
        },
    )
    unverified = (
        {
            "en": "Whether a bot token may read the replies of a thread in channels, as Slack's pages "
            "contradict each other; if it is refused, use a user token with the same scopes.",
            "ja": "チャンネルのスレッドの返信をボットのトークンで読めるかどうか(Slack の説明が食い違って"
            "います)。断られたときは、同じ権限のユーザートークンを使ってください。",
        },
        {
            "en": "A reply that no event told of is found only in threads that began in the last 30 days.",
            "ja": "イベントで届かなかった返信を後から見つけられるのは、30 日以内に始まったスレッドだけです。",
        },
    )

    def __init__(self, api: Api | None, *, channels: Sequence[str], members: Members) -> None:
        self._api = api
        self._channels = channels
        self._members = members
        self._people: dict[str, Loose] = {}
        self._sees_people = True

    @classmethod
    def open(cls, settings: Mapping[str, str], means: Means, /) -> Self:
        channels = listed(needed(settings, "channels"))
        for one in channels:
            if not CHANNEL.fullmatch(one):
                raise Refused(f"the setting 'channels' holds {one!r}, which is no ID such as C0123456789")
        members = Members.of(listed(settings.get("staff", "")), listed(settings.get("own", "")))
        base, token = base_of(settings, "address", usual=HOME), settings.get("token", "").strip()
        api = Api(http=means.http, base=f"{base}/api", headers={"authorization": f"Bearer {token}"})
        return cls(api if token else None, channels=channels, members=members)

    @classmethod
    def prove(cls, call: Call, secrets: Sequence[str], now: datetime) -> str:
        stamp = call.headers.get(STAMP, "")
        hmacs.must_be_fresh(hmacs.seconds_of(stamp, header=STAMP), now, header=STAMP)
        signed = b"v0:" + stamp.encode() + b":" + call.body
        given = call.headers.get(SIGNATURE)
        hmacs.prove(secrets, signed, given, header=SIGNATURE, encoding="hex", prefix="v0=")
        return Loose.glimpse(call.body)["event_id"].id or ""

    @classmethod
    def greet(cls, call: Call) -> Greeting | None:
        told = Loose.glimpse(call.body)
        challenge = told["challenge"].id
        if told["type"].text != "url_verification" or challenge is None:
            return None
        return Greeting(body=challenge.encode())

    def read(self, call: Call) -> Iterator[Event]:
        told = Loose.of(call.body)
        event, kind = told["event"], told["type"].text
        if kind is None:
            yield BadRow(line=1, reason="this is no event of Slack: it names no type")
        channel, subtype = event["channel"].id, event["subtype"].text
        if kind != "event_callback" or event["type"].text != "message":
            return
        if channel is None or channel not in self._channels:
            return
        home = told["authorizations"][0]["team_id"].id or told["team_id"].id
        if subtype == "message_deleted" or event["message"]["subtype"].text == TOMBSTONE:
            yield from self._deleted(channel, event, home=home)
        elif subtype == "message_changed":
            yield from self._told(channel, event["message"], home=home)
        else:
            yield from self._told(channel, event, home=home)

    def check(self) -> str:
        team = self._home["team"].text or "your workspace"
        for channel in self._channels:
            self._must(self._asked().get("conversations.history", {"channel": channel, "limit": 1}), channel)
        self._person(self._home["user_id"].id)
        without = "" if self._sees_people else ", but may not see who people are (users:read)"
        return f"Slack answers for {team}; Koe may read {len(self._channels)} channels{without}."

    def page(self, since: datetime | None, cursor: str | None) -> Page:
        channel, place = self._place(cursor)
        if channel is None:
            return Page(events=[])
        oldest = {"oldest": f"{(since - REACH).timestamp():.6f}"} if since else {}
        asked: dict[str, str | int] = {"channel": channel, "limit": THREADS, **oldest}
        found = self._asked().get("conversations.history", asked | ({"cursor": place} if place else {}))
        if found["error"].id == "invalid_cursor" and place:  # it was kept for too long; what comes is known
            found = self._asked().get("conversations.history", asked)
        messages = list(self._must(found, channel)["messages"])
        more = found["response_metadata"]["next_cursor"].text if messages else None
        after = [*self._channels[self._channels.index(channel) + 1 :], None][0]
        place_after = json.dumps((channel, more) if more else (after, None))
        events = list(self._threads(channel, messages, since))
        return Page(events=events, cursor=place_after if more or after else None)

    def fetch(self, external_id: str) -> Heard | Withdrawn:
        channel, _, root = external_id.rpartition(":")
        if channel not in self._channels:
            raise Refused(f"the channel {channel} is not among those of the setting 'channels'")
        return self._thread(channel, root, self._replies(channel, root)) or Withdrawn(external_id=external_id)

    def _told(
        self, channel: str, message: Loose, *, home: str | None, gone_at: datetime | None = None
    ) -> Iterator[Event]:
        """Yield what an event tells of a message.

        What it tells of the thread has no time, unless a customer began it with this message: so it counts
        only as long as nothing better is known.
        """
        ts = name_of(message["ts"])
        if ts is None or not self._members.wrote(message):
            return
        root, role = name_of(message["thread_ts"]) or ts, self._members.role(message, NOTHING)
        said = said_in(ts, message, role, gone_at)
        if said is None:
            return
        begins = root == ts and role == "customer" and gone_at is None
        yield Heard(
            external_id=f"{channel}:{root}",
            said=[said],
            channel="chat",
            created_at=time_of(Loose(root)),
            updated_at=(said.updated_at or said.created_at) if begins else None,
            customer=customer_of(message, NOTHING, home) if role == "customer" else Customer(),
        )
        yield Changed(external_id=f"{channel}:{root}")

    def _deleted(self, channel: str, event: Loose, *, home: str | None) -> Iterator[Event]:
        """Yield what became of a message: with it goes its item, if nobody replied."""
        left, before, at = event["message"], event["previous_message"], time_of(event["ts"])
        ts = name_of(event["deleted_ts"]) or name_of(left["ts"])
        if ts is None or (before.is_object and not self._members.wrote(before)):
            return
        alone = (name_of(before["thread_ts"]) or ts) == ts and not before["reply_count"].number
        if alone and not left.is_object:
            yield Withdrawn(external_id=f"{channel}:{ts}", at=at)
            return
        known = before.value if isinstance(before.value, dict) else {"thread_ts": left["thread_ts"].value}
        yield from self._told(
            channel, Loose({**known, "ts": ts, "subtype": TOMBSTONE}), home=home, gone_at=at
        )

    def _threads(self, channel: str, messages: Iterable[Loose], since: datetime | None) -> Iterator[Heard]:
        """Yield the threads of messages that changed since a time."""
        seen = set[str]()
        for message in messages:
            ts = name_of(message["ts"])
            root = name_of(message["thread_ts"]) or ts
            changes = (message["ts"], message["latest_reply"], message["edited"]["ts"])
            last = max((at for one in changes if (at := time_of(one))), default=None)
            if ts is None or root is None or root in seen or (since and last and last < since):
                continue
            seen.add(root)
            alone = root == ts and not message["reply_count"].number
            heard = self._thread(channel, root, [message] if alone else self._replies(channel, root))
            if heard is not None:
                yield heard

    def _thread(self, channel: str, root: str, messages: Sequence[Loose]) -> Heard | None:
        """Return a thread as it is now; None where nobody said anything in it."""
        said, customer, asked_at = list[Said](), None, None
        for message in messages:
            ts = name_of(message["ts"])
            if ts is None or not self._members.wrote(message):
                continue
            known = self._members.by_address and message["subtype"].text != TOMBSTONE
            person = self._person(message["user"].id) if known else NOTHING
            role = self._members.role(message, person)
            one = said_in(ts, message, role)
            if one is None:
                continue
            said.append(one)
            if role == "customer" and one.text and customer is None:
                person = self._person(message["user"].id)
                customer, asked_at = customer_of(message, person, self._home["team_id"].id), one.created_at
        if not any(one.text for one in said):
            return None
        times = [at for one in said for at in (one.created_at, one.updated_at) if at]
        answers = [one.created_at for one in said if one.author_role == "agent" and one.created_at]
        address = self._home["url"].text
        return Heard(
            external_id=f"{channel}:{root}",
            said=said,
            channel="chat",
            created_at=time_of(Loose(root)),
            updated_at=max(times, default=None),
            replied_at=min((at for at in answers if asked_at and at > asked_at), default=None),
            customer=customer or Customer(),
            url=f"{address.rstrip('/')}/archives/{channel}/p{root.replace('.', '')}" if address else None,
        )

    def _replies(self, channel: str, root: str) -> list[Loose]:
        """Return the messages of a thread, or one that stands alone; nothing where it is not there."""
        found = dict[str | None, Loose]()
        cursor: str | None = None
        for _ in range(REPLY_PAGES):
            asked: dict[str, str | int] = {"channel": channel, "ts": root, "limit": REPLIES}
            answer = self._asked().get(
                "conversations.replies", asked | ({"cursor": cursor} if cursor else {})
            )
            if answer["error"].id in GONE:
                return []
            # Every page begins with the first message again.
            found |= {name_of(message["ts"]): message for message in self._must(answer, channel)["messages"]}
            cursor = answer["response_metadata"]["next_cursor"].text
            if cursor is None:
                break
        return list(found.values())

    def _person(self, user: str | None) -> Loose:
        """Return what Slack tells of a user; nothing of one whom the token may not see."""
        if user is None or not self._sees_people:
            return NOTHING
        if user not in self._people:
            answer = self._asked().get("users.info", {"user": user})
            error = answer["error"].id
            if error == "missing_scope" and not self._members.by_address:
                self._sees_people = False
                return NOTHING
            self._people[user] = NOTHING if error in NOBODY else self._must(answer)["user"]
        return self._people[user]

    @cached_property
    def _home(self) -> Loose:
        """What Slack tells of the token: its team, with its name and its address."""
        return self._must(self._asked().post("auth.test", {}))

    def _asked(self) -> Api:
        if self._api is None:
            raise Refused("the setting 'token' is missing: Slack tells nothing without it")
        return self._api

    def _must(self, answer: Loose, channel: str = "") -> Loose:
        """Return an answer that is one. Raises RetryLater and Refused for what Slack says in its place."""
        if answer["ok"].flag:
            return answer
        error = answer["error"].id or "nothing that its API would"
        if error in BUSY:
            raise RetryLater(f"Slack is busy ({error})")
        scope = answer["needed"].id or "that this needs"
        advice = ADVICE.get(error, "it answered {error}")
        raise Refused("Slack refused: " + advice.format(channel=channel, needed=scope, error=error))

    def _place(self, cursor: str | None) -> tuple[str | None, str | None]:
        """Return which channel a page is of, and where in it; none where it is not taken any more."""
        if cursor is None:
            return self._channels[0], None
        told = Loose.glimpse(cursor.encode())
        return (told[0].id if told[0].id in self._channels else None), told[1].text
