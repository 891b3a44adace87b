"""The stored figures of themes: counted from their voices, and read by lists."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import delete, func, text
from sqlmodel import Session, col, select

from service.models import Tally, Theme, Value
from service.models.touchpoint import UNKNOWN
from service.repositories import figures, themes, tones, values
from service.repositories.among import among
from service.repositories.bulk import insert_rows
from service.repositories.figures import ThemeFigures
from service.repositories.runs import live_run
from service.repositories.touchpoints import LAYER, MOMENT
from service.rules.contacts import iso_week, monday_of

WEEKS = 52
"""How many of the last weeks are kept."""
AT_ONCE = 100
"""Themes that are counted together."""
_FACETS = text(
    f"""
    WITH said AS (
        SELECT DISTINCT a.theme_id, s.item_id FROM assignment AS a JOIN span AS s ON s.id = a.span_id
        WHERE a.run_id = :run_id AND a.theme_id = ANY(:theme_ids)
    ), heard AS (
        SELECT said.theme_id, source.name AS source, item.channel, item.product_area AS area, account.plan,
            coalesce({LAYER}, '{UNKNOWN}') AS layer, coalesce({MOMENT}, '{UNKNOWN}') AS moment
        FROM said JOIN item ON item.id = said.item_id JOIN source ON source.id = item.source_id
        LEFT JOIN account
            ON account.organisation_id = item.organisation_id AND account.account_id = item.account_id
    )
    SELECT theme_id, facet.name, facet.value, count(*)
    FROM heard, LATERAL (
        VALUES ('source', source), ('channel', channel), ('area', area), ('plan', plan), ('layer', layer),
            ('moment', moment)
    ) AS facet (name, value)
    WHERE facet.value <> '' GROUP BY theme_id, facet.name, facet.value
    """
)
_DOUBT = text(
    """
    UPDATE tally SET stale = true FROM assignment AS a JOIN span AS s ON s.id = a.span_id
    JOIN run ON run.id = a.run_id AND run.state = 'live'
    WHERE s.item_id = ANY(:item_ids) AND tally.theme_id = a.theme_id AND NOT tally.stale
    """
)
Ends = tuple[date | None, date | None]
"""The Mondays of the last week with a contact, and of that with an item."""
Weeks = tuple[tuple[str, int], ...]


def doubt(session: Session, item_ids: Sequence[str]) -> None:
    """Let the themes that these items speak of be counted anew wherever they are shown."""
    session.execute(_DOUBT, {"item_ids": list(item_ids)})


def stale(session: Session, organisation_id: str) -> list[str]:
    """Return the themes that voices left since they were counted."""
    return list(
        session.exec(select(Tally.theme_id).where(Tally.organisation_id == organisation_id, col(Tally.stale)))
    )


def count(
    session: Session, organisation_id: str, *, zone: tzinfo, theme_ids: Collection[str] | None = None
) -> int:
    """Count all upper themes that live, or some; return how many there were of them."""
    run = live_run(session, organisation_id)
    query = select(Theme).where(
        Theme.organisation_id == organisation_id,
        col(Theme.parent_id).is_(None),
        col(Theme.retired).is_(False),
    )
    gone = delete(Tally).where(col(Tally.organisation_id) == organisation_id)
    if theme_ids is not None:
        query = query.where(among(col(Theme.id), theme_ids))
        gone = gone.where(among(col(Tally.theme_id), theme_ids))
    themes = list(session.exec(query.order_by(col(Theme.id)))) if run is not None else []
    session.execute(gone)
    for start in range(0, len(themes), AT_ONCE):
        some = themes[start : start + AT_ONCE]
        counted = figures.count(session, organisation_id, run.id if run else "", some, zone=zone)
        ids = [theme.id for theme in some]
        facets = _facets(session, run.id if run else "", ids)
        told = tones.of_themes(session, run.id if run else "", ids)
        rows = [_row(each, facets[each.theme.id], told[each.theme.id]) for each in counted]
        insert_rows(session, Tally, rows)
    return len(themes)


def _facets(session: Session, run_id: str, theme_ids: Sequence[str]) -> dict[str, dict[str, dict[str, int]]]:
    found: dict[str, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    for theme_id, name, value, items in session.execute(
        _FACETS, {"run_id": run_id, "theme_ids": list(theme_ids)}
    ):
        found[theme_id][name][value] = items
    return found


def _row(
    counted: ThemeFigures, facets: Mapping[str, Mapping[str, int]], told: tones.Counts
) -> Mapping[str, Any]:
    weeks, until = _kept(counted.weekly)
    weeks_items, until_items = _kept(counted.weekly_items)
    return {
        "theme_id": counted.theme.id,
        "organisation_id": counted.theme.organisation_id,
        "spans": counted.spans,
        "items": counted.items,
        "customers": counted.customers,
        "people": counted.people,
        "accounts": counted.accounts,
        "contacts": counted.contacts,
        "repeats": counted.repeats,
        "repeat_rate": counted.repeat_rate,
        "revenue": {currency: str(amount) for currency, amount in counted.revenue.items()},
        "first_seen": counted.first_seen,
        "last_seen": counted.last_seen,
        "weeks": weeks,
        "until": until,
        "weeks_items": weeks_items,
        "until_items": until_items,
        "facets": {**facets, "lang": dict(counted.languages)},
        "told": {"severity": dict(told.severities), "tone": dict(told.tones)},
        "stale": False,
    }


def _kept(weekly: Weeks) -> tuple[list[int], str | None]:
    """Return the counts of the last weeks, and the Monday of the last one; None without any."""
    counts = [count for _, count in weekly[-WEEKS:]]
    return counts, monday_of(weekly[-1][0]).isoformat() if weekly else None


def last_weeks(session: Session, organisation_id: str) -> Ends:
    """Return the Monday of the last week with a contact about any theme, and of that with an item."""
    query = select(func.max(Tally.until), func.max(Tally.until_items))
    contacts, items = session.exec(query.where(Tally.organisation_id == organisation_id)).one()
    return contacts, items


def aligned(weeks: Sequence[int], until: date | None, last: date | None) -> list[int]:
    """Return the last weeks up to `last`: what was counted before the newest week began has none in it."""
    late = 0 if until is None or last is None else (last - until).days // 7
    return ([0] * WEEKS + list(weeks) + [0] * late)[-WEEKS:]


def stored(
    session: Session, organisation_id: str, themes: Sequence[Theme], *, zone: tzinfo
) -> list[ThemeFigures]:
    """Return the figures of upper themes in their order, as they were counted last.

    Their weeks are the last 52, and kinds are not among them. A theme whose voices changed since, or that
    never was counted, is counted now.
    """
    ids = [theme.id for theme in themes]
    query = select(Tally).where(
        Tally.organisation_id == organisation_id, among(col(Tally.theme_id), ids), col(Tally.stale).is_(False)
    )
    known = {tally.theme_id: tally for tally in session.exec(query)}
    worths = values.of(session, organisation_id, ids)
    last = last_weeks(session, organisation_id)
    run = live_run(session, organisation_id)
    missing = [theme for theme in themes if theme.id not in known]
    counted = figures.count(session, organisation_id, run.id, missing, zone=zone) if run and missing else []
    anew = {each.theme.id: each for each in counted}
    return [
        _figures(theme, known[theme.id], worths, last)
        if theme.id in known
        else anew.get(theme.id, ThemeFigures(theme=theme, revenue={}, kinds={}, languages={}))
        for theme in themes
    ]


def of_theme(
    session: Session, organisation_id: str, theme: Theme, *, zone: tzinfo
) -> tuple[ThemeFigures, tones.Counts]:
    """Return the figures of a theme, and what is told of its voices: of an upper one as counted last."""
    if theme.parent_id is not None:
        return (
            themes.counted(session, organisation_id, [theme], zone=zone)[0],
            tones.of_theme(session, organisation_id, theme.id, upper=False),
        )
    [shown] = stored(session, organisation_id, [theme], zone=zone)
    known = session.get(Tally, theme.id)
    if known is None or known.stale:
        return shown, tones.of_theme(session, organisation_id, theme.id, upper=True)
    return shown, tones.counts(known.items, known.told["severity"], known.told["tone"])


def _figures(theme: Theme, tally: Tally, worths: Mapping[str, Value], last: Ends) -> ThemeFigures:
    return ThemeFigures(
        theme=theme,
        spans=tally.spans,
        items=tally.items,
        customers=tally.customers,
        people=tally.people,
        accounts=tally.accounts,
        revenue={currency: Decimal(amount) for currency, amount in tally.revenue.items()},
        contacts=tally.contacts,
        repeats=tally.repeats,
        repeat_rate=tally.repeat_rate,
        first_seen=tally.first_seen,
        last_seen=tally.last_seen,
        weekly=_weekly(tally.weeks, tally.until, last[0]),
        weekly_items=_weekly(tally.weeks_items, tally.until_items, last[1]),
        kinds={},
        languages=tally.facets.get("lang", {}),
        value=worths.get(theme.id),
    )


def _weekly(weeks: Sequence[int], until: date | None, last: date | None) -> Weeks:
    if until is None or last is None:
        return ()
    counts = aligned(weeks, until, last)[-len(weeks) - (last - until).days // 7 :]
    return tuple(zip(_names(last)[-len(counts) :], counts, strict=True))


@lru_cache(maxsize=100)
def _names(last: date) -> tuple[str, ...]:
    """Return what the weeks that are kept are called, up to that of a Monday."""
    return tuple(iso_week(last - timedelta(weeks=back)) for back in reversed(range(WEEKS)))
