"""Lineage: what happened to themes from run to run."""

from sqlalchemy import or_
from sqlmodel import Session, col, select

from service.models import Lineage, Run


def list_lineage(session: Session, organisation_id: str) -> list[Lineage]:
    """Return every event, by run and then by what it was."""
    query = select(Lineage).where(Lineage.organisation_id == organisation_id)
    events = session.exec(query.order_by(col(Lineage.run_id).collate("C"), col(Lineage.id).collate("C")))
    return list(events)


def lineage_of(session: Session, organisation_id: str, theme_id: str) -> list[Lineage]:
    """Return what happened to one theme, the newest run first."""
    query = (
        select(Lineage)
        .join(Run, col(Run.id) == col(Lineage.run_id))
        .where(Lineage.organisation_id == organisation_id)
        .where(or_(col(Lineage.from_ids).contains([theme_id]), col(Lineage.to_ids).contains([theme_id])))
    )
    return list(session.exec(query.order_by(col(Run.ordinal).desc(), col(Lineage.id).collate("C"))))
