"""The stage that takes back what files brought which people gave to the pages."""

from datetime import UTC, datetime

from service.db import Database
from service.models import Upload
from service.pipeline import tally
from service.pipeline.report import Progress, Report, silent
from service.repositories import inbox, items, places, uploads

STAGE = "take_back"
AT_ONCE = 500
"""Records that leave in one transaction."""


def run(db: Database, organisation_id: str, *, progress: Progress = silent) -> Report:
    """Remove the voices that came in files alone which are to be taken back, with all that is known of them.

    A voice of which something else was told, before or since, is made anew of that. Cut off anywhere, it
    goes on.
    """
    with db.begin() as session:
        leaving = uploads.leaving(session, organisation_id)
    for upload in leaving:
        while left := _step(db, upload):
            progress(STAGE, max(upload.done - left, 0), upload.done)
    if leaving:
        tally.catch_up(db, organisation_id)
    return Report(stage=STAGE, done=len(leaving))


def _step(db: Database, upload: Upload) -> int:
    """Take back some of what a file brought; return how many records are left."""
    with db.begin() as session:
        now = uploads.lock(session, upload.organisation_id, upload.id)
        if now.state != "leaving":
            return 0  # another process was at it meanwhile
        told = inbox.drop_of_upload(session, upload.organisation_id, upload.id, most=AT_ONCE)
        if told:
            places.lock_places(session, upload.organisation_id)
            alone = set(told) - inbox.read_anew(session, told)
            now.removed += items.erase(session, upload.organisation_id, alone)
        left = inbox.count_of_upload(session, upload.organisation_id, upload.id)
        if not left:
            now.state, now.ended_at = "taken_back", datetime.now(UTC)
        return left
