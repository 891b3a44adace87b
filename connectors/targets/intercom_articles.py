"""Intercom Articles: a draft for each suggestion, known by a line in its text, that people publish or delete.

- An article has neither tags nor fields of ours: a mark is the last line of its text, where people may take
  it out once Koe knows the article's number. Articles are listed with their text, the newest change first.
- What is published has no draft of its own in the API: an edit is another article beside it.
- An article has no place for notes: a note is a draft of its own.

Source: developers.intercom.com, "Articles", "Admins", "Help Center", version 2.15.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Self

from connectors.asking import Api, Params, needed, part
from connectors.drafts import LONGEST_TITLE, UNTOLD, html_before, oldest, title_beside
from connectors.errors import Refused, RetryLater
from connectors.guards import must_take, secret_of
from connectors.http import Http
from connectors.intercom_account import ADDRESS, REGIONS, TOKEN, address_of, advice_on, headers_of, listed
from connectors.loose import Loose, is_number
from connectors.outgoing import Existing, Note, Outgoing, Receipt, Remote, each_once, shown
from connectors.own import mark
from connectors.ports import Means, Pace, Setting
from connectors.target_port import KNOWLEDGE, Target
from connectors.told import chosen, plainly, template_setting
from connectors.wording import WORDLESS, Block, check_template, one_line, text_of, text_of_note, title_of
from connectors.writing import Writer, unnamed

MOST = 50
FIELDS = re.compile(r"\b(author_id|parent_id|parent_type|title|body|state)\b")
"""What a refusal may name; its other words may repeat what was sent."""


class IntercomArticles(Target):
    """Makes drafts in a collection of a help centre."""

    slug = "intercom-articles"
    title = "Intercom Articles"
    category = "knowledge"
    takes = KNOWLEDGE
    secret_setting = "token"
    follows = True
    pace = Pace(requests=120, seconds=60, burst=20)
    settings = (
        ADDRESS,
        replace(TOKEN, needed="always"),
        Setting(
            name="author",
            label={
                "en": "Teammate who is named as the author, by e-mail or number",
                "ja": "作成者とするチームメンバー（メールか番号）",
            },
            example="support@example.com",
        ),
        Setting(
            name="collection",
            label={
                "en": "Collection of new drafts, by name or number; without one they stand alone",
                "ja": "下書きを作るコレクション（名前か番号。空欄ならどこにも属さない）",
            },
            needed="never",
            example="Drafts by Koe",
        ),
        template_setting({"en": "a draft", "ja": "下書き"}),
    )
    guide = (
        {
            "en": "In Intercom, open Settings › Integrations › Developer Hub, make an app for your "
            "workspace, let it read and write articles and read admins (Configure › Authentication › "
            "Edit), and copy its access token.",
            "ja": "Intercom の「Settings › Integrations › Developer Hub」でワークスペース用のアプリを作り、"
            "「Configure › Authentication › Edit」で記事の読み書きと管理者の読み取りを許可して、アクセス"
            "トークンをコピーします。",
        },
        {
            "en": "Koe makes drafts and publishes nothing. The last line of a draft, such as [koe:0123…], is "
            "how Koe knows it again: take it out when you publish.",
            "ja": "Koe は下書きを作るだけで、公開はしません。下書きの最後の行（[koe:0123…] など）は Koe が"
            "見分けるためのものです。公開するときに消してください。",
        },
    )
    unverified = (
        {
            "en": "How long titles and texts may be, and whether the address of a draft leads to its editor. "
            "A draft is written in the default language of the help centre, whatever its own is.",
            "ja": "題名と本文の長さの上限と、下書きのリンクが編集画面を開くかどうか。下書きは、提案の言語に"
            "かかわらず、ヘルプセンターの既定の言語の欄に書き込みます。",
        },
        UNTOLD,
    )

    def __init__(self, settings: Mapping[str, str], *, token: str, http: Http) -> None:
        base, headers = address_of(settings), headers_of(token)
        advice = advice_on("read and write articles, and read admins")
        self._author = needed(settings, "author")
        self._collection = settings.get("collection", "").strip()
        self._template = check_template(settings.get("template", ""))
        self._inbox = REGIONS.get(base, base)
        self._api = Api(http=http, base=base, headers=headers, advice=advice)
        self._writer = Writer(http=http, base=base, headers=headers, advice=advice, explain=_explained)

    @classmethod
    def open(cls, settings: Mapping[str, object], means: Means) -> Self:
        """Return the target that makes drafts in the setting `collection`, in the name of `author`."""
        return cls(plainly(settings), token=secret_of(means, "token"), http=means.http)

    def check(self) -> str:
        workspace = self._workspace()
        self._author_id()
        parent = self._parent()
        where = f"the collection {parent['name'].text}" if parent else "no collection"
        return f"Drafts of articles are made in {where} of {workspace}."

    def find(self, suggestion_id: str) -> Receipt | None:
        return self._marked(mark(suggestion_id, hidden=False))

    def deliver(self, outgoing: Outgoing) -> Receipt:
        must_take(self, outgoing)
        if outgoing.audience == "internal":
            raise Refused(
                "Intercom publishes articles for customers; send what is internal to another target"
            )
        if found := self.find(outgoing.suggestion_id):
            return found
        written, marked = text_of(outgoing, self._template), mark(outgoing.suggestion_id, hidden=False)
        return self._create(title_of(outgoing, most=LONGEST_TITLE), written, marked)

    def look(self, reference: str) -> Remote:
        article = self._api.find(f"/articles/{part(reference)}", alive=self._workspace)
        if article is None:
            return Remote(reference=reference, state="gone")
        state = article["state"].text
        if state not in ("draft", "published"):
            raise RetryLater("Intercom did not tell whether the article is a draft")
        is_published = state == "published"
        return Remote(
            reference=reference,
            state="done" if is_published else "open",
            status=state,
            url=self._address_of(article),
            at=article["updated_at"].counted_time() if is_published else None,
        )

    def existing(self, words: str) -> Sequence[Existing]:
        found = [*self._matching(words), *self._newest()]
        return each_once(
            shown(
                receipt,
                title=article["title"].text,
                text=article["body"].text,
                status=article["state"].text,
            )
            for article in found
            if (receipt := self._receipt(article))
        )

    def note(self, reference: str, note: Note) -> Receipt:
        article = self._api.get(f"/articles/{part(reference)}")
        receipt = Receipt(reference=reference, url=self._address_of(article))
        marked = mark(f"note-{note.marker}", hidden=False)
        if self._marked(marked) is None:
            title = title_beside(article["title"].text or reference)
            self._create(title, text_of_note(note, receipt.url), marked)
        return receipt

    def _create(self, title: str, written: Sequence[Block], marked: str) -> Receipt:
        parent = self._parent()
        article = {
            "title": title,
            "body": _html(written, marked),
            "author_id": self._author_id(),
            "state": "draft",
            **({"parent_id": parent["id"].value, "parent_type": "collection"} if parent else {}),
        }
        made = self._writer.send("POST", "/articles", article)
        return self._receipt(made) or self._marked(marked) or unnamed("Intercom", "an article")

    def _marked(self, marked: str) -> Receipt | None:
        """Return the oldest article that carries a mark, a draft or not."""
        articles = listed(self._api, "/articles")
        found = oldest(one for one in articles if marked in (one["body"].text or ""))
        return None if found is None else self._receipt(found)

    def _matching(self, words: str) -> Iterable[Loose]:
        if not (phrase := one_line(words)[:200]):
            return ()
        asked: Params = {"phrase": phrase, "per_page": MOST}
        return self._api.get("/articles/search", asked)["data"]["articles"]

    def _newest(self) -> Iterable[Loose]:
        return self._api.get("/articles", {"page": 1, "per_page": MOST})["data"]

    def _workspace(self) -> str:
        name = self._api.get("/me")["app"]["name"].text
        if name is None:
            raise Refused("Intercom did not name the workspace; is the address that of its API?")
        return name

    def _author_id(self) -> int:
        there = list(self._api.get("/admins")["admins"])
        for one in there:
            named = one["id"].id or ""
            if is_number(named) and self._author.lower() in ((one["email"].text or "").lower(), named):
                return int(named)
        raise Refused(f"the setting 'author' names no teammate of the workspace, which has {len(there):,}")

    def _parent(self) -> Loose | None:
        if not self._collection:
            return None
        there = listed(self._api, "/help_center/collections")
        return chosen(self._collection, there, setting="collection", has="the help centre has")

    def _receipt(self, article: Loose) -> Receipt | None:
        named = article["id"].id
        return Receipt(reference=named, url=self._address_of(article)) if named else None

    def _address_of(self, article: Loose) -> str | None:
        """Return where people open an article, published or not."""
        workspace, named = article["workspace_id"].id, article["id"].id
        if workspace is None or named is None:
            return article["url"].text
        return f"{self._inbox}/a/apps/{part(workspace)}/articles/articles/{part(named)}/show"


def _html(written: Sequence[Block], marked: str) -> str:
    """Return blocks as HTML with a mark in their last line; marks that somebody wrote are none."""
    last = f"<p>{marked}</p>"
    return html_before(last, written).replace("[koe:", f"[{WORDLESS}koe:") + last


def _explained(refusal: Loose) -> str:
    """Return which fields a refusal names, and its codes, without what the fields held."""
    errors = list(refusal["errors"])
    codes = {code for one in errors if (code := one["code"].id) and re.fullmatch(r"\w{1,60}", code)}
    fields = {field for one in errors for field in FIELDS.findall(one["message"].text or "")}
    return ", ".join([*sorted(codes), *sorted(fields)])[:300]
