"""Confluence Cloud: a page for each suggestion under a page that only editors may view; people move it out.

A draft of Confluence's own kind is seen by the account that made it alone, and no list of the API holds it.
So a draft here is a page under one that not everybody may view: who may not view a page may not view what is
below it.

- Titles are unique in a space: with the mark at its end one cannot be made twice.
- Bodies are XHTML; macros are elements of another namespace, so that words escaped are words.
- Search follows late; lists of pages are taken to follow soon.

Sources: developer.atlassian.com, Confluence Cloud REST v2 "Page", "Space", "Comment", "Ancestors",
"Operation", v1 "Content restrictions", "Search"; CONFCLOUD-80829 (drafts are not listed).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from html import escape, unescape
from typing import Self

from connectors.asking import Params, is_yes, needed, part
from connectors.atlassian import EMAIL, TOKEN
from connectors.confluence import NEW_TOKEN, NO_SPACE, SITE, SPACE, V1, V2, Space, ending_of
from connectors.errors import Refused
from connectors.guards import must_take, secret_of
from connectors.http import Http
from connectors.loose import Loose, is_number
from connectors.outgoing import Existing, Note, Outgoing, Receipt, Remote, each_once, shown
from connectors.own import is_among, mark
from connectors.ports import Means, Pace, Setting
from connectors.target_port import KNOWLEDGE, Target
from connectors.told import plainly, template_setting
from connectors.wording import (
    Block,
    as_html,
    check_template,
    fitted,
    text_of,
    text_of_note,
    title_of,
)
from connectors.writing import Writer, unnamed

LONGEST_TITLE = 255
LONGEST_TEXT = 100_000
"""Characters of XHTML."""
MOST = 50
MANY = 250
"""Pages in one part of a list, the most there is."""
NEWEST = 25
"""So many of the newest pages are read, in case that somebody renamed one at once."""
ADVICE = {
    401: NEW_TOKEN,
    403: "let the account view the space, and add pages and comments there",
    404: NO_SPACE,
}
AWAY = frozenset({"trashed", "deleted", "archived", "historical"})
NO_XML = re.compile("[\ufffe\uffff]")
"""Signs that no XML may hold, beside those that control something."""
LINK = re.compile(r"https?://[^\s<>\"']+")
HIGHLIGHT = re.compile(r"@@@(?:end)?hl@@@")
NEEDED = (("create", "page"), ("create", "comment"))


class Confluence(Target):
    """Writes drafts under one page of a space, and follows them wherever they are moved."""

    slug = "confluence"
    title = "Confluence Cloud"
    category = "knowledge"
    takes = KNOWLEDGE
    secret_setting = "token"
    follows = True
    settles = timedelta(minutes=1)
    pace = Pace(requests=120, seconds=60, burst=10)
    settings = (
        SITE,
        EMAIL,
        TOKEN,
        SPACE,
        Setting(
            name="drafts",
            label={
                "en": "Page under which drafts are written, by title or link",
                "ja": "下書きを置くページ（タイトルかリンク）",
            },
            example="Drafts of Koe",
        ),
        Setting(
            name="open",
            label={
                "en": "May everybody who sees the space see drafts?",
                "ja": "スペースを見られる人全員に下書きを見せてよいか",
            },
            needed="never",
            choices=("no", "yes"),
            default="no",
        ),
        template_setting({"en": "a draft", "ja": "下書き"}),
    )
    guide = (
        {
            "en": "Make an Atlassian account for Koe that may view the space and add pages and comments "
            "there, and create an API token for it (account settings, Security).",
            "ja": "Koe 用の Atlassian アカウントを作り、スペースの閲覧とページ・コメントの追加を許可します。"
            "アカウント設定の「セキュリティ」で API トークンを作成します。",
        },
        {
            "en": "Make a page for drafts in the space. Restrict who can view it to the account and to those "
            "who edit articles.",
            "ja": "スペースに下書き用のページを作ります。閲覧できる人を、このアカウントと記事を編集する人に"
            "制限します。",
        },
        {
            "en": "To publish a draft, give it its title and move it to where readers are; to drop it, "
            "delete it. Where pages keep restrictions of their own, remove them.",
            "ja": "公開するときは、タイトルを整えて読者のいる場所へ移動します。使わないときは削除します。"
            "ページ自身に閲覧制限があるときは、それも外します。",
        },
    )
    unverified = (
        {
            "en": "How soon a new page is listed: Koe waits a minute before it believes that there is none. "
            "A draft that was renamed and moved to another space before Koe knew it is not found.",
            "ja": "新しいページが一覧に現れるまでの時間（Koe は 1 分待ってから、ないと判断します）。Koe が"
            "把握する前に改名して別のスペースへ移された下書きは見つかりません。",
        },
        {
            "en": "The day of publication is not told. What Confluence answers follows its documents; it was "
            "not seen on an account.",
            "ja": "公開日は API では分かりません。Confluence の応答は公式文書によるもので、実際の"
            "アカウントでは確かめていません。",
        },
    )

    def __init__(self, settings: Mapping[str, str], *, token: str, http: Http) -> None:
        self._space = Space(settings, token=token, http=http, advice=ADVICE)
        self._drafts = needed(settings, "drafts")
        self._is_open = is_yes(settings, "open", usually="no")
        self._template = check_template(settings.get("template", ""))
        self._writer = Writer(
            http=http,
            base=self._space.base,
            headers=self._space.headers,
            advice=ADVICE,
            explain=_explained,
        )

    @classmethod
    def open(cls, settings: Mapping[str, object], means: Means) -> Self:
        """Return the target that writes to the space in the setting `project` at `address`."""
        return cls(plainly(settings), token=secret_of(means, "token"), http=means.http)

    def check(self) -> str:
        space = self._space.found()
        drafts = self._found_drafts(space)
        place = f"{V2}/spaces/{part(space['id'].id or '')}/operations"
        held = {
            (one["operation"].text, one["targetType"].text)
            for one in self._space.api.get(place)["operations"]
        }
        if missing := [f"{act} {kind}" for act, kind in NEEDED if (act, kind) not in held]:
            raise Refused(f"the account lacks rights in the space; grant it: {', '.join(missing)}")
        name = space["name"].text or self._space.key
        return f"Drafts are written under “{drafts['title'].text}” in the space {name} of {self._space.base}."

    def find(self, suggestion_id: str) -> Receipt | None:
        return self._among(self._space.found(), suggestion_id)

    def deliver(self, outgoing: Outgoing) -> Receipt:
        must_take(self, outgoing)
        space = self._space.found()
        if found := self._among(space, outgoing.suggestion_id):
            return found
        ending = ending_of(outgoing.suggestion_id)
        page = {
            "spaceId": space["id"].id,
            "status": "current",
            "title": NO_XML.sub("", title_of(outgoing, most=LONGEST_TITLE - len(ending))) + ending,
            "parentId": self._found_drafts(space)["id"].id,
            "body": _body(text_of(outgoing, self._template), outgoing.link, outgoing.suggestion_id),
        }
        try:
            made = self._writer.send("POST", f"{V2}/pages", page)["id"].id
        except Refused as error:
            # A title is taken where the page was made meanwhile.
            if error.status == 400 and (found := self._among(space, outgoing.suggestion_id)):
                return found
            raise
        return (
            self._receipt(made)
            if made
            else self._among(space, outgoing.suggestion_id) or unnamed("Confluence", "a page")
        )

    def look(self, reference: str) -> Remote:
        page = self._space.page(reference)
        if page is None or (page["status"].text or "") in AWAY:
            return Remote(reference=reference, state="gone")
        drafts = self._found_drafts(self._space.found(), guarded=False)["id"].id
        is_draft = page["status"].text == "draft" or drafts in self._above(reference, page)
        return Remote(
            reference=reference,
            state="open" if is_draft else "done",
            status="draft" if is_draft else "published",
            url=self._receipt(reference).url,
        )

    def existing(self, words: str) -> Sequence[Existing]:
        space = self._space.found()
        drafts = self._found_drafts(space, guarded=False)["id"].id
        found = [*self._matching(words), *self._newest(space)]
        return each_once(one for one in found if one.reference != drafts)

    def note(self, reference: str, note: Note) -> Receipt:
        marked, place = mark(note.marker, hidden=False), f"{V2}/pages/{part(reference)}/footer-comments"
        asked: Params = {"body-format": "storage", "limit": MANY}
        comments = self._space.listed(place, asked)
        if not is_among(marked, (one["body"]["storage"]["value"].text for one in comments)):
            content = {"pageId": reference, "body": _body(text_of_note(note), note.link, note.marker)}
            self._writer.send("POST", f"{V2}/footer-comments", content)
        return self._receipt(reference)

    def _found_drafts(self, space: Loose, *, guarded: bool = True) -> Loose:
        """Return the page of drafts. Raises Refused where there is none, or everybody may view it."""
        found = self._space.drafts(space, self._drafts)
        if guarded and not self._is_open and not self._space.is_restricted(found["id"].id or ""):
            raise Refused(
                "everybody who may view the space may view the page of drafts; restrict who can view that "
                "page, or set 'open' to yes"
            )
        return found

    def _above(self, reference: str, page: Loose) -> Iterator[str | None]:
        yield page["parentId"].id
        for ancestor in self._space.listed(f"{V2}/pages/{part(reference)}/ancestors", {"limit": MANY}):
            yield ancestor["id"].id

    def _among(self, space: Loose, suggestion_id: str) -> Receipt | None:
        """Return the oldest page of a suggestion, by its title or, of the newest pages, by its text."""
        ending, marked = ending_of(suggestion_id).strip(), mark(suggestion_id, hidden=False)
        asked: Params = {"space-id": space["id"].id or "", "sort": "-created-date", "status": "current"}
        latest: Params = {**asked, "body-format": "storage", "limit": NEWEST}
        newest = self._space.api.get(f"{V2}/pages", latest)["results"].rows
        found = [page for page in newest if marked in (page["body"]["storage"]["value"].text or "")]
        listed = self._space.listed(f"{V2}/pages", {**asked, "limit": MANY})
        found += [page for page in listed if (page["title"].text or "").endswith(ending)]
        numbers = [int(number) for page in found if is_number(number := page["id"].id or "")]
        return self._receipt(str(min(numbers))) if numbers else None

    def _matching(self, words: str) -> Iterator[Existing]:
        question = " ".join(re.findall(r"\w+", words))[:200]
        if not question:
            return
        cql = f'space = "{self._space.key}" AND type = page AND (title ~ "{question}" OR text ~ "{question}")'
        for row in self._space.api.get(f"{V1}/search", {"cql": cql, "limit": MOST})["results"]:
            excerpt = unescape(HIGHLIGHT.sub("", row["excerpt"].text or "")).strip()
            yield from self._shown(row["content"], excerpt)

    def _newest(self, space: Loose) -> Iterator[Existing]:
        number = space["id"].id or ""
        asked: Params = {"space-id": number, "sort": "-modified-date", "status": "current", "limit": MOST}
        for page in self._space.api.get(f"{V2}/pages", asked)["results"]:
            yield from self._shown(page, "")

    def _shown(self, page: Loose, text: str) -> Iterator[Existing]:
        if number := page["id"].id:
            yield shown(self._receipt(number), title=page["title"].text, text=text)

    def _receipt(self, number: str) -> Receipt:
        return Receipt(reference=number, url=self._space.address_of(number))


def _body(written: Sequence[Block], link: str | None, marker: str) -> Mapping[str, str]:
    text = fitted(written, lambda some: _storage(some, link), most=LONGEST_TEXT)
    return {"representation": "storage", "value": f"{text}<p>{mark(marker, hidden=False)}</p>"}


def _storage(written: Sequence[Block], link: str | None) -> str:
    """Return blocks as XHTML, in which Koe's own link alone can be followed."""
    text = NO_XML.sub("", as_html(written))
    if not link or not LINK.fullmatch(link):
        return text
    return text.replace(escape(link), f'<a href="{escape(link)}">{escape(link)}</a>')


def _explained(refusal: Loose) -> str:
    """Return the codes of a refusal; its sentences may repeat what was sent."""
    codes = (error["code"].text for error in refusal["errors"])
    return ", ".join(code for code in codes if code and re.fullmatch(r"[A-Z_]{1,60}", code))
