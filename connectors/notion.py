"""Pages that Koe makes in a database of Notion: with a mark in a property of their own, followed by status.

- Properties have types, and a text is never notation.
- Notes are comments. Those of a discussion that was resolved are not listed.

Sources: developers.notion.com, "Create a page", "Query a data source", "Request limits", "Status codes",
"Comments"; the types of notion-sdk-js.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

from connectors.asking import part
from connectors.errors import Refused, RetryLater
from connectors.http import Http
from connectors.loose import Loose
from connectors.notion_database import (
    CHOICES,
    NEW_SECRET,
    NOT_SHARED,
    Database,
    by,
    chosen_in,
    must_have_one,
    names_in,
    options_of,
    plain_of,
    title_in,
)
from connectors.outgoing import Existing, Note, Outgoing, Receipt, Remote, each_once, shown
from connectors.own import is_among, mark
from connectors.told import fields_in, names_of
from connectors.wording import (
    Block,
    as_plain,
    check_template,
    shortened,
    text_of,
    text_of_note,
    title_of,
    units,
)
from connectors.writing import Writer, unnamed

LONGEST_TITLE = 200
LONGEST_PIECE = 2_000
"""Of one piece of text, as UTF-16 counts it; a line may be several pieces."""
MOST_BLOCKS = 100
LONGEST_BODY = 300_000
"""Bytes of all blocks; a request may hold 500 KB."""
LONGEST_NOTE = 20_000
MOST = 50
WORDS = 10
"""So many words are looked for in titles."""
TEXTS = ("rich_text", "title")
ADVICE = {
    401: NEW_SECRET,
    403: "let the integration read and insert content and comments",
    404: NOT_SHARED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What people told about the properties of their database."""

    marker: str
    status: str
    new: str
    done: Sequence[str]
    dropped: Sequence[str]
    fields: Mapping[str, str]

    @classmethod
    def told(cls, settings: Mapping[str, str], usual: Mapping[str, str]) -> "Choices":
        """Return what settings say, or what is usual. Raises Refused where one contradicts another."""
        said = {name: settings.get(name, "").strip() or value for name, value in usual.items()}
        done, dropped = names_of(said["done"]), names_of(said["dropped"])
        if said["new"] in (*done, *dropped):
            raise Refused("the setting 'new' names a status that counts as done or dropped")
        return cls(
            marker=said["marker"],
            status=said["status"],
            new=said["new"],
            done=done,
            dropped=dropped,
            fields=fields_in(settings.get("fields", "")),
        )


class Pages:
    """The pages of one data source."""

    def __init__(self, settings: Mapping[str, str], choices: Choices, *, token: str, http: Http):
        """Take settings, of which `project` names the database, and how to reach Notion."""
        explain = _explaining((choices.marker, choices.status, *choices.fields))
        self._database = Database(settings, token=token, http=http, advice=ADVICE, explain=explain)
        self._api = self._database.api
        self._choices = choices
        self._template = check_template(settings.get("template", ""))
        base, headers = self._database.base, self._database.headers
        self._writer = Writer(http=http, base=base, headers=headers, advice=ADVICE, explain=explain)

    def check(self) -> str:
        """Say in one sentence where pages are made. Raises Refused where a property is not as it must be."""
        source = self._database.described()
        known = source["properties"]
        self._properties("", "", known)
        options = options_of(known[self._choices.status])
        must_have_one(self._choices.done, options, self._choices.status)
        title = plain_of(source["title"]).strip()
        new = f", with {self._choices.status} “{self._choices.new}”" if self._choices.new else ""
        return f"Pages are made in the database {title or 'without a name'} of Notion{new}."

    def find(self, suggestion_id: str) -> Receipt | None:
        """Return the oldest page of a suggestion."""
        marked = {
            "property": self._choices.marker,
            "rich_text": {"equals": mark(suggestion_id, hidden=False)},
        }
        found = self._query({"filter": marked, "sorts": [by("created_time", "ascending")], "page_size": 1})
        return next((_receipt(number) for page in found if (number := page["id"].id)), None)

    def deliver(self, outgoing: Outgoing) -> Receipt:
        """Make the page of a suggestion, unless it is there."""
        if found := self.find(outgoing.suggestion_id):
            return found
        title, marked = title_of(outgoing, most=LONGEST_TITLE), mark(outgoing.suggestion_id, hidden=False)
        link = outgoing.link
        written = shortened(text_of(outgoing, self._template), lambda some: _fits(_children(some, link)))
        page = {
            "parent": {"type": "data_source_id", "data_source_id": self._database.source},
            "properties": self._properties(title, marked, self._database.described()["properties"]),
            "children": _children(written, link),
        }
        made = self._writer.send("POST", "v1/pages", page)["id"].id
        return _receipt(made) if made else self.find(outgoing.suggestion_id) or unnamed("Notion", "a page")

    def look(self, reference: str) -> Remote:
        """Return how a page stands, by its status."""
        page = self._api.find(f"v1/pages/{part(reference)}", alive=self._database.described)
        if page is None or page["in_trash"].flag or page["archived"].flag:
            return Remote(reference=reference, state="gone")
        if not page["properties"].is_object:
            raise RetryLater("Notion told nothing of the page's properties")
        held = page["properties"][self._choices.status]
        name = chosen_in(held)
        done, dropped = name in self._choices.done, name in self._choices.dropped
        return Remote(
            reference=reference,
            state="done" if done else "dropped" if dropped else "open",
            status=name,
            url=_receipt(reference).url,
        )

    def existing(self, words: str) -> Sequence[Existing]:
        """Return pages whose titles hold such words, and then those that were changed last."""
        newest = {"sorts": [by("last_edited_time", "descending")], "page_size": MOST}
        title = title_in(self._database.described()["properties"])
        asked = [
            {"property": title, "title": {"contains": word}}
            for word in dict.fromkeys(re.findall(r"\w+", words)[:WORDS])
        ]
        matching = self._query({"filter": {"or": asked}, "page_size": MOST}) if asked else ()
        return each_once(
            shown(_receipt(number), title=plain_of(page["properties"][title]["title"]), text=None)
            for page in [*matching, *self._query(newest)]
            if (number := page["id"].id)
        )

    def note(self, reference: str, note: Note) -> Receipt:
        """Comment on a page, once."""
        marked = mark(note.marker, hidden=False)
        if not is_among(marked, self._comments(reference)):
            text = as_plain(text_of_note(note))[:LONGEST_NOTE]
            said = [*_pieces(f"{text}\n", note.link), *_pieces(marked, None)]
            self._writer.send("POST", "v1/comments", {"parent": {"page_id": reference}, "rich_text": said})
        return _receipt(reference)

    def _query(self, asked: Mapping[str, object]) -> Sequence[Loose]:
        return self._database.query(asked)["results"].rows

    def _comments(self, reference: str) -> Iterator[str]:
        cursor: Mapping[str, str] = {}
        while True:
            answered = self._api.get("v1/comments", {"block_id": reference, "page_size": 100, **cursor})
            for comment in answered["results"].rows:
                yield plain_of(comment["rich_text"])
            further = answered["next_cursor"].text
            if not further or cursor == {"start_cursor": further}:
                return
            cursor = {"start_cursor": further}

    def _properties(self, title: str, marked: str, known: Loose) -> Mapping[str, object]:
        """Return what a new page is to hold. Raises Refused where the database has no such property."""
        choices = self._choices
        if known[choices.marker]["type"].text != "rich_text":
            raise Refused(f"the database lacks a text property {choices.marker!r}, by which Koe finds pages")
        if known[choices.status]["type"].text not in CHOICES:
            raise Refused(f"the database lacks a property {choices.status!r} of the kind status or select")
        filled = {**({choices.status: choices.new} if choices.new else {}), **choices.fields}
        return {
            title_in(known): {"title": _pieces(title, None)},
            choices.marker: {"rich_text": _pieces(marked, None)},
            **{name: _value(name, value, known) for name, value in filled.items()},
        }


