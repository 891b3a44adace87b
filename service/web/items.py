"""The pages of voices: what was said, word for word, and one voice in full."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, BeforeValidator, Field
from sqlmodel import Session

from service.errors import NotFound
from service.models import Message, Span, Theme
from service.models.item import CHANNELS
from service.models.span import SEVERITIES, TONES
from service.models.touchpoint import Touchpoint
from service.repositories import articles as article_repository
from service.repositories import themes as theme_repository
from service.repositories import touchpoints, voices
from service.repositories.tones import Severity, Tone, tone_of, word_of
from service.web.deps import SessionDep
from service.web.language import Language
from service.web.page import PAGE_SIZE, CallerDep, OrganisationDep, PagesDep
from service.web.views import views_of

router = APIRouter(prefix="/items")

ONLY = ("themed", "unthemed", "ignored", "counted", "aside", *voices.ASIDE)
EXCERPT = 180
HEADING = 70
"""Code points of a voice that a list shows, and that stand in for a missing title."""
Day = Annotated[
    Annotated[date, Field(ge=date(1970, 1, 1), le=date(2999, 12, 31))] | None,
    BeforeValidator(lambda given: given or None),
]
Name = Annotated[str, Field(max_length=200)]


class VoiceQuery(BaseModel):
    """The filters of the list of voices, as they stand in its address."""

    q: Name = ""
    source: Name = ""
    channel: Name = ""
    only: voices.Only = ""
    theme: Name = ""
    kind: Name = ""
    severity: Severity = ""
    tone: Tone = ""
    article: Name = ""
    customer: Name = ""
    account: Name = ""
    layer: Name = ""
    moment: Name = ""
    met: voices.Met = ""
    of: Annotated[str, Field(max_length=300)] = ""
    """A slice, as measures are told of."""
    since: Day = None
    until: Day = None
    """The last day that is meant."""
    began: Literal["", "1"] = ""
    """`1` for voices that came in these days, without those in which the customer only wrote again."""
    page: int = Field(default=1, ge=1, le=100_000)

    def wanted(self, zone: ZoneInfo) -> voices.Wanted:
        """Return which voices are meant."""
        return voices.Wanted(
            words=self.q,
            source=self.source,
            channel=self.channel,
            only=self.only,
            theme_id=self.theme,
            kind=self.kind,
            severity=self.severity,
            tone=self.tone,
            article_id=self.article,
            customer_id=self.customer,
            account_id=self.account,
            layer=self.layer,
            moment=self.moment,
            met=self.met,
            slice=self.of,
            since=datetime.combine(self.since, time(), zone) if self.since else None,
            until=datetime.combine(self.until + timedelta(days=1), time(), zone) if self.until else None,
            began=bool(self.began),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """A filter that is set and has no field of its own: what it says, and the parameters it stands for."""

    label: str
    text: str
    lang: str | None
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """A voice in a list: its title, and some of what was said."""

    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A stretch of a message, which is a span or stands between spans."""

    text: str
    span: Span | None = None
    theme: Theme | None = None


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
    caller: CallerDep,
    query: Annotated[VoiceQuery, Query()],
) -> Response:
    """Show what was said, newest first."""
    t = pages.language(request)
    rows, total = voices.search(
        session,
        organisation_id,
        query.wanted(pages.zone(request)),
        limit=PAGE_SIZE,
        offset=(query.page - 1) * PAGE_SIZE,
    )
    known = voices.sources(session, organisation_id)
    channels = [(voices.REACHED_OUT, t("items.reached_out")), *((c, t(f"channel.{c}")) for c in CHANNELS)]
    return pages.show(
        request,
        "items.html",
        views=views_of(request, session, caller),
        any=bool(known),
        rows=[(row, excerpt(row)) for row in rows],
        total=total,
        most=voices.MOST,
        page=query.page,
        page_count=-(-min(total, voices.MOST) // PAGE_SIZE),
        sources=[(name, name) for name in known],
        channels=channels,
        severities=[(name, t(f"severity.{name}")) for name in reversed(SEVERITIES)],
        tones=[(name, t(f"tone.{name}")) for name in TONES],
        onlys=[(name, t(f"items.only_{name}")) for name in ONLY],
        chosen=query,
        chips=chips(session, organisation_id, query, t),
    )


def chips(session: Session, organisation_id: str, query: VoiceQuery, t: Language) -> list[Chip]:
    """Return the filters that came with a link, in words. Raises NotFound for a theme that never was."""
    found = []
    if query.theme:
        theme = theme_repository.get_theme(session, organisation_id, query.theme)
        found.append(Chip(label=t("items.theme"), text=theme.title, lang=theme.lang, names=("theme",)))
    if query.article:
        article = article_repository.get(session, organisation_id, query.article)
        label = t("items.answered_by")
        found.append(Chip(label=label, text=article.title, lang=article.lang, names=("article",)))
    if query.kind:
        found.append(_plain(t("common.kind"), word_in(t, "kind.", query.kind), "kind"))
    found += [
        _plain(t(f"items.{name}"), value, name)
        for name, value in (("customer", query.customer), ("account", query.account))
        if value
    ]
    found += [
        _plain(t(f"{words}name"), word_in(t, words, value), words.removesuffix("."))
        for words, value in (("layer.", query.layer), ("moment.", query.moment), ("met.", query.met))
        if value
    ]
    if query.of:
        trait, _, value = query.of.partition(":")
        if not t.has(f"measures.by_{trait}"):
            raise NotFound(f"There is no {trait} by which voices are told apart.")
        found.append(_plain(t(f"measures.by_{trait}"), value, "of"))
    if query.since or query.until:
        text = t("items.days", since=t.day(query.since), until=t.day(query.until)).strip()
        label = t("items.began" if query.began else "items.when")
        found.append(_plain(label, text, "since", "until", "began"))
    return found


def word_in(t: Language, words: str, value: str) -> str:
    """Return the word for the value of a filter, of those that begin so. Raises NotFound."""
    if not t.has(words + value):
        raise NotFound(f"There is no {words.removesuffix('.')} {value}.")
    return t(words + value)


def _plain(label: str, text: str, *names: str) -> Chip:
    return Chip(label=label, text=text, lang=None, names=names)


def excerpt(row: voices.VoiceRow) -> Excerpt:
    """Return what a list shows of a voice: its title, and what the customer says, else how it begins."""
    text, title_end = row.item.text or "", row.item.title_end
    said = [text[max(span.start, title_end) : span.end] for span in row.said]
    return Excerpt(
        title=shortened(text[:title_end], EXCERPT),
        text=shortened(" … ".join(part for part in said if part.strip()) or text[title_end:], EXCERPT),
    )


def shortened(text: str, length: int) -> str:
    """Return the beginning of a text in one line."""
    line = " ".join(text.split())
    return line if len(line) <= length else f"{line[:length].rstrip()}…"


@router.get("/{item_id}")
def show_item(
    request: Request, pages: PagesDep, session: SessionDep, organisation_id: OrganisationDep, item_id: str
) -> Response:
    """Show one voice in full, with what was taken from it."""
    voice = voices.get(session, organisation_id, item_id)
    text = voice.item.text or ""
    matches = voice.coverage.articles if voice.coverage else []
    articles = article_repository.by_id(session, organisation_id, [match["article_id"] for match in matches])
    return pages.show(
        request,
        "item.html",
        voice=voice,
        title=heading(voice),
        turns=[Turn(role=m.author_role, stretches=stretches(text, m, voice.spans)) for m in voice.messages],
        at=touchpoints.of_items(session, organisation_id, [item_id]).get(item_id, Touchpoint()),
        severity_of=word_of,
        tone_of=tone_of,
        answered=voice.coverage.answered if voice.coverage else None,
        articles=[articles[m["article_id"]] for m in matches[:3] if m["article_id"] in articles],
    )


def heading(voice: voices.FullVoice) -> str:
    """Return a voice's title, else how what the customer says begins."""
    text = voice.item.text or ""
    said = voice.spans[0][0].text if voice.spans else text
    return text[: voice.item.title_end].strip() or shortened(said, HEADING)


def stretches(text: str, message: Message, spans: Sequence[tuple[Span, Theme | None]]) -> tuple[Stretch, ...]:
    """Return a message's text, cut at the spans that lie in it or reach into it."""
    found, at = [], message.start
    for span, theme in spans:
        start, end = max(span.start, at), min(span.end, message.end)
        if start < end:
            if at < start:
                found.append(Stretch(text=text[at:start]))
            found.append(Stretch(text=text[start:end], span=span, theme=theme))
            at = end
    if at < message.end:
        found.append(Stretch(text=text[at : message.end]))
    return tuple(found)
