"""Import of files: feedback to the inbox, all else to its own table."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from connectors.errors import Unreadable
from connectors.files.opening import Opening, open_file, openings_in
from connectors.ports import Rows
from service.db import Database
from service.errors import WrongUse
from service.imports import storing, values
from service.imports.accounts import AccountImporter
from service.imports.articles import ArticleImporter
from service.imports.columns import Taken, normal, recognise
from service.imports.corrections import CorrectionImporter
from service.imports.customers import CustomerImporter
from service.imports.events import EventImporter
from service.imports.feedback import FeedbackImporter
from service.imports.interventions import InterventionImporter
from service.imports.reading import MakeImporter, Options, Reading
from service.imports.scan import Scan, scan
from service.imports.searches import SearchImporter
from service.models import Source
from service.models.item import CHANNELS
from service.repositories import sources

__all__ = ["NOUNS", "ImportReport", "Options", "import_file"]

IMPORTERS: Mapping[str, MakeImporter] = {
    "feedback": FeedbackImporter,
    "articles": ArticleImporter,
    "accounts": AccountImporter,
    "customers": CustomerImporter,
    "events": EventImporter,
    "interventions": InterventionImporter,
    "searches": SearchImporter,
    "corrections": CorrectionImporter,
}
NOUNS = tuple(IMPORTERS)
STAGE = "import"
STUDIED = (
    "participant",
    "participantid",
    "interviewee",
    "参加者",
    "参加者id",
    "被験者",
    "被験者id",
    "協力者",
)
"""Columns of those who were spoken with, by which a file is known to hold interviews."""
LONGEST_NAME = 200
"""Characters of a source's name."""

_OWN = re.compile(r"(?:[^@\s,;]*@)?[^@\s,;]+\.[^@\s,;.]+")

Progress = Callable[[str, int, int], None]
"""Told the stage, and how many rows of how many are dealt with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What became of a file's rows. `received` = `stored` + `duplicates` + `rejected`."""

    noun: str
    source: str
    received: int
    stored: int
    duplicates: int
    """Rows of things that were known already, from this file or an earlier one."""
    updated: int
    """Those of them that said something else than before."""
    rejected: int
    rejects: tuple[tuple[int, str], ...]
    """The line and the reason of rejected rows, the first thousand."""
    recognised: Mapping[str, str]
    """The column that was taken, by field."""
    encoding: str
    left_out: Mapping[str, int] = field(default_factory=dict)
    """How many rows are nobody's voice (automatic mail), by the reason; they are not among the received."""
    notes: tuple[str, ...] = ()
    """Sentences about what was assumed."""


def import_file(
    db: Database,
    organisation_id: str,
    noun: str,
    path: Path,
    *,
    source: str,
    options: Options,
    name: str | None = None,
    upload_id: str | None = None,
    progress: Progress = lambda stage, done, total: None,  # noqa: ARG005  the port asks for them
) -> ImportReport:
    """Store the rows of a file, or of every file in a folder, under the name `source`.

    A file that is a note is known by its `name`, else by that of the file. What came in a file that was given
    to the pages is known by its `upload_id`. Storing the same rows again
    changes nothing. Raises WrongUse for options or columns that do not fit, Unreadable for what is no file of
    records, and Unavailable when the database takes no more; the rows before it are stored then.
    """
    zone = checked(noun, source, options)
    openings = _openings(path, options, name)
    with db.begin() as session:
        opened = sources.open_source(session, organisation_id, source, kind="file")
    reports: list[ImportReport] = []
    refused: list[tuple[Path, Unreadable | WrongUse]] = []
    for opening in openings:
        try:
            rows = opening.open()
            assumed_at = day_of(opening.path, zone)
            report = _import_rows(db, opened, noun, rows, assumed_at, options, progress, upload_id)
            reports.append(report if opening.name is None else _named(report, opening.name))
        except (Unreadable, WrongUse) as error:
            refused.append((opening.path, error))
    if not reports:
        raise refused[0][1]
    return reports[0] if path.is_file() else _together(path, reports, refused)


def _openings(path: Path, options: Options, name: str | None) -> list[Opening]:
    """Return what a path names: a file, or what a folder holds."""
    encoding, own, interviewers = options.encoding, options.own, options.interviewers
    if path.is_dir():
        return list(openings_in(path, encoding=encoding, own=own, interviewers=interviewers))
    return [Opening(path=path, name=None, open=partial(open_one, path, options, name))]


def open_one(path: Path, options: Options, name: str | None = None) -> Rows:
    """Return the rows of one file. Raises Unreadable, saying what to do, for what is no file of records."""
    return open_file(
        path,
        encoding=options.encoding,
        name=name,
        own=options.own,
        interviewers=options.interviewers,
        delimiter=options.delimiter,
        sheet=options.sheet,
    )


