"""The figures of themes, counted from the spans that the live run put into them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import func
from sqlmodel import Session, col, select

from service.models import Account, Assignment, Item, Span, Theme
from service.models.item import CONTACT_CHANNELS
from service.rules import contacts
from service.rules.contacts import Contact, Inquiry


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
    """(ISO week, contacts), without gaps, from the theme's first to the organisation's last contact."""
    weekly_items: tuple[tuple[str, int], ...] = ()
    """(ISO week, items of any channel), without gaps, from the theme's first to the organisation's last."""
    kinds: Mapping[str, int]
    """Kind to spans, most frequent first."""
    languages: Mapping[str, int]
    """Language (ISO 639-1) to spans, most frequent first; a span of no known language is left out."""


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
    heard: dict[str, list[_Heard]] = defaultdict(list)
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
    found = contacts.contacts(_inquiries(heard), zone=zone)
    revenue = _revenue(session, organisation_id)
    last_contact, last_item = _last_days(session, organisation_id, zone)
    return [
        _figures(
            theme,
            heard[theme.id],
            found.get(theme.id, []),
            revenue=revenue,
            kinds=_ordered(kinds[theme.id]),
            languages=_ordered(languages[theme.id]),
            weekly_items=contacts.weekly(
                (each.created_at.astimezone(zone).date() for each in heard[theme.id]), until=last_item
            ),
            until=last_contact,
        )
        for theme in themes
    ]


def _figures(
    theme: Theme,
    heard: Sequence[_Heard],
    found: Sequence[Contact],
    *,
    revenue: Mapping[str, tuple[str, Decimal]],
    kinds: Mapping[str, int],
    languages: Mapping[str, int],
    weekly_items: Sequence[tuple[str, int]],
    until: date | None,
) -> ThemeFigures:
    customers = {each.customer_id for each in heard if each.customer_id is not None}
    accounts = {each.account_id for each in heard if each.account_id is not None}
    sums: dict[str, Decimal] = {}
    for currency, amount in (revenue[account] for account in sorted(accounts) if account in revenue):
        sums[currency] = sums.get(currency, Decimal()) + amount
    return ThemeFigures(
        theme=theme,
        spans=sum(each.spans for each in heard),
        items=len(heard),
        customers=len(customers),
        people=len(customers) + sum(each.customer_id is None for each in heard),
        accounts=len(accounts),
        revenue=sums,
        contacts=len(found),
        repeats=contacts.repeats(found),
        repeat_rate=contacts.repeat_rate(found),
        first_seen=min((each.created_at for each in heard), default=None),
        last_seen=max((each.created_at for each in heard), default=None),
        weekly=tuple(contacts.weekly((each.day for each in found), until=until)),
        weekly_items=tuple(weekly_items),
        kinds=kinds,
        languages=languages,
    )


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
    return list(_inquiries({"": rows}))


def _inquiries(heard: Mapping[str, Iterable[_Heard]]) -> Iterable[Inquiry]:
    for rows in heard.values():
        for each in rows:
            if each.channel in CONTACT_CHANNELS:
                yield Inquiry(
                    theme_id=each.theme_id,
                    item_id=each.item_id,
                    customer_id=each.customer_id,
                    created_at=each.created_at,
                )


def _heard(
    session: Session,
    organisation_id: str,
    run_id: str,
    level: str | None,
    theme_ids: Sequence[str],
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
        query = query.where(Item.segment == segment)
    return [_Heard(*row) for row in session.execute(query)]


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


def _revenue(session: Session, organisation_id: str) -> dict[str, tuple[str, Decimal]]:
    """Return each account's currency and yearly revenue."""
    query = select(Account.account_id, col(Account.currency), col(Account.revenue))
    rows = session.exec(query.where(Account.organisation_id == organisation_id))
    return {
        account_id: (currency or "", revenue) for account_id, currency, revenue in rows if revenue is not None
    }


def _last_days(session: Session, organisation_id: str, zone: tzinfo) -> tuple[date | None, date | None]:
    """Return the day of the organisation's last contact, and that of its last item of any channel."""
    query = select(
        func.max(Item.created_at).filter(col(Item.channel).in_(CONTACT_CHANNELS)), func.max(Item.created_at)
    ).where(Item.organisation_id == organisation_id)
    contact, item = session.exec(query).one()
    return contact and contact.astimezone(zone).date(), item and item.astimezone(zone).date()


def _ordered(counter: Counter[str]) -> dict[str, int]:
    return dict(sorted(counter.items(), key=lambda pair: (-pair[1], pair[0])))
