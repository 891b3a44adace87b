"""MediaWiki: a page for each suggestion, under a title where no reader comes; people move it to publish it.

What is done here rests on how MediaWiki 1.39 was seen to behave:

- A page keeps its number when it is moved, and the mark in the summary of its first edit, whatever is made of
  its text. The edits of a user are listed at once, with where their pages are now; those of deleted ones not.
- Whatever stands within `<nowiki>` is text: no link, template, tag, signature or word of magic acts there.
- Moves are logged by the number of the page and the title that it had.

Source: mediawiki.org, "API:Edit", "API:Usercontribs", "API:Info", "API:Logevents", "API:Search",
"Help:Formatting", "Manual:Page title".
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from html import escape, unescape
from typing import Self

from connectors.asking import needed
from connectors.errors import Refused, RetryLater
from connectors.guards import must_take, secret_of
from connectors.http import Http
from connectors.loose import Loose, is_number
from connectors.mediawiki import ADDRESS, PASSWORD, USER, Wiki, base_in
from connectors.outgoing import Existing, Note, Outgoing, Receipt, Remote, each_once, shown
from connectors.own import is_among, mark
from connectors.ports import Means, Pace, Setting
from connectors.target_port import KNOWLEDGE, Target
from connectors.told import labels_setting, names_of, plainly, template_setting
from connectors.wording import (
    Block,
    check_template,
    fitted,
    one_line,
    text_of,
    text_of_note,
    title_of,
)

DRAFTS = "Project:Koe/Drafts"
LONGEST_PLACE = 120
LONGEST_TITLE = 255
"""Bytes of a whole title without its namespace."""
LONGEST_TEXT = 100_000
"""Characters; a wiki takes 2 MiB as a rule, and shows nobody that much at once."""
MOST = 50
MANY = "max"
"""As many as the wiki gives at once: 500 or more."""
NO_ARTICLES = frozenset({2, 6, 8, 10, 14, 274, 710, 828})
"""Namespaces of users, files, messages, templates, categories, widgets and modules."""
ACTS = re.compile(r"[#<>\[\]|{}/]|&(?=#?\w+;)|%(?=[0-9A-Fa-f]{2})|~{3,}")
"""Signs that no title may hold, that part it, or that mean something else in it."""
WIDER = 0xFEE0
"""How far the wide form of a sign, which says the same, is from it."""
UNSEEN = re.compile("[\u200e\u200f\u202a-\u202e\ufffd_]")
"""What a wiki leaves out of titles, or takes for a space."""
NO_TITLE = re.compile(r"[\[\]{}|#<>]")
PLAIN = re.compile(
    r"(?!.*(?:RFC|ISBN|PMID))(?:[^\W_]|[ 、。，．・（）「」『』？！…]|(?<=\w)[-,.?!](?=[\w ]|$))+"
)
"""Lines that mean nothing but themselves in a wiki."""
LINK = re.compile(r"https?://[\w.:/?&=%+-]*[\w/]", re.ASCII)
TAGS = re.compile(r"<[^<>]*>")


class MediaWiki(Target):
    """Writes drafts of articles, and follows them by the number of their page."""

    slug = "mediawiki"
    title = "MediaWiki"
    category = "knowledge"
    takes = KNOWLEDGE
    secret_setting = "password"
    follows = True
    pace = Pace(requests=120, seconds=60, burst=20)
    settings = (
        ADDRESS,
        USER,
        PASSWORD,
        Setting(
            name="drafts",
            label={"en": "Title under which drafts are written", "ja": "下書きを置く場所のページ名"},
            needed="never",
            default=DRAFTS,
        ),
        labels_setting({"en": "Categories of drafts", "ja": "カテゴリ"}, example="Drafts of Koe"),
        template_setting({"en": "a draft", "ja": "下書き"}),
    )
    guide = (
        {
            "en": "Make a user for Koe that may create pages and talk pages.",
            "ja": "Koe 用のユーザーを作り、ページとトークページを作成できるようにします。",
        },
        {
            "en": "Signed in as that user, open Special:BotPasswords and make a bot password with the grants "
            "“Basic rights”, “Edit existing pages” and “Create, edit, and move pages”.",
            "ja": "そのユーザーでログインし、「特別:ボットパスワード」を開いて、「基本的な権限」"
            "「既存のページの編集」「ページの作成、編集、移動」を許可したボットパスワードを作ります。",
        },
        {
            "en": "Drafts wait under the title that you choose. To publish one, move its page to the title "
            "that readers know; to drop it, delete it.",
            "ja": "下書きは、指定したページ名の下に置かれます。公開するときは、読者が見るページ名へ"
            "移動します。使わないときは削除します。",
        },
    )

    unverified = (
        {
            "en": "Versions other than 1.39, and searches other than the wiki's own (CirrusSearch): what is "
            "there already may be listed in another order.",
            "ja": "1.39 以外のバージョンと、標準以外の検索(CirrusSearch)。既存の記事の並び順が変わることが"
            "あります。",
        },
    )

    def __init__(self, settings: Mapping[str, str], *, password: str, http: Http) -> None:
        self._base = base_in(settings)
        self._drafts = (settings.get("drafts", "").strip() or DRAFTS).strip("/ ")
        if len(self._drafts.encode("utf-8", "replace")) > LONGEST_PLACE:
            raise Refused(f"the setting 'drafts' is longer than {LONGEST_PLACE} bytes")
        if NO_TITLE.search(self._drafts):
            raise Refused("the setting 'drafts' holds a sign that no title may have, such as # or |")
        self._categories = names_of(settings.get("labels", ""))
        if any(NO_TITLE.search(name) for name in self._categories):
            raise Refused("the setting 'labels' holds a sign that no title may have, such as # or |")
        self._template = check_template(settings.get("template", ""))
        self._wiki = Wiki(http=http, base=self._base, user=needed(settings, "user"), password=password)

    @classmethod
    def open(cls, settings: Mapping[str, object], means: Means) -> Self:
        """Return the target that writes to the wiki at the setting `address`."""
        return cls(plainly(settings), password=secret_of(means, "password"), http=means.http)

    def check(self) -> str:
        found = self._wiki.query(
            meta="userinfo|siteinfo",
            uiprop="rights|blockinfo",
            titles=f"{self._drafts}/Koe",
            prop="info",
            intestactions="create|edit",
        )
        page, rights = found["pages"][0], {right.text for right in found["userinfo"]["rights"]}
        may = page["actions"]
        if found["userinfo"]["blockid"].number is not None:
            raise Refused("the user of Koe is blocked there")
        if page["invalid"].flag or (space := page["ns"].number or 0) < 0 or space % 2:
            raise Refused("the setting 'drafts' is no title that pages can have there")
        if not may.is_object or not rights:
            raise RetryLater("the wiki answered with something else than was asked")
        writes = may["edit"].flag and (may["create"].flag or not page["missing"].flag)
        if not writes or "createtalk" not in rights:
            raise Refused(
                f"the user of Koe may not create pages and talk pages under {self._drafts}; has the bot "
                "password the grant “Create, edit, and move pages”?"
            )
        if found["general"]["readonly"].flag:
            raise RetryLater("the wiki can only be read now")
        return (
            f"Drafts are written under {self._drafts} in {found['general']['sitename'].text or 'the wiki'}."
        )

    def find(self, suggestion_id: str) -> Receipt | None:
        marked = mark(suggestion_id, hidden=False)
        asked = {"ucuser": self._wiki.name, "ucshow": "new", "ucprop": "ids|comment", "uclimit": MANY}
        made = [
            int(number)
            for edit in self._wiki.listed("usercontribs", **asked)
            if marked in (edit["comment"].text or "") and is_number(number := edit["pageid"].id or "")
        ]
        return self._receipt(str(min(made))) if made else None

    def deliver(self, outgoing: Outgoing) -> Receipt:
        must_take(self, outgoing)
        if found := self.find(outgoing.suggestion_id):
            return found
        text = _wikitext(text_of(outgoing, self._template), outgoing.link)
        try:
            made = self._wiki.edit(
                title=self._title(outgoing),
                text=f"{text}\n{self._listed()}{mark(outgoing.suggestion_id, hidden=True)}",
                summary=f"Draft {mark(outgoing.suggestion_id, hidden=False)}",
                createonly="1",
                watchlist="nochange",
            )
        except Refused as error:
            if error.body != b"articleexists":
                raise
            return self.find(outgoing.suggestion_id) or self._taken()
        return self._receipt(made["pageid"].id or "")

    def look(self, reference: str) -> Remote:
        page = self._page(reference)
        if page is None:
            return Remote(reference=reference, state="gone")
        title, url = page["title"].text or "", self._receipt(reference).url
        if page["redirect"].flag:
            return Remote(reference=reference, state="done", status="redirect", url=url)
        if title.startswith(f"{self._place}/") or not _is_article(page["ns"]):
            return Remote(reference=reference, state="open", status="draft", url=url)
        return Remote(
            reference=reference, state="done", status="published", url=url, at=self._published(reference)
        )

    def existing(self, words: str) -> Sequence[Existing]:
        found = [*self._matching(words), *self._newest()]
        return each_once(self._shown(page) for page in found if page["pageid"].id and _is_article(page["ns"]))

    def note(self, reference: str, note: Note) -> Receipt:
        page = self._page(reference)
        if page is None:
            raise Refused(f"there is no page {reference} any more")
        talk, marked = page["associatedpage"].text, mark(note.marker, hidden=False)
        if talk is None:
            raise Refused("this page has no talk page for notes")
        if not is_among(marked, self._summaries(talk)):
            text = _wikitext(text_of_note(note), note.link)
            self._wiki.edit(
                title=talk,
                section="new",
                sectiontitle="Koe",
                text=f"{text}\n{mark(note.marker, hidden=True)}\n\n~~~~",
                summary=f"Note {marked}",
                watchlist="nochange",
            )
        return self._receipt(reference)

    def _shown(self, page: Loose) -> Existing:
        text = unescape(TAGS.sub("", page["snippet"].text or "")).strip()
        return shown(self._receipt(page["pageid"].id or ""), title=page["title"].text, text=text)

    def _page(self, reference: str) -> Loose | None:
        """Return a page; None where it was deleted."""
        if not is_number(reference):
            raise Refused(f"{reference} is no number of a page")
        page = self._wiki.query(pageids=reference, prop="info", inprop="associatedpage")["pages"][0]
        if page["missing"].flag:
            return None
        if page["pageid"].id != reference:
            raise RetryLater("the wiki answered with something else than was asked")
        return page

    @cached_property
    def _place(self) -> str:
        """Return the title under which drafts are, as the wiki writes it."""
        page = self._wiki.query(titles=f"{self._drafts}/Koe", prop="info")["pages"][0]
        title = page["title"].text
        if title is None:
            raise RetryLater("the wiki answered with something else than was asked")
        return title.removesuffix("/Koe")

    def _title(self, outgoing: Outgoing) -> str:
        place = f"{self._drafts}/{outgoing.suggestion_id}/"
        return place + _name(outgoing, most=LONGEST_TITLE - len(place.encode("utf-8", "replace")))

    def _published(self, reference: str) -> datetime | None:
        """Return when a page was moved from the drafts to the articles; None where that is not told."""
        place = f"{self._place}/"
        asked = {"letype": "move", "leprefix": place, "leprop": "ids|details|timestamp"}
        try:
            for move in self._wiki.listed("logevents", **asked, lelimit=MANY):
                there = move["params"]
                is_out = not (there["target_title"].text or "").startswith(place)
                if move["logpage"].id == reference and is_out:
                    return move["timestamp"].written_time if _is_article(there["target_ns"]) else None
        except Refused:  # large wikis do not look for beginnings of titles
            return None
        return None

    def _matching(self, words: str) -> Iterator[Loose]:
        question = " ".join(re.findall(r"\w+", words))[:200]
        for where in ({}, {"srwhat": "text"}) if question else ():
            asked = {"list": "search", "srsearch": question, "srnamespace": "*", **where}
            yield from self._wiki.query(**asked, srlimit=MOST)["search"]

    def _newest(self) -> Iterator[Loose]:
        asked = {"list": "recentchanges", "rctype": "edit|new", "rcprop": "ids|title"}
        yield from self._wiki.query(**asked, rcshow="!redirect", rctoponly=1, rclimit=MOST)["recentchanges"]

    def _summaries(self, title: str) -> Sequence[str | None]:
        """Return the summaries of Koe's own edits of a page."""
        asked = {"titles": title, "prop": "revisions", "rvprop": "comment", "rvlimit": MANY}
        page = self._wiki.query(**asked, rvuser=self._wiki.name)["pages"][0]
        return [revision["comment"].text for revision in page["revisions"]]

    def _listed(self) -> str:
        return "".join(f"[[Category:{name}]]\n" for name in self._categories)

    def _taken(self) -> Receipt:
        raise RetryLater(
            f"a page with the title of this draft stands under {self._drafts}, and the wiki does not tell "
            "that it is Koe's; move it, if it is not"
        )

    def _receipt(self, number: str) -> Receipt:
        return Receipt(reference=number, url=f"{self._base}/index.php?curid={number}")


