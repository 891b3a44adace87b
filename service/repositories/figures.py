"""The figures of themes, counted from the spans that the live run put into them."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import func
from sqlmodel import Session, col, select

from service.models import Account, Assignment, Item, Span, Theme, Value
from service.models.item import CONTACT_CHANNELS
from service.repositories import values
from service.repositories.among import among
from service.repositories.heard import heard_between, returns
from service.repositories.slices import in_slice
from service.rules import contacts
from service.rules.contacts import Bounds, Inquiry

Returns = Mapping[str, Sequence[datetime]]
"""When a customer asked again, by item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemeFigures:
    """A theme with everything that is counted about it. An upper theme counts all its sub-themes' spans."""

    theme: Theme
    spans: int = 0
    items: int = 0
    customers: int = 0
    """Known customers, each once."""
    people: int = 0
    """Known customers, and one for each item without a customer: what ranks count."""
    accounts: int = 0
    """Accounts whose customers spoke, each once."""
    revenue: Mapping[str, Decimal]
    """A year's revenue of these accounts by currency (`""` where none is given), each account once."""
    contacts: int = 0
    repeats: int = 0
    """How many of the contacts are repeat inquiries."""
    repeat_rate: float | None = None
    """Repeat inquiries ÷ contacts of known customers; None without any."""
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    weekly: tuple[tuple[str, int], ...] = ()
    """(ISO week, contacts), without gaps, from the theme's first to the organisation's last contact; a day
    that cannot be right (`contacts.plausible`) is in no week."""
    weekly_items: tuple[tuple[str, int], ...] = ()
    """(ISO week, items of any channel), without gaps, from the theme's first to the organisation's last."""
    kinds: Mapping[str, int]
    """Kind to spans, most frequent first."""
    languages: Mapping[str, int]
    """Language (ISO 639-1) to spans, most frequent first; a span of no known language is left out."""
    value: Value | None = None
    """What solving it is worth, as it was last weighed; None where it was not."""


class _Heard(NamedTuple):
    """One item about one theme."""

    theme_id: str
    item_id: str
    channel: str
    created_at: datetime
    customer_id: str | None
    account_id: str | None
    spans: int


def count(
    session: Session, organisation_id: str, run_id: str, themes: Sequence[Theme], *, zone: tzinfo
) -> list[ThemeFigures]:
    """Return the figures of `themes` in their order; days and weeks are those of `zone`."""
    upper = [theme.id for theme in themes if theme.parent_id is None]
    lower = [theme.id for theme in themes if theme.parent_id is not None]
    heard: dict[str, list[_Heard]] = {theme.id: [] for theme in themes}
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    languages: dict[str, Counter[str]] = defaultdict(Counter)
    for level, ids in ((Assignment.theme_id, upper), (Assignment.subtheme_id, lower)):
        if ids:
            for each in _heard(session, organisation_id, run_id, level, ids):
                heard[each.theme_id].append(each)
            for theme_id, kind, lang, spans in _said(session, organisation_id, run_id, level, ids):
                kinds[theme_id][kind] += spans
                if lang is not None:
                    languages[theme_id][lang] += spans
    background = _background(session, organisation_id, heard, zone=zone)
    worths = values.of(session, organisation_id, upper)
    return [
        _figures(
            theme,
            heard[theme.id],
            background,
            value=worths.get(theme.id),
            kinds=_ordered(kinds[theme.id]),
            languages=_ordered(languages[theme.id]),
        )
        for theme in themes
    ]


