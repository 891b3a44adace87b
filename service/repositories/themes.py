"""Themes: those of the live run with their figures, and the voices behind each."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, func, or_
from sqlalchemy import select as columns_of
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select, SelectOfScalar

from service.errors import NotFound
from service.models import Assignment, Item, Run, Source, Span, Tally, Theme
from service.repositories import figures
from service.repositories.among import among
from service.repositories.figures import ThemeFigures
from service.repositories.runs import live_run
from service.rules import contacts
from service.rules.contacts import Contact

__all__ = [
    "Standing",
    "ThemeFigures",
    "Voice",
    "all_themes",
    "contacts_of",
    "counted",
    "current_theme",
    "evidence",
    "get_theme",
    "ignored_themes",
    "list_themes",
    "live_run",
    "living",
    "named",
    "standings",
    "surest_voices",
    "theme_figures",
    "themes_by_id",
]

NO_CONFIDENCE = -1.0
"""Where a voice stands, in the order of confidence, of which none is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """A span of a theme, with where it was heard."""

    span: Span
    item: Item
    source: str
    """The source's name."""
    confidence: float | None
    theme_id: str
    subtheme_id: str | None
    origin: str


def get_theme(session: Session, organisation_id: str, theme_id: str) -> Theme:
    """Return one theme or sub-theme, retired or not. Raises NotFound where there is none of this id."""
    theme = session.get(Theme, theme_id)  # one that was read before is not asked for again
    if theme is None or theme.organisation_id != organisation_id:
        raise NotFound(f"There is no theme {theme_id}.")
    return theme


def themes_by_id(session: Session, organisation_id: str) -> dict[str, Theme]:
    """Return every theme of both levels, also the retired ones."""
    query = select(Theme).where(Theme.organisation_id == organisation_id)
    return {theme.id: theme for theme in session.exec(query.order_by(col(Theme.id).collate("C")))}


class Standing(NamedTuple):
    """What of a theme others are told once it changes."""

    title: str
    kind: str
    parent_id: str | None
    successor_id: str | None
    retired: bool
    pinned: bool
    ignored: bool


def standings(session: Session, organisation_id: str) -> dict[str, Standing]:
    """Return how every theme of both levels stands, also the retired ones, as the database has it."""
    fields = (col(getattr(Theme, name)) for name in Standing._fields)
    query = columns_of(col(Theme.id), *fields).where(col(Theme.organisation_id) == organisation_id)
    return {theme_id: Standing(*rest) for theme_id, *rest in session.execute(query)}


def named(session: Session, organisation_id: str, theme_ids: Collection[str]) -> dict[str, Theme]:
    """Return those of these themes that there are, by id."""
    if not theme_ids:
        return {}
    query = select(Theme).where(Theme.organisation_id == organisation_id, among(col(Theme.id), theme_ids))
    return {theme.id: theme for theme in session.exec(query)}


class Named(NamedTuple):
    """What a theme or sub-theme is called."""

    id: str
    title: str
    titles: dict[str, str | None]
    keywords: list[str]
    lang: str
    kind: str


def named_themes(session: Session, organisation_id: str) -> list[Named]:
    """Return the names of all themes and sub-themes that live and that nobody ignores."""
    columns = (Theme.id, Theme.title, Theme.titles, Theme.keywords, Theme.lang, Theme.kind)
    query = columns_of(*map(col, columns)).where(col(Theme.organisation_id) == organisation_id)
    query = query.where(col(Theme.retired).is_(False), col(Theme.ignored).is_(False))
    return [Named(*row) for row in session.execute(query)]


class Titled(NamedTuple):
    """A theme and its title."""

    id: str
    title: str
    titles: dict[str, str | None]
    lang: str


