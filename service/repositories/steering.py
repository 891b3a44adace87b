"""What measures are reckoned from, and the measures as they were last reckoned."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import delete, text
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from service.models import Intervention, MeasureCase, MeasureSeries, Suggestion, Theme
from service.repositories.bulk import insert_rows
from service.rules.steering.frame import Every
from service.rules.steering.solving import Change

ITEMS = """
    SELECT item.id, item.source_id, item.channel, item.created_at, item.customer_id, item.account_id,
        COALESCE(item.segment, account.segment) AS segment, account.plan, item.product_area AS area,
        item.team, LEAST(item.replied_at, by_agent.at) AS answered_at, item.resolved_at, item.status
    FROM item
    LEFT JOIN account ON account.organisation_id = item.organisation_id
        AND account.account_id = item.account_id
    LEFT JOIN (
        SELECT item_id, min(created_at) AS at FROM message
        WHERE organisation_id = :of AND author_role = 'agent' GROUP BY item_id
    ) AS by_agent ON by_agent.item_id = item.id
    WHERE item.organisation_id = :of AND item.text IS NOT NULL AND item.set_aside IS NULL
    ORDER BY item.created_at, item.id COLLATE "C"
"""
THEMES = """
    SELECT span.item_id, CASE WHEN theme.ignored THEN NULL ELSE assignment.theme_id END AS theme_id,
        max(span.severity) AS severity, bool_or(span.kind <> 'praise') AS wants
    FROM assignment
    JOIN span ON span.id = assignment.span_id
    LEFT JOIN theme ON theme.id = assignment.theme_id
    WHERE assignment.run_id = :run AND assignment.organisation_id = :of
        AND (assignment.theme_id IS NOT NULL OR assignment.ignored)
    GROUP BY 1, 2
"""
USED = """
    SELECT DISTINCT period, date_trunc(period, occurred_at AT TIME ZONE :zone)::date AS start,
        customer_id, account_id
    FROM event, unnest(ARRAY['month', 'week']) AS period
    WHERE organisation_id = :of AND kind = 'usage' AND occurred_at < :before
        AND (customer_id IS NOT NULL OR account_id IS NOT NULL)
"""
USAGE = """
    SELECT account_id, customer_id, max((occurred_at AT TIME ZONE :zone)::date) AS day,
        sum(GREATEST(COALESCE(amount, 1), 0)) AS amount
    FROM event
    WHERE organisation_id = :of AND kind = 'usage' AND (customer_id IS NOT NULL OR account_id IS NOT NULL)
    GROUP BY account_id, customer_id, date_trunc('month', occurred_at AT TIME ZONE :zone)
"""
LOOKS = """
    SELECT DISTINCT (occurred_at AT TIME ZONE :zone)::date AS day, customer_id, account_id FROM event
    WHERE organisation_id = :of AND kind = 'article_view' AND customer_id IS NOT NULL
        AND occurred_at < :before
    UNION SELECT (searched_at AT TIME ZONE :zone)::date, customer_id, NULL FROM search
    WHERE organisation_id = :of AND results > 0 AND clicked IS NOT FALSE AND customer_id IS NOT NULL
        AND searched_at < :before
    UNION SELECT (min(occurred_at) AT TIME ZONE :zone)::date, NULL, NULL FROM event
    WHERE organisation_id = :of AND kind = 'article_view' AND customer_id IS NULL AND occurred_at < :before
    HAVING count(*) > 0
    UNION SELECT (min(searched_at) AT TIME ZONE :zone)::date, NULL, NULL FROM search
    WHERE organisation_id = :of AND customer_id IS NULL AND searched_at < :before
    HAVING count(*) > 0
