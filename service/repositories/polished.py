"""What a language model put into better words."""

from collections.abc import Mapping, Sequence

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from service.models import Polished


def known(session: Session, organisation_id: str, ids: Sequence[str]) -> dict[str, str | None]:
    """Return what is known of these texts: the better one, or None where there is none."""
    query = select(Polished.id, Polished.text).where(
        Polished.organisation_id == organisation_id, col(Polished.id).in_(ids)
    )
    return dict(session.exec(query).all())


def keep(session: Session, organisation_id: str, texts: Mapping[str, str | None]) -> None:
    """Store what a model made of texts; what is known already stays."""
    if texts:
        rows = [{"organisation_id": organisation_id, "id": one, "text": text} for one, text in texts.items()]
        session.execute(insert(Polished).values(rows).on_conflict_do_nothing())
