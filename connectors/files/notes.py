"""Notes and transcripts of talks: one file is one interview, or several under headings of their own."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from connectors.errors import Unreadable
from connectors.files.captions import read_captions
from connectors.files.documents import read_docx, read_pdf
from connectors.files.encodings import lines
from connectors.files.interviews import talks
from connectors.files.markdown import front_matter, read_markdown
from connectors.files.roles import CUSTOMER, INTERVIEWER, Roles
from connectors.files.transcripts import Line, Transcript
from connectors.ports import BadRow, Row, Rows

MARKDOWN = (".md", ".markdown")
CAPTIONS = (".vtt", ".srt")
DOCUMENTS = (".docx", ".pdf")
"""Those that are no text files."""
NOTES = (*MARKDOWN, ".txt", *CAPTIONS, *DOCUMENTS)

COLUMNS = ("external_id", "title", "created_at", "lang", "customer_id", "account_id", "text", "messages")

_DAY = re.compile(r"(?<!\d)(20\d\d)-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])(?!\d)")
_IS_MARKDOWN = re.compile(r"^#{1,6} \S|^\|?[ \t]*:?-{2,}:?[ \t]*\|", re.MULTILINE)
"""A heading, or the line below the head of a table."""
_FRONT = {
    **dict.fromkeys(("date", "created_at", "day", "日付", "日時", "実施日"), "created_at"),
    **dict.fromkeys(("locale", "lang", "language", "言語"), "lang"),
    **dict.fromkeys(
        ("participant", "customer", "customer_id", "interviewee", "参加者", "対象者"), "customer_id"
    ),
    **dict.fromkeys(
        ("org", "organisation", "organization", "company", "account_id", "会社", "会社名"), "account_id"
    ),
    "title": "title",
}
"""What the fields above a note are called."""


class NoteRows(Rows):
    """Interviews as records.

    A title is the first heading or else the file's name; a day in the note or in the name (`2026-05-03 …`) is
    its day. Where speakers are told, or headings, each turn is a message; else all of the text is the
    customer's. `interviewers` are the names of those who ask, where the notes do not say it.
    """

    channel = "interview"

    def __init__(self, path: Path, encoding: str, name: str, *, interviewers: Sequence[str] = ()) -> None:
        self.encoding = encoding
        self._name = name
        self._talks = _read(path, encoding, interviewers)
        if not self._talks:
            raise Unreadable(
                f"{path.name} holds nothing that was said: no text, or headings and plans alone."
            )
        self._roles = [Roles(talk, interviewers) for talk in self._talks]
        self._values = [self._row(talk, roles) for talk, roles in zip(self._talks, self._roles, strict=True)]
        self.columns = [column for column in COLUMNS if any(column in values for values in self._values)]

    @property
    def notes(self) -> Sequence[str]:
        """Say where who asks was not told but guessed, or could not even be guessed."""
        return tuple(self._assumed())

    def __iter__(self) -> Iterator[Row | BadRow]:
        for talk, values in zip(self._talks, self._values, strict=True):
            yield Row(line=talk.line, values=values)

    def _row(self, talk: Transcript, roles: Roles) -> dict[str, object]:
        path = Path(self._name)
        part = "" if talk.part is None else f"#{talk.part}"
        values: dict[str, object] = {"external_id": f"{self._name}{part}", "title": talk.title or path.stem}
        day = _DAY.search(path.stem)
        if day is not None:
            values["created_at"] = "-".join(day.groups())
        values |= talk.about
        if all(roles.of(turn) == CUSTOMER for turn in talk.turns):
            values["text"] = "\n\n".join(turn.text for turn in talk.turns)
        else:
            values["messages"] = _messages(talk, roles, _moment(values.get("created_at")))
        return values

    def _assumed(self) -> Iterator[str]:
        name = self._name
        if any(roles.guessed for roles in self._roles):
            yield f"{name}: who asks most was taken for the interviewer; --interviewer NAME overrules it."
        if Path(name).suffix.lower() in CAPTIONS and not self._roles[0].speakers:
            yield f"{name}: no speaker is named, so all counts as said by one customer."
        if any(roles.unknown for roles in self._roles):
            yield f"{name}: who asks is not told, so all count as customers (--interviewer NAME tells it)."


def turns_in(text: str, *, interviewers: Sequence[str] = ()) -> list[dict[str, str]]:
    """Return the turns of a talk, or of notes, that stand in one text, as messages.

    Empty where nobody's but the customer's words are in it.
    """
    marked = read_markdown(text) if _IS_MARKDOWN.search(text) else _plain_lines(text.split("\n"))
    said = talks(marked, known=interviewers)
    if not said:
        return [{"author_role": INTERVIEWER, "text": text.strip()}]
    messages: list[dict[str, str]] = []
    for talk in said:
        if talk.title:
            messages.append({"author_role": INTERVIEWER, "text": talk.title})
        messages += _messages(talk, Roles(talk, interviewers), None)
    return messages if any(one["author_role"] != CUSTOMER for one in messages) else []


def _plain_lines(texts: Sequence[str]) -> list[Line]:
    return [Line(number=number, text=text) for number, text in enumerate(texts, start=1)]


def _read(path: Path, encoding: str, known: Sequence[str]) -> list[Transcript]:
    ending = path.suffix.lower()
    if ending in DOCUMENTS:
        return talks(read_docx(path) if ending == ".docx" else read_pdf(path), known=known)
    read = list(lines(path, encoding))
    if any(line.broken for line in read):
        raise Unreadable(f"{path.name} holds bytes that are no {encoding}; name its encoding: --encoding …")
    texts = [line.text.rstrip() for line in read]
    if ending in CAPTIONS:
        turns = read_captions(texts, known=known)
        return [Transcript(turns=turns)] if turns else []
    told, text = front_matter("\n".join(texts))
    marked = read_markdown(text) if ending in MARKDOWN else _plain_lines(text.split("\n"))
    about = {field: value for name, value in told.items() if (field := _FRONT.get(name))}
    return [replace(talk, about={**talk.about, **about}) for talk in talks(marked, known=known)]


def _messages(talk: Transcript, roles: Roles, began: datetime | None) -> list[dict[str, str]]:
    """Return the turns as messages, with their times where the talk's own is known."""
    first = next((turn.offset for turn in talk.turns if turn.offset is not None), 0.0)
    messages = []
    for turn in talk.turns:
        message = {"author_role": roles.of(turn), "text": turn.text}
        if began is not None and turn.offset is not None:
            message["created_at"] = (began + timedelta(seconds=turn.offset - first)).isoformat()
        messages.append(message)
    return messages


def _moment(value: object) -> datetime | None:
    """Return when a talk began, where that is told with the time of the day."""
    if not isinstance(value, str) or len(value) <= len("2026-05-03"):
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None
