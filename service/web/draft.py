"""A draft as it is shown: its lines, and beside them what each sentence rests on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from service.models import Article, Item
from service.repositories.citations import cited_articles, cited_items

Place = tuple[str, str, int, int]
"""Source, external id, start, end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedSource:
    """The passage that sentences rest on."""

    anchor: str
    number: int
    text: str
    link: str
    title: str
    lang: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of a line; a sentence knows the anchors of what it rests on."""

    text: str
    cites: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of a draft: a heading or text."""

    heading: bool
    pieces: tuple[Piece, ...]


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
    text, link, lang = "", "", None
    if item is not None:
        text, link, lang = item.text or "", f"/items/{item.id}", item.lang
    elif article is not None:
        text, link, lang = f"{article.title}\n\n{article.body}", f"/articles/{article.id}", article.lang
    return CitedSource(
        anchor=f"source-{number}",
        number=number,
        text=text[start:end],
        link=link,
        title=f"{source} · {external_id}",
        lang=lang,
    )


def drafted(draft: Mapping[str, Any] | None, sources: Mapping[Place, CitedSource]) -> list[Line]:
    """Return the draft's lines, every sentence tied to its sources."""
    if draft is None:
        return []
    waiting = list(draft["sentences"])
    lines = []
    for text in draft["body"].splitlines():
        if text.startswith("#"):
            lines.append(Line(heading=True, pieces=(Piece(text=text.lstrip("# ")),)))
        else:
            lines.append(Line(heading=False, pieces=tuple(_pieces(text, waiting, sources))))
    return lines


def _pieces(
    line: str, waiting: list[Mapping[str, Any]], sources: Mapping[Place, CitedSource]
) -> Sequence[Piece]:
    """Cut a line at the sentences that come next in the draft; those found are no longer waiting."""
    pieces = []
    while waiting and (at := line.find(waiting[0]["text"])) >= 0:
        sentence = waiting.pop(0)
        if at:
            pieces.append(Piece(text=line[:at]))
        cites = " ".join(sources[place(citation)].anchor for citation in sentence["citations"])
        pieces.append(Piece(text=sentence["text"], cites=cites))
        line = line[at + len(sentence["text"]) :]
    if line:
        pieces.append(Piece(text=line))
    return pieces