def checked(noun: str, source: str, options: Options) -> ZoneInfo:
    """Return the zone of times without an offset. Raises WrongUse for options that cannot be meant."""
    if noun not in IMPORTERS:
        raise WrongUse(f"“{noun}” cannot be imported; choose one of {', '.join(NOUNS)}.")
    if not source.strip():
        raise WrongUse("Name the source that the data is kept under.")
    if not source.isprintable() or len(source) > LONGEST_NAME:
        raise WrongUse(f"A source's name is at most {LONGEST_NAME} characters that can be printed.")
    if options.lang is not None and values.language(options.lang) != options.lang:
        raise WrongUse(f"“{options.lang}” is no language; write its ISO 639-1 code, such as ja or en.")
    for own in options.own:
        if _OWN.fullmatch(own.strip()) is None:
            raise WrongUse(
                f"“{own}” is no mail address and no domain; write support@example.com or example.com."
            )
    if options.channel is not None and options.channel not in CHANNELS:
        raise WrongUse(f"“{options.channel}” is no channel; choose one of {', '.join(CHANNELS)}.")
    try:
        return ZoneInfo(options.timezone)
    except (KeyError, ValueError, OSError) as error:
        raise WrongUse(f"{options.timezone} is no time zone; write it like Asia/Tokyo.") from error


def day_of(file: Path, zone: ZoneInfo) -> datetime:
    """Return the beginning of the day on which a file was last changed: that of rows without any."""
    changed = datetime.fromtimestamp(file.stat().st_mtime, zone)
    return changed.replace(hour=0, minute=0, second=0, microsecond=0)


def _import_rows(
    db: Database,
    source: Source,
    noun: str,
    rows: Rows,
    assumed_at: datetime,
    options: Options,
    progress: Progress,
    upload_id: str | None,
) -> ImportReport:
    taken = recognise(noun, rows.columns, options.mapping)
    first = scan(rows, taken, known_part=_known_part(source, rows, taken))
    if first.part is not None:
        _remember_part(db, source, taken, first.part)
    reading = replace(reading_of(source, rows, taken, first, options, assumed_at), upload_id=upload_id)
    importer = IMPORTERS[noun](reading)
    progress(STAGE, 0, first.rows)
    outcome = storing.store(db, rows, importer, lambda done: progress(STAGE, done, first.rows))
    return ImportReport(
        noun=noun,
        source=source.name,
        received=outcome.received,
        stored=outcome.stored,
        duplicates=outcome.duplicates,
        updated=outcome.updated,
        rejected=outcome.rejected,
        rejects=tuple(outcome.rejects),
        recognised=dict(taken.columns),
        encoding=rows.encoding,
        left_out=dict(outcome.left_out.most_common()),
        notes=(*_guessed(taken), *_studied(taken, options), *rows.notes, *first.notes, *importer.notes()),
    )


def reading_of(
    source: Source, rows: Rows, taken: Taken, first: Scan, options: Options, assumed_at: datetime
) -> Reading:
    """Return how the rows of a file are read, once it was read for what single rows cannot tell."""
    return Reading(
        organisation_id=source.organisation_id,
        source_id=source.id,
        source=source.name,
        options=options,
        taken=taken,
        zone=ZoneInfo(options.timezone),
        day_first=first.day_first,
        best_rating=first.best_rating,
        assumed_at=assumed_at,
        part=first.part,
        channel=rows.channel or ("interview" if _is_study(taken) else None),
    )


def _known_part(source: Source, rows: Rows, taken: Taken) -> str | None:
    """Return the column that an earlier file of the source needed beside the id, if this one has it too."""
    parts: Mapping[str, str] = source.settings.get("parts", {})
    part = parts.get(taken.columns.get("external_id", ""))
    return part if part in rows.columns and part not in taken.columns.values() else None


def _is_study(taken: Taken) -> bool:
    """Say whether the rows are what participants of a study said."""
    return normal(taken.columns.get("customer_id", "")) in STUDIED and "thread_id" not in taken.columns


def _remember_part(db: Database, source: Source, taken: Taken, part: str) -> None:
    parts = {**source.settings.get("parts", {}), taken.columns["external_id"]: part}
    if parts != source.settings.get("parts"):
        with db.begin() as session:
            sources.remember(session, source.id, parts=parts)


def _guessed(taken: Taken) -> tuple[str, ...]:
    return tuple(
        f"“{taken.columns[field]}” was taken as {field} by a part of its name; "
        f"if that is wrong: --map {field}=COLUMN."
        for field in taken.by_part
    )


def _studied(taken: Taken, options: Options) -> tuple[str, ...]:
    if not _is_study(taken) or options.channel or "channel" in taken.columns:
        return ()
    return ("Rows of participants were taken as notes of interviews; if they are not: --channel …",)


def _named(report: ImportReport, name: str) -> ImportReport:
    """Return the report of a file among others: its lines say whose they are."""
    return replace(report, rejects=tuple((line, f"{name}: {reason}") for line, reason in report.rejects))


def _together(
    folder: Path, reports: list[ImportReport], refused: list[tuple[Path, Unreadable | WrongUse]]
) -> ImportReport:
    """Return one report of a folder's files; a file that could not be read counts as one rejected row."""
    unread = tuple((0, f"{file.relative_to(folder)}: {error}") for file, error in refused)
    return ImportReport(
        noun=reports[0].noun,
        source=reports[0].source,
        received=sum(report.received for report in reports) + len(unread),
        stored=sum(report.stored for report in reports),
        duplicates=sum(report.duplicates for report in reports),
        updated=sum(report.updated for report in reports),
        rejected=sum(report.rejected for report in reports) + len(unread),
        rejects=(*unread, *(reject for report in reports for reject in report.rejects)),
        recognised={field: column for report in reports for field, column in report.recognised.items()},
        encoding=", ".join(sorted({report.encoding for report in reports})),
        left_out=dict(sum((Counter(report.left_out) for report in reports), Counter())),
        notes=tuple(dict.fromkeys(note for report in reports for note in report.notes)),
    )
