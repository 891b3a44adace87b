"""How bad it is what spans say, and how they sound: as filters, and counted for themes and items."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from sqlalchemy import ColumnElement, case, func, text
from sqlmodel import Session, col, select

from nlp.sentiment import NEGATIVE, POSITIVE
from service.models import Item, Span
from service.models.span import SEVERITIES, TONES
from service.repositories.among import among
from service.repositories.runs import live_run

_COUNT = """
    WITH said AS (
        SELECT assignment.{level} AS theme_id, span.item_id, span.severity, CASE
            WHEN span.sentiment <= :negative THEN 'negative'
            WHEN span.sentiment >= :positive THEN 'positive'
            WHEN span.sentiment IS NOT NULL THEN 'neutral' END AS tone
        FROM assignment JOIN span ON span.id = assignment.span_id
        WHERE assignment.run_id = :run_id AND assignment.{level} = ANY(:theme_ids)
    ), heard AS (SELECT DISTINCT theme_id, item_id, severity, tone FROM said)
    SELECT theme_id, 'items', NULL, NULL, count(DISTINCT item_id) FROM heard GROUP BY theme_id
    UNION ALL
    SELECT theme_id, 'severities', severity, NULL, count(DISTINCT item_id) FROM heard
    WHERE severity IS NOT NULL GROUP BY theme_id, severity
    UNION ALL
    SELECT theme_id, 'tones', NULL, tone, count(DISTINCT item_id) FROM heard
    WHERE tone IS NOT NULL GROUP BY theme_id, tone
"""
_TOLD = {upper: text(_COUNT.format(level="theme_id" if upper else "subtheme_id")) for upper in (True, False)}
NONE = "null"
"""Asks for the spans of which nothing is told."""
Severity = Literal["", "low", "medium", "high", "critical"]
Tone = Literal["", "negative", "neutral", "positive"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Of how many voices of a theme something is told."""

    items: int = 0
    severities: Mapping[str, int] = field(default_factory=dict)
    """Voices by severity, each once for every severity of its spans in the theme; the gravest first."""
    tones: Mapping[str, int] = field(default_factory=dict)
    """Voices by how their spans in the theme sound."""


class Told(NamedTuple):
    """What is told of an item as a whole."""

    severity: str | None
    """The gravest of its spans."""
    sentiment: float | None
    """The mean of its spans, -1 to 1."""


NOTHING = Told(None, None)


def word_of(level: int | None) -> str | None:
    """Return the word for a severity."""
    return None if level is None else SEVERITIES[level - 1]


def tone_of(sentiment: float) -> str:
    """Return the word for how a span sounds."""
    return "negative" if sentiment <= NEGATIVE else "positive" if sentiment >= POSITIVE else "neutral"


def wanted(
    *, kind: str | None = None, severity: str | None = None, tone: str | None = None
) -> list[ColumnElement[bool]]:
    """Return what a span has to be; `null` asks for those of which nothing is told, as the API does."""
    told: list[ColumnElement[bool]] = []
    if kind:
        told.append(col(Span.kind) == kind)
    if severity:
        told.append(col(Span.severity).is_(None) if severity == NONE else is_severe(severity))
    if tone:
        told.append(col(Span.sentiment).is_(None) if tone == NONE else sounds(tone))
    return told


def is_severe(severity: str) -> ColumnElement[bool]:
    """Say that a span is of this severity."""
    return col(Span.severity) == SEVERITIES.index(severity) + 1


def sounds(tone: str) -> ColumnElement[bool]:
    """Say that a span sounds so; one of which nothing is told sounds in no way."""
    score = col(Span.sentiment)
    if tone == "neutral":
        return (score > NEGATIVE) & (score < POSITIVE)
    return score <= NEGATIVE if tone == "negative" else score >= POSITIVE


def gravest() -> ColumnElement[str | None]:
    """Return the word for the gravest severity of an item's spans, for a query of items."""
    worst = select(func.max(Span.severity)).where(col(Span.item_id) == Item.id).scalar_subquery()
    words = dict(enumerate(SEVERITIES, start=1))
    return case(words, value=worst)


def of_theme(session: Session, organisation_id: str, theme_id: str, *, upper: bool) -> Counts:
    """Count what is told of the voices that the live run put into a theme, or into a sub-theme."""
    run = live_run(session, organisation_id)
    return of_themes(session, run.id if run else "", [theme_id], upper=upper)[theme_id]


def of_themes(
    session: Session, run_id: str, theme_ids: Sequence[str], *, upper: bool = True
) -> dict[str, Counts]:
    """Count what is told of the voices that a run put into each of these themes, or sub-themes."""
    items: Counter[str] = Counter()
    severities: dict[str, Counter[str]] = defaultdict(Counter)
    tones: dict[str, Counter[str]] = defaultdict(Counter)
    asked = {"run_id": run_id, "theme_ids": list(theme_ids), "negative": NEGATIVE, "positive": POSITIVE}
    for theme_id, by, severity, tone, voices in session.execute(_TOLD[upper], asked):
        if by == "items":
            items[theme_id] = voices
        elif by == "severities":
            severities[theme_id][SEVERITIES[severity - 1]] = voices
        else:
            tones[theme_id][tone] = voices
    return {
        theme_id: counts(items[theme_id], severities[theme_id], tones[theme_id]) for theme_id in theme_ids
    }


def counts(items: int, severities: Mapping[str, int], tones: Mapping[str, int]) -> Counts:
    """Return these counts in the order of their words."""
    return Counts(
        items=items,
        severities={word: severities[word] for word in reversed(SEVERITIES) if severities.get(word)},
        tones={word: tones[word] for word in TONES if tones.get(word)},
    )


def of_items(session: Session, organisation_id: str, item_ids: Sequence[str]) -> dict[str, Told]:
    """Return what is told of each of these items; one without spans is left out."""
    query = (
        select(Span.item_id, func.max(Span.severity), func.avg(Span.sentiment))
        .where(Span.organisation_id == organisation_id, among(col(Span.item_id), item_ids))
        .group_by(col(Span.item_id))
    )
    return {
        item_id: Told(word_of(severity), None if sentiment is None else round(sentiment, 3))
        for item_id, severity, sentiment in session.exec(query)
    }