def _is_article(namespace: Loose) -> bool:
    """Say whether readers look for articles in a namespace; those of talks are odd."""
    number = namespace.number
    return number is not None and number % 2 == 0 and number not in NO_ARTICLES


def _name(outgoing: Outgoing, *, most: int) -> str:
    """Return the title as the last part of a page's title, of so many bytes."""
    said = unicodedata.normalize("NFC", title_of(outgoing, most=LONGEST_TITLE))
    name = ACTS.sub(lambda signs: "".join(chr(ord(sign) + WIDER) for sign in signs[0]), said)
    name = one_line(UNSEEN.sub(" ", name))
    if len(held := name.encode("utf-8", "replace")) > most:
        name = held[: most - 3].decode("utf-8", "ignore").rstrip() + "…"
    return outgoing.suggestion_id if name.strip(". ") == "" else name


def _wikitext(written: Sequence[Block], link: str | None) -> str:
    """Return blocks as wikitext in which the words are text; Koe's own link can be followed."""
    ours = link if link and LINK.fullmatch(link) else None

    def text(some: Sequence[Block]) -> str:
        return "\n\n".join(_block(block, ours) for block in some)

    return fitted(written, text, most=LONGEST_TEXT)


def _block(block: Block, link: str | None) -> str:
    lines = [_words(line, link) for line in block.lines]
    if block.form == "heading":
        sign = "=" * min(6, max(2, block.level))
        return "\n\n".join(f"{sign} {line} {sign}" for line in lines)
    if block.form == "text":
        return "<br />\n".join(lines)
    return "\n".join(f"{'#' if block.form == 'step' else '*'} {line}" for line in lines)


def _words(line: str, link: str | None) -> str:
    if PLAIN.fullmatch(line):
        return line
    parts = line.split(link) if link else [line]
    return (link or "").join(map(_inert, parts))


def _inert(words: str) -> str:
    return f"<nowiki>{escape(words, quote=False)}</nowiki>" if words else ""
