"""A draft as it is shown: its lines, and beside them what each sentence rests on."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from sqlmodel import Session

from nlp.sentences import sentences
from service.models import Article, Item
from service.repositories.citations import cited_articles, cited_items

Place = tuple[str, str, int, int]
"""Source, external id, start, end."""
MARKERS = {"heading": re.compile(r"#+ +"), "bullet": re.compile(r"[-*] +"), "step": re.compile(r"\d+\. +")}
"""How a line of Markdown begins that is more than text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedSource:
    """The passage that sentences rest on."""

    anchor: str
    number: int
    text: str
    item: Item | None
    article: Article | None
    name: str
    """Where it is kept, and under which id."""

    @property
    def lang(self) -> str | None:
        """The language of the passage, where it is known."""
        found = self.item or self.article
        return found.lang if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of a line; a sentence knows what it rests on."""

    text: str
    sources: tuple[CitedSource, ...] = ()
    own: bool = False
    """True for what a person wrote, which rests on nothing that is cited."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of a draft: `heading`, `bullet`, `step` or `text`."""

    form: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Lines of one form that follow each other, such as the steps of one list."""

    form: str
    lines: tuple[Line, ...]


def sources_of(
    session: Session, organisation_id: str, draft: Mapping[str, Any] | None
) -> dict[Place, CitedSource]:
    """Return what the draft's sentences cite, in the order of first citation."""
    places = list(dict.fromkeys(place(c) for s in (draft or {}).get("sentences", []) for c in s["citations"]))
    keys = {(source, external_id) for source, external_id, _, _ in places}
    items = cited_items(session, organisation_id, keys)
    articles = cited_articles(session, organisation_id, keys)
    return {
        where: _source(number, where, items.get(where[:2]), articles.get(where[:2]))
        for number, where in enumerate(places, start=1)
    }


def place(citation: Mapping[str, Any]) -> Place:
    """Return where a citation points to."""
    return citation["source"], citation["external_id"], citation["start"], citation["end"]


def _source(number: int, where: Place, item: Item | None, article: Article | None) -> CitedSource:
    source, external_id, start, end = where
    text = ""
    if item is not None:
        text = item.text or ""
    elif article is not None:
        text = f"{article.title}\n\n{article.body}"
    return CitedSource(
        anchor=f"source-{number}",
        number=number,
        text=text[start:end],
        item=item,
        article=article if item is None else None,
        name=f"{source} · {external_id}",
    )


def drafted(
    draft: Mapping[str, Any] | None, sources: Mapping[Place, CitedSource], *, article: str = ""
) -> list[Block]:
    """Return the draft's blocks, every sentence tied to its sources, and a person's own told apart.

    What stands in `article` word for word is nobody's own.
    """
    if draft is None:
        return []
    waiting = list(draft["sentences"])
    lines = [_line(text, waiting, sources) for text in draft["body"].splitlines() if text.strip()]
    if "written" in draft:
        known = _said(draft["made"]["body"]) | _said(article)
        lines = [replace(line, pieces=tuple(_told_apart(line, known))) for line in lines]
    return [Block(form=form, lines=tuple(group)) for form, group in groupby(lines, lambda line: line.form)]


def _said(text: str) -> set[str]:
    return {text[one.start : one.end] for one in sentences(text)}


def _told_apart(line: Line, known: Collection[str]) -> Iterator[Piece]:
    """Yield the pieces of a line, cut where a person's own sentence begins or ends."""
    for piece in line.pieces:
        if piece.sources:
            yield piece
            continue
        end = 0
        for one in sentences(piece.text):
            if piece.text[one.start : one.end] in known:
                continue
            if piece.text[end : one.start]:
                yield Piece(text=piece.text[end : one.start])
            yield Piece(text=piece.text[one.start : one.end], own=True)
            end = one.end
        if piece.text[end:]:
            yield Piece(text=piece.text[end:])


def _line(text: str, waiting: list[Mapping[str, Any]], sources: Mapping[Place, CitedSource]) -> Line:
    for form, marker in MARKERS.items():
        if found := marker.match(text):
            return Line(form=form, pieces=tuple(_pieces(text[found.end() :], waiting, sources)))
    return Line(form="text", pieces=tuple(_pieces(text, waiting, sources)))


def _pieces(
    line: str, waiting: list[Mapping[str, Any]], sources: Mapping[Place, CitedSource]
) -> Sequence[Piece]:
    """Cut a line at the sentences that come next in the draft; those found are no longer waiting."""
    pieces = []
    while waiting and (at := line.find(waiting[0]["text"])) >= 0:
        sentence = waiting.pop(0)
        if at:
            pieces.append(Piece(text=line[:at]))
        cited = dict.fromkeys(place(citation) for citation in sentence["citations"])
        pieces.append(Piece(text=sentence["text"], sources=tuple(sources[where] for where in cited)))
        line = line[at + len(sentence["text"]) :]
    if line:
        pieces.append(Piece(text=line))
    return pieces
