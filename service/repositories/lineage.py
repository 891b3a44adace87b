"""Lineage: what happened to themes from run to run."""

from collections.abc import Collection, Sequence
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from sqlalchemy import or_
from sqlmodel import Session, col, delete, select

from service.models import Lineage, Run, Theme
from service.repositories.among import among
from service.repositories.runs import ACCEPTED
from service.repositories.themes import current_theme
from service.rules.lineage import Step
from service.rules.lineage import heirs as follow

LEADING = ("split", "merge", "death")
"""Events that lead from one theme to another."""


def list_lineage(session: Session, organisation_id: str) -> list[Lineage]:
    """Return every event, by run and then by what it was; what a preview would do has not happened."""
    query = (
        select(Lineage)
        .join(Run, col(Run.id) == col(Lineage.run_id))
        .where(Lineage.organisation_id == organisation_id, col(Run.state).in_(ACCEPTED))
    )
    events = session.exec(query.order_by(col(Lineage.run_id).collate("C"), col(Lineage.id).collate("C")))
    return list(events)


def heirs(session: Session, organisation_id: str, themes: Sequence[Theme]) -> dict[str, list[Theme]]:
    """Return for each theme that retired the living ones that its voices went to, its successor first.

    They are found by all that happened since, however long ago: merges, and splits of what it merged into.
    """
    retired = [theme for theme in themes if theme.retired]
    if not retired:
        return {}
    runs = _steps(session, organisation_id)
    known = select(Theme).where(Theme.organisation_id == organisation_id, col(Theme.retired).is_(False))
    living = {theme.id: theme for theme in session.exec(known)}
    found = {}
    for theme in retired:
        first = current_theme(session, organisation_id, theme.id).id
        reached = follow(theme.id, runs, living=living.keys())
        found[theme.id] = [living[name] for name in dict.fromkeys([first, *reached]) if name in living]
    return found


def _steps(session: Session, organisation_id: str) -> list[list[Step]]:
    """Return every event that led from a theme to others, run by run."""
    query = (
        select(Run.ordinal, Lineage.from_ids, Lineage.to_ids)
        .join(Run, col(Run.id) == col(Lineage.run_id))
        .where(Lineage.organisation_id == organisation_id, col(Run.state).in_(ACCEPTED))
        .where(col(Lineage.event).in_(LEADING))
        .order_by(col(Run.ordinal), col(Lineage.id).collate("C"))
    )
    rows = session.exec(query)
    return [[(was, becomes) for _, was, becomes in run] for _, run in groupby(rows, key=itemgetter(0))]


class Happening(NamedTuple):
    """An event as the themes in it remember it."""

    event: Lineage
    run: Run
    others: dict[str, Theme]
    """The other themes of the event by id."""


def history(session: Session, organisation_id: str, theme_id: str) -> list[Happening]:
    """Return what happened to one theme, the newest run first."""
    query = (
        select(Lineage, Run)
        .join(Run, col(Run.id) == col(Lineage.run_id))
        .where(Lineage.organisation_id == organisation_id, col(Run.state).in_(ACCEPTED))
        .where(or_(col(Lineage.from_ids).contains([theme_id]), col(Lineage.to_ids).contains([theme_id])))
    )
    found = list(session.exec(query.order_by(col(Run.ordinal).desc(), col(Lineage.id).collate("C"))))
    ids = {other for event, _ in found for other in (*event.from_ids, *event.to_ids)} - {theme_id}
    named = select(Theme).where(Theme.organisation_id == organisation_id, col(Theme.id).in_(ids))
    themes = {theme.id: theme for theme in session.exec(named.order_by(col(Theme.id).collate("C")))}
    return [
        Happening(event, run, {i: themes[i] for i in (*event.from_ids, *event.to_ids) if i in themes})
        for event, run in found
    ]


def forget(session: Session, organisation_id: str, event_ids: Collection[str]) -> None:
    """Drop events of these ids; one that is not there is passed over."""
    ours = col(Lineage.organisation_id) == organisation_id
    session.exec(delete(Lineage).where(ours, among(col(Lineage.id), event_ids)))
