"""What alarms rest on, and the alarms themselves: what was heard day by day, who is quiet, what is open."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, func
from sqlalchemy import select as select_columns
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, delete, select

from service.errors import NotFound
from service.models import Alarm, Assignment, Event, Item, Mute, Source, Span, Theme, Watch
from service.repositories.among import among
from service.rules.alarms import led_on

OPEN_FIRST = (col(Alarm.ended_at).is_(None).desc(), col(Alarm.raised_at).desc(), col(Alarm.id))


class Said(NamedTuple):
    """An item, and the theme that one of its spans is in; a tuple, for there are very many."""

    theme_id: str | None
    item_id: str
    channel: str
    created_at: datetime
    customer_id: str | None


class Told(NamedTuple):
    """An alarm with its theme; None for what was set aside."""

    alarm: Alarm
    theme: Theme | None


class Quiet(NamedTuple):
    """A theme on the quiet list."""

    mute: Mute
    theme: Theme


def said(
    session: Session, organisation_id: str, run_id: str, *, until: datetime, since: datetime
) -> list[Said]:
    """Return what was heard about each upper theme, each item once a theme, by time.

    Themes that a person ignores are left out.
    """
    ignored = select(Theme.id).where(Theme.organisation_id == organisation_id, col(Theme.ignored))
    spans = (
        select(col(Assignment.theme_id), Span.item_id)
        .join(Span, col(Span.id) == col(Assignment.span_id))
        .where(Assignment.organisation_id == organisation_id, Assignment.run_id == run_id)
        .where(col(Assignment.theme_id).is_not(None), col(Assignment.theme_id).not_in(ignored))
        .distinct()
        .subquery()
    )
    query = (
        select_columns(
            spans.c.theme_id, col(Item.id), col(Item.channel), col(Item.created_at), col(Item.customer_id)
        )
        .join(spans, spans.c.item_id == col(Item.id))
        .where(col(Item.organisation_id) == organisation_id, col(Item.set_aside).is_(None))
        .where(col(Item.created_at) <= until, col(Item.created_at) >= since)
        .order_by(col(Item.created_at), col(Item.id), spans.c.theme_id)
    )
    return list(map(Said._make, session.execute(query)))


def heard(session: Session, organisation_id: str, *, until: datetime, since: datetime) -> list[Said]:
    """Return every item that is not set aside, by time."""
    return _items(session, organisation_id, None, until=until, since=since)


def spam(session: Session, organisation_id: str, *, until: datetime, since: datetime) -> list[Said]:
    """Return every item that is set aside as spam, by time."""
    return _items(session, organisation_id, "spam", until=until, since=since)


def _items(
    session: Session, organisation_id: str, aside: str | None, *, until: datetime, since: datetime
) -> list[Said]:
    query = (
        select_columns(col(Item.id), col(Item.channel), col(Item.created_at), col(Item.customer_id))
        .where(col(Item.organisation_id) == organisation_id, col(Item.set_aside).is_not_distinct_from(aside))
        .where(col(Item.created_at) <= until, col(Item.created_at) >= since)
        .order_by(col(Item.created_at), col(Item.id))
    )
    return [Said(None, *row) for row in session.execute(query)]


def active_customers(
    session: Session, organisation_id: str, *, days: Sequence[date], zone: str
) -> list[int] | None:
    """Return on how many accounts or customers usage was noted in the week up to each day; None if never."""
    if not days:
        return None
    day: ColumnElement[date] = func.date(func.timezone(zone, col(Event.occurred_at)))
    who = func.coalesce(col(Event.customer_id), col(Event.account_id))
    query = (
        select_columns(day, who)
        .where(col(Event.organisation_id) == organisation_id, col(Event.kind) == "usage", who.is_not(None))
        .where(day >= days[0] - timedelta(days=6), day <= days[-1])
        .distinct()
    )
    seen: dict[date, set[str]] = {}
    for when, whom in session.execute(query):
        seen.setdefault(when, set()).add(whom)
    if not seen:
        return None
    week = [timedelta(days=back) for back in range(7)]
    return [len(set().union(*(seen.get(each - back, set()) for back in week))) for each in days]


def item_names(session: Session, organisation_id: str, item_ids: Sequence[str]) -> list[dict[str, str]]:
    """Return how items are named, by source and id there, in the order of the ids that are given."""
    query = (
        select(Item.id, Source.name, Item.external_id)
        .join(Source, col(Source.id) == col(Item.source_id))
        .where(Item.organisation_id == organisation_id, col(Item.id).in_(item_ids))
    )
    names = {
        item_id: {"source": source, "external_id": external_id, "item_id": item_id}
        for item_id, source, external_id in session.exec(query)
    }
    return [names[item_id] for item_id in item_ids if item_id in names]


def texts(session: Session, organisation_id: str, item_ids: Collection[str]) -> list[tuple[str | None, str]]:
    """Return the customer and the redacted text of items, by id."""
    query = select_columns(col(Item.customer_id), col(Item.text)).where(
        col(Item.organisation_id) == organisation_id, col(Item.id).in_(item_ids)
    )
    rows = session.execute(query.order_by(col(Item.id).collate("C")))
    return [(customer, text or "") for customer, text in rows]


def all_alarms(session: Session, organisation_id: str) -> list[Alarm]:
    """Return every alarm, by when it was raised."""
    query = select(Alarm).where(Alarm.organisation_id == organisation_id)
    return list(session.exec(query.order_by(col(Alarm.raised_at), col(Alarm.id).collate("C"))))


def told(session: Session, organisation_id: str, *, theme_id: str | None = None) -> list[Told]:
    """Return the alarms, or those about one theme, with their themes: open ones first, then the newest."""
    query = select(Alarm, Theme).outerjoin(Theme, col(Theme.id) == col(Alarm.theme_id))
    query = query.where(Alarm.organisation_id == organisation_id)
    if theme_id is not None:
        query = query.where(Alarm.theme_id == theme_id)
    return [Told(*row) for row in session.execute(query.order_by(*OPEN_FIRST))]


def told_of(session: Session, organisation_id: str, alarm_id: str) -> Told:
    """Return one alarm with its theme. Raises NotFound."""
    alarm = get(session, organisation_id, alarm_id)
    return Told(alarm, session.get(Theme, alarm.theme_id) if alarm.theme_id else None)


def evidence(session: Session, organisation_id: str, item_ids: Collection[str]) -> list[tuple[Item, str]]:
    """Return items with their source's name, the newest first."""
    query = (
        select(Item, Source.name)
        .join(Source, col(Source.id) == col(Item.source_id))
        .where(Item.organisation_id == organisation_id, col(Item.id).in_(item_ids))
        .order_by(col(Item.created_at).desc(), col(Item.id).collate("C"))
    )
    return list(session.exec(query))


