"""The pages on which a file is given, or a webhook set up: the first steps of whoever has no voices yet."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePath
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session
from starlette.datastructures import UploadFile

from connectors.files.encodings import clean
from connectors.files.mail import is_mbox
from connectors.files.opening import ENDINGS
from service import connections
from service.access import senders
from service.access.caller import must_administer
from service.connections import GENERIC, KINDS, Wanted
from service.db import Database
from service.errors import KoeError, NotFound
from service.models import MAIN, Upload
from service.models.columns import new_id
from service.repositories import sources, uploads
from service.sealing import Seal
from service.web.deps import SessionDep, TypedDep
from service.web.page import CallerDep, OrganisationDep, Pages, PagesDep, link
from service.web.sources import source_page

router = APIRouter(prefix="/files")

HERE = "/files"
PAGE_SIZE = 20
PIECE = 1 << 20
"""Bytes that are in memory at once."""
LONGEST_NAME = 100
"""Characters of a file's name that are kept, its ending among them …"""
MOST_OF_NAME = 200
"""… and bytes: a disk takes names of 255."""
LONGEST_AGO = timedelta(days=36_525)
PACKED = (".zip", ".gz", ".tgz", ".tar", ".7z", ".rar", ".bz2", ".xz")
OLD_WORKBOOKS = (".xls", ".xlsb", ".ods", ".numbers")
WEBHOOK = "webhook"
"""What the source of a first webhook is called."""


@router.get("")
def show_files(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    organisation_id: OrganisationDep,
    gone: Annotated[str, Query(max_length=200)] = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Response:
    """Show where a file is dropped, the way of a webhook, and what became of the files before."""
    return _page(request, pages, session, organisation_id, page=page, gone=gone)


async def given_file(request: Request) -> AsyncIterator[tuple[UploadFile | None, Mapping[str, str]]]:
    """Give the file of a form and its other fields; what is large lies on the disk, without a name there."""
    async with request.form(max_files=1, max_fields=10) as form:
        file = form.get("file")
        fields = {name: clean(value) for name, value in form.items() if isinstance(value, str)}
        yield (file if isinstance(file, UploadFile) and file.filename else None), fields


GivenDep = Annotated[tuple[UploadFile | None, Mapping[str, str]], Depends(given_file)]


@router.post("")
def give(
    request: Request, pages: PagesDep, session: SessionDep, caller: CallerDep, given: GivenDep
) -> Response:
    """Keep a file, and lead to what it looks like; nothing of it is stored as a voice yet."""
    file, fields = given
    name = safe_name(file.filename or "") if file else ""
    wrong = _wrong(file, name)
    if file is None or wrong:
        return _page(request, pages, session, caller.organisation_id, status=422, error=wrong, refused=name)
    now = datetime.now(UTC)
    upload = Upload(
        id=new_id(),
        organisation_id=caller.organisation_id,
        name=name,
        size=file.size or 0,
        by=caller.name,
        created_at=now,
        modified_at=changed_at(fields.get("modified", ""), now=now),
    )
    uploads.add(session, upload, iter(lambda: file.file.read(PIECE), b""))
    return RedirectResponse(f"{HERE}/{upload.id}", status_code=303)


def _wrong(file: UploadFile | None, name: str) -> str:
    """Return the key of why a file is not taken; empty where it is."""
    if file is None:
        return "files.none_chosen"
    ending = PurePath(name).suffix.lower()
    if ending in PACKED:
        return "files.packed"
    if ending in OLD_WORKBOOKS:
        return "files.old_workbook"
    if ending not in ENDINGS and not is_mbox(Path(name)):
        return "files.other_kind"
    return "" if file.size else "files.empty_file"


def safe_name(given: str) -> str:
    """Return what a file is called, without folders and without what no name of a file may hold."""
    last = clean(given).replace("\\", "/").rpartition("/")[2]
    printable = "".join(letter for letter in last if letter.isprintable()).strip().lstrip(".")
    path = PurePath(printable)
    ending = path.suffix[: LONGEST_NAME - 2]
    stem = path.stem[: LONGEST_NAME - len(ending)]
    while len(f"{stem}{ending}".encode()) > MOST_OF_NAME and stem:
        stem = stem[:-1]
    return stem + ending if printable else ""


def changed_at(typed: str, *, now: datetime) -> datetime:
    """Return when a file was last changed, as browsers say it (milliseconds since 1970); else now."""
    if not typed.isascii() or not typed.isdecimal() or len(typed) > 14:
        return now
    found = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=int(typed))
    return found if now - LONGEST_AGO < found <= now else now


@router.post("/webhook")
def open_webhook(request: Request, pages: PagesDep, caller: CallerDep, typed: TypedDep) -> Response:
    """Make a source for any tool that posts JSON, and show its address and the line that tries it.

    One that is there already is shown: a form that is sent twice makes one.
    """
    must_administer(caller)
    db: Database = request.app.state.db
    name, now, seal = typed.get("name", "").strip(), datetime.now(UTC), Seal.of(pages.settings)
    kind = KINDS[GENERIC]
    try:
        with db.begin() as session:
            known = _named(session, caller.organisation_id, name)
            if not known:
                wanted = Wanted(
                    kind=kind,
                    name=name,
                    filled=connections.read(kind, {}),
                    proof=next(iter(kind.proofs), None),
                )
                connections.add(session, seal, caller.organisation_id, wanted, now=now)
    except KoeError as refused:
        with db.begin() as session:
            name_wrong = senders.NAME.fullmatch(name) is None
            return _page(
                request,
                pages,
                session,
                caller.organisation_id,
                status=refused.status,
                webhook=name,
                webhook_wrong="source.name_odd" if name_wrong else "files.name_taken",
            )
    with db.begin() as session:
        source = sources.get_source(session, caller.organisation_id, name)
        return source_page(request, pages, session, source, reveal=True, done="added")


@router.get("/webhook")
def lead_to_files() -> Response:
    """Lead from the address of the form to the page that it is on."""
    return RedirectResponse(HERE, status_code=303)


def _named(session: Session, organisation_id: str, name: str) -> bool | None:
    """Say whether the source of this name takes calls of any tool; None where there is none."""
    try:
        return sources.get_source(session, organisation_id, name).kind == GENERIC
    except NotFound:
        return None


def _page(
    request: Request,
    pages: Pages,
    session: Session,
    organisation_id: str,
    *,
    status: int = 200,
    page: int = 1,
    error: str = "",
    refused: str = "",
    gone: str = "",
    webhook: str = "",
    webhook_wrong: str = "",
) -> Response:
    rows, total = uploads.newest(session, organisation_id, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE)
    return pages.show(
        request,
        "files.html",
        status=status,
        rows=rows,
        total=total,
        page=page,
        page_count=-(-total // PAGE_SIZE),
        error=error,
        refused=refused,
        gone=gone,
        endings=ENDINGS,
        webhook=webhook or free_name(session, organisation_id),
        webhook_wrong=webhook_wrong,
    )


def free_name(session: Session, organisation_id: str) -> str:
    """Return a name for a source that calls come to, which none of the organisation's has yet."""
    taken = {source.name for source in sources.list_sources(session, organisation_id)}
    begun = WEBHOOK if organisation_id == MAIN else f"{organisation_id}-{WEBHOOK}"
    names = (begun if number == 1 else f"{begun}-{number}" for number in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)


def to_list(gone: str) -> Response:
    """Lead to the list, which says that a file was thrown away."""
    return RedirectResponse(link(HERE, gone=gone) + "#content", status_code=303)
