"""What themes are worth: what it is weighed from, what came of that, and by which weights."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time, tzinfo
from typing import Any

from sqlalchemy import delete, func, or_
from sqlmodel import Session, col, select

from service.models import Account, Assignment, Event, Item, Span, Theme, Value, ValueSettings
from service.models.item import CONTACT_CHANNELS
from service.repositories.among import among
from service.repositories.bulk import insert_rows
from service.repositories.heard import returns
from service.rules.comparing import Standing
from service.rules.raising import Said
from service.rules.weights import DEFAULTS, Weighting, as_stored, from_stored

ENDS = ("churn", "contraction", "renewal")
"""Events that say what became of an account."""


def weighting(session: Session, organisation_id: str) -> Weighting:
    """Return the weights of an organisation."""
    kept = session.get(ValueSettings, organisation_id)
    return from_stored(kept.settings) if kept else DEFAULTS


def settings(session: Session, organisation_id: str) -> ValueSettings | None:
    """Return who set the weights, and when; None where they are the defaults."""
    return session.get(ValueSettings, organisation_id)


def set_weighting(
    session: Session, organisation_id: str, wanted: Weighting, *, by: str, at: datetime
) -> None:
    """Let themes be weighed so from now on."""
    session.merge(
        ValueSettings(organisation_id=organisation_id, settings=as_stored(wanted), set_by=by, set_at=at)
    )


def weighable(session: Session, organisation_id: str) -> dict[str, float | None]:
    """Return the upper themes that live and are of interest, each with the days of work it takes."""
    query = select(Theme.id, col(Theme.effort_days)).where(
        Theme.organisation_id == organisation_id,
        col(Theme.parent_id).is_(None),
        col(Theme.retired).is_(False),
        col(Theme.ignored).is_(False),
    )
    return dict(session.exec(query).all())


def said(
    session: Session,
    organisation_id: str,
    run_id: str,
    *,
    since: date,
    zone: tzinfo,
    theme_id: str | None = None,
) -> list[Said]:
    """Return what was said of the upper themes, or of one, from a day on, in the order of time."""
    again = returns(session, organisation_id)
    start = datetime.combine(since, time(), zone)
    late = [item for item, moments in again.items() if max(moments) >= start]
    query = (
        select(  # type: ignore[call-overload]
            col(Assignment.theme_id),
            Item.id,
            Item.channel,
            Item.created_at,
            Item.customer_id,
            Item.account_id,
            func.max(Span.severity),
            func.bool_or(Span.kind != "praise"),
        )
        .select_from(Item)
        .join(Span, col(Span.item_id) == col(Item.id))
        .join(Assignment, col(Assignment.span_id) == col(Span.id))
        .where(Item.organisation_id == organisation_id, Assignment.run_id == run_id)
        .where(or_(col(Item.created_at) >= start, among(col(Item.id), late)))
        .where(col(Assignment.theme_id).is_not(None) if theme_id is None else Assignment.theme_id == theme_id)
        .group_by(col(Assignment.theme_id), col(Item.id))
        .order_by(col(Item.created_at), col(Item.id).collate("C"))
    )
    found, came_back = [], []
    for theme, item, channel, at, customer, account, severity, wanting in session.execute(query):
        avoidable = wanting and channel in CONTACT_CHANNELS
        found.append(
            Said(theme, item, channel, at.astimezone(zone).date(), customer, account, severity, avoidable)
        )
        if avoidable and customer is not None and item in again:
            came_back += [found[-1]._replace(day=each.astimezone(zone).date()) for each in again[item]]
    return found + came_back


def accounts_of_customers(
    session: Session, organisation_id: str, customer_ids: Collection[str] | None = None
) -> dict[str, str]:
    """Return the account of each customer who has one (of several the first by its id)."""
    customer = func.coalesce(Item.customer_id, "")
    first = func.min(func.coalesce(Item.account_id, "").collate("C"))
    query = (
        select(customer, first)
        .where(Item.organisation_id == organisation_id)
        .where(col(Item.customer_id).is_not(None), col(Item.account_id).is_not(None))
        .group_by(customer)
    )
    if customer_ids is not None:
        query = query.where(among(customer, customer_ids))
    return dict(session.exec(query).all())


def standings(session: Session, organisation_id: str, *, zone: tzinfo) -> list[Standing]:
    """Return every account with what became of it."""
    query = select(Event.account_id, Event.kind, Event.occurred_at).where(
        Event.organisation_id == organisation_id,
        col(Event.account_id).is_not(None),
        col(Event.kind).in_(ENDS),
    )
    happened: dict[tuple[str | None, str], list[date]] = defaultdict(list)
    for account_id, kind, at in session.exec(query):
        happened[account_id, kind].append(at.astimezone(zone).date())
    accounts = session.exec(select(Account).where(Account.organisation_id == organisation_id))
    found = []
    for one in accounts:
        ended = [one.ended_at.astimezone(zone).date()] if one.ended_at else []
        found.append(
            Standing(
                account_id=one.account_id,
                plan=one.plan,
                segment=one.segment,
                revenue=one.revenue,
                currency=one.currency or "",
                started=one.started_at.astimezone(zone).date() if one.started_at else None,
                lost=sorted([*ended, *happened[one.account_id, "churn"]]),
                contracted=sorted(happened[one.account_id, "contraction"]),
                renewed=sorted(happened[one.account_id, "renewal"]),
            )
        )
    return found


def replace_all(session: Session, organisation_id: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write what themes are worth in the place of what was written."""
    session.execute(delete(Value).where(col(Value.organisation_id) == organisation_id))
    insert_rows(session, Value, rows)


def is_weighed(session: Session, organisation_id: str) -> bool:
    """Say whether any theme was weighed."""
    query = select(Value.theme_id).where(Value.organisation_id == organisation_id).limit(1)
    return session.exec(query).first() is not None


def ranks(session: Session, organisation_id: str) -> dict[str, int]:
    """Return the rank of each theme that was weighed."""
    query = select(Value.theme_id, Value.rank).where(Value.organisation_id == organisation_id)
    return dict(session.exec(query).all())


def of(session: Session, organisation_id: str, theme_ids: Collection[str] | None = None) -> dict[str, Value]:
    """Return what themes are worth, all or these, by their ids; one that was not weighed is left out."""
    query = select(Value).where(Value.organisation_id == organisation_id)
    if theme_ids is not None:
        query = query.where(among(col(Value.theme_id), theme_ids))
    return {value.theme_id: value for value in session.exec(query)}
