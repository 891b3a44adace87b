"""`/themes`: what customers say, with its figures, and the voices behind each theme."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session

from service.access.caching import tagged
from service.api.cursors import no_cursor, read_cursor, write_cursor
from service.api.deps import ReaderDep, SessionDep
from service.api.fields import Cursor, Flag, Id, Limit, Text, UpdatedAt, changed, one_of, stamp, word
from service.api.lists import ListQuery, Page, find, find_one
from service.api.problems import documented, single
from service.errors import Conflict, WrongUse
from service.exports.shapes import moment, theme_row
from service.models import Theme as ThemeTable
from service.models.span import KINDS, SEVERITIES, TONES
from service.models.theme import STAGES
from service.models.touchpoint import LAYERS, MOMENTS
from service.repositories import followed, organisations, tones
from service.repositories import themes as theme_repository
from service.repositories.lineage import heirs
from service.rules.weights import TERMS

router = APIRouter(prefix="/themes", tags=["themes"])


class Term(BaseModel):
    """A part of the sum that a theme is worth."""

    term: Annotated[str, word(TERMS)]
    points: float | None = Field(description="What it adds. Null where it is unknown, and adds nothing.")
    low: float | None = Field(description="Of its interval (95 %).")
    high: float | None
    weight: float = Field(description="What one customer adds to it at most; of effort, a day of work.")
    reason: str | None = Field(description="Why it is unknown.", examples=["no_revenue"])
    facts: dict[str, Any] = Field(description="What it rests on, as described in docs/value.md.")


class Priority(BaseModel):
    """What decides how much a theme matters; all below `effort_days` is as of the last weighing."""

    contacts: int
    customers: int = Field(description="Known customers, and one for each item without a customer.")
    accounts: int
    repeat_rate: float | None = Field(description="Repeat inquiries ÷ contacts of known customers.")
    revenue: dict[str, float] = Field(description="A year's revenue of the accounts behind it, by currency.")
    effort_days: float | None = Field(description="Days of work that solving it takes, if somebody said.")
    worth: float | None = Field(
        description="What solving it is worth, in customers. Null for sub-themes and what was not weighed."
    )
    low: float | None = Field(description="Of its interval (95 %).")
    high: float | None
    rank: int | None = Field(description="1 for the theme that is worth most.")
    rank_low: int | None = Field(description="In nine of ten draws of the customers the rank is from this …")
    rank_high: int | None = Field(description="… to this.")
    since: str | None = Field(description="The first day that was weighed.")
    until: str | None = Field(description="The last day that was weighed.")
    terms: list[Term] = Field(description="The sum, term by term.")


class Theme(BaseModel):
    """A theme or a sub-theme, as in the export `themes`."""

    theme_id: str
    parent_id: str | None = Field(description="Of a sub-theme, the theme that it is in.")
    successor_id: str | None = Field(description="Of a retired theme, the one that most of it went to.")
    became: list[str] = Field(
        description=(
            "Of a retired theme, the living ones that its voices went to by merges and splits, the one that "
            "leads on first. Empty where they are in none, and for a living theme."
        )
    )
    retired: bool = Field(description="True where the live run has no voice for it.")
    pinned: bool = Field(description="True where a person said that no run may end it.")
    ignored: bool = Field(description="True where a person said that it is of no interest.")
    version: int = Field(
        description="How often people changed it; a correction may name the one it is about."
    )
    title: str
    titles: dict[str, str | None]
    keywords: list[str]
    lang: str
    kind: Annotated[str, word(KINDS)]
    stage: Annotated[str, word(STAGES)]
    spans: int
    items: int
    customers: int
    first_seen: str | None
    last_seen: str | None
    weekly: list[tuple[str, int]] = Field(description="ISO week and contacts.")
    priority: Priority
    updated_at: UpdatedAt


class ThemeQuery(ListQuery):
    """Which themes."""

    theme_id: Text = None
    parent_id: Text = Field(default=None, description="`null` gives the upper level.", examples=["null"])
    successor_id: Text = None
    title: Text = None
    lang: Text = Field(default=None, examples=["ja"])
    kind: Annotated[Text, *one_of(KINDS)] = Field(default=None, examples=["pain_point"])
    stage: Annotated[Text, *one_of(STAGES)] = Field(default=None, examples=["understood"])
    layer: Annotated[Text, *one_of(LAYERS)] = Field(
        default=None,
        description="Where some of its voices were heard; upper themes alone.",
        examples=["high"],
    )
    moment: Annotated[Text, *one_of(MOMENTS)] = Field(default=None, examples=["third"])
    retired: Flag = Field(default=None, examples=[False])
    pinned: Flag = None
    ignored: Flag = None


class Voice(BaseModel):
    """A piece of what a customer said: where it stands in its item, and what it belongs to."""

    source: str
    external_id: str = Field(description="Of the item.")
    item_id: str
    span_id: str
    start: int = Field(description="In code points of the item's text, half-open.")
    end: int
    text: str
    lang: str | None
    kind: Annotated[str, word(KINDS)]
    kind_reason: str | None = Field(description="The words, or the rating, that decided.")
    severity: Annotated[str | None, word((*SEVERITIES, None), "How bad it is. Null where nothing is wrong.")]
    severity_reason: str | None
    sentiment: float | None = Field(description="How it sounds, -1 to 1. Null where nothing tells.")
    sentiment_reason: str | None
    confidence: float | None = Field(description="How surely it belongs to the theme, 0 to 1.")
    theme_id: str
    subtheme_id: str | None
    created_at: str | None = Field(description="When the item came.")


class Evidence(BaseModel):
    """Voices of one theme, those that surely belong to it first."""

    data: list[Voice]
    next_cursor: str | None = Field(description="Pass it as `cursor` for what follows; null at the end.")


class EvidenceQuery(BaseModel):
    """Which page of the voices."""

    model_config = ConfigDict(extra="forbid")

    limit: Limit = 50
    cursor: Cursor = None
    kind: Annotated[Text, *one_of(KINDS)] = Field(default=None, examples=["pain_point"])
    severity: Annotated[Text, *one_of(SEVERITIES)] = Field(default=None, examples=["high"])
    tone: Annotated[Text, *one_of(TONES)] = Field(
        default=None,
        description="`negative` is a sentiment up to -0.15, `positive` one from 0.15 on.",
        examples=["negative"],
    )


@router.get("", summary="List themes")
def list_themes(caller: ReaderDep, session: SessionDep, query: Annotated[ThemeQuery, Query()]) -> Page[Theme]:
    """Both levels, also those that retired. A theme changes when its words, its stage or its voices do."""
    fetch = partial(followed.themes, session, caller.organisation_id)
    found = find(session, query, fetch, place=lambda theme: (changed(theme), theme.id))
    return found.page(_counted(session, caller.organisation_id, found.rows))


@router.get("/{theme_id}", summary="Get a theme", response_model=Theme, responses=single())
def get_theme(request: Request, caller: ReaderDep, session: SessionDep, theme_id: Id) -> Response:
    """An id once given out always answers: a retired theme leads on by `successor_id` and `became`."""
    theme = find_one(partial(followed.themes, session, caller.organisation_id), theme_id=theme_id)
    return tagged(request, _counted(session, caller.organisation_id, [theme])[0])


@router.get("/{theme_id}/evidence", summary="Read the voices of a theme", responses=documented(404, 409))
def list_evidence(
    caller: ReaderDep, session: SessionDep, theme_id: Id, query: Annotated[EvidenceQuery, Query()]
) -> Evidence:
    """The voices that a theme's figures count, those that surely belong to it first."""
    run = theme_repository.live_run(session, caller.organisation_id)
    run_id = run.id if run else ""
    after = _after(query.cursor, theme_id, run_id) if query.cursor is not None else None
    voices = theme_repository.evidence(
        session,
        caller.organisation_id,
        theme_id,
        limit=query.limit + 1,
        after=after,
        only=tones.wanted(kind=query.kind, severity=query.severity, tone=query.tone),
    )
    page = voices[: query.limit]
    cursor = None
    if len(voices) > query.limit:
        cursor = write_cursor(theme_id, run_id, repr(_surely(page[-1])), page[-1].span.id)
    return Evidence(data=[_told(voice) for voice in page], next_cursor=cursor)


