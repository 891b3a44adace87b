"""What waits for a job, organisation by organisation."""

from sqlalchemy import text
from sqlmodel import Session

from service.rules.freshness import Freshness, Lateness

TO_TAKE_IN = """
    SELECT id FROM organisation AS o WHERE
        EXISTS (SELECT FROM webhook_call WHERE organisation_id = o.id AND state = 'pending')
        OR EXISTS (SELECT FROM inbox WHERE organisation_id = o.id AND state = 'pending')
        OR EXISTS (SELECT FROM item WHERE organisation_id = o.id AND text IS NULL)
        OR (
            EXISTS (SELECT FROM item WHERE organisation_id = o.id AND unplaced)
            AND EXISTS (SELECT FROM run WHERE organisation_id = o.id AND state = 'live' AND as_of IS NULL)
        )
    ORDER BY id
"""
TO_DELIVER = """
    SELECT DISTINCT d.organisation_id FROM delivery AS d JOIN target AS t ON t.id = d.target_id
    WHERE d.state IN ('pending', 'sending', 'uncertain', 'paused') AND d.next_at <= clock_timestamp()
        AND t.paused_at IS NULL
        AND (
            d.state IN ('sending', 'uncertain')
            OR NOT EXISTS (SELECT FROM suggestion WHERE id = d.suggestion_id AND carried_on_by IS NOT NULL)
        )
    ORDER BY d.organisation_id
"""
TO_BRING_IN = (
    "SELECT DISTINCT organisation_id FROM upload WHERE state IN ('asked', 'leaving') ORDER BY organisation_id"
)
WORKING = """
    SELECT EXISTS (
        SELECT FROM procrastinate_workers WHERE last_heartbeat > clock_timestamp() - interval '1 minute'
    )
"""
ALL = "SELECT id FROM organisation ORDER BY id"
FRESHNESS = """
    SELECT
        (
            SELECT count(*) FROM span JOIN item ON item.id = span.item_id AND item.set_aside IS NULL
            WHERE span.organisation_id = :organisation_id
        ),
        CAST(coalesce(live.figures ->> 'seen', live.figures ->> 'spans') AS integer),
        extract(epoch FROM clock_timestamp()
            - coalesce(CAST(live.figures ->> 'looked_at' AS timestamptz), live.created_at)),
        CAST(live.figures ->> 'seconds' AS double precision),
        coalesce(live.figures ? 'taken', false)
    FROM (SELECT 1) AS one
    LEFT JOIN run AS live ON live.organisation_id = :organisation_id AND live.state = 'live'
"""
LATENESS = """
    SELECT
        (SELECT count(*) FROM assignment WHERE assignment.run_id = live.id AND late),
        CAST(live.figures -> 'sought' ->> 'late' AS integer),
        extract(epoch FROM clock_timestamp() - CAST(live.figures -> 'sought' ->> 'at' AS timestamptz)),
        CAST(live.figures -> 'sought' ->> 'seconds' AS double precision)
    FROM run AS live
    WHERE live.organisation_id = :organisation_id AND live.state = 'live' AND live.as_of IS NULL
"""
FORGET = (
    "DELETE FROM sign_in WHERE ends_at < clock_timestamp()",
    "DELETE FROM invitation WHERE ends_at < clock_timestamp() - interval '30 days'",
    "DELETE FROM idempotent_write WHERE created_at < clock_timestamp() - interval '1 day'",
    "UPDATE webhook_call SET body = '' WHERE sequence IN ("
    "SELECT sequence FROM webhook_call WHERE state = 'done' AND body <> ''"
    " AND received_at < clock_timestamp() - interval '30 days' LIMIT 10000)",
    "DELETE FROM pace WHERE free_at < clock_timestamp() - interval '1 day'",
    "UPDATE upload SET state = 'gone' WHERE state IN ('waiting', 'failed')"
    " AND greatest(created_at, asked_at, ended_at) < clock_timestamp() - interval '1 day'",
    "DELETE FROM upload_piece AS p USING upload AS u"
    " WHERE u.id = p.upload_id AND u.state NOT IN ('waiting', 'failed', 'asked')",
)
"""Sign-ins that have ended, links that nobody asks about any more, answers that nobody asks for again, and
what was said in calls that were read long ago; that they came stays known, so that none counts twice. Files
that were given and never imported, after a day."""


def organisations_to_take_in(session: Session) -> list[str]:
    """Return the organisations in which something was received that is not in its theme yet."""
    return list(session.execute(text(TO_TAKE_IN)).scalars())


def organisations_to_deliver(session: Session) -> list[str]:
    """Return the organisations of which a delivery is due."""
    return list(session.execute(text(TO_DELIVER)).scalars())


def organisations_to_bring_in(session: Session) -> list[str]:
    """Return the organisations of which a file is to be imported."""
    return list(session.execute(text(TO_BRING_IN)).scalars())


def is_anybody_working(session: Session) -> bool:
    """Say whether any worker gave a sign of life in the last minute."""
    return bool(session.execute(text(WORKING)).scalar_one())


def all_organisations(session: Session) -> list[str]:
    """Return the id of every organisation."""
    return list(session.execute(text(ALL)).scalars())


def freshness(session: Session, organisation_id: str) -> Freshness:
    """Return how far the themes of an organisation are behind its voices."""
    spans, read, since, took, taken = session.execute(
        text(FRESHNESS), {"organisation_id": organisation_id}
    ).one()
    return Freshness(spans=spans, read=read, since=float(since or 0.0), took=took or 0.0, taken=taken)


def lateness(session: Session, organisation_id: str) -> Lateness:
    """Return what came since the live run; nothing where there is none, or one that shows an earlier day."""
    row = session.execute(text(LATENESS), {"organisation_id": organisation_id}).one_or_none()
    late, sought, since, took = row or (0, None, None, None)
    return Lateness(late=late, sought=sought or 0, since=float(since or 0.0), took=took or 0.0)


def forget_what_ended(session: Session) -> None:
    """Remove what has ended by itself."""
    for statement in FORGET:
        session.execute(text(statement))
