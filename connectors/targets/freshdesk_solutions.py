"""Freshdesk Solutions: a draft for each suggestion, known by a tag, that people publish or delete.

- What is published may hold a draft of its own, which the API does not tell apart: an edit is an article
  beside it.
- An article has no place for notes: a note is a draft of its own.

Source: that of `connectors.freshdesk_solutions`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Self

from connectors.asking import Api, needed, part
from connectors.drafts import LONGEST_TITLE, UNTOLD, html_before, oldest, title_beside
from connectors.errors import Refused, RetryLater
from connectors.freshdesk_solutions import (
    ADDRESS,
    AGENTS,
    DRAFT,
    KEY,
    NEW_KEY,
    NO_SOLUTIONS,
    PUBLISHED,
    SOLUTIONS,
    Solutions,
    address_of,
    headers_of,
)
from connectors.guards import must_take, secret_of
from connectors.http import Http
from connectors.loose import Loose
from connectors.outgoing import Existing, Note, Outgoing, Receipt, Remote, each_once, shown
from connectors.own import LABEL, label_of, mark
from connectors.ports import Means, Pace, Setting
from connectors.target_port import KNOWLEDGE, Target
from connectors.told import labels_setting, names_of, plainly, template_setting
from connectors.wording import Block, check_template, one_line, text_of, text_of_note, title_of
from connectors.writing import Writer, unnamed

PERMANENT = 1
"""The type of an article that is no workaround."""
LONGEST_TAG = 32
MOST = 50
ADVICE = {
    401: NEW_KEY,
    403: "let the agent of the key manage solutions",
    404: NO_SOLUTIONS,
}


class FreshdeskSolutions(Target):
    """Makes drafts in a folder of solutions."""

    slug = "freshdesk-solutions"
    title = "Freshdesk Solutions"
    category = "knowledge"
    takes = KNOWLEDGE
    secret_setting = "key"
    follows = True
    pace = Pace(requests=80, seconds=60, burst=20)
    settings = (
        ADDRESS,
        KEY,
        Setting(
            name="folder",
            label={
                "en": "Folder of new drafts: number, name, or Category/Name",
                "ja": "下書きを作るフォルダー（番号、名前、または カテゴリ/名前）",
            },
            example="FAQ/Drafts by Koe",
        ),
        labels_setting({"en": "Tags of new drafts", "ja": "タグ"}, usual=LABEL),
        template_setting({"en": "a draft", "ja": "下書き"}),
    )
    guide = (
        {
            "en": "Make a folder for drafts under Solutions, or choose one. What is internal needs a folder "
            "that agents alone see.",
            "ja": "「ソリューション」に下書き用のフォルダーを作るか選びます。社内向けの提案には、担当者だけが"
            "見られるフォルダーが必要です。",
        },
        {
            "en": "Copy the API key of an agent who may manage solutions from Profile settings. Koe makes "
            "drafts and publishes nothing.",
            "ja": "ソリューションを管理できる担当者の「プロフィール設定」から API キーをコピーします。Koe は"
            "下書きを作るだけで、公開はしません。",
        },
    )
    unverified = (
        {
            "en": "How long titles, texts and tags may be, whether the address of a draft leads to its "
            "editor, and how the search answers. A draft is written in the primary language.",
            "ja": "題名・本文・タグの長さの上限、下書きのリンクが編集画面を開くかどうか、検索の結果の形。"
            "下書きは主言語で書き込みます。",
        },
        UNTOLD,
    )

    def __init__(self, settings: Mapping[str, str], *, key: str, http: Http) -> None:
        base, headers = address_of(settings), headers_of(key)
        self._folder = needed(settings, "folder")
        self._tags = names_of(settings.get("labels", LABEL))
        self._template = check_template(settings.get("template", ""))
        self._base = base
        self._api = Api(http=http, base=base, headers=headers, advice=ADVICE)
        self._solutions = Solutions(self._api)
        self._writer = Writer(http=http, base=base, headers=headers, advice=ADVICE, explain=_explained)

    @classmethod
    def open(cls, settings: Mapping[str, object], means: Means) -> Self:
        """Return the target that makes drafts in the setting `folder` at `address`."""
        return cls(plainly(settings), key=secret_of(means, "key"), http=means.http)

    def check(self) -> str:
        return f"Drafts are made in the folder {self._chosen()['name'].text} of {self._base}."

    def find(self, suggestion_id: str) -> Receipt | None:
        return self._marked(suggestion_id)

    def deliver(self, outgoing: Outgoing) -> Receipt:
        must_take(self, outgoing)
        if found := self.find(outgoing.suggestion_id):
            return found
        folder = self._chosen()
        if outgoing.audience == "internal" and folder["visibility"].number != AGENTS:
            raise Refused("what is internal goes to a folder that agents alone see (setting 'folder')")
        written, title = text_of(outgoing, self._template), title_of(outgoing, most=LONGEST_TITLE)
        return self._create(folder, title, written, outgoing.suggestion_id)

    def look(self, reference: str) -> Remote:
        article = self._api.find(f"{SOLUTIONS}/articles/{part(reference)}", alive=self._chosen)
        if article is None:
            return Remote(reference=reference, state="gone")
        status = article["status"].number
        if status not in (DRAFT, PUBLISHED):
            raise RetryLater("Freshdesk did not tell whether the article is a draft")
        is_published = status == PUBLISHED
        return Remote(
            reference=reference,
            state="done" if is_published else "open",
            status="published" if is_published else "draft",
            url=self._address_of(reference),
            at=article["updated_at"].written_time if is_published else None,
        )

    def existing(self, words: str) -> Sequence[Existing]:
        found = [*self._matching(words), *self._solutions.articles(self._chosen())]
        return each_once(
            shown(
                receipt,
                title=article["title"].text,
                text=article["description_text"].text or article["description"].text,
                status="published" if article["status"].number == PUBLISHED else "draft",
            )
            for article in found
            if (receipt := self._receipt(article))
        )

    def note(self, reference: str, note: Note) -> Receipt:
        article = self._api.get(f"{SOLUTIONS}/articles/{part(reference)}")
        receipt = self._receipt(article) or Receipt(reference=reference)
        marker = f"note-{note.marker}"
        if self._marked(marker) is None:
            title = title_beside(article["title"].text or reference)
            self._create(self._chosen(), title, text_of_note(note, receipt.url), marker)
        return receipt

    def _create(self, folder: Loose, title: str, written: Sequence[Block], marker: str) -> Receipt:
        marked = mark(marker, hidden=True)
        article = {
            "title": title,
            "description": html_before(marked, written) + marked,
            "type": PERMANENT,
            "status": DRAFT,
            "tags": [*self._tags, *_tag(marker)],
        }
        place = f"{SOLUTIONS}/folders/{part(folder['id'].id or '')}/articles"
        made = self._writer.send("POST", place, article)
        return self._receipt(made) or self._marked(marker) or unnamed("Freshdesk", "an article")

    def _marked(self, marker: str) -> Receipt | None:
        """Return the article with a mark, in whatever folder it is by now; the usual one comes first."""
        own, marked, tags = self._chosen(), mark(marker, hidden=True), set(_tag(marker))
        others = (folder for _, folder in self._solutions.folders() if folder["id"].id != own["id"].id)
        for folder in [own, *others]:
            fitting = (
                article
                for article in self._solutions.articles(folder)
                if tags & {one.text for one in article["tags"]}
                or marked in (article["description"].text or "")
            )
            if (found := oldest(fitting)) is not None:
                return self._receipt(found)
        return None

    def _matching(self, words: str) -> Iterable[Loose]:
        if not (term := one_line(words)[:200]):
            return ()
        return self._api.listed("api/v2/search/solutions", {"term": term}).rows

    def _chosen(self) -> Loose:
        known = []
        for category, folder in self._solutions.folders():
            name = folder["name"].text or ""
            if self._folder in (name, folder["id"].id, f"{category}/{name}"):
                return folder
            known.append(f"{category}/{name}")
        there = ", ".join(known[:MOST]) or "none"
        raise Refused(f"the setting 'folder' names {self._folder!r}; there are {there}")

    def _receipt(self, article: Loose) -> Receipt | None:
        named = article["id"].id
        return Receipt(reference=named, url=self._address_of(named)) if named else None

    def _address_of(self, named: str) -> str:
        return f"{self._base}/a/solutions/articles/{part(named)}"


def _tag(marker: str) -> Sequence[str]:
    """Return the tag of a mark; none where it is too long: the mark in the text counts as well."""
    tag = label_of(marker)
    return (tag,) if len(tag) <= LONGEST_TAG else ()


def _explained(refusal: Loose) -> str:
    """Return which fields a refusal names, and its codes, without what the fields held."""
    told = [one for error in refusal["errors"] for one in (error["field"].text, error["code"].text)]
    return ", ".join(one for one in told if one and re.fullmatch(r"\w{1,60}", one))[:300]
