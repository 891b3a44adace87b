"""Answers to writes that named an `Idempotency-Key`, so that the same request gets the same answer again."""

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from service.models import IdempotentWrite


def begin(session: Session, write: IdempotentWrite) -> IdempotentWrite | None:
    """Note that a write begins under its key; return what was written under it before, if anything was.

    Of two at the same time the second waits until the first is committed or undone.
    """
    noted = insert(IdempotentWrite).values(write.model_dump()).on_conflict_do_nothing()
    if session.execute(noted.returning(col(IdempotentWrite.key))).first() is not None:
        return None
    query = select(IdempotentWrite).where(
        IdempotentWrite.organisation_id == write.organisation_id,
        IdempotentWrite.caller_id == write.caller_id,
        IdempotentWrite.key == write.key,
    )
    return session.exec(query).one()


def answered(session: Session, write: IdempotentWrite, *, status: int, body: bytes) -> None:
    """Keep the answer to a write that was begun."""
    noted = session.get_one(IdempotentWrite, (write.organisation_id, write.caller_id, write.key))
    noted.status, noted.body = status, body
