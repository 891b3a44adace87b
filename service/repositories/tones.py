"""How bad it is what spans say, and how they sound: as filters, and counted for themes and items."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from sqlalchemy import ColumnElement, case, func
from sqlmodel import Session, col, select

from nlp.sentiment import NEGATIVE, POSITIVE
from service.models import Assignment, Item, Run, Span
from service.models.span import SEVERITIES, TONES
from service.repositories.among import among

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
    level = col(Assignment.theme_id if upper else Assignment.subtheme_id)
    query = (
        select(Span.item_id, Span.severity, Span.sentiment)
        .join(Assignment, col(Assignment.span_id) == col(Span.id))
        .join(Run, (col(Run.id) == col(Assignment.run_id)) & (col(Run.state) == "live"))
        .where(Assignment.organisation_id == organisation_id, level == theme_id)
    )
    severities: Counter[tuple[str, str]] = Counter()
    tones: Counter[tuple[str, str]] = Counter()
    items = set()
    for item_id, severity, sentiment in session.exec(query):
        items.add(item_id)
        if severity is not None:
            severities[SEVERITIES[severity - 1], item_id] += 1
        if sentiment is not None:
            tones[tone_of(sentiment), item_id] += 1
    return Counts(
        items=len(items),
        severities=_by_word(severities, reversed(SEVERITIES)),
        tones=_by_word(tones, TONES),
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


def _by_word(counted: Counter[tuple[str, str]], words: Iterable[str]) -> dict[str, int]:
    items = Counter(word for word, _ in counted)
    return {word: items[word] for word in words if items[word]}