def get(session: Session, organisation_id: str, alarm_id: str) -> Alarm:
    """Return one alarm, to read it. Raises NotFound."""
    return _one(session, organisation_id, alarm_id, is_locked=False)


def lock(session: Session, organisation_id: str, alarm_id: str) -> Alarm:
    """Return one alarm, locked until the transaction ends, to decide about it. Raises NotFound."""
    return _one(session, organisation_id, alarm_id, is_locked=True)


def _one(session: Session, organisation_id: str, alarm_id: str, *, is_locked: bool) -> Alarm:
    query = select(Alarm).where(Alarm.organisation_id == organisation_id, Alarm.id == alarm_id)
    alarm = session.exec(query.with_for_update() if is_locked else query).one_or_none()
    if alarm is None:
        raise NotFound(f"There is no alarm {alarm_id}.")
    return alarm


def successors(session: Session, organisation_id: str) -> dict[str, str]:
    """Return where each theme that is no more leads on to."""
    query = select(Theme.id, Theme.successor_id).where(
        Theme.organisation_id == organisation_id,
        col(Theme.retired),
        col(Theme.successor_id).is_not(None),
    )
    return {theme_id: successor for theme_id, successor in session.exec(query) if successor is not None}


def quiet_list(session: Session, organisation_id: str) -> list[Quiet]:
    """Return the themes that are on the quiet list, by title."""
    quiet = quiet_by_id(session, organisation_id)
    query = select(Theme).where(Theme.organisation_id == organisation_id, among(col(Theme.id), quiet))
    ended = successors(session, organisation_id)
    themes = session.exec(query.order_by(col(Theme.title), col(Theme.id)))
    return [Quiet(quiet[theme.id], theme) for theme in themes if theme.id not in ended]


def quiet_by_id(session: Session, organisation_id: str) -> dict[str, Mute]:
    """Return how each theme is quiet, by every id that it has had: one that ended is what it went on as.

    What was said of a theme itself counts first, then what lasts longest.
    """
    leads_on = successors(session, organisation_id)
    mutes = session.exec(select(Mute).where(Mute.organisation_id == organisation_id)).all()
    quiet: dict[str | None, Mute] = {}
    for mute in sorted(mutes, key=lambda mute: (mute.until is None, mute.until or date.min, mute.theme_id)):
        quiet[led_on(mute.theme_id, leads_on)] = mute
    quiet |= {mute.theme_id: mute for mute in mutes if mute.theme_id not in leads_on}
    ids = {*leads_on, *(mute.theme_id for mute in mutes), *leads_on.values()}
    return {each: quiet[now] for each in ids if (now := led_on(each, leads_on)) in quiet}


def mute(session: Session, organisation_id: str, theme_id: str, *, until: date | None, by: str) -> None:
    """Put a theme on the quiet list, up to a day or for ever; once more changes only until when."""
    values = {"theme_id": theme_id, "organisation_id": organisation_id, "until": until, "by": by}
    statement = insert(Mute).values(**values, at=func.clock_timestamp())
    changed = {name: getattr(statement.excluded, name) for name in ("until", "by", "at")}
    session.execute(statement.on_conflict_do_update(index_elements=["theme_id"], set_=changed))


def mute_parts(session: Session, organisation_id: str, theme_id: str, parts: Collection[str]) -> None:
    """Let what came off a quiet theme be quiet as it is; from now on each is so for itself."""
    known = quiet_by_id(session, organisation_id).get(theme_id) if parts else None
    if known is not None:
        for part in parts:
            mute(session, organisation_id, part, until=known.until, by=known.by)


def unmute(session: Session, organisation_id: str, theme_id: str) -> None:
    """Take a theme off the quiet list, where it is on it, with all that went on as it."""
    leads_on = successors(session, organisation_id)
    told = {theme_id, *(old for old in leads_on if led_on(old, leads_on) == theme_id)}
    ours = col(Mute.organisation_id) == organisation_id
    session.exec(delete(Mute).where(ours, among(col(Mute.theme_id), told)))


def looked_until(session: Session, organisation_id: str) -> date | None:
    """Return the last day that was looked at; None where none was."""
    watch = session.get(Watch, organisation_id, populate_existing=True)
    return None if watch is None else watch.looked_until


def note_look(session: Session, organisation_id: str, until: date) -> None:
    """Note the last day that was looked at."""
    statement = insert(Watch).values(organisation_id=organisation_id, looked_until=until)
    session.execute(
        statement.on_conflict_do_update(index_elements=["organisation_id"], set_={"looked_until": until})
    )
