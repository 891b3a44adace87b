"""Files as people give them to the pages, and the pages as somebody of a scope sees them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from io import BytesIO

import httpx
from openpyxl import Workbook
from sqlmodel import select

from service.db import Database
from service.models import MAIN, Upload, UploadPiece
from service.pipeline import bring_in, take_back
from service.pipeline.run import take_in

TICKETS = (
    "id,subject,body,created_at,requester_email\n"
    "1,Login,I cannot log in since the update.,2026-05-03,aki@example.com\n"
    "2,Login,The login fails every morning.,2026-05-04,\n"
    "3,Invoice,The invoice shows the wrong address.,2026-05-05,\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Giver:
    """Somebody who gives files to the pages."""

    client: httpx.Client
    db: Database
    rung: list[str] = field(default_factory=list)

    def give(self, name: str, content: str | bytes, *, lang: str = "en", **fields: str) -> httpx.Response:
        """Give a file by the form."""
        body = content.encode() if isinstance(content, str) else content
        return self.client.post(
            "/files", files={"file": (name, body)}, data=fields, headers={"Accept-Language": lang}
        )

    def given(self, name: str, content: str | bytes, **fields: str) -> str:
        """Give a file that is taken, and return the address of its page."""
        answer = self.give(name, content, **fields)
        assert answer.status_code == 303, unescape(answer.text)
        return answer.headers["location"]

    def see(self, path: str, *, lang: str = "en", **asked: str) -> str:
        """Return a page."""
        answer = self.client.get(path, params=asked or None, headers={"Accept-Language": lang})
        assert answer.status_code == 200, unescape(answer.text)
        return unescape(answer.text)

    def start(self, place: str, choices: Mapping[str, str] | None = None) -> httpx.Response:
        """Ask for the import."""
        return self.client.post(f"{place}/start", data=dict(choices or {}))

    def work(self) -> None:
        """Do what the worker would be asked for."""
        take_back.run(self.db, MAIN)
        bring_in.run(self.db, MAIN)
        take_in(self.db, MAIN)

    def brought(self, name: str, content: str | bytes, choices: Mapping[str, str] | None = None) -> str:
        """Import a file, and return the address of its page."""
        place = self.given(name, content)
        assert self.start(place, choices).status_code == 303
        self.work()
        return place

    def upload(self, place: str) -> Upload:
        """Return what is kept of a file."""
        with self.db.begin() as session:
            return session.exec(select(Upload).where(Upload.id == place.rpartition("/")[2])).one()

    def pieces(self, place: str) -> list[bytes]:
        """Return the bytes that are kept of a file."""
        query = select(UploadPiece.body).where(UploadPiece.upload_id == place.rpartition("/")[2])
        with self.db.begin() as session:
            return list(session.exec(query.order_by(UploadPiece.place)))  # type: ignore[arg-type]


def workbook(sheets: Mapping[str, list[list[object]]]) -> bytes:
    """Return an Excel workbook."""
    book, out = Workbook(), BytesIO()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(out)
    return out.getvalue()