"""
HAPPENED = ("signup", "expansion", "contraction")
AT_ONCE = 10_000
"""Rows that are fetched at a time."""
DECIDED = ("accepted", "done")


class Heard(NamedTuple):
    """An item with all that is measured of it; a tuple, for there are very many."""

    item_id: str
    source_id: str
    channel: str
    created_at: datetime
    customer_id: str | None
    account_id: str | None
    segment: str | None
    plan: str | None
    area: str | None
    team: str | None
    answered_at: datetime | None
    resolved_at: datetime | None
    status: str | None


class About(NamedTuple):
    """What an item says of a theme."""

    severity: int
    """The gravest, 0 where nothing is wrong."""
    wants: bool
    """False where it only praises."""


class Placed(NamedTuple):
    """What an item is about."""

    themes: Mapping[str, About]
    """The upper themes of interest."""
    is_ignored: bool
    """True where a person said of something in it that it is of no interest."""


class Used(NamedTuple):
    """Who used the product in a month or week."""

    period: Every
    start: date
    customer_id: str | None
    account_id: str | None


class Looked(NamedTuple):
    """Who looked into the help centre on a day; of those of nobody known, one stands for all."""

    day: date
    customer_id: str | None
    account_id: str | None


class Happened(NamedTuple):
    """What happened to an account beyond its standing."""

    signed: Sequence[date]
    expanded: Sequence[Change]
    contracted: Sequence[Change]


class Done(NamedTuple):
    """The day on which something changed about a theme, for one segment or all, and what it was."""

    theme_id: str
    day: date
    segment: str | None
    kind: str


def heard(session: Session, organisation_id: str) -> Iterator[Heard]:
    """Yield every item that was read and is not set aside, in the order of time."""
    rows = session.execute(text(ITEMS), {"of": organisation_id}, execution_options={"yield_per": AT_ONCE})
    for row in rows:
        yield Heard._make(row)


def placed(session: Session, organisation_id: str, run_id: str) -> dict[str, Placed]:
    """Return what each item is about that is in a theme, or of no interest, by its id."""
    themes: dict[str, dict[str, About]] = defaultdict(dict)
    ignored = set()
    rows = session.execute(
        text(THEMES), {"of": organisation_id, "run": run_id}, execution_options={"yield_per": AT_ONCE}
    )
    for item_id, theme_id, severity, wants in rows:
        if theme_id is None:
            ignored.add(item_id)
        else:
            themes[item_id][theme_id] = About(severity or 0, wants)
    return {item: Placed(themes.get(item, {}), item in ignored) for item in themes.keys() | ignored}


def used(session: Session, organisation_id: str, *, before: datetime, zone: tzinfo) -> list[Used]:
    """Return who used the product in each month and week up to a moment."""
    given = {"of": organisation_id, "before": before, "zone": str(zone)}
    return [Used._make(row) for row in session.execute(text(USED), given)]


def usage(
    session: Session, organisation_id: str, *, zone: tzinfo, account_of: Mapping[str, str]
) -> dict[str, list[Change]]:
    """Return how much each account used the product, a month at once, on the month's last day of use."""
    found: dict[str, list[Change]] = defaultdict(list)
    rows = session.execute(text(USAGE), {"of": organisation_id, "zone": str(zone)})
    for account_id, customer_id, day, amount in rows:
        whose = account_id or account_of.get(customer_id)
        if whose is not None:
            found[whose].append(Change(day, amount))
    return found


def looks(session: Session, organisation_id: str, *, before: datetime, zone: tzinfo) -> list[Looked]:
    """Return who looked into the help centre on which day, up to a moment."""
    given = {"of": organisation_id, "before": before, "zone": str(zone)}
    return [Looked._make(row) for row in session.execute(text(LOOKS), given)]


def happened(session: Session, organisation_id: str, *, zone: tzinfo) -> dict[str, Happened]:
    """Return when each account signed, grew and shrank, and by how much."""
    query = text(
        "SELECT account_id, kind, occurred_at, amount FROM event WHERE organisation_id = :of"
        ' AND account_id IS NOT NULL AND kind = ANY(:kinds) ORDER BY occurred_at, id COLLATE "C"'
    )
    found: dict[str, dict[str, list[Change]]] = defaultdict(lambda: defaultdict(list))
    for account_id, kind, at, amount in session.execute(
        query, {"of": organisation_id, "kinds": list(HAPPENED)}
    ):
        known = None if amount is None or amount <= 0 else Decimal(amount)
        found[account_id][kind].append(Change(at.astimezone(zone).date(), known))
    return {
        account: Happened([one.day for one in kinds["signup"]], kinds["expansion"], kinds["contraction"])
        for account, kinds in found.items()
    }


