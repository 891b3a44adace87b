"""What customers said about being told of things."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, delete, select

from service.models import Consent
from service.repositories.among import among


def answers(session: Session, organisation_id: str, customer_ids: Collection[str]) -> dict[str, str]:
    """Return what these customers said, of those who said something."""
    query = select(Consent.customer_id, Consent.answer).where(
        Consent.organisation_id == organisation_id, among(col(Consent.customer_id), customer_ids)
    )
    return dict(session.exec(query).all())


def keep(
    session: Session, organisation_id: str, told: Mapping[str, str], *, by: str, at: datetime
) -> dict[str, str]:
    """Remember what customers said (`yes`, `no`, or `unknown` for nothing); return what changed by this."""
    before = answers(session, organisation_id, told.keys())
    changed = {one: answer for one, answer in told.items() if before.get(one, "unknown") != answer}
    forgotten = [one for one, answer in changed.items() if answer == "unknown"]
    if forgotten:
        ours = col(Consent.organisation_id) == organisation_id
        session.exec(delete(Consent).where(ours, among(col(Consent.customer_id), forgotten)))
    rows = [
        {
            "organisation_id": organisation_id,
            "customer_id": one,
            "answer": answer,
            "told_by": by,
            "told_at": at,
        }
        for one, answer in changed.items()
        if answer != "unknown"
    ]
    if rows:
        added = insert(Consent).values(rows)
        newer = {name: added.excluded[name] for name in ("answer", "told_by", "told_at")}
        keys = ["organisation_id", "customer_id"]
        session.execute(added.on_conflict_do_update(index_elements=keys, set_=newer))
    return changed


def refused_by_others(
    session: Session, organisation_id: str, customer_ids: Collection[str], *, but: str
) -> set[str]:
    """Return which of these customers said no to somebody but `but`."""
    query = select(Consent.customer_id).where(
        Consent.organisation_id == organisation_id, among(col(Consent.customer_id), customer_ids)
    )
    return set(session.exec(query.where(Consent.answer == "no", Consent.told_by != but)))


MERGE = (
    """
    INSERT INTO consent (organisation_id, customer_id, answer, told_by, told_at)
    SELECT DISTINCT ON (given.new) c.organisation_id, given.new, c.answer, c.told_by, c.told_at
    FROM unnest(CAST(:old AS text[]), CAST(:new AS text[])) AS given (old, new)
    JOIN consent AS c ON c.organisation_id = :of AND c.customer_id = given.old
    ORDER BY given.new, c.answer = 'no' DESC, c.told_at DESC
    ON CONFLICT (organisation_id, customer_id) DO UPDATE
        SET answer = excluded.answer, told_by = excluded.told_by, told_at = excluded.told_at
        WHERE excluded.answer = 'no' OR (consent.answer <> 'no' AND excluded.told_at > consent.told_at)
    """,
    "DELETE FROM consent WHERE organisation_id = :of AND customer_id = ANY(CAST(:old AS text[]))",
    """
    UPDATE recipient SET customer_id = given.new
    FROM unnest(CAST(:old AS text[]), CAST(:new AS text[])) AS given (old, new)
    WHERE recipient.organisation_id = :of AND recipient.customer_id = given.old
    """,
)
"""Who turned out to be somebody else said no if either did, and was told what either was told."""


def merge(session: Session, organisation_id: str, merged: Mapping[str, str]) -> None:
    """Let what customers said, and were told, be another's from now on."""
    values = {"of": organisation_id, "old": list(merged), "new": list(merged.values())}
    for statement in MERGE:
        session.execute(text(statement), values)
