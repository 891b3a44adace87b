"""Zendesk Guide: a draft for each suggestion, known by a label, that people publish or throw away.

- Whether an article is a draft can be said when it is made, and is told of each of its languages. What is
  published has one draft of its own, which the API neither shows nor writes: so an edit is another article
  beside it.
- Drafts are left out of search: they are found by their label in the list, and by listing their section.
- An article has no place for notes but comments, which readers see: a note is a draft of its own.
- Archived articles are not there (404).

Sources: developer.zendesk.com, "Articles", "Translations", "Sections", "User segments", "Permission groups";
how a server answers where `user_segment_id` is missing (issue 289 of zendesk-java-client).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Self

from connectors.asking import Api, Params, needed, part
from connectors.drafts import LONGEST_TITLE, UNTOLD, html_before, oldest, title_beside
from connectors.errors import Refused, RetryLater
from connectors.guards import must_take, secret_of
from connectors.http import Http
from connectors.loose import Loose
from connectors.outgoing import Existing, Note, Outgoing, Receipt, Remote, each_once, shown
from connectors.own import LABEL, label_of, mark
from connectors.ports import Means, Pace, Setting
from connectors.target_port import KNOWLEDGE, Target
from connectors.told import chosen, labels_setting, locale_setting, names_of, plainly, template_setting
from connectors.wording import WORDLESS, Block, check_template, one_line, text_of, text_of_note, title_of
from connectors.writing import Writer, unnamed
from connectors.zendesk_account import ADDRESS, CENTRE, EMAIL, TOKEN, address_of, headers_of, listed

MOST = 50
ADVICE = {
    401: "make a new API token in the Admin Center, and see that the e-mail is its agent's",
    403: "let the agent be a Guide admin, or manage articles in this section",
    404: "is the address that of your Zendesk, and is its help centre switched on?",
}
FIELDS = re.compile(r"\b(user_segment_id|permission_group_id|locale|title|body|label_names|section_id)\b")
"""What a refusal may name; its other words may repeat what was sent."""


class ZendeskGuide(Target):
    """Makes drafts in a section of a help centre."""

    slug = "zendesk-guide"
    title = "Zendesk Guide"
    category = "knowledge"
    takes = KNOWLEDGE
    secret_setting = "token"
    follows = True
    pace = Pace(requests=100, seconds=60, burst=10)
    settings = (
        ADDRESS,
        replace(EMAIL, needed="always"),
        replace(TOKEN, needed="always"),
        Setting(
            name="section",
            label={
                "en": "Section of new drafts, by name or number",
                "ja": "下書きを作るセクション（名前か番号）",
            },
            example="Drafts by Koe",
        ),
        locale_setting("help centre", example="ja"),
        Setting(
            name="permission_group",
            label={
                "en": "Who may edit and publish: the management permission, by name or number",
                "ja": "編集・公開できる管理権限（名前か番号）",
            },
            needed="never",
            example="Managers",
        ),
        Setting(
            name="segment",
            label={
                "en": "Who will see what is for customers: the user segment, if not everybody",
                "ja": "お客様向け記事を見られるユーザーセグメント（空欄なら全員）",
            },
            needed="never",
            example="Signed-in users",
        ),
        labels_setting({"en": "Labels of new drafts", "ja": "ラベル"}, usual=LABEL),
        template_setting({"en": "a draft", "ja": "下書き"}),
    )
    guide = (
        {
            "en": "Make a section for drafts in Guide, or choose one, and note its name.",
            "ja": "Guide で下書き用のセクションを作るか選び、その名前を控えます。",
        },
        {
            "en": "In the Admin Center, open Apps and integrations › APIs › API tokens, and make a token of "
            "an agent who is a Guide admin.",
            "ja": "管理センターの「アプリおよびインテグレーション › API › API トークン」で、Guide 管理者の"
            "担当者のトークンを作ります。",
        },
        {
            "en": "Koe makes drafts and publishes nothing. Internal suggestions are for staff alone.",
            "ja": "Koe は下書きを作るだけで、公開はしません。社内向けの提案は、社内だけに見える下書きに"
            "なります。",
        },
    )
    unverified = (
        {
            "en": "Whether your plan keeps labels, by which Koe finds its drafts again (a comment in the "
            "text that readers do not see serves where it does not), and whether lists hold drafts at once.",
            "ja": "プランでラベルが保存されるかどうか（保存されないときは、読者に見えない本文中のコメントで"
            "見つけます）と、下書きがすぐ一覧に現れるかどうか。",
        },
        UNTOLD,
    )

    def __init__(self, settings: Mapping[str, str], *, token: str, http: Http) -> None:
        base, headers = address_of(settings), headers_of(settings, token)
        self._section = needed(settings, "section")
        self._locale = settings.get("locale", "").strip().lower()
        self._group = settings.get("permission_group", "").strip()
        self._segment = settings.get("segment", "").strip()
        self._labels = names_of(settings.get("labels", LABEL))
        self._template = check_template(settings.get("template", ""))
        self._base = base
        self._api = Api(http=http, base=base, headers=headers, advice=ADVICE)
        self._writer = Writer(http=http, base=base, headers=headers, advice=ADVICE, explain=_explained)

    @classmethod
    def open(cls, settings: Mapping[str, object], means: Means) -> Self:
        """Return the target that makes drafts in the setting `section` at `address`."""
        return cls(plainly(settings), token=secret_of(means, "token"), http=means.http)

    def check(self) -> str:
        section = self._found_section()
        locale = self._locale_for("")
        self._permission_group()
        for audience in ("public", "internal"):
            self._segment_for(audience)
        return f"Drafts are made in the section {section['name'].text} of {self._base} (usually in {locale})."

    def find(self, suggestion_id: str) -> Receipt | None:
        return self._labelled(label_of(suggestion_id), mark(suggestion_id, hidden=True))

    def deliver(self, outgoing: Outgoing) -> Receipt:
        must_take(self, outgoing)
        if found := self.find(outgoing.suggestion_id):
            return found
        return self._create(
            self._found_section()["id"].id or "",
            title=title_of(outgoing, most=LONGEST_TITLE),
            written=text_of(outgoing, self._template),
            marker=outgoing.suggestion_id,
            label=label_of(outgoing.suggestion_id),
            lang=outgoing.lang,
            audience=outgoing.audience,
        )

    def look(self, reference: str) -> Remote:
        place = f"{CENTRE}/articles/{part(reference)}/translations.json"
        answered = self._api.find(place, alive=self._found_section)
        if answered is None:
            return Remote(reference=reference, state="gone")
        translations = list(answered["translations"])
        if not translations:
            raise RetryLater("Zendesk told nothing of the article's languages")
        published = [one for one in translations if one["draft"].value is False]
        shown = (published or translations)[0]
        return Remote(
            reference=reference,
            state="done" if published else "open",
            status="published" if published else "draft",
            url=shown["html_url"].text,
            at=min(filter(None, (one["updated_at"].written_time for one in published)), default=None),
        )

    def existing(self, words: str) -> Sequence[Existing]:
        found = [*self._matching(words), *self._in_section()]
        return each_once(
            shown(
                receipt,
                title=article["title"].text,
                text=article["body"].text,
                status="draft" if article["draft"].flag else "published",
            )
            for article in found
            if (receipt := _receipt(article))
        )

    def note(self, reference: str, note: Note) -> Receipt:
        article = self._api.get(f"{CENTRE}/articles/{part(reference)}.json")["article"]
        receipt = _receipt(article) or Receipt(reference=reference)
        marked = mark(f"note-{note.marker}", hidden=True)
        if self._labelled(label_of(f"note-{note.marker}"), marked) is None:
            self._create(
                article["section_id"].id or self._found_section()["id"].id or "",
                title=title_beside(article["title"].text or reference),
                written=text_of_note(note, receipt.url),
                marker=f"note-{note.marker}",
                label=label_of(f"note-{note.marker}"),
                lang=article["locale"].text or "",
                audience="internal",
            )
        return receipt

    def _create(
        self,
        section: str,
        *,
        title: str,
        written: Sequence[Block],
        marker: str,
        label: str,
        lang: str,
        audience: str,
    ) -> Receipt:
        marked = mark(marker, hidden=True)
        article = {
            "title": _inert(title),
            "body": _inert(html_before(marked, written)) + marked,
            "locale": self._locale_for(lang),
            "draft": True,
            "permission_group_id": self._permission_group(),
            "user_segment_id": self._segment_for(audience),
            "label_names": [*self._labels, label],
        }
        content = {"article": article, "notify_subscribers": False}
        made = self._writer.send("POST", f"{CENTRE}/sections/{part(section)}/articles.json", content)
        return _receipt(made["article"]) or self._labelled(label, marked) or unnamed("Zendesk", "an article")

    def _labelled(self, label: str, marked: str) -> Receipt | None:
        """Return the oldest article with a label or a mark, wherever it was moved to."""
        everywhere = {"label_names": label}
        for articles in (
            listed(self._api, f"{CENTRE}/articles.json", "articles", everywhere),
            self._in_section(),
        ):
            fitting = (
                article
                for article in articles
                if label in (one.text for one in article["label_names"])
                or marked in (article["body"].text or "")
            )
            found = oldest(fitting)
            if found is not None and (receipt := _receipt(found)):
                return receipt
        return None

    def _in_section(self) -> Iterator[Loose]:
        section = self._found_section()["id"].id or ""
        return listed(self._api, f"{CENTRE}/sections/{part(section)}/articles.json", "articles")

    def _matching(self, words: str) -> Iterable[Loose]:
        if not (question := one_line(words)[:200]):
            return ()
        asked: Params = {"query": question, "per_page": MOST}
        return self._api.get(f"{CENTRE}/articles/search.json", asked)["results"]

    def _found_section(self) -> Loose:
        sections = listed(self._api, f"{CENTRE}/sections.json", "sections")
        return chosen(self._section, sections, setting="section")

    def _locale_for(self, lang: str) -> str:
        """Return the language to write in: the setting's, else the suggestion's, else the help centre's."""
        answered = self._api.get(f"{CENTRE}/locales.json")
        known = [locale.text or "" for locale in answered["locales"]]
        usual = answered["default_locale"].text
        if self._locale and self._locale not in known:
            raise Refused(
                f"the setting 'locale' names {self._locale!r}; the help centre has {', '.join(known)}"
            )
        fitting = (locale for locale in known if lang and locale.split("-")[0] == lang.lower().split("-")[0])
        found = self._locale or (lang if lang in known else next(fitting, usual))
        if not found:
            raise Refused("Zendesk tells no language of its help centre; is Guide switched on?")
        return found

    def _permission_group(self) -> object:
        groups = list(self._api.get("/api/v2/guide/permission_groups.json")["permission_groups"])
        if self._group:
            return chosen(self._group, groups, setting="permission_group")["id"].value
        usual = [one for one in groups if one["built_in"].flag] or groups
        if len(usual) != 1:
            known = ", ".join(filter(None, (one["name"].text for one in usual))) or "none"
            raise Refused(f"the setting 'permission_group' is missing; Guide has {known}")
        return usual[0]["id"].value

    def _segment_for(self, audience: str) -> object:
        """Return who will see it: staff alone what is internal, else the setting's, or everybody (None)."""
        if audience != "internal" and not self._segment:
            return None
        segments = list(listed(self._api, f"{CENTRE}/user_segments.json", "user_segments"))
        if audience != "internal":
            return chosen(self._segment, segments, setting="segment")["id"].value
        for one in segments:
            if one["user_type"].text == "staff" and one["built_in"].flag:
                return one["id"].value
        raise Refused("Guide has no user segment of all staff, for whom internal articles are")


def _inert(text: str) -> str:
    """Return a text in which no dynamic content ({{dc.…}}) is filled in."""
    return re.sub(r"\{(?=\{)", f"{{{WORDLESS}", text)


def _receipt(article: Loose) -> Receipt | None:
    named = article["id"].id
    return Receipt(reference=named, url=article["html_url"].text) if named else None


def _explained(refusal: Loose) -> str:
    """Return which fields a refusal names, without what they held."""
    named: set[str] = set()
    for told in (refusal["details"], refusal["errors"]):
        named |= set(told.value) if isinstance(told.value, dict) else set()
    named |= set(
        FIELDS.findall(" ".join(filter(None, (refusal["message"].text, refusal["description"].text))))
    )
    return f"it names {', '.join(sorted(map(str, named)))[:300]}" if named else ""
