"""The stage that says what solving each theme is worth, and ranks them by it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from service.db import Database
from service.models import Theme
from service.pipeline.report import Progress, Report, silent
from service.repositories import locks, organisations, values
from service.repositories.heard import heard_between
from service.repositories.runs import live_run
from service.rules.stability import Ranks, ranks
from service.rules.value import Term, World, Worth, in_order, weigh, world

STAGE = "value"
DIGITS = 3
"""After the point, of what is kept."""


def run(db: Database, organisation_id: str, *, progress: Progress = silent) -> Report:
    """Weigh every upper theme that lives, in one transaction: all of it, or nothing."""
    with db.begin() as session:
        done = refresh(session, organisation_id)
    progress(STAGE, done, done)
    return Report(stage=STAGE, done=done)


def refresh(session: Session, organisation_id: str) -> int:
    """Weigh every theme in the caller's transaction; return how many there are."""
    locks.hold(session, STAGE, organisation_id)
    zone = organisations.zone_of(session, organisation_id)
    around = surroundings(session, organisation_id)
    live = live_run(session, organisation_id)
    if around is None or live is None:
        values.replace_all(session, organisation_id, [])
        return 0
    themes = values.weighable(session, organisation_id)
    said = values.said(session, organisation_id, live.id, since=around.since, zone=zone)
    found = weigh(
        (each for each in said if each.theme_id in themes),
        around,
        account_of=values.accounts_of_customers(session, organisation_id),
        efforts={theme: days for theme, days in themes.items() if days is not None},
    )
    ordered = in_order(found.values())
    firm = ranks(ordered, around.compared, around.weighting)
    values.replace_all(session, organisation_id, _rows(organisation_id, around, ordered, firm))
    return len(ordered)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What a theme is worth now, with all that it rests on."""

    around: World
    worth: Worth


def opened(session: Session, theme: Theme) -> Opened | None:
    """Weigh one theme by what is known now; None where nothing is said of it in the time that counts."""
    organisation_id = theme.organisation_id
    around = surroundings(session, organisation_id)
    live = live_run(session, organisation_id)
    if around is None or live is None:
        return None
    said = values.said(
        session,
        organisation_id,
        live.id,
        since=around.since,
        zone=organisations.zone_of(session, organisation_id),
        theme_id=theme.id,
    )
    customers = {each.customer_id for each in said if each.customer_id is not None}
    found = weigh(
        said,
        around,
        account_of=values.accounts_of_customers(session, organisation_id, customers),
        efforts={} if theme.effort_days is None else {theme.id: theme.effort_days},
    )
    return Opened(around=around, worth=found[theme.id]) if theme.id in found else None


def surroundings(session: Session, organisation_id: str) -> World | None:
    """Return what themes are weighed against; None where nobody was ever heard."""
    zone = organisations.zone_of(session, organisation_id)
    heard = heard_between(session, organisation_id, zone=zone)
    if heard is None:
        return None
    return world(
        values.standings(session, organisation_id, zone=zone),
        first=heard[0],
        until=heard[1],
        weighting=values.weighting(session, organisation_id),
    )


def told(term: Term) -> dict[str, Any]:
    """Return a term as it is kept, shown and exported."""
    points = term.points
    return {
        "term": term.name,
        "points": None if points is None else _rounded(points.value),
        "low": None if points is None else _rounded(points.low),
        "high": None if points is None else _rounded(points.high),
        "weight": term.weight,
        "reason": term.reason,
        "facts": dict(term.facts),
    }


def _rows(
    organisation_id: str, around: World, ordered: Sequence[Worth], firm: Sequence[Ranks]
) -> list[Mapping[str, Any]]:
    return [
        {
            "theme_id": one.theme_id,
            "organisation_id": organisation_id,
            "worth": _rounded(one.worth.value),
            "low": _rounded(one.worth.low),
            "high": _rounded(one.worth.high),
            "rank": rank,
            "rank_low": min(rank, between.low),
            "rank_high": max(rank, between.high),
            "terms": [told(term) for term in one.terms],
            "since": around.since.isoformat(),
            "until": around.until.isoformat(),
        }
        for rank, (one, between) in enumerate(zip(ordered, firm, strict=True), start=1)
    ]


def _rounded(value: float) -> float:
    return round(value, DIGITS) + 0.0  # never minus zero
