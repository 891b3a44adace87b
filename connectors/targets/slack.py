"""A channel of Slack, or of whatever takes the same messages at an incoming webhook: news for people."""

import json
import re
from collections.abc import Mapping
from datetime import date
from html import escape
from typing import Any, Self

from connectors.errors import Refused, Uncertain
from connectors.guards import must_hear, url_setting
from connectors.http import Http
from connectors.outgoing import News, Outgoing, Receipt
from connectors.ports import Means, Setting
from connectors.target_port import STANDING, WEEKLY, Target

LANGUAGES = ("ja", "en")
LONGEST_TITLE = 200
"""Code points of a theme's title that are shown."""
KINDS = {
    "ja": {
        "new": "新しいテーマです",
        "rising": "いつもより増えています",
        "spam": "迷惑な投稿の波です",
    },
    "en": {
        "new": "A new theme",
        "rising": "More than usual",
        "spam": "A wave of spam",
    },
}
STANDS = {
    "ja": {
        "target.paused": "*送付先が Koe を受け付けません*: {named}\n"
        "待っている送付: {waiting}件。理由: {reason}",
        "target.resumed": "*送付先への送付を再開しました*: {named}",
        "source.paused": "*取り込み元が Koe を受け付けません*: {named}\n理由: {reason}",
        "source.resumed": "*取り込み元からの取得を再開しました*: {named}",
    },
    "en": {
        "target.paused": "*A target refuses Koe*: {named}\n"
        "Deliveries that wait: {waiting}. The reason: {reason}",
        "target.resumed": "*A target takes deliveries again*: {named}",
        "source.paused": "*A source refuses Koe*: {named}\nThe reason: {reason}",
        "source.resumed": "*A source lets Koe read again*: {named}",
    },
}
FURTHER = {"ja": "ほか{n}件", "en": "{n} more"}
WHETHER = ("yes", "no")
MOST_LINES = 12
"""Changes of a week that are told one by one."""
LONGEST_SENTENCE = 400
UNNAMED = {"ja": "迷惑メールとして除いたもの", "en": "What was set aside as spam"}

WIDE = {ord(mark): ord(mark) + 0xFEE0 for mark in "*_~`|"}
"""What sets type, and its wide form, which sets none."""
BEGINS = re.compile(r"[:@#.\]](?=\S)")
"""What an address, a name or a picture is known by."""


class Slack(Target):
    """Writes one message for each piece of news.

    An incoming webhook gives no ids and cannot be asked what it has: where the answer to a message was lost,
    the message comes once more. Better twice than never.
    """

    slug = "slack"
    title = "Slack"
    settings = (
        Setting(
            name="url",
            label={"en": "Address of the incoming webhook", "ja": "Incoming Webhook のアドレス"},
            secret=True,
        ),
        Setting(
            name="lang",
            label={"en": "Language of the messages", "ja": "メッセージの言語"},
            needed="never",
            choices=LANGUAGES,
            default=LANGUAGES[0],
        ),
        Setting(
            name="digest",
            label={"en": "Tell once a week what changed", "ja": "週に一度、変わったことを知らせる"},
            needed="never",
            choices=WHETHER,
            default=WHETHER[0],
        ),
    )
    guide = (
        {
            "en": "In Slack, make an app with Incoming Webhooks, add it to the channel, and copy the address "
            "of the webhook. Whatever takes the same messages will do as well.",
            "ja": "Slack で Incoming Webhooks を使うアプリを作り、チャンネルに追加して、Webhook のアドレスを"
            "コピーします。同じ形のメッセージを受け取るものなら、ほかのサービスでもかまいません。",
        },
    )
    secret_setting = "url"
    takes = frozenset[str]()
    hears = frozenset({"alarm.raised", WEEKLY}) | STANDING

    def __init__(self, url: str, *, lang: str, http: Http) -> None:
        self._url = url
        self._lang = lang
        self._http = http

    @classmethod
    def chosen(cls, settings: Mapping[str, object]) -> frozenset[str]:
        """Return the events that the channel is told of: all, or those without the weekly ones."""
        return cls.hears - (set() if settings.get("digest", WHETHER[0]) == WHETHER[0] else {WEEKLY})

    @classmethod
    def open(cls, settings: Mapping[str, object], means: Means) -> Self:
        """Return the target that posts to the address that is its secret, in the setting `lang`."""
        lang = settings.get("lang", LANGUAGES[0])
        if lang not in LANGUAGES:
            raise Refused(f"the setting 'lang' must be {' or '.join(LANGUAGES)}, not {lang!r}")
        digest = settings.get("digest", WHETHER[0])
        if digest not in WHETHER:
            raise Refused(f"the setting 'digest' must be {' or '.join(WHETHER)}, not {digest!r}")
        url = url_setting({cls.secret_setting: means.secret}, cls.secret_setting)
        return cls(url, lang=str(lang), http=means.http)

    def check(self) -> str:
        """Connect, and send nothing: a message would be read by people."""
        return f"{self._http.reach(self._url)} takes connections; alarms are posted there."

    def find(self, suggestion_id: str) -> Receipt | None:  # noqa: ARG002  nothing can be looked up
        return None

    def deliver(self, outgoing: Outgoing) -> Receipt:
        raise Refused(f"{self.slug} takes alarms, and no suggestions such as {outgoing.action}")

    def tell(self, news: News) -> Receipt:
        must_hear(self, news)
        body = json.dumps({"text": words_of(news, self._lang)}, ensure_ascii=False)
        answer = self._http.send(
            "POST",
            self._url,
            headers={"content-type": "application/json; charset=utf-8"},
            content=body.encode("utf-8", "replace"),
        )
        if answer.is_page:
            raise Uncertain(
                f"{answer.name} answered {answer.status} with a web page for people; "
                "is there a sign-in or a proxy before it?"
            )
        return Receipt(reference=f"{news.event} {news.subject_id}")


