"""The list of themes: which ones are wanted, in which order, by their stored figures."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from typing import Any

from sqlalchemy import ColumnElement, Numeric, Select, and_, exists, func, literal, select, text
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH
from sqlmodel import Session, col

from service.models import Assignment, Item, Owner, Run, Span, Tally, TallyOfAll, Theme, Value
from service.repositories import tallies
from service.repositories.among import among

SORTS = ("worth", "contacts", "customers", "voices", "money", "rising", "newest")
FACETS = ("source", "channel", "area", "plan", "layer", "moment")
"""What themes can be chosen by that their voices tell."""
OTHER = "other"
"""Every language but those that pages are written in."""
NOBODYS = "nobody"
WRITTEN = ("en", "ja")
LATELY = 4
"""Weeks; a theme rises by how much more was heard in these than in as many before."""
_CURRENCY = text(
    """
    SELECT currency FROM tally, jsonb_object_keys(revenue) AS currency
    WHERE organisation_id = :organisation_id GROUP BY currency ORDER BY count(*) DESC, currency LIMIT 1
    """
)
_VALUES = text(
    """
    SELECT DISTINCT facet.name, one.value
    FROM tally, jsonb_each(facets) AS facet (name, counts), jsonb_object_keys(facet.counts) AS one (value)
    WHERE organisation_id = :organisation_id AND facet.name = ANY(:names) ORDER BY facet.name, one.value
    """
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which themes are wanted; what is empty, or None, asks for nothing."""

    kind: str = ""
    lang: str = ""
    """`en`, `ja` or `other`."""
    stage: str = ""
    source: str = ""
    channel: str = ""
    area: str = ""
    plan: str = ""
    layer: str = ""
    """Where something was said of it, or `unknown`."""
    moment: str = ""
    account: str = ""
    owner: str = ""
    """A person's id; `NOBODYS` for those that are nobody's."""
    since: date | None = None
    """Something was said of it on this day or later."""
    new_since: date | None = None
    """Nothing was said of it before this day."""
    only: frozenset[str] | None = None
    """One of these, by id."""


def count(session: Session, organisation_id: str, wanted: Wanted, *, zone: tzinfo) -> int:
    """Return how many upper themes live that nobody ignores and that pass every filter."""
    fits = _fits(organisation_id, wanted, zone)
    return int(session.execute(_over(func.count()).where(fits)).scalar_one())


def count_by_stage(session: Session, organisation_id: str, wanted: Wanted, *, zone: tzinfo) -> dict[str, int]:
    """Return how many of them there are in each stage."""
    query = _over(col(Theme.stage), func.count()).where(_fits(organisation_id, wanted, zone))
    return {stage: number for stage, number in session.execute(query.group_by(col(Theme.stage)))}  # noqa: C416


def find(
    session: Session,
    organisation_id: str,
    wanted: Wanted,
    *,
    zone: tzinfo,
    sort: str = "worth",
    limit: int | None = None,
    offset: int = 0,
) -> list[Theme]:
    """Return a part of the list in one of `SORTS`; without worths, the first of them is by customers."""
    fits = _fits(organisation_id, wanted, zone)
    if sort == "rising":
        ids = _rising(session, organisation_id, fits)[offset : None if limit is None else offset + limit]
        query = select(Theme).where(among(col(Theme.id), ids))
        known = {theme.id: theme for theme in session.execute(query).scalars()}
        return [known[theme_id] for theme_id in ids]
    ordered = _over(Theme).where(fits).order_by(*_order(session, organisation_id, sort), *_AFTERWARDS)
    return list(session.execute(ordered.limit(limit).offset(offset)).scalars())


def values_of_facets(session: Session, organisation_id: str) -> dict[str, list[str]]:
    """Return by what each of `FACETS` tells themes apart, as it was last counted (`TallyOfAll`)."""
    kept = session.get(TallyOfAll, organisation_id)
    return counted_facets(session, organisation_id) if kept is None else kept.facets


def counted_facets(session: Session, organisation_id: str) -> dict[str, list[str]]:
    """Return by what each of `FACETS` tells themes apart; one that nothing is known of is left out."""
    found: dict[str, list[str]] = {}
    for name, value in session.execute(_VALUES, {"organisation_id": organisation_id, "names": list(FACETS)}):
        found.setdefault(name, []).append(value)
    return found


def main_currency(session: Session, organisation_id: str) -> str | None:
    """Return the currency in which the money of most themes is, as it was last counted; None without any."""
    kept = session.get(TallyOfAll, organisation_id)
    return counted_currency(session, organisation_id) if kept is None else kept.currency