def solutions(session: Session, organisation_id: str, *, zone: tzinfo) -> list[Done]:
    """Return when something changed for customers."""
    query = select(Intervention).where(
        Intervention.organisation_id == organisation_id, col(Intervention.theme_id).is_not(None)
    )
    return [
        Done(one.theme_id or "", one.occurred_at.astimezone(zone).date(), one.segment, one.kind)
        for one in session.exec(query)
    ]


def decisions(session: Session, organisation_id: str, *, zone: tzinfo) -> list[tuple[str, date]]:
    """Return when it was decided, and written down why, not to act on a theme."""
    query = select(Suggestion).where(
        Suggestion.organisation_id == organisation_id, col(Suggestion.decided_at).is_not(None)
    )
    return [
        (one.theme_id, one.decided_at.astimezone(zone).date())
        for one in session.exec(query)
        if one.decided_at is not None
        and (one.status == "dismissed" or (one.action == "no_action" and one.status in DECIDED))
    ]


def efforts(session: Session, organisation_id: str) -> dict[str, float]:
    """Return the days of work of themes of which somebody said how many."""
    query = select(Theme.id, col(Theme.effort_days)).where(
        Theme.organisation_id == organisation_id, col(Theme.effort_days).is_not(None)
    )
    return {theme: days for theme, days in session.exec(query) if days is not None}


def replace_all(
    session: Session,
    organisation_id: str,
    series: Sequence[Mapping[str, Any]],
    cases: Sequence[Mapping[str, Any]],
) -> None:
    """Write what was reckoned in the place of what was written."""
    for table, rows in ((MeasureSeries, series), (MeasureCase, cases)):
        session.execute(delete(table).where(col(table.organisation_id) == organisation_id))
        for start in range(0, len(rows), AT_ONCE):
            insert_rows(session, table, rows[start : start + AT_ONCE])


def series_of(session: Session, organisation_id: str, slice_: str) -> dict[tuple[str, str], MeasureSeries]:
    """Return the measures of a slice, by name and length of the periods."""
    query = select(MeasureSeries).where(
        MeasureSeries.organisation_id == organisation_id, MeasureSeries.slice == slice_
    )
    return {(one.measure, one.every): one for one in session.exec(query)}


def slices(session: Session, organisation_id: str) -> list[str]:
    """Return the slices that are measured, without everybody."""
    query = select(MeasureSeries.slice).where(
        MeasureSeries.organisation_id == organisation_id,
        MeasureSeries.measure == "contact_rate",
        MeasureSeries.every == "month",
        MeasureSeries.slice != "",
    )
    return sorted(session.exec(query))


class Behind(NamedTuple):
    """What stands behind a measure, as `MeasureCase` keeps it; a tuple, for a month may have thousands."""

    kind: str
    day: date
    key: str
    slices: Sequence[str]
    facts: Mapping[str, Any]


def cases(
    session: Session, organisation_id: str, kind: str, *, since: date, until: date, slice_: str = ""
) -> list[Behind]:
    """Return what stands behind a measure on some days, by day and key."""
    query = select_columns(*(col(getattr(MeasureCase, name)) for name in Behind._fields)).where(
        col(MeasureCase.organisation_id) == organisation_id,
        col(MeasureCase.kind) == kind,
        col(MeasureCase.day) >= since,
        col(MeasureCase.day) <= until,
    )
    if slice_:
        query = query.where(col(MeasureCase.slices).contains([slice_]))
    ordered = query.order_by(col(MeasureCase.day), col(MeasureCase.key).collate("C"))
    return [Behind._make(row) for row in session.execute(ordered)]
