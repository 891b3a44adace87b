"""What was heard at each touchpoint, and what of it others should know: one count over some days."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from time import monotonic
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlmodel import Session

from nlp.sentiment import NEGATIVE
from service.models import TallyOfTouchpoints, Theme
from service.models.touchpoint import UNKNOWN
from service.repositories import locks, organisations, overview
from service.repositories import themes as theme_repository
from service.repositories.runs import live_run
from service.repositories.touchpoints import LAYER, MOMENT

LARGEST = 3
"""Themes that are told of a touchpoint."""
MOST_FED = 5
"""Themes that a layer is told of what tech touch heard."""
DAYS = 26 * 7
"""What is counted beforehand, up to today."""
EVER = (datetime(1970, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC))
_COUNT = f"""
    WITH heard AS MATERIALIZED (
        SELECT item.id, coalesce(item.customer_id, item.id) AS who, item.account_id,
            coalesce({LAYER}, '{UNKNOWN}') AS layer, coalesce({MOMENT}, '{UNKNOWN}') AS moment
        FROM item JOIN source ON source.id = item.source_id
        WHERE item.organisation_id = :organisation_id AND item.set_aside IS NULL
            AND item.created_at >= :since AND item.created_at < :until {{of_account}}
    ), said AS MATERIALIZED (
        SELECT heard.id, heard.who, heard.account_id, heard.layer, heard.moment,
            CASE WHEN NOT theme.ignored THEN theme.id END AS theme_id,
            bool_or(span.sentiment <= {NEGATIVE}) AS unhappy, bool_or(a.ignored OR theme.ignored) AS ignored
        FROM heard LEFT JOIN span ON span.item_id = heard.id
        LEFT JOIN assignment AS a ON a.span_id = span.id AND a.run_id = :run_id
        LEFT JOIN theme ON theme.id = a.theme_id
        GROUP BY 1, 2, 3, 4, 5, 6
    ), counted AS (
        SELECT who, layer, moment, coalesce(bool_or(unhappy), false) AS unhappy FROM said
        GROUP BY id, who, layer, moment HAVING count(theme_id) > 0 OR bool_or(ignored) IS NOT TRUE
    ), people AS (
        SELECT layer, moment, who, count(*) AS voices, count(*) FILTER (WHERE unhappy) AS unhappy
        FROM counted GROUP BY 1, 2, 3
    ), spoken AS (
        SELECT layer, moment, theme_id, count(*) AS voices,
            row_number() OVER (PARTITION BY layer, moment ORDER BY count(*) DESC, theme_id) AS place
        FROM said WHERE theme_id IS NOT NULL GROUP BY 1, 2, 3
    ), met AS (
        SELECT DISTINCT layer, account_id FROM heard
        WHERE layer IN ('low', 'high') AND account_id IS NOT NULL
    ), told AS (
        SELECT other.layer, said.theme_id, count(*) AS voices, count(DISTINCT said.account_id) AS accounts,
            row_number() OVER (
                PARTITION BY other.layer
                ORDER BY count(DISTINCT said.account_id) DESC, count(*) DESC, theme_id
            ) AS place
        FROM said CROSS JOIN (VALUES ('low'), ('high')) AS other (layer)
        WHERE said.layer = 'tech' AND said.theme_id IS NOT NULL
            AND ((other.layer, said.account_id) IN (SELECT layer, account_id FROM met)) IS TRUE
        GROUP BY 1, 2
    )
    SELECT 'cell', layer, moment, NULL, sum(voices), count(*), sum(unhappy) FROM people GROUP BY 2, 3
    UNION ALL
    SELECT 'theme', layer, moment, theme_id, voices, 0, 0 FROM spoken WHERE place <= {LARGEST}
    UNION ALL
    SELECT 'told', layer, '', theme_id, voices, accounts, (
        SELECT count(*) FROM spoken WHERE spoken.layer = told.layer AND spoken.theme_id = told.theme_id
    ) FROM told WHERE place <= {MOST_FED}
    ORDER BY 1, 5 DESC, 4