def living(session: Session, organisation_id: str, *, limit: int | None = None) -> list[Titled]:
    """Return the upper themes that live, those with the most voices first."""
    columns = (Theme.id, Theme.title, col(Theme.titles), Theme.lang)
    query = select(*columns).outerjoin(Tally, col(Tally.theme_id) == col(Theme.id))
    query = query.where(Theme.organisation_id == organisation_id)
    query = query.where(col(Theme.retired).is_(False), col(Theme.parent_id).is_(None))
    ordered = query.order_by(func.coalesce(col(Tally.spans), 0).desc(), col(Theme.id).collate("C"))
    return [Titled(*row) for row in session.exec(ordered.limit(limit))]


def current_theme(session: Session, organisation_id: str, theme_id: str) -> Theme:
    """Return the theme that `theme_id` means today: a retired one leads on to its successor.

    A retired theme without a successor is returned itself. Raises NotFound for an id that never was.
    """
    theme = get_theme(session, organisation_id, theme_id)
    passed = {theme.id}
    while theme.retired and theme.successor_id is not None and theme.successor_id not in passed:
        theme = get_theme(session, organisation_id, theme.successor_id)
        passed.add(theme.id)
    return theme


def list_themes(
    session: Session,
    organisation_id: str,
    *,
    zone: tzinfo,
    parent_id: str | None = None,
    include_retired: bool = False,
) -> list[ThemeFigures]:
    """Return the upper themes, or the sub-themes of `parent_id`, those that most people spoke of first.

    Themes that a person ignores are left out.
    """
    query = _on_level(organisation_id, parent_id)
    if not include_retired:
        query = query.where(col(Theme.retired).is_(False))
    found = counted(session, organisation_id, list(session.exec(query)), zone=zone)
    return sorted(found, key=lambda each: (-each.people, -each.items, -each.spans, each.theme.id))


def upper_themes(session: Session, organisation_id: str) -> list[Theme]:
    """Return the upper themes that live and that nobody ignores, without figures."""
    return list(session.exec(_on_level(organisation_id, None).where(col(Theme.retired).is_(False))))


def _on_level(organisation_id: str, parent_id: str | None) -> SelectOfScalar[Theme]:
    query = select(Theme).where(Theme.organisation_id == organisation_id, Theme.parent_id == parent_id)
    return query.where(col(Theme.ignored).is_(False))


def ignored_themes(session: Session, organisation_id: str) -> list[Theme]:
    """Return the themes that are of no interest, as a person said, by their titles."""
    query = select(Theme).where(Theme.organisation_id == organisation_id, col(Theme.ignored))
    return list(session.exec(query.where(col(Theme.retired).is_(False)).order_by(Theme.title, Theme.id)))


def all_themes(session: Session, organisation_id: str, *, zone: tzinfo) -> list[ThemeFigures]:
    """Return every theme of both levels, also the retired ones, in the order of their ids."""
    themes = list(themes_by_id(session, organisation_id).values())
    return counted(session, organisation_id, themes, zone=zone)


def theme_figures(session: Session, organisation_id: str, theme_id: str, *, zone: tzinfo) -> ThemeFigures:
    """Return one theme with its figures. Raises NotFound where there is none of this id."""
    theme = get_theme(session, organisation_id, theme_id)
    return counted(session, organisation_id, [theme], zone=zone)[0]


def counted(
    session: Session, organisation_id: str, themes: Sequence[Theme], *, zone: tzinfo
) -> list[ThemeFigures]:
    """Return the figures of these themes in the live run, in their order."""
    if not themes:
        return []
    run = live_run(session, organisation_id)
    if run is None:
        return [ThemeFigures(theme=theme, revenue={}, kinds={}, languages={}) for theme in themes]
    return figures.count(session, organisation_id, run.id, themes, zone=zone)


def evidence(
    session: Session,
    organisation_id: str,
    theme_id: str,
    *,
    limit: int | None = None,
    offset: int = 0,
    after: tuple[float, str] | None = None,
    only: Sequence[ColumnElement[bool]] = (),
) -> list[Voice]:
    """Return the voices of a theme or sub-theme in the live run, those that surely belong to it first.

    With `after`, only those that come after this confidence (`NO_CONFIDENCE` for none) and span; `only` are
    conditions on spans (`tones.wanted`).
    """
    sure = func.coalesce(col(Assignment.confidence), NO_CONFIDENCE)
    span_id = col(Assignment.span_id).collate("C")
    chosen = select(Assignment.span_id).where(_is_in_theme(session, organisation_id, theme_id))
    if only:
        chosen = chosen.join(Span, col(Span.id) == col(Assignment.span_id)).where(*only)
    if after is not None:
        chosen = chosen.where(or_(sure < after[0], and_(sure == after[0], span_id > after[1])))
    few = chosen.order_by(sure.desc(), span_id).limit(limit).offset(offset)
    return voices(session, organisation_id, session.exec(few).all())


