"""The page of a file: how it would be read, what becomes of its rows, and the themes that come of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePath
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.exc import OperationalError
from sqlmodel import Session
from starlette.background import BackgroundTask

from connectors.errors import UnknownEncoding, Unreadable
from connectors.files.encodings import AUTO
from connectors.files.mail import is_mbox
from connectors.files.notes import NOTES
from connectors.files.opening import MAIL
from connectors.files.tables import NAMED
from nlp.redact import redact
from service.access.caller import Caller
from service.db import Database
from service.errors import Forbidden, KoeError, WrongUse
from service.imports import NOUNS
from service.imports.looking import Look, look
from service.imports.names import FIELDS
from service.imports.spooled import as_file
from service.models import Source, Theme, Upload
from service.models.columns import digest
from service.models.item import CHANNELS
from service.pipeline import bring_in
from service.pipeline.report import stumbled
from service.repositories import dead_letters, inbox, runs, sources, theme_lists, uploads, waiting
from service.repositories.theme_lists import Wanted
from service.repositories.uploads import Left
from service.rules.freshness import FEWEST, is_run_due
from service.web import refused_rows
from service.web.deps import SessionDep, TypedDep
from service.web.file_form import ENCODINGS, LANGUAGES, ZONES, Choices, by_place, shape
from service.web.files import HERE, to_list
from service.web.items import shortened
from service.web.language import Language
from service.web.page import CallerDep, OrganisationDep, Pages, PagesDep, link

router = APIRouter(prefix=HERE)

TAKEN_BACK = "feedback"
"""What can be taken back: of all else a file may have changed what was known before."""
OPEN = ("waiting", "failed")
"""The states in which somebody says how a file is read."""
CELL = 120
"""Characters of a cell that are shown."""
MOST_COLUMNS = 200
"""Columns that are shown; of the others those that are read."""
FIRST_THEMES = 5
LEADS = {
    "feedback": "/themes",
    "articles": "/articles",
    "accounts": "/accounts",
    "customers": "/accounts",
    "events": "/measures",
    "interventions": "/effects",
    "searches": "/suggestions",
    "corrections": "/corrections",
}
"""Where what was imported is seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a file: its field, and what it holds in the first rows, without personal data."""

    place: int
    name: str
    field: str
    cells: tuple[str, ...]
    by_part: bool
    twice: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How far a file's rows are on their way to themes."""

    left: Left
    forming: bool
    """Whether themes are still to come of them."""
    too_few: bool
    """Whether there are not enough voices for any theme."""
    run_id: str
    works: bool
    """Whether there is a worker at all."""
    dead: int
    """Records of the source that could not be read."""
    themes: tuple[Theme, ...]
    count: int

    @property
    def unread(self) -> int:
        """Voices that are not read yet."""
        return self.left.unread + self.left.unredacted


@router.get("/{upload_id}")
def show_file(
    request: Request, pages: PagesDep, organisation_id: OrganisationDep, upload_id: str
) -> Response:
    """Show how a file would be read; once it was asked for, how far it is."""
    db: Database = request.app.state.db
    with db.begin() as session:
        upload = uploads.get(session, organisation_id, upload_id)
        if upload.state not in OPEN:
            return _course(request, pages, session, upload)
    return _preview(request, pages, upload, Choices.read(request.query_params))


@router.get("/{upload_id}/live")
def mark(
    request: Request, pages: PagesDep, session: SessionDep, organisation_id: OrganisationDep, upload_id: str
) -> Mapping[str, str]:
    """Say in a word how far a file is: another word means that the page has news."""
    upload = uploads.get(session, organisation_id, upload_id)
    return {"mark": _mark(upload, course_of(session, upload, pages.zone(request)))}


@router.post("/{upload_id}/start")
def start(request: Request, pages: PagesDep, caller: CallerDep, typed: TypedDep, upload_id: str) -> Response:
    """Let the worker import a file as the form says; one that was asked for already stays as it is."""
    db: Database = request.app.state.db
    with db.begin() as session:
        upload = uploads.get(session, caller.organisation_id, upload_id)
    if upload.state not in OPEN:
        return _to(upload)
    choices, zone = Choices.read(typed), pages.zone(request)
    seen = _look(db, upload, choices, zone)
    if seen.fault or seen.look is None or seen.look.missing or seen.twice or not seen.look.fitting:
        return _preview(request, pages, upload, choices, status=422, wanted=True)
    found = seen.look
    mapping = {field: found.taken.columns.get(field, "") for field in FIELDS[found.noun]}
    options = choices.options(zone, mapping)
    try:
        with db.begin() as session:
            source = _open_source(session, caller, choices.source(upload))
            now = uploads.lock(session, caller.organisation_id, upload_id)
            if now.state in OPEN:
                now.state, now.reason, now.report = "asked", None, {}
                now.noun, now.source = found.noun, source.name
                now.choices, now.options = dict(choices.typed), bring_in.kept(options)
                now.done, now.total, now.tries = 0, found.counted if found.whole else 0, 0
                now.asked_by, now.asked_at, now.ended_at = caller.name, datetime.now(UTC), None
    except KoeError as refused:
        return _preview(request, pages, upload, choices, status=refused.status, taken=refused)
    return _to(upload, ring=BackgroundTask(request.app.state.ring_to_bring_in, caller.organisation_id))