"""
"""IS TRUE keeps the accounts that are met in a hash: they would else be gone through for each voice."""
_OF_ALL = text(_COUNT.format(of_account=""))
_OF_ONE = text(_COUNT.format(of_account="AND item.account_id = :account_id"))


class Spoken(NamedTuple):
    """A theme at a touchpoint, with its voices there."""

    theme: Theme
    voices: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What was heard at a touchpoint."""

    voices: int
    customers: int
    """Known customers, and one for each voice without a customer."""
    unhappy: int
    """Voices that say something that sounds so."""
    themes: Sequence[Spoken]
    """The largest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A theme that tech touch heard of accounts that another layer meets."""

    theme: Theme
    voices: int
    accounts: int
    heard_there: bool
    """Whether the other layer heard it itself in these days, of anybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """Everything that was heard in some days, by where."""

    cells: Mapping[tuple[str, str], Cell]
    """By layer and moment, each `unknown` where nobody knows; a touchpoint without voices is left out."""
    told: Mapping[str, Sequence[Told]]
    """What a layer should know of what tech touch heard, those of most accounts first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What was heard where in the last weeks, as it was last counted."""

    since: date
    until: date
    """The last day that is meant."""
    matrix: Matrix
    counted_at: datetime


def last_days(today: date) -> tuple[date, date]:
    """Return the first and the last of the days that are counted beforehand."""
    return max(today - timedelta(days=DAYS - 1), EVER[0].date()), today


def keep(session: Session, organisation_id: str, *, now: datetime, anew: bool = False) -> None:
    """Count what was heard where in the last weeks; not where that takes long and was done just now.

    With `anew` it is counted even so. Of two that come at once the second waits for the first.
    """
    locks.hold(session, "touchpoints", organisation_id)
    known = session.get(TallyOfTouchpoints, organisation_id)
    if not anew and known is not None and overview.is_fresh(known, now):
        return
    zone = organisations.zone_of(session, organisation_id)
    since, until = last_days(now.astimezone(zone).date())
    began = monotonic()
    rows = _counted(session, organisation_id, since=_start(since, zone), until=_end(until, zone))
    told = [[what, layer, moment, theme_id, *map(int, rest)] for what, layer, moment, theme_id, *rest in rows]
    session.merge(
        TallyOfTouchpoints(
            organisation_id=organisation_id,
            since=since,
            until=until,
            rows=told,
            counted_at=now,
            seconds=monotonic() - began,
        )
    )
    session.flush()


def kept(session: Session, organisation_id: str, *, today: date) -> Kept | None:
    """Return what was counted beforehand; None where that is old, or where it is counted in a moment.

    A theme that was ignored or merged away since is left out.
    """
    known = session.get(TallyOfTouchpoints, organisation_id)
    if known is None or overview.is_quick(known) or today - known.until > timedelta(days=1):
        return None
    themes = theme_repository.named(session, organisation_id, {row[3] for row in known.rows if row[3]})
    shown = {name: theme for name, theme in themes.items() if not theme.ignored and not theme.retired}
    rows = [row for row in known.rows if row[3] is None or row[3] in shown]
    return Kept(
        since=known.since, until=known.until, matrix=_matrix(rows, shown), counted_at=known.counted_at
    )


def _start(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone)


def _end(day: date, zone: ZoneInfo) -> datetime:
    return _start(day + timedelta(days=1), zone)


def count(
    session: Session,
    organisation_id: str,
    *,
    since: datetime = EVER[0],
    until: datetime = EVER[1],
    account_id: str = "",
) -> Matrix:
    """Count the voices that came from `since` on and before `until`, of all accounts or of one.

    What was set aside or ignored is left out.
    """
    rows = _counted(session, organisation_id, since=since, until=until, account_id=account_id)
    ids = {row[3] for row in rows if row[3] is not None}
    return _matrix(rows, theme_repository.named(session, organisation_id, ids))


def _counted(
    session: Session, organisation_id: str, *, since: datetime, until: datetime, account_id: str = ""
) -> Sequence[Any]:
    run = live_run(session, organisation_id)
    wanted = {
        "organisation_id": organisation_id,
        "since": since,
        "until": until,
        "run_id": run.id if run else "",
    }
    one = {"account_id": account_id} if account_id else {}
    return session.execute(_OF_ONE if account_id else _OF_ALL, wanted | one).all()


def _matrix(rows: Sequence[Any], themes: Mapping[str, Theme]) -> Matrix:
    spoken: dict[tuple[str, str], list[Spoken]] = defaultdict(list)
    told: dict[str, list[Told]] = defaultdict(list)
    for what, layer, moment, theme_id, voices, others, more in rows:
        if what == "theme":
            spoken[layer, moment].append(Spoken(themes[theme_id], voices))
        elif what == "told":
            one = Told(theme=themes[theme_id], voices=voices, accounts=others, heard_there=more > 0)
            told[layer].append(one)
    cells = {
        (layer, moment): Cell(
            voices=int(voices), customers=others, unhappy=int(more), themes=spoken[layer, moment]
        )
        for what, layer, moment, _, voices, others, more in rows
        if what == "cell"
    }
    by_accounts = {
        layer: sorted(some, key=lambda one: (-one.accounts, -one.voices, one.theme.id))
        for layer, some in told.items()
    }
    return Matrix(cells=cells, told=by_accounts)