def _after(cursor: str, theme_id: str, run_id: str) -> tuple[float, str]:
    of_theme, in_run, confidence, span_id = read_cursor(cursor, 4)
    try:
        place = float(confidence), span_id
    except ValueError as error:
        raise no_cursor() from error
    if of_theme != theme_id:
        raise WrongUse("This cursor belongs to another theme; begin without it.")
    if in_run != run_id:
        raise Conflict("The themes were made anew since, and their voices have another order: begin again.")
    return place


def _surely(voice: theme_repository.Voice) -> float:
    return theme_repository.NO_CONFIDENCE if voice.confidence is None else voice.confidence


def _told(voice: theme_repository.Voice) -> Voice:
    return Voice(
        source=voice.source,
        external_id=voice.item.external_id,
        item_id=voice.item.id,
        span_id=voice.span.id,
        start=voice.span.start,
        end=voice.span.end,
        text=voice.span.text,
        lang=voice.span.lang,
        kind=voice.span.kind,
        kind_reason=voice.span.kind_reason,
        severity=tones.word_of(voice.span.severity),
        severity_reason=voice.span.severity_reason,
        sentiment=voice.span.sentiment,
        sentiment_reason=voice.span.sentiment_reason,
        confidence=voice.confidence,
        theme_id=voice.theme_id,
        subtheme_id=voice.subtheme_id,
        created_at=moment(voice.item.created_at),
    )


def _counted(session: Session, organisation_id: str, themes: Sequence[ThemeTable]) -> list[Theme]:
    zone = organisations.zone_of(session, organisation_id)
    counted = theme_repository.counted(session, organisation_id, themes, zone=zone)
    became = heirs(session, organisation_id, themes)
    return [
        Theme.model_validate({**theme_row(figures), **_more(figures.theme, became)}) for figures in counted
    ]


def _more(theme: ThemeTable, became: Mapping[str, Sequence[ThemeTable]]) -> dict[str, Any]:
    facts = theme.model_dump(include={"lang", "retired", "pinned", "ignored", "version"})
    ids = [heir.id for heir in became.get(theme.id, ())]
    return {**facts, "became": ids, "updated_at": stamp(changed(theme))}
