"""Discourse: topics of a forum and the posts in them, by webhook and by its API.

Sources: docs.discourse.org; meta.discourse.org, "Create and configure an API key"; the server's own source,
for its webhooks, the order of its lists, who may see what, and what is deleted.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Self

from connectors import hmacs
from connectors.asking import Api, Params, base_of, names_in, one_of_many, part
from connectors.errors import Refused
from connectors.loose import Loose
from connectors.ports import (
    BadRow,
    Call,
    Changed,
    Event,
    Greeting,
    Heard,
    Means,
    Pace,
    Page,
    Setting,
    Source,
    Unsaid,
    Withdrawn,
)
from connectors.sources.discourse_topics import Topics

SIGNATURE = "x-discourse-event-signature"
KIND = "x-discourse-event-type"
EVENT = "x-discourse-event"
POSTS_AT_ONCE = 20
MOST_POSTS = 1000
"""Of one topic, beside those that come with it: the newest count."""
ADVICE = {
    403: "the API key or its user name is wrong, or the key may not read this: make one for a single user, "
    "with the scope Read-only",
    404: "see whether the address is that of the forum",
}


class Discourse(Source):
    """A forum on a Discourse server."""

    slug = "discourse"
    title = "Discourse"
    category = "community"
    settings = (
        Setting(
            name="address",
            label={"en": "Address of your forum", "ja": "フォーラムのアドレス"},
            example="https://forum.example.com",
        ),
        Setting(
            name="username",
            label={"en": "User name that the API key is for", "ja": "API キーのユーザー名"},
            needed="to_fetch",
            example="koe",
        ),
        Setting(
            name="key",
            label={"en": "API key that may read", "ja": "読み取りのできる API キー"},
            secret=True,
            needed="to_fetch",
        ),
        Setting(
            name="categories",
            label={
                "en": "Only these categories: the numbers at the end of their addresses (/c/support/6), with "
                "commas; a category under another counts by its own number",
                "ja": "対象とするカテゴリーの番号(アドレス /c/support/6 の末尾の数字。コンマ区切り。"
                "サブカテゴリーはそれぞれの番号で指定)",
            },
            needed="never",
            example="6, 12",
        ),
        Setting(
            name="agents",
            label={
                "en": "Whose words are answers, not feedback, beside those of admins and moderators: user "
                "names and primary groups",
                "ja": "管理者とモデレーターのほかに、お客様ではなく回答者とみなす人(ユーザー名、または"
                "プライマリグループ)",
            },
            needed="never",
        ),
    )
    pace = Pace(requests=60, seconds=60, burst=10)
    keeps = frozenset({KIND, EVENT})
    guide = (
        {
            "en": "As an admin, open Admin › Advanced › Webhooks (in older versions Admin › API › Webhooks) "
            "and add one. Payload URL: {url} – Content Type: application/json – Secret: {secret}",
            "ja": "管理者として「Admin › Advanced › Webhooks」(以前の版では「Admin › API › Webhooks」)で "
            "Webhook を追加し、Payload URL に {url}、Content Type に application/json、Secret に "
            "{secret} を入力します。",
        },
        {
            "en": "Choose “Select individual events” and tick all of the Topic Events and Post Events. Koe "
            "takes no private messages, and nothing that staff whispers; but a webhook tells of every "
            "category, also of those for staff alone: name the categories that count under “Triggered "
            "Categories”, or in Koe. Tick Active, and save.",
            "ja": "「Select individual events」を選び、Topic Events と Post Events のすべてに印を付けます。"
            "個人メッセージとスタッフ間のささやき(whisper)は取り込みませんが、Webhook はスタッフ専用のものも"
            "含めてすべてのカテゴリーを伝えます。対象のカテゴリーを「Triggered Categories」か Koe で指定して"
            "ください。Active に印を付けて保存します。",
        },
        {
            "en": "For what is there already, and for what calls lose, open Admin › Advanced › API Keys › "
            "New API Key – User Level: Single User, a user without staff rights who sees the categories that "
            "count and has muted none – Scope: Read-only. Give Koe the key and the user name.",
            "ja": "すでにある投稿や届かなかった分を取得するには、「Admin › Advanced › API Keys」の "
            "「New API Key」を開き、User Level に Single User(対象のカテゴリーを閲覧でき、どれもミュートして"
            "いない、スタッフ権限のないユーザー)、Scope に Read-only を選びます。できたキーとユーザー名を "
            "Koe に入力します。",
        },
    )
    unverified = (
        {
            "en": "What is restored after it was deleted stays out. Deletions, and edits of any but the last "
            "post of a topic, come by webhook alone; so do the older of more than 1,020 posts in a topic.",
            "ja": "削除のあとで復元されたものは取り込みません。削除と、トピックの最後の投稿以外の編集は "
            "Webhook だけで届きます。一つのトピックに 1,020 件を超える投稿があるときは、古い分も同じです。",
        },
        {
            "en": "Whether the webhook of a topic says that staff began it: name staff in “agents” as well "
            "where its topics should have no customer.",
            "ja": "スタッフが始めたトピックかどうかが Webhook で分かるかどうか(スタッフのトピックにお客様を"
            "付けたくないときは、agents にもスタッフを指定してください)。",
        },
    )

    def __init__(self, topics: Topics, api: Api | None, missing: str) -> None:
        self._topics = topics
        self._api = api
        self._missing = missing

    @classmethod
    def open(cls, settings: Mapping[str, str], means: Means, /) -> Self:
        base = base_of(settings, "address")
        categories = names_in(settings.get("categories", ""))
        if not all(one.isascii() and one.isdigit() for one in categories):
            raise Refused("the setting 'categories' must be numbers with commas between, such as 6, 12")
        agents = names_in(settings.get("agents", ""))
        topics = Topics(base=base, categories=categories, agents=agents)
        key, username = (settings.get(name, "").strip() for name in ("key", "username"))
        if not (key and username):
            return cls(topics, None, "username" if key else "key")
        headers = {"api-key": key, "api-username": username}
        return cls(topics, Api(http=means.http, base=base, headers=headers, advice=ADVICE), "")

    @classmethod
    def prove(cls, call: Call, secrets: Sequence[str], now: datetime) -> str:  # noqa: ARG003
        given = call.headers.get(SIGNATURE)
        hmacs.prove(secrets, call.body, given, header=SIGNATURE, encoding="hex", prefix="sha256=")
        # An id of theirs is another one at each try. The event makes the call: that a post was deleted may be
        # told in the very bytes in which it was written.
        return Loose(call.headers.get(EVENT)).id or ""

    @classmethod
    def greet(cls, call: Call) -> Greeting | None:
        return Greeting() if call.headers.get(KIND) == "ping" else None

    def read(self, call: Call) -> Iterator[Event]:
        told = Loose.of(call.body)
        kind, event = call.headers.get(KIND, ""), call.headers.get(EVENT, "")
        subject = told[kind]
        if not kind:
            yield BadRow(line=1, reason="it has no header X-Discourse-Event-Type")
        elif kind in ("topic", "post") and subject["id"].id is None:
            yield BadRow(line=1, reason=f"it is no event of a {kind}: it holds something else")
        elif kind == "topic":
            yield from self._of_topic(subject, event)
        elif kind == "post":
            yield from self._of_post(subject, event)

    def check(self) -> str:
        self._latest(0)
        for number in sorted(self._topics.categories):
            try:
                self._asked().get(f"/c/{number}/show.json")
            except Refused as error:
                if error.status not in (403, 404):
                    raise
                reason = f"either there is no category {number}, or the API key's user may not see it"
                raise Refused(reason, status=error.status) from error
        return "Discourse answers, and lets Koe read its topics."

    def page(self, since: datetime | None, cursor: str | None) -> Page:
        number = int(cursor or 0)
        rows = self._latest(number)
        events: list[Event] = []
        for row in rows:
            at = row["bumped_at"].written_time
            if since and at and at < since:
                if row["pinned"].flag or row["pinned_globally"].flag:
                    continue  # these stand before the latest
                return Page(events=events)
            if self._topics.takes(row) and (named := row["id"].id):
                events += self._walked(named)
        return Page(events=events, cursor=str(number + 1) if rows else None)

    def fetch(self, external_id: str) -> Heard | Withdrawn:
        topic = self._asked().find(*_topic(external_id), alive=lambda: self._latest(0))
        if topic is None:
            return Withdrawn(external_id=external_id)
        if topic["id"].id != external_id:
            raise Refused(f"Discourse answered with something that is not topic {external_id}")
        posts = [*topic["post_stream"]["posts"]]
        others = _others(topic)[-MOST_POSTS:]
        for start in range(0, len(others), POSTS_AT_ONCE):
            some = others[start : start + POSTS_AT_ONCE]
            asked = "&".join(f"post_ids%5B%5D={part(one)}" for one in some)
            path = f"/t/{part(external_id)}/posts.json?include_raw=true&{asked}"
            posts += self._asked().get(path)["post_stream"]["posts"]
        is_there = topic["deleted_at"].text is None and self._topics.takes(topic)
        heard = self._topics.heard(topic, posts, whole=True) if is_there else None
        return heard or Withdrawn(external_id=external_id, at=topic["deleted_at"].written_time)

    def _asked(self) -> Api:
        if self._api is None:
            raise Refused(f"the setting {self._missing!r} is missing: Discourse tells nothing without it")
        return self._api

    def _latest(self, number: int) -> Sequence[Loose]:
        """Return a page of topics, the latest change first. Raises Refused where the answer holds none."""
        asked: Params = {"order": "activity", "no_definitions": "true", "page": number}
        found = self._asked().get("/latest.json", asked)["topic_list"]["topics"]
        if not isinstance(found.value, list):
            raise Refused("Discourse answered with something that is no list of topics")
        return [*found]

    def _walked(self, named: str) -> Iterator[Event]:
        """Yield a topic of a page; one that Discourse refuses is left for later."""
        return one_of_many(named, lambda: self._told(named))

    def _told(self, named: str) -> Iterator[Event]:
        """Yield a topic as it is now, with its first posts; one that has more is to be fetched."""
        topic = self._asked().get(*_topic(named))
        if topic["deleted_at"].text or not self._topics.takes(topic):
            return
        is_longer = bool(_others(topic))
        heard = self._topics.heard(topic, [*topic["post_stream"]["posts"]], whole=not is_longer)
        if heard is not None:
            yield heard
        if is_longer:
            yield Changed(external_id=named)

    def _of_topic(self, topic: Loose, event: str) -> Iterator[Event]:
        if not self._topics.takes(topic):
            return
        deleted_at = topic["deleted_at"].written_time
        if event == "topic_destroyed" or deleted_at:
            yield Withdrawn(external_id=topic["id"].id or "", at=deleted_at)
        elif heard := self._topics.heard(topic, []):
            yield heard

    def _of_post(self, post: Loose, event: str) -> Iterator[Event]:
        topic = post["topic_id"].id
        if topic is None:
            yield BadRow(line=1, reason="it names no topic, though it is an event of a post")
        elif event == "post_destroyed":  # it is told as it was before
            if post["topic_archetype"].text != "private_message":
                yield Unsaid(external_id=post["id"].id or "", items=[topic])
        elif heard := self._topics.heard_by_post(topic, post):
            yield heard


def _topic(named: str) -> tuple[str, Params]:
    """Return what asks for a topic with its first posts."""
    return f"/t/{part(named)}.json", {"include_raw": "true"}


def _others(topic: Loose) -> Sequence[str]:
    """Return the ids of the posts that did not come with their topic, the oldest first."""
    stream = topic["post_stream"]
    there = {one["id"].id for one in stream["posts"]}
    return [named for one in stream["stream"] if (named := one.id) and named not in there]
