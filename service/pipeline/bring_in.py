"""The stage that imports files which people gave to the pages, each row once, however often it is cut off."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.exc import OperationalError

from connectors.errors import Unreadable
from nlp.redact import redact
from service.db import Database
from service.errors import KoeError, Unavailable
from service.imports import ImportReport, Options, import_file
from service.imports.spooled import as_file
from service.models import Upload
from service.pipeline.report import Progress, Report, Stopped, silent, stumbled
from service.repositories import locks, uploads

STAGE = "bring_in"
MOST_TRIES = 5
"""Times in a row that an import may end without a word, before it is taken for the file's fault."""
CUT_OFF = "its import was cut off five times in a row; divide the file, or give the worker more memory"


def run(db: Database, organisation_id: str, *, progress: Progress = silent) -> Report:
    """Import the files that were asked for, one after the other, but for those that another process is at.

    A file whose import was cut off is imported once more: rows that are stored count as known.
    """
    with db.begin() as session:
        waiting = uploads.asked(session, organisation_id)
    done = failed = 0
    for upload in waiting:
        with db.begin() as guard:
            if not locks.try_to_hold(guard, STAGE, upload.id):
                continue
            state = _import(db, upload, progress)
        done += state == "done"
        failed += state == "failed"
    return Report(stage=STAGE, done=done, failed=failed)


def _import(db: Database, upload: Upload, progress: Progress) -> str:
    """Import one file, and return its new state. Raises Unavailable where that is to be tried again."""
    with db.begin() as session:
        now = uploads.lock(session, upload.organisation_id, upload.id)
        if now.state != "asked":
            return ""  # somebody else was at it meanwhile
        now.tries += 1
        tries = now.tries
    if tries > MOST_TRIES:
        return _end(db, upload, "failed", reason=CUT_OFF)

    def tell(stage: str, done: int, total: int) -> None:
        db.alone(lambda connection: uploads.note_progress(connection, upload.id, done=done, total=total))
        progress(stage, done, total)

    try:
        with as_file(upload.name, uploads.pieces(db, upload), changed_at=upload.modified_at) as path:
            report = import_file(
                db,
                upload.organisation_id,
                upload.noun or "",
                path,
                source=upload.source or "",
                options=options_of(upload.options),
                upload_id=upload.id,
                progress=tell,
            )
    except (Unavailable, OperationalError, Stopped):
        raise
    except (Unreadable, KoeError) as error:
        return _end(db, upload, "failed", reason=redact(str(error)).text)
    except Exception as error:  # noqa: BLE001  a file that Koe stumbles over holds up no other
        return _end(db, upload, "failed", reason=stumbled(error))
    told = _told(report)
    if not (report.stored or report.duplicates):
        return _end(db, upload, "failed", report=told)
    return _end(db, upload, "done", report=told)


def _end(
    db: Database,
    upload: Upload,
    state: str,
    *,
    reason: str | None = None,
    report: Mapping[str, Any] | None = None,
) -> str:
    """Note what became of a file; what was imported is not needed any more."""
    with db.begin() as session:
        now = uploads.lock(session, upload.organisation_id, upload.id)
        now.state, now.reason, now.report = state, reason, dict(report or {})
        now.tries, now.ended_at = 0, datetime.now(UTC)
        if state == "done":
            uploads.forget_file(session, now)
    return state


def _told(report: ImportReport) -> Mapping[str, Any]:
    """Return a report as it is kept: reasons quote cells, so personal data is taken out of them."""
    kept = asdict(report)
    kept["rejects"] = [[line, redact(reason).text] for line, reason in report.rejects]
    kept["notes"] = [redact(note).text for note in report.notes]
    return kept


def kept(options: Options) -> dict[str, Any]:
    """Return options as they are kept until the import begins."""
    return asdict(options)


def options_of(stored: Mapping[str, Any]) -> Options:
    """Return what was kept."""
    return Options(**{**stored, "own": tuple(stored["own"]), "interviewers": tuple(stored["interviewers"])})
