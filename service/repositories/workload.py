"""How much there is to do, for whoever watches over a running Koe."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, text
from sqlmodel import Session, col, select

from service.models import InboxEntry, WebhookCall
from service.repositories import deliveries, overview

DONE = "done"
LAST_RUN = """
    SELECT max(coalesce(CAST(figures ->> 'looked_at' AS timestamptz), created_at)) FROM run
    WHERE organisation_id = :organisation_id
"""
"""One that found nothing new leaves the live run as it is, and notes that it looked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """What waits in one organisation, and what was given up."""

    calls: Mapping[str, int]
    """Webhook calls that are not done, by state."""
    records: Mapping[str, int]
    """Inbox records that are not done, by state."""
    deliveries: Mapping[str, int]
    """All deliveries, by state."""
    unthemed: int
    """Items with content that are in no theme."""
    last_run: datetime | None


def workload(session: Session, organisation_id: str) -> Workload:
    """Return how much there is to do."""
    share = overview.counted_share(session, organisation_id)
    return Workload(
        calls=_not_done(session, organisation_id, WebhookCall),
        records=_not_done(session, organisation_id, InboxEntry),
        deliveries=deliveries.count_by_state(session, organisation_id),
        unthemed=share.with_content - share.themed,
        last_run=session.execute(text(LAST_RUN), {"organisation_id": organisation_id}).scalar_one(),
    )


def _not_done(
    session: Session, organisation_id: str, table: type[WebhookCall] | type[InboxEntry]
) -> dict[str, int]:
    query = select(col(table.state), func.count()).where(
        table.organisation_id == organisation_id, table.state != DONE
    )
    return dict(session.exec(query.group_by(col(table.state))).all())
