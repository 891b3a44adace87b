"""One-time links."""

from sqlalchemy import delete
from sqlmodel import Session, col, select

from service.models import Invitation


def lock(session: Session, invitation_id: str) -> Invitation | None:
    """Return an invitation that nobody else can use until this transaction ends."""
    query = select(Invitation).where(Invitation.id == invitation_id).with_for_update()
    return session.exec(query).one_or_none()


def delete_of(session: Session, person_id: str) -> None:
    """Void the links of a person."""
    session.execute(delete(Invitation).where(col(Invitation.person_id) == person_id))


def delete_first_ones(session: Session, organisation_id: str) -> None:
    """Void the links that would make an organisation's first administrator."""
    session.execute(
        delete(Invitation).where(
            col(Invitation.organisation_id) == organisation_id, col(Invitation.person_id).is_(None)
        )
    )
