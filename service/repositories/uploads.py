"""Files that people gave to the pages: their pieces, and how far each is."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sqlalchemy import Connection, func, text, update
from sqlmodel import Session, col, delete, select

from service.db import Database
from service.errors import NotFound
from service.models import Upload, UploadPiece

LEFT = text(
    """
    SELECT
        (
            SELECT count(*) FROM inbox
            WHERE organisation_id = :of AND source_id = :source AND state = 'pending'
        ),
        count(*) FILTER (WHERE text IS NULL), count(*) FILTER (WHERE unplaced), count(*)
    FROM item WHERE source_id = :source
    """
)


class Left(NamedTuple):
    """What of a source's voices is not through yet."""

    unread: int
    """Records of which no voice was made."""
    unredacted: int
    """Voices of which personal data was not taken out."""
    unplaced: int
    """Voices that were not looked at for their themes."""
    voices: int
    """All of them."""


def add(session: Session, upload: Upload, pieces: Iterable[bytes]) -> None:
    """Keep a file, piece by piece."""
    session.add(upload)
    session.flush()
    for place, body in enumerate(pieces):
        piece = UploadPiece(
            upload_id=upload.id, place=place, organisation_id=upload.organisation_id, body=body
        )
        session.add(piece)
        session.flush()
        session.expunge(piece)  # the next one takes its room


def pieces(db: Database, upload: Upload) -> Iterator[bytes]:
    """Yield the bytes of a file; none where it is gone."""
    query = select(UploadPiece.body).where(
        UploadPiece.organisation_id == upload.organisation_id, UploadPiece.upload_id == upload.id
    )
    place = 0
    while True:
        with db.begin() as session:
            body = session.exec(query.where(UploadPiece.place == place)).one_or_none()
        if body is None:
            return
        yield body
        place += 1


def get(session: Session, organisation_id: str, upload_id: str) -> Upload:
    """Return a file. Raises NotFound."""
    return _one(session, organisation_id, upload_id, lock=False)


def lock(session: Session, organisation_id: str, upload_id: str) -> Upload:
    """Return a file as it is now, which nobody else changes until the transaction ends. Raises NotFound."""
    return _one(session, organisation_id, upload_id, lock=True)


def newest(session: Session, organisation_id: str, *, limit: int, offset: int) -> tuple[list[Upload], int]:
    """Return files, the last given first, without those thrown away; and how many there are."""
    shown = (Upload.organisation_id == organisation_id, Upload.state != "gone")
    query = select(Upload).where(*shown).order_by(col(Upload.created_at).desc(), col(Upload.id))
    total = session.exec(select(func.count()).select_from(Upload).where(*shown)).one()
    return list(session.exec(query.limit(limit).offset(offset))), total


def asked(session: Session, organisation_id: str) -> list[Upload]:
    """Return the files that are to be imported, in the order in which they were asked for."""
    query = select(Upload).where(Upload.organisation_id == organisation_id, Upload.state == "asked")
    return list(session.exec(query.order_by(col(Upload.asked_at), col(Upload.id))))


def leaving(session: Session, organisation_id: str) -> list[Upload]:
    """Return the files of which what they brought is to be taken back."""
    query = select(Upload).where(Upload.organisation_id == organisation_id, Upload.state == "leaving")
    return list(session.exec(query.order_by(col(Upload.id))))


def note_progress(connection: Connection, upload_id: str, *, done: int, total: int) -> None:
    """Write down how many rows are dealt with: it got further, so it is no try in vain."""
    further = {"tries": 0} if done else {}
    connection.execute(
        update(Upload).where(col(Upload.id) == upload_id).values(done=done, total=total, **further)
    )


def forget_file(session: Session, upload: Upload) -> None:
    """Remove the bytes of a file; what became of it stays known."""
    session.exec(delete(UploadPiece).where(col(UploadPiece.upload_id) == upload.id))


def left(session: Session, organisation_id: str, source_id: str) -> Left:
    """Return how far the voices of a source are."""
    return Left(*session.execute(LEFT, {"of": organisation_id, "source": source_id}).one())


def _one(session: Session, organisation_id: str, upload_id: str, *, lock: bool) -> Upload:
    query = select(Upload).where(Upload.organisation_id == organisation_id, Upload.id == upload_id)
    found = session.exec(query.with_for_update() if lock else query).one_or_none()
    if found is None:
        raise NotFound(f"There is no file {upload_id}.")
    return found
