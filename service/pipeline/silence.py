"""A source that lets Koe read nothing any more: targets are told of it once, and once more when it does.

It refuses where it was asked for what it holds twice in a row and said no: what proves Koe there counts no
more, or the account is gone. That it was busy in between changes nothing, and what Koe stumbles over is no
refusal. However often it is asked meanwhile, nobody is told again.
"""

from sqlmodel import Session

from service.models import Walk
from service.pipeline import news
from service.repositories import outbox, sources

TIMES = 2
"""Refusals in a row: a single one may be a slip of a system before it."""


def begin(session: Session, walk: Walk, *, reason: str, public_url: str | None) -> None:
    """Note that a source refuses, once it did so often enough, and tell targets unless that is noted."""
    if walk.refusals < TIMES:
        return
    source = sources.lock_source(session, walk.source_id)
    if source is None or source.refuses_since is not None:
        return
    source.refuses_since = outbox.clock(session)
    told = news.of_silence(source, reason=reason, public_url=public_url)
    news.tell(session, source.organisation_id, told)


def end(session: Session, source_id: str, *, public_url: str | None) -> None:
    """Note that a source lets Koe read again, and tell targets; nothing where it did not refuse."""
    if not sources.refuses(session, source_id):
        return
    source = sources.lock_source(session, source_id)
    if source is None or source.refuses_since is None:
        return
    told = news.of_return_of_source(source, at=outbox.clock(session), public_url=public_url)
    source.refuses_since = None
    news.tell(session, source.organisation_id, told)
