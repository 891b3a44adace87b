"""Runs, what they read and where they put every span."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import psycopg
from sqlalchemy import func, or_
from sqlmodel import Session, col, delete, select

from service.errors import NotFound
from service.models import Assignment, Item, Lineage, PreviewTheme, Run, Span
from service.repositories import locks
from service.repositories.places import lock_places

ACCEPTED = ("live", "superseded")
"""The states of a run that went live."""

STAGE_PLACEMENTS = """
    CREATE TEMP TABLE incoming_placement
        (span_id text, group_number integer, subgroup_number integer, confidence float) ON COMMIT DROP
"""
COPY_PLACEMENTS = "COPY incoming_placement FROM STDIN"
"""Row by row, 50,000 placements would take most of a minute."""
KEEP_PLACEMENTS = """
    INSERT INTO assignment
        (run_id, span_id, organisation_id, group_number, subgroup_number, confidence, origin)
    SELECT %s, span.id, %s, new.group_number, new.subgroup_number, new.confidence, 'model'
    FROM incoming_placement AS new JOIN span ON span.id = new.span_id
"""
"""A span that went while the run was grouping is passed over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """What a run reads of a span."""

    span_id: str
    content_hash: str
    text: str
    lang: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where a run puts a span; a span of no group has None."""

    span_id: str
    group_number: int | None
    subgroup_number: int | None
    confidence: float | None


def live_run(session: Session, organisation_id: str) -> Run | None:
    """Return the run whose themes are shown."""
    return _in_state(session, organisation_id, "live")


def grouped_run(session: Session, organisation_id: str) -> Run | None:
    """Return the run that is grouped and not yet matched with the themes."""
    return _in_state(session, organisation_id, "grouped")


def preview_run(session: Session, organisation_id: str) -> Run | None:
    """Return the run that waits beside the live one for a decision."""
    return _in_state(session, organisation_id, "preview")


def get_run(session: Session, organisation_id: str, run_id: str, *, lock: bool = False) -> Run:
    """Return one run; with `lock`, as it is now, and kept from others until the end. Raises NotFound."""
    query = select(Run).where(Run.organisation_id == organisation_id, Run.id == run_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = session.exec(query).one_or_none()
    if found is None:
        raise NotFound(f"There is no run {run_id}.")
    return found


def _in_state(session: Session, organisation_id: str, state: str) -> Run | None:
    query = select(Run).where(Run.organisation_id == organisation_id, Run.state == state)
    return session.exec(query.order_by(col(Run.ordinal).desc(), col(Run.id))).first()


def list_runs(session: Session, organisation_id: str) -> list[Run]:
    """Return every run, newest first."""
    query = select(Run).where(Run.organisation_id == organisation_id)
    return list(session.exec(query.order_by(col(Run.ordinal).desc(), col(Run.id))))


def accepted_runs(session: Session, organisation_id: str) -> int:
    """Return how many runs went live so far."""
    query = select(func.count()).select_from(Run)
    return session.exec(
        query.where(Run.organisation_id == organisation_id, col(Run.state).in_(ACCEPTED))
    ).one()


def note_discovery(
    session: Session, organisation_id: str, *, seen: int, at: datetime, seconds: float
) -> None:
    """Remember when all voices were last looked at, how many there were, and how long it took.

    What is noted says when the next look is worth its while, also where this one changed nothing.
    """
    live = live_run(session, organisation_id)
    if live is not None:
        noted = {"seen": seen, "looked_at": at.isoformat(), "seconds": round(seconds, 1)}
        live.figures = {**live.figures, **noted}


def lock_runs(session: Session, organisation_id: str, *, wait: bool) -> bool:
    """Say whether this transaction alone changes what runs read, and keep others from it until it ends.

    With `wait` it does in any case, once all others have ended.
    """
    if not wait:
        return locks.try_to_hold(session, "run", organisation_id)
    locks.hold(session, "run", organisation_id)
    return True


def voices(session: Session, organisation_id: str, *, as_of: datetime | None = None) -> list[Voice]:
    """Return every span to group, by id, but not those of set-aside items and of items after `as_of`."""
    query = (
        select(Span.id, Span.content_hash, Span.text, Span.lang)
        .join(Item, col(Item.id) == col(Span.item_id))
        .where(Span.organisation_id == organisation_id, col(Item.set_aside).is_(None))
        .order_by(col(Span.id).collate("C"))
    )
    if as_of is not None:
        query = query.where(Item.created_at <= as_of)
    return [
        Voice(span_id=span_id, content_hash=content_hash, text=text, lang=lang)
        for span_id, content_hash, text, lang in session.exec(query)
    ]


def replace_grouped(session: Session, run: Run, placements: Iterable[Placement]) -> None:
    """Store a grouped run with its assignments, in place of one that was never matched with the themes."""
    lock_places(session, run.organisation_id)
    stale = or_(col(Run.state) == "grouped", col(Run.id) == run.id)
    session.exec(delete(Run).where(col(Run.organisation_id) == run.organisation_id, stale))
    store(session, run, placements)


def store(session: Session, run: Run, placements: Iterable[Placement]) -> None:
    """Store a run with its assignments, and count the voices that it read."""
    session.add(run)
    session.flush()
    connection = session.connection().connection.driver_connection
    if not isinstance(connection, psycopg.Connection):
        raise TypeError("assignments are stored by COPY, which needs psycopg")
    with connection.cursor() as cursor:
        cursor.execute(STAGE_PLACEMENTS)
        with cursor.copy(COPY_PLACEMENTS) as copy:
            for put in placements:
                copy.write_row((put.span_id, put.group_number, put.subgroup_number, put.confidence))
        cursor.execute(KEEP_PLACEMENTS, (run.id, run.organisation_id))
    voices = select(func.count(func.distinct(Span.item_id))).join(
        Assignment, col(Assignment.span_id) == col(Span.id)
    )
    read = session.exec(voices.where(Assignment.run_id == run.id)).one()
    run.figures = {**run.figures, "voices": read}


def forget_drafts(session: Session, organisation_id: str, run_id: str) -> None:
    """Drop previews that were cut off before they were named, and what was thrown away under this id."""
    stale = or_(col(Run.state) == "draft", (col(Run.id) == run_id) & (col(Run.state) == "discarded"))
    session.exec(delete(Run).where(col(Run.organisation_id) == organisation_id, stale))


def forget_placements(session: Session, run: Run) -> None:
    """Drop where a run put the spans."""
    session.exec(delete(Assignment).where(col(Assignment.run_id) == run.id))


def forget_forecast(session: Session, preview: Run) -> None:
    """Drop what the groups of a preview were to be called, and what was to become of the themes."""
    for table in (PreviewTheme, Lineage):
        session.exec(delete(table).where(col(table.run_id) == preview.id))