def count_groups(
    session: Session, organisation_id: str, run_id: str, themes: Mapping[int, Theme], *, zone: tzinfo
) -> dict[str, ThemeFigures]:
    """Return the figures of upper groups of a run that has no themes yet, by the theme that each would be."""
    heard: dict[str, list[_Heard]] = {theme.id: [] for theme in themes.values()}
    for each in _heard(session, organisation_id, run_id, Assignment.group_number, tuple(themes)):
        theme_id = themes[int(each.theme_id)].id
        heard[theme_id].append(each._replace(theme_id=theme_id))
    background = _background(session, organisation_id, heard, zone=zone)
    return {
        theme.id: _figures(theme, heard[theme.id], background, kinds={}, languages={})
        for theme in themes.values()
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Background:
    """What stands behind all of these themes."""

    zone: tzinfo
    revenue: Mapping[str, tuple[str, Decimal]]
    returns: Returns
    contacts_heard: Bounds | None
    items_heard: Bounds | None


def _background(
    session: Session, organisation_id: str, heard: Mapping[str, Sequence[_Heard]], *, zone: tzinfo
) -> _Background:
    spoken = {each.item_id: each.account_id for some in heard.values() for each in some}
    return _Background(
        zone=zone,
        revenue=_revenue(session, organisation_id, {name for name in spoken.values() if name is not None}),
        returns=returns(session, organisation_id, item_ids=spoken),
        contacts_heard=heard_between(session, organisation_id, zone=zone, channels=CONTACT_CHANNELS),
        items_heard=heard_between(session, organisation_id, zone=zone),
    )


def _figures(
    theme: Theme,
    heard: Sequence[_Heard],
    background: _Background,
    *,
    kinds: Mapping[str, int],
    languages: Mapping[str, int],
    value: Value | None = None,
) -> ThemeFigures:
    zone = background.zone
    found = contacts.contacts(_inquiries(heard, background.returns), zone=zone).get(theme.id, [])
    repeats = contacts.repeats(found)
    customers = {each.customer_id for each in heard} - {None}
    accounts = {each.account_id for each in heard if each.account_id is not None}
    moments = [each.created_at for each in heard]
    days = (moment.astimezone(zone).date() for moment in moments)
    return ThemeFigures(
        theme=theme,
        spans=sum(each.spans for each in heard),
        items=len(heard),
        customers=len(customers),
        people=len(customers) + sum(each.customer_id is None for each in heard),
        accounts=len(accounts),
        revenue=_sums(background.revenue[account] for account in sorted(accounts & set(background.revenue))),
        contacts=len(found),
        repeats=repeats.count,
        repeat_rate=repeats.rate,
        first_seen=min(moments, default=None),
        last_seen=max(moments, default=None),
        weekly=tuple(contacts.weekly((each.day for each in found), within=background.contacts_heard)),
        weekly_items=tuple(contacts.weekly(days, within=background.items_heard)),
        kinds=kinds,
        languages=languages,
        value=value,
    )


def _sums(amounts: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    """Return the sum of each currency, in alphabetical order."""
    sums: dict[str, Decimal] = {}
    for currency, amount in amounts:
        sums[currency] = sums.get(currency, Decimal()) + amount
    return dict(sorted(sums.items()))


def inquiries(
    session: Session,
    organisation_id: str,
    run_id: str,
    theme_ids: Sequence[str],
    *,
    segment: str | None = None,
) -> list[Inquiry]:
    """Return the tickets, chats and calls about the (upper) themes, of one `segment` or of all."""
    rows = _heard(session, organisation_id, run_id, Assignment.theme_id, theme_ids, segment=segment)
    return _inquiries(rows, returns(session, organisation_id, item_ids={row.item_id for row in rows}))


def _inquiries(heard: Iterable[_Heard], returned: Returns) -> list[Inquiry]:
    """Return who reached out when; a customer who asks again in a resolved item does so once more."""
    return [
        Inquiry(theme_id, item_id, customer_id, moment)
        for theme_id, item_id, channel, created_at, customer_id, _, _ in heard
        if channel in CONTACT_CHANNELS
        for moment in (created_at, *(returned.get(item_id, ()) if customer_id is not None else ()))
    ]


def _heard(
    session: Session,
    organisation_id: str,
    run_id: str,
    level: str | int | None,
    theme_ids: Sequence[str] | Sequence[int],
    *,
    segment: str | None = None,
) -> list[_Heard]:
    spans = (
        select(col(level).label("theme_id"), Span.item_id, func.count().label("spans"))
        .join(Span, col(Span.id) == col(Assignment.span_id))
        .where(Assignment.organisation_id == organisation_id, Assignment.run_id == run_id)
        .where(col(level).in_(theme_ids))
        .group_by(col(level), col(Span.item_id))
        .subquery()
    )
    query = select(  # type: ignore[call-overload]
        spans.c.theme_id,
        Item.id,
        Item.channel,
        Item.created_at,
        Item.customer_id,
        Item.account_id,
        spans.c.spans,
    ).join(spans, col(Item.id) == spans.c.item_id)
    if segment is not None:
        query = query.where(in_slice(f"segment:{segment}"))
    return list(map(_Heard._make, session.execute(query)))


def _said(
    session: Session, organisation_id: str, run_id: str, level: str | None, theme_ids: Sequence[str]
) -> Iterable[tuple[str, str, str | None, int]]:
    query = (
        select(col(level), Span.kind, Span.lang, func.count())
        .join(Span, col(Span.id) == col(Assignment.span_id))
        .where(Assignment.organisation_id == organisation_id, Assignment.run_id == run_id)
        .where(col(level).in_(theme_ids))
        .group_by(col(level), col(Span.kind), col(Span.lang))
    )
    for theme_id, kind, lang, spans in session.exec(query):
        yield theme_id or "", kind, lang, spans


def _revenue(
    session: Session, organisation_id: str, account_ids: Collection[str]
) -> dict[str, tuple[str, Decimal]]:
    """Return the currency and the yearly revenue of these accounts."""
    query = select(Account.account_id, col(Account.currency), col(Account.revenue))
    query = query.where(among(col(Account.account_id), account_ids))
    rows = session.exec(query.where(Account.organisation_id == organisation_id))
    return {
        account_id: (currency or "", revenue) for account_id, currency, revenue in rows if revenue is not None
    }


def _ordered(counter: Counter[str]) -> dict[str, int]:
    return dict(sorted(counter.items(), key=lambda pair: (-pair[1], pair[0])))
