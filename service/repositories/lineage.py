"""Lineage: what happened to themes from run to run."""

from typing import NamedTuple

from sqlalchemy import or_
from sqlmodel import Session, col, select

from service.models import Lineage, Run, Theme
from service.repositories.runs import ACCEPTED


def list_lineage(session: Session, organisation_id: str) -> list[Lineage]:
    """Return every event, by run and then by what it was; what a preview would do has not happened."""
    query = (
        select(Lineage)
        .join(Run, col(Run.id) == col(Lineage.run_id))
        .where(Lineage.organisation_id == organisation_id, col(Run.state).in_(ACCEPTED))
    )
    events = session.exec(query.order_by(col(Lineage.run_id).collate("C"), col(Lineage.id).collate("C")))
    return list(events)


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