def _value(name: str, value: str, known: Loose) -> Mapping[str, object]:
    """Return a value as the type of its property wants it. Raises Refused for one that cannot be."""
    kind = known[name]["type"].text
    if kind is None:
        names = ", ".join(sorted(names_in(known))) or "none"
        raise Refused(f"the setting 'fields' names {name!r}; the database has {names}")
    if kind in CHOICES:
        if value not in (there := options_of(known[name])):
            raise Refused(f"{name!r} has no option {value!r}; there are {', '.join(there)}")
        return {kind: {"name": value}}
    if kind in ("url", "email", "phone_number"):
        return {kind: value}
    make: Mapping[str, Callable[[str], object]] = {
        "rich_text": lambda text: _pieces(text, None),
        "multi_select": lambda text: [{"name": each} for each in names_of(text)],
        "number": _finite,
        "checkbox": lambda text: {"yes": True, "no": False}[text.lower()],
    }
    if kind not in make:
        raise Refused(f"{name!r} is of the kind {kind}, which Koe does not fill in")
    try:
        return {kind: make[kind](value)}
    except (ValueError, KeyError) as error:
        wanted = "a number" if kind == "number" else "yes or no"
        raise Refused(f"the setting 'fields' must give {name!r} {wanted}") from error


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError(text)
    return number


def _children(written: Sequence[Block], link: str | None) -> Sequence[Mapping[str, object]]:
    return [
        {"object": "block", "type": kind, kind: {"rich_text": _pieces(text, link)}}
        for block in written
        for kind, text in _kinds(block)
    ]


def _kinds(block: Block) -> Iterator[tuple[str, str]]:
    if block.form == "text":
        yield "paragraph", "\n".join(block.lines)
        return
    heading = f"heading_{min(3, max(1, block.level))}"
    kind = {"heading": heading, "bullet": "bulleted_list_item", "step": "numbered_list_item"}[block.form]
    for line in block.lines:
        yield kind, line


def _pieces(text: str, link: str | None) -> list[Mapping[str, object]]:
    """Return a text in pieces, of which only those that are Koe's own address can be followed."""
    parts = re.split(f"({re.escape(link)})", text) if link else [text]
    return [
        {"type": "text", "text": {"content": piece, **({"link": {"url": link}} if said == link else {})}}
        for said in parts
        for piece in _cut(said)
    ]


def _cut(text: str) -> Iterator[str]:
    while text:
        piece = text[:LONGEST_PIECE]
        if units(piece) > LONGEST_PIECE:
            piece = text[: LONGEST_PIECE // 2]
        yield piece
        text = text[len(piece) :]


def _fits(children: Sequence[Mapping[str, object]]) -> bool:
    return len(children) <= MOST_BLOCKS and len(json.dumps(children, ensure_ascii=False)) <= LONGEST_BODY // 3


def _explaining(names: Sequence[str]) -> Callable[[Loose], str]:
    """Return what tells which properties a refusal names; its other words may repeat what was sent."""

    def explain(refusal: Loose) -> str:
        code, said = refusal["code"].text or "", refusal["message"].text or ""
        if code == "conflict_error":
            raise RetryLater("Notion changed something else at the same moment")
        named = [repr(name) for name in names if name in said]
        return " ".join([code, *named]) if code in ("validation_error", "restricted_resource") else ""

    return explain


def _receipt(number: str) -> Receipt:
    return Receipt(reference=number, url=f"https://www.notion.so/{number.replace('-', '')}")
