"""E-mail as feedback (.eml, .mbox, Maildir): each mail is one message of its conversation."""

import hashlib
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from connectors.errors import Unreadable
from connectors.files.correspondence import Correspondence
from connectors.files.encodings import clean
from connectors.files.letters import Letter, is_expunged, is_mail, letter
from connectors.files.mime import BeyondMeasure, Header, Words, header_of, words_of
from connectors.ports import BadRow, Row, Rows

COLUMNS = (
    "external_id",
    "thread_id",
    "title",
    "text",
    "created_at",
    "customer_email",
    "author_role",
)
LARGEST = 64 << 20
"""Bytes of one mail, its attachments included."""
MOST_MAILS = 500_000
"""Mails of one import: of each is kept to which conversation it belongs."""
LONGEST_LINE = 1 << 20
"""Bytes read at once where a line does not end."""
MBOX = ".mbox"

_TOO_LARGE = f"it is larger than {LARGEST >> 20} MiB"
_FIRST_LINE = re.compile(
    rb"From (?:.{0,250} )?(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? .{3,12}\d\d?:\d\d.{0,16}\d{4}"
    rb"|\d{4}-\d\d-\d\d[T ]\d\d?:\d\d)"
)
"""What stands before each mail of an mbox: who sent it and, in one of two ways, when it came."""
_ESCAPED = re.compile(rb">+From ")


@dataclass(frozen=True, slots=True)
class _Found:
    """A mail as it stands in its file."""

    path: Path
    line: int
    data: bytes
    trouble: str | None = None
    """Why `data` is not all of it."""


class MailRows(Rows):
    """All mails of one or several files.

    They are read one by one; what is kept of each is whose conversation it belongs to. `own` are the
    organisation's addresses and domains; `usual` is the encoding of what says none. Raises Unreadable where
    no mail is found, or more than can be seen together.
    """

    encoding = "each mail says"
    columns = COLUMNS
    channel = "ticket"

    def __init__(
        self,
        paths: Sequence[Path],
        *,
        folder: Path | None = None,
        own: Collection[str] = (),
        usual: str | None = None,
    ) -> None:
        self._paths = paths
        self._folder = folder
        self._usual = usual
        self._known = Correspondence(own)
        self._broken = 0
        self._survey()

    def __iter__(self) -> Iterator[Row | BadRow]:
        self._broken = 0
        for found in self._found():
            yield self._row(found)

    @property
    def notes(self) -> Sequence[str]:
        """Whose mail was taken as the organisation's own without being told, and what fits no charset."""
        notes = []
        if self._known.guessed:
            domains = sorted({name.rpartition("@")[2] for name in self._known.guessed})
            shown = ", ".join(domains[:5]) + (f" and {len(domains) - 5} more" if len(domains) > 5 else "")
            notes.append(
                f"By who wrote to whom, addresses of {shown} were taken as your own; "
                "if that is wrong, name yours: --own support@example.com, or --own example.com."
            )
        if self._broken:
            notes.append(f"{self._broken:,} mails hold bytes that fit no charset; they show as \ufffd.")
        return notes

    def _survey(self) -> None:
        good = 0
        why = "it is empty"
        for count, found in enumerate(self._found(), start=1):
            if count > MOST_MAILS:
                raise Unreadable(f"There are more than {MOST_MAILS:,} mails; import them in several parts.")
            try:
                self._known.add(letter(_header(found.data), self._usual))
                good += 1
            except BeyondMeasure as error:
                why = found.trouble or str(error)
        if not good:
            raise Unreadable(f"{self._paths[0].name} holds no mail that can be read: {why}.")
        self._known.close()

    def _found(self) -> Iterator[_Found]:
        for path in self._paths:
            try:
                yield from _mbox(path) if is_mbox(path) else _single(path)
            except OSError as error:
                yield _Found(path, 1, b"", f"it cannot be opened: {error.strerror}")

    def _row(self, found: _Found) -> Row | BadRow:
        try:
            if found.trouble is not None:
                raise BeyondMeasure(found.trouble)
            header = _header(found.data)
            read = letter(header, self._usual)
            reason = self._nobodys_voice(header, read)
            if reason is not None:
                return BadRow(line=found.line, reason=reason, left_out=True)
            words = words_of(found.data, header, self._usual)
        except BeyondMeasure as error:
            return BadRow(line=found.line, reason=self._at(found, f"a mail that cannot be read: {error}"))
        self._broken += read.broken or words.broken
        return Row(line=found.line, values=self._values(read, words))

    def _values(self, read: Letter, words: Words) -> dict[str, object]:
        author, role = self._known.author(read)
        values: dict[str, object] = {
            "title": clean(read.subject) or None,
            "text": clean(words.plain or words.html).strip() or None,
            "created_at": read.written_at,
            "customer_email": clean(author) if author is not None and role == "customer" else None,
            "author_role": role,
        }
        own = read.message_id or hashlib.sha256(repr(list(values.items())).encode()).hexdigest()[:32]
        return {"external_id": own, "thread_id": self._known.root(read) or own, **values}

    def _nobodys_voice(self, header: Header, read: Letter) -> str | None:
        """Return why a mail is no customer's, and no answer to one."""
        if is_expunged(header):
            return "deleted in the mail program"
        if read.of_list is not None and not self._known.is_own_list(read.of_list):
            return "mail of a list"
        return read.automatic

    def _at(self, found: _Found, reason: str) -> str:
        if self._folder is None:
            return reason
        return f"{found.path.relative_to(self._folder).as_posix()}: {reason}"


def is_mbox(path: Path) -> bool:
    """Say whether a file holds many mails, by its name."""
    return path.suffix.lower() == MBOX or path.name.lower() == "mbox"


def _header(mail: bytes) -> Header:
    header = header_of(mail)
    if not is_mail(header):
        raise BeyondMeasure("it has no header")
    return header


def _single(path: Path) -> Iterator[_Found]:
    with path.open("rb") as file:
        data = file.read(LARGEST + 1)
    trouble = _TOO_LARGE if len(data) > LARGEST else None
    data = data.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    if data.startswith(b"From "):
        data = data.partition(b"\n")[2]
    yield _Found(path, 1, data, trouble)


def _mbox(path: Path) -> Iterator[_Found]:
    """Yield the mails between the lines that begin one, of which only what is being read is in memory."""
    held = bytearray()
    first = number = 1
    trouble: str | None = None
    at_line_start = True
    with path.open("rb") as file:
        while line := file.readline(LONGEST_LINE):
            if at_line_start and line.startswith(b"From ") and (number == 1 or _FIRST_LINE.match(line)):
                if held.strip():
                    yield _Found(path, first, bytes(held), trouble)
                held.clear()
                first, trouble = number, None
            elif len(held) + len(line) > LARGEST:
                trouble = _TOO_LARGE
            elif trouble is None:
                held += line[1:] if at_line_start and _ESCAPED.match(line) is not None else line
            at_line_start = line.endswith(b"\n")
            number += at_line_start
    if held.strip():
        yield _Found(path, first, bytes(held), trouble)
