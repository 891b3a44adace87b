"""Asks for whatever waits and is held by no job: after a crash, a lost nudge, or by the time of day."""

from service.db import Database
from service.imports.spooled import forget_leftovers
from service.jobs.queue import Queue
from service.pipeline import digest
from service.repositories import digests, tracking, waiting, walks
from service.rules.digests import Rhythm
from service.rules.freshness import is_run_due, is_search_due


def sweep(db: Database, queue: Queue, *, rhythm: Rhythm) -> None:
    """Ask for all that waits in any organisation. Asking for what is asked for already changes nothing."""
    with db.begin() as session:
        waiting.forget_what_ended(session)
        received = waiting.organisations_to_take_in(session)
        everybody = waiting.all_organisations(session)
        to_bring_in = waiting.organisations_to_bring_in(session)
        to_ask = walks.organisations_to_fetch(session)
        to_post = digests.organisations_with_letters(session)
        to_post += [one for one in everybody if digest.is_due(session, one, rhythm)]
        to_track = tracking.organisations_to_track(session)
    forget_leftovers()
    for organisation_id in to_bring_in:
        queue.ask("bring_in", organisation_id)
    for organisation_id in to_ask:
        queue.ask("fetch", organisation_id)
    for organisation_id in to_track:
        queue.ask("track", organisation_id)
    for organisation_id in to_post:
        queue.ask("digest", organisation_id)
    for organisation_id in received:
        queue.ask("take_in", organisation_id)
    for organisation_id in everybody:
        ask_for_what_is_due(db, queue, organisation_id)
    remind(db, queue)


def remind(db: Database, queue: Queue) -> None:
    """Ask for the deliveries that are due."""
    with db.begin() as session:
        due = waiting.organisations_to_deliver(session)
    for organisation_id in due:
        queue.ask("deliver", organisation_id)


def ask_for_what_is_due(db: Database, queue: Queue, organisation_id: str) -> None:
    """Let a run come where enough is new, and before it a search for new themes."""
    with db.begin() as session:
        search = is_search_due(waiting.lateness(session, organisation_id))
        run = is_run_due(waiting.freshness(session, organisation_id))
    if search:
        queue.ask("seek", organisation_id)
    if run:
        queue.ask("discover", organisation_id)


def look_around(db: Database, queue: Queue) -> None:
    """Ask for a look at every organisation's themes, and for what they are worth."""
    with db.begin() as session:
        everybody = waiting.all_organisations(session)
    for organisation_id in everybody:
        queue.ask("look", organisation_id)
        queue.ask("weigh", organisation_id)