def voices(session: Session, organisation_id: str, span_ids: Sequence[str]) -> list[Voice]:
    """Return the voices of those of these spans that the live run put somewhere, in this order."""
    query = _heard(organisation_id).where(among(col(Assignment.span_id), span_ids))
    found = {row[0].id: _voice(*row) for row in session.exec(query)}
    return [found[span_id] for span_id in span_ids if span_id in found]


def surest_voices(
    session: Session, organisation_id: str, theme_ids: Sequence[str], *, each: int
) -> dict[str, list[Voice]]:
    """Return for each of several upper themes so many of its voices, those that surely belong to it first."""
    span_id = col(Assignment.span_id).collate("C")
    order = (func.coalesce(col(Assignment.confidence), NO_CONFIDENCE).desc(), span_id)
    place = func.row_number().over(partition_by=col(Assignment.theme_id), order_by=order)
    ranked = (
        select(Assignment.span_id, place.label("place"))
        .join(Run, (col(Run.id) == col(Assignment.run_id)) & (col(Run.state) == "live"))
        .where(Assignment.organisation_id == organisation_id, col(Assignment.theme_id).in_(theme_ids))
        .subquery()
    )
    query = _heard(organisation_id).join(ranked, ranked.c.span_id == col(Assignment.span_id))
    found: dict[str, list[Voice]] = {theme_id: [] for theme_id in theme_ids}
    for row in session.exec(query.where(ranked.c.place <= each).order_by(ranked.c.place)):
        voice = _voice(*row)
        found[voice.theme_id].append(voice)
    return found


def _is_in_theme(session: Session, organisation_id: str, theme_id: str) -> ColumnElement[bool]:
    """Say that the live run put a span into a theme. Raises NotFound for an id that never was."""
    theme, run = get_theme(session, organisation_id, theme_id), live_run(session, organisation_id)
    level = col(Assignment.theme_id if theme.parent_id is None else Assignment.subtheme_id)
    return and_(
        col(Assignment.organisation_id) == organisation_id,
        col(Assignment.run_id) == (run.id if run else ""),
        level == theme_id,
    )


def _heard(organisation_id: str) -> Select[Span, Item, str, Assignment]:
    """Return the query for the spans of the live run."""
    return (
        select(Span, Item, Source.name, Assignment)
        .join(Assignment, col(Assignment.span_id) == col(Span.id))
        .join(Item, col(Item.id) == col(Span.item_id))
        .join(Source, col(Source.id) == col(Item.source_id))
        .join(Run, (col(Run.id) == col(Assignment.run_id)) & (col(Run.state) == "live"))
        .where(Assignment.organisation_id == organisation_id)
    )


def _voice(span: Span, item: Item, source: str, put: Assignment) -> Voice:
    return Voice(
        span=span,
        item=item,
        source=source,
        confidence=put.confidence,
        theme_id=put.theme_id or "",
        subtheme_id=put.subtheme_id,
        origin=put.origin,
    )


def contacts_of(
    session: Session,
    organisation_id: str,
    theme_ids: Sequence[str],
    *,
    zone: tzinfo,
    segment: str | None = None,
) -> dict[str, list[Contact]]:
    """Return the contacts of upper themes in the order of time; a theme without any is left out.

    With a `segment`, only the items of this segment count.
    """
    run = live_run(session, organisation_id)
    if run is None:
        return {}
    heard = figures.inquiries(session, organisation_id, run.id, theme_ids, segment=segment)
    return contacts.contacts(heard, zone=zone)