@router.post("/{upload_id}/drop")
def drop(session: SessionDep, caller: CallerDep, upload_id: str) -> Response:
    """Throw a file away that is not being imported; what was imported stays."""
    upload = uploads.lock(session, caller.organisation_id, upload_id)
    if upload.state not in OPEN:
        return _to(upload)
    upload.state = "gone"
    uploads.forget_file(session, upload)
    return to_list(upload.name)


@router.post("/{upload_id}/take-back")
def take_back(request: Request, session: SessionDep, caller: CallerDep, upload_id: str) -> Response:
    """Let the worker remove the voices that came in a file alone; what was asked twice is done once."""
    upload = uploads.lock(session, caller.organisation_id, upload_id)
    if upload.state == "done" and upload.noun == TAKEN_BACK:
        upload.state, upload.asked_by, upload.asked_at = "leaving", caller.name, datetime.now(UTC)
    return _to(upload, ring=BackgroundTask(request.app.state.ring_to_bring_in, caller.organisation_id))


@router.get("/{upload_id}/{wish}")
def lead_back(upload_id: str, wish: str) -> Response:  # noqa: ARG001
    """Lead from the address of a form, which the browser may hold, to the page that the form is on."""
    return RedirectResponse(link(f"{HERE}/{upload_id}"), status_code=303)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a look at a file gave, and what is wrong."""

    look: Look | None = None
    fault: str = ""
    """The key of why nothing can be seen."""
    detail: str = ""
    """The same in the words of whoever reads files."""
    faults: Mapping[str, str] = field(default_factory=dict)
    """The keys of what was typed wrongly, by field."""
    twice: tuple[int, ...] = ()
    """Places of columns whose field another one has."""


def _look(db: Database, upload: Upload, choices: Choices, zone: ZoneInfo) -> Seen:
    faults = choices.faults(upload, zone)
    if faults:
        return Seen(fault="files.typed_wrongly", faults=faults)
    try:
        with as_file(upload.name, uploads.pieces(db, upload), changed_at=upload.modified_at) as path:
            found = look(
                path,
                choices.noun,
                choices.options(zone),
                source=choices.source(upload),
                organisation_id=upload.organisation_id,
                mapped=choices.mapping,
            )
    except UnknownEncoding:
        return Seen(fault="files.encoding_unknown")
    except (Unreadable, WrongUse) as error:
        return Seen(fault="files.unreadable", detail=redact(str(error)).text)
    except (KoeError, OperationalError):
        raise
    except Exception as error:  # noqa: BLE001  a file that Koe stumbles over must not take its page away
        return Seen(fault="files.unreadable", detail=stumbled(error))
    return Seen(look=found, twice=tuple(choices.twice(found.noun, found.columns)))


def _preview(
    request: Request,
    pages: Pages,
    upload: Upload,
    choices: Choices,
    *,
    status: int = 200,
    wanted: bool = False,
    taken: KoeError | None = None,
) -> Response:
    """Show how a file would be read; `wanted` where somebody asked to import it and it cannot be."""
    t, zone = pages.language(request), pages.zone(request)
    choices = choices if choices.typed else Choices(upload.choices)
    seen = _look(request.app.state.db, upload, choices, zone)
    found = seen.look
    faults = dict(seen.faults)
    if taken is not None:
        faults["source"] = "files.source_not_yours" if isinstance(taken, Forbidden) else "files.name_taken"
    return pages.show(
        request,
        "file_preview.html",
        status=status,
        upload=upload,
        seen=seen,
        look=found,
        wanted=wanted,
        faults=faults,
        source=choices.source(upload),
        timezone=choices.timezone(zone),
        typed=choices.typed,
        zones=ZONES,
        kind=_kind(upload),
        **_options(t, found),
        columns=columns_of(seen) if found else [],
        fields=[(field, refused_rows.field_named(t, field)) for field in FIELDS[found.noun]] if found else [],
        lacks=_lacks(t, found) if found else [],
        refused=refused_rows.all_told(t, _redacted(found.reasons)) if found else [],
        of=shape(found.noun, found.columns) if found else "",
        before=refused_rows.all_told(t, upload.report.get("rejects", [])[:FIRST_THEMES]),
    )


def _options(t: Language, found: Look | None) -> Mapping[str, list[tuple[str, str]]]:
    """Return what each list of the form offers: what it sends, and what it says."""
    told = t("files.auto_is", encoding=found.encoding) if found else t("files.auto")
    return {
        "noun_options": [(name, t(f"files.noun_{name}")) for name in NOUNS],
        "encoding_options": [(name, told if name == AUTO else name) for name in ENCODINGS],
        "delimiter_options": [(name, t(f"files.delimiter_{name}")) for name in NAMED],
        "sheet_options": [(name, name) for name in found.sheets] if found else [],
        "channel_options": [("", t("files.as_file_says")), *((c, t(f"channel.{c}")) for c in CHANNELS)],
        "language_options": [("", t("files.as_words_say")), *((code, code) for code in LANGUAGES)],
    }


def _kind(upload: Upload) -> str:
    """Return what sort of file this is, where it needs a field of its own."""
    ending = PurePath(upload.name).suffix.lower()
    return "mail" if ending in MAIL or is_mbox(Path(upload.name)) else "notes" if ending in NOTES else ""


def columns_of(seen: Seen) -> list[Column]:
    """Return the columns of a file with their fields and first cells."""
    found = seen.look
    if found is None:
        return []
    fields = by_place(found.taken, found.columns)
    return [
        Column(
            place=place,
            name=name,
            field=fields.get(place, ""),
            cells=tuple(_cell(row.values.get(name)) for row in found.first),
            by_part=fields.get(place) in found.taken.by_part,
            twice=place in seen.twice,
        )
        for place, name in enumerate(found.columns)
        if place < MOST_COLUMNS or place in fields
    ]


def _cell(value: object) -> str:
    text = shortened("" if value is None else str(value), 2 * CELL)
    return shortened(redact(text).text, CELL)


def _redacted(reasons: Iterable[tuple[int, str]]) -> list[tuple[int, str]]:
    return [(line, redact(reason).text) for line, reason in reasons]


def _lacks(t: Language, found: Look) -> list[str]:
    """Return the names of the fields that need a column, one text for each group of which one will do."""
    named = [[refused_rows.field_named(t, name) for name in group] for group in found.missing]
    return [t("files.or").join(group) for group in named]


def _open_source(session: Session, caller: Caller, name: str) -> Source:
    """Return what rows are kept under. Raises Conflict, and Forbidden for a source that is connected."""
    source = sources.open_source(session, caller.organisation_id, name, kind="file")
    if source.kind != "file" and not caller.may("admin"):
        raise Forbidden(f"“{name}” is connected to a system; only administrators add files to it.")
    return source


def _course(request: Request, pages: Pages, session: Session, upload: Upload) -> Response:
    t = pages.language(request)
    course = course_of(session, upload, pages.zone(request))
    return pages.show(
        request,
        "file.html",
        upload=upload,
        course=course,
        mark=_mark(upload, course),
        report=upload.report,
        taken=[
            (refused_rows.field_named(t, name), column)
            for name, column in upload.report.get("recognised", {}).items()
        ],
        refused=refused_rows.all_told(t, upload.report.get("rejects", [])),
        lead=LEADS.get(upload.noun or "", "/themes"),
        brought=inbox.count_of_upload(session, upload.organisation_id, upload.id),
    )


def course_of(session: Session, upload: Upload, zone: ZoneInfo) -> Course:
    """Return how far the rows of a file are."""
    organisation_id, name = upload.organisation_id, upload.source or ""
    left = uploads.left(session, organisation_id, digest(organisation_id, "source", name))
    live, freshness = runs.live_run(session, organisation_id), waiting.freshness(session, organisation_id)
    unread = left.unread + left.unredacted
    too_few = live is None and not unread and freshness.spans < FEWEST
    behind = live is None or is_run_due(freshness) or (bool(left.unplaced) and live.as_of is None)
    wanted = Wanted(source=name)
    return Course(
        left=left,
        forming=bool(unread) or (behind and not too_few),
        too_few=too_few,
        run_id=live.id if live else "",
        works=waiting.is_anybody_working(session),
        dead=dead_letters.count_by_source(session, organisation_id).get(name, 0),
        themes=tuple(theme_lists.find(session, organisation_id, wanted, zone=zone, limit=FIRST_THEMES)),
        count=theme_lists.count(session, organisation_id, wanted, zone=zone),
    )


def _mark(upload: Upload, course: Course) -> str:
    return digest(
        *(upload.state, str(upload.done), str(upload.total), str(upload.removed)),
        *(str(course.left), course.run_id),
        *(str(course.forming), str(course.works), str(course.dead), str(course.count)),
        *(theme.id for theme in course.themes),
    )


def _to(upload: Upload, *, ring: BackgroundTask | None = None) -> Response:
    return RedirectResponse(f"{HERE}/{upload.id}#content", status_code=303, background=ring)