def counted_currency(session: Session, organisation_id: str) -> str | None:
    """Return the currency in which the money of most themes is; None where none is known."""
    found: str | None = session.execute(_CURRENCY, {"organisation_id": organisation_id}).scalar()
    return found


def _over(*columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(Theme)
        .outerjoin(Tally, col(Tally.theme_id) == col(Theme.id))
        .outerjoin(Value, col(Value.theme_id) == col(Theme.id))
    )


def _fits(organisation_id: str, wanted: Wanted, zone: tzinfo) -> ColumnElement[bool]:
    conditions: list[ColumnElement[bool]] = [
        col(Theme.organisation_id) == organisation_id,
        col(Theme.parent_id).is_(None),
        col(Theme.retired).is_(False),
        col(Theme.ignored).is_(False),
    ]
    for column, value in ((Theme.kind, wanted.kind), (Theme.stage, wanted.stage)):
        if value:
            conditions.append(col(column) == value)
    if wanted.lang:
        others = wanted.lang == OTHER
        conditions.append(col(Theme.lang).not_in(WRITTEN) if others else col(Theme.lang) == wanted.lang)
    for facet in FACETS:
        if value := getattr(wanted, facet):
            conditions.append(col(Tally.facets)[facet].has_key(value))
    if wanted.owner:
        conditions.append(_is_theirs(wanted.owner))
    conditions += _by_id(organisation_id, wanted)
    for moment, day in ((Tally.last_seen, wanted.since), (Tally.first_seen, wanted.new_since)):
        if day is not None:
            conditions.append(col(moment) >= datetime.combine(day, time(), zone))
    return and_(*conditions)


def _by_id(organisation_id: str, wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.only is not None:
        yield among(col(Theme.id), wanted.only)
    if wanted.account:
        yield col(Theme.id).in_(_raised_by(organisation_id, wanted.account))


def _is_theirs(owner: str) -> ColumnElement[bool]:
    is_owned = exists().where(col(Owner.theme_id) == col(Theme.id))
    return ~is_owned if owner == NOBODYS else is_owned.where(col(Owner.person_id) == owner)


def _raised_by(organisation_id: str, account_id: str) -> Select[Any]:
    """Return the query for the themes that people of an account spoke of."""
    return (
        select(col(Assignment.theme_id))
        .join(Run, (col(Run.id) == col(Assignment.run_id)) & (col(Run.state) == "live"))
        .join(Span, col(Span.id) == col(Assignment.span_id))
        .join(Item, col(Item.id) == col(Span.item_id))
        .where(col(Item.organisation_id) == organisation_id, col(Item.account_id) == account_id)
        .where(col(Assignment.theme_id).is_not(None))
    )


_AFTERWARDS = (
    col(Tally.people).desc().nulls_last(),
    col(Tally.items).desc().nulls_last(),
    col(Theme.id).collate("C"),
)
"""What decides between themes that are equal, so that no theme stands on two pages."""


def _order(session: Session, organisation_id: str, sort: str) -> Sequence[ColumnElement[Any]]:
    if sort == "worth":
        return (col(Value.rank).asc().nulls_last(),)
    if sort == "money":
        currency = main_currency(session, organisation_id) or ""
        amount = col(Tally.revenue)[currency].astext.cast(Numeric)
        return (amount.desc().nulls_last(),)
    columns = {
        "contacts": Tally.contacts,
        "customers": Tally.customers,
        "voices": Tally.items,
        "newest": Tally.first_seen,
    }
    return (col(columns[sort]).desc().nulls_last(),)


def _rising(session: Session, organisation_id: str, fits: ColumnElement[bool]) -> list[str]:
    """Return the ids of themes, those first of which most more is heard than shortly before."""
    contacts, items = tallies.last_weeks(session, organisation_id)
    weeks, until, last = (
        (Tally.weeks, Tally.until, contacts) if contacts else (Tally.weeks_items, Tally.until_items, items)
    )
    path = literal(f"$[last - {2 * LATELY - 1} to last]", JSONPATH)
    latest = func.jsonb_path_query_array(weeks, path, type_=JSONB)
    rows = session.execute(_over(col(Theme.id), latest, col(until), col(Tally.items)).where(fits)).all()

    def order(row: Any) -> tuple[int, int, str]:
        counts = tallies.aligned(row[1] or [], row[2], last)
        more = sum(counts[-LATELY:]) - sum(counts[-2 * LATELY : -LATELY])
        return -more, -(row[3] or 0), row[0]

    return [row[0] for row in sorted(rows, key=order)]