def words_of(news: News, lang: str) -> str:
    """Return news in words, with what Slack reads as marks taken for letters."""
    if news.event == "alarm.raised":
        return text_of(news.data, lang)
    return text_of_week(news.data, lang) if news.event == WEEKLY else text_of_standing(news, lang)


def text_of_week(data: Mapping[str, Any], lang: str) -> str:
    """Return what changed in a week: a line each, then what waits, and the measures."""
    told = data["told"][lang]
    lines = [f"*{_linked(_plain(told['headline']), told.get('link'))}*"]
    changes = told["changes"][:MOST_LINES]
    for one in changes:
        named = _linked(_plain(one["title"]), one.get("link"))
        said = _plain(one["said"], longest=LONGEST_SENTENCE)
        lines.append(f"• {_plain(one['kind'])}: {named}\n   {said}")
    if (n := data["changes"] - len(changes)) > 0:
        lines.append(f"• {_linked(FURTHER[lang].format(n=n), told.get('link'))}")
    if told["waits"]:
        lines.append(f"*{_plain(told['waits_title'])}*")
        lines += [f"• {_linked(_plain(one['said']), one.get('link'))}" for one in told["waits"]]
    if told["measures"]:
        lines.append(_plain(told["measures"], longest=LONGEST_SENTENCE))
    return "\n".join(lines)


def text_of(data: Mapping[str, Any], lang: str) -> str:
    """Return an alarm in words, with what Slack reads as marks taken for letters."""
    title = _plain(str(data.get("theme_title") or UNNAMED[lang]))
    named = _linked(title, data.get("link"))
    kind = KINDS[lang][str(data["kind"])]
    onset = date.fromisoformat(str(data["onset"])[:10])
    contacts, expected = int(data["contacts"]), float(data["expected"])
    if lang == "ja":
        day = f"{onset.year}年{onset.month}月{onset.day}日"
        return f"*{kind}*: {named}\n{day}から{contacts:,}件（いつもなら約{_about(expected)}件）"
    told = f"{contacts:,} since {onset.day} {onset:%B %Y} (usually about {_about(expected)})"
    return f"*{kind}*: {named}\n{told}"


def text_of_standing(news: News, lang: str) -> str:
    """Return in words that a connection lets Koe do nothing, with the reason, or that it works again."""
    told = news.data
    named = _linked(_plain(str(told.get("target") or told["source"])), told.get("link"))
    reason, waiting = _plain(str(told.get("reason", ""))), int(told.get("waiting", 0))
    return STANDS[lang][news.event].format(named=named, waiting=f"{waiting:,}", reason=reason)


def _linked(words: str, link: object) -> str:
    return f"<{link}|{words}>" if link else words


def _about(expected: float) -> str:
    return f"{expected:,.0f}" if expected >= 9.5 else f"{expected:.1f}"


def _plain(text: str, *, longest: int = LONGEST_TITLE) -> str:
    """Return a text in which nothing is a link, a mention, a picture or a mark; lines become one.

    Signs that set type get their wide forms, and what addresses, names of people and of pictures begin with
    is parted from what follows; both mean nothing, to Slack and to others that take such messages.
    """
    parted = BEGINS.sub("\\g<0>\u200b", " ".join(text.split())[:longest])
    return escape(parted, quote=False).translate(WIDE)
