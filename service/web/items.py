"""The pages of voices: what was said, word for word, and one voice in full."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Query, Request, Response

from service.models import Message, Span
from service.models.item import CHANNELS
from service.repositories import voices
from service.repositories.answers import articles_by_id
from service.web.deps import SessionDep
from service.web.page import PAGE_SIZE, OrganisationDep, PagesDep

router = APIRouter(prefix="/items")

ONLY = ("themed", "unthemed", "aside")
EXCERPT = 140
"""Code points of an item that a list shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A stretch of a message, which is a span or stands between spans."""

    text: str
    span: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A message, cut where its spans begin and end."""

    role: str
    stretches: tuple[Stretch, ...]


@router.get("")
def show_items(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    organisation_id: OrganisationDep,
    q: str = Query(default="", max_length=200),
    source: str = "",
    channel: str = "",
    only: voices.Only = "",
    page: int = Query(default=1, ge=1, le=100_000),
) -> Response:
    """Show what was said, newest first."""
    t = pages.language(request)
    rows, total = voices.search(
        session,
        organisation_id,
        words=q,
        source=source,
        channel=channel,
        only=only,
        limit=PAGE_SIZE,
        offset=(page - 1) * PAGE_SIZE,
    )
    known = voices.sources(session, organisation_id)
    return pages.show(
        request,
        "items.html",
        any=bool(known),
        rows=[(row, excerpt(row.item.text or "")) for row in rows],
        total=total,
        page=page,
        page_count=-(-total // PAGE_SIZE),
        sources=[(name, name) for name in known],
        channels=[(name, t(f"channel.{name}")) for name in CHANNELS],
        onlys=[(name, t(f"items.only_{name}")) for name in ONLY],
        chosen={"q": q, "source": source, "channel": channel, "only": only},
    )


def excerpt(text: str) -> str:
    """Return the beginning of a text in one line."""
    line = " ".join(text.split())
    return line if len(line) <= EXCERPT else f"{line[:EXCERPT]}…"


@router.get("/{item_id}")
def show_item(
    request: Request, pages: PagesDep, session: SessionDep, organisation_id: OrganisationDep, item_id: str
) -> Response:
    """Show one voice in full, with what was taken from it."""
    voice = voices.get(session, organisation_id, item_id)
    text = voice.item.text or ""
    matches = voice.coverage.articles if voice.coverage else []
    articles = articles_by_id(session, organisation_id, [match["article_id"] for match in matches])
    return pages.show(
        request,
        "item.html",
        voice=voice,
        title=text[: voice.item.title_end],
        turns=[Turn(role=m.author_role, stretches=stretches(text, m, voice.spans)) for m in voice.messages],
        answered=voice.coverage.answered if voice.coverage else None,
        articles=[articles[m["article_id"]] for m in matches[:3] if m["article_id"] in articles],
    )


def stretches(text: str, message: Message, spans: Sequence[Span]) -> tuple[Stretch, ...]:
    """Return a message's text, cut at the spans that lie in it or reach into it."""
    found, at = [], message.start
    for span in spans:
        start, end = max(span.start, message.start), min(span.end, message.end)
        if start < end:
            if at < start:
                found.append(Stretch(text=text[at:start]))
            found.append(Stretch(text=text[start:end], span=span))
            at = end
    if at < message.end:
        found.append(Stretch(text=text[at : message.end]))
    return tuple(found)
