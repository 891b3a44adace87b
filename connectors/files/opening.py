"""Files of records: which reader a file needs, and which files a folder holds."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from connectors.errors import Unreadable
from connectors.files import encodings
from connectors.files.columnar import ColumnRows
from connectors.files.encodings import AUTO
from connectors.files.mail import MBOX, MailRows, is_mbox
from connectors.files.notes import DOCUMENTS, NOTES, NoteRows
from connectors.files.records import RecordRows
from connectors.files.sheets import SheetRows
from connectors.files.tables import TableRows
from connectors.ports import Rows

TABLES = (".csv", ".tsv", ".tab")
RECORDS = (".jsonl", ".ndjson", ".json")
SHEETS = (".xlsx", ".xlsm")
PARQUET = (".parquet",)
MAIL = (".eml", MBOX)
ENDINGS = (*TABLES, *RECORDS, *SHEETS, *PARQUET, *NOTES, *MAIL)

_OTHER_FORMATS = {
    b"PK\x03\x04": "an Excel workbook or another zip archive; give it its ending, e.g. .xlsx",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook (.xls); save it as .xlsx or CSV",
    b"%PDF": "a PDF; export the data as CSV",
    b"\x1f\x8b": "compressed; unpack it first",
    b"PAR1": "a Parquet file; give it its ending, .parquet",
}


def open_file(
    path: Path,
    *,
    encoding: str = AUTO,
    name: str | None = None,
    own: Collection[str] = (),
    interviewers: Sequence[str] = (),
    delimiter: str | None = None,
    sheet: str | None = None,
) -> Rows:
    """Return the records of one file, read by what its ending says.

    `encoding` is a name, or `auto` to recognise it. `name` is what a note is known by (its path in the
    folder it came with). `own` are the addresses and domains whose mail is the organisation's, `interviewers`
    the names of those who ask in notes. `delimiter` (one of `tables.NAMED`) and `sheet` are of tables and
    workbooks; without them they are recognised. Raises Unreadable, saying what to do, for what is no file of
    records.
    """
    _check(path)
    if _is_mail(path):
        return MailRows([path], own=own, usual=_usual(encoding))
    ending = path.suffix.lower()
    if ending in SHEETS:
        return SheetRows(path, sheet)
    if ending in PARQUET:
        return ColumnRows(path)
    if ending in DOCUMENTS:
        return NoteRows(path, "binary", name or path.name, interviewers=interviewers)
    read_as = encodings.recognise(path) if encoding.strip().lower() == AUTO else encodings.named(encoding)
    if ending in RECORDS:
        return RecordRows(path, read_as)
    if ending in NOTES:
        return NoteRows(path, read_as, name or path.name, interviewers=interviewers)
    return TableRows(path, read_as, delimiter)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What is read at once, and how."""

    path: Path
    """The file; of several the one that was changed last."""
    name: str | None
    """Its path in the folder; None where the records' own reasons say which file they are of."""
    open: Callable[[], Rows]
    """Raises Unreadable."""


def openings_in(
    folder: Path, *, encoding: str = AUTO, own: Collection[str] = (), interviewers: Sequence[str] = ()
) -> Iterator[Opening]:
    """Yield the files below a folder, each to be opened as by `open_file`.

    All mail in it is read at once: an answer in one file belongs to a question in another. Raises Unreadable
    if the folder holds no files.
    """
    files = files_in(folder)
    mail = [path for path in files if _is_mail(path)]
    if mail:
        newest = max(mail, key=lambda path: path.stat().st_mtime)
        rows = partial(_open_mail, mail, folder=folder, encoding=encoding, own=own)
        yield Opening(path=newest, name=None, open=rows)
    for path in files:
        if not _is_mail(path) and not _is_unfinished(path):
            name = path.relative_to(folder).as_posix()
            rows = partial(open_file, path, encoding=encoding, name=name, interviewers=interviewers)
            yield Opening(path=path, name=name, open=rows)


def _open_mail(mail: list[Path], *, folder: Path, encoding: str, own: Collection[str]) -> Rows:
    return MailRows(mail, folder=folder, own=own, usual=_usual(encoding))


def _usual(encoding: str) -> str | None:
    return None if encoding.strip().lower() == AUTO else encodings.named(encoding)


def _is_mail(path: Path) -> bool:
    return path.suffix.lower() in MAIL or is_mbox(path) or _in_maildir(path, "cur", "new")


def _is_unfinished(path: Path) -> bool:
    return _in_maildir(path, "tmp")


def _in_maildir(path: Path, *names: str) -> bool:
    """Say whether a file lies in one of these folders of a Maildir, where its name has no ending."""
    around = path.parent.parent
    return path.parent.name in names and all((around / part).is_dir() for part in ("cur", "new", "tmp"))


def files_in(folder: Path) -> list[Path]:
    """Return the files below a folder by name, without hidden ones. Raises Unreadable if there are none."""
    found = sorted(
        (path for path in folder.rglob("*") if path.is_file() and not _is_hidden(path.relative_to(folder))),
        key=lambda path: path.relative_to(folder).as_posix(),
    )
    if not found:
        raise Unreadable(f"The folder {folder} holds no files.")
    return found


def _is_hidden(path: Path) -> bool:
    return any(part.startswith((".", "~$")) for part in path.parts)


def _check(path: Path) -> None:
    if not path.exists():
        raise Unreadable(f"There is no file {path}.")
    if path.is_dir():
        raise Unreadable(f"{path} is a folder; name a file in it.")
    if path.suffix.lower() not in ENDINGS and not _is_mail(path):
        raise Unreadable(f"{path.name} does not end in one of {', '.join(ENDINGS)}; save it as one of these.")
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError as error:
        raise Unreadable(f"{path} cannot be opened: {error.strerror}.") from error
    if not head.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0"):
        raise Unreadable(f"{path.name} is empty.")
    if path.suffix.lower() not in (*SHEETS, *PARQUET, *DOCUMENTS):
        for start, what in _OTHER_FORMATS.items():
            if head.startswith(start):
                raise Unreadable(f"{path.name} is {what}.")
