"""Notes of talks (.md, .txt): one file is one interview."""

import re
from collections.abc import Iterator
from pathlib import Path

from connectors.errors import Unreadable
from connectors.ports import BadRow, Row, Rows
from connectors.sources.encodings import lines

COLUMNS = ("external_id", "title", "created_at", "text", "messages")

_HEADING = re.compile(r"#{1,6}\s+(.+?)\s*#*$")
_DAY = re.compile(r"(?<!\d)(20\d\d)-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])(?!\d)")
_SPEAKER = re.compile(
    r"\s*(?:[-*]\s+)?(?:\*\*)?([^\s:：*][^:：*]{0,30}?)(?:\*\*)?\s*[:：](?:\*\*)?\s*(\S.*)$"
)
_INTERVIEWERS = re.compile(
    "interviewer|moderator|researcher|facilitator|host|question|q|us|me|聞き手|聴き手|インタビュアー|司会|"
    "質問者|調査員|担当者?|弊社|質問|問|私",
    re.IGNORECASE,
)


class NoteRows(Rows):
    """One note as one record.

    Its title is the first heading or else the file's name; a day in the name (`2026-05-03 …`) is its day.
    Lines such as `Interviewer: …` and `Aya: …` make messages if one of the speakers is an interviewer
    by name; otherwise all of the text is the customer's.
    """

    columns = COLUMNS
    channel = "interview"

    def __init__(self, path: Path, encoding: str, name: str) -> None:
        self.encoding = encoding
        self._name = name
        read = list(lines(path, encoding))
        if any(line.broken for line in read):
            raise Unreadable(
                f"{path.name} holds bytes that are no {encoding}; name its encoding: --encoding …"
            )
        self._lines = [line.text.rstrip() for line in read]
        if not any(self._lines):
            raise Unreadable(f"{path.name} is empty.")
        self._title = path.stem

    def __iter__(self) -> Iterator[Row | BadRow]:
        title, words = self._title, self._lines
        first = next(at for at, line in enumerate(words) if line)
        heading = _HEADING.match(words[first])
        if heading is not None:
            title, words = heading[1], words[first + 1 :]
        values: dict[str, object] = {"external_id": self._name, "title": title}
        day = _DAY.search(Path(self._name).stem)
        if day is not None:
            values["created_at"] = "-".join(day.groups())
        turns = _turns(words)
        if turns:
            values["messages"] = [{"author_role": role, "text": text} for role, text in turns]
        else:
            values["text"] = "\n".join(words).strip()
        yield Row(line=1, values=values)


def _turns(words: list[str]) -> list[tuple[str, str]]:
    """Return who said what, or nothing where the lines do not name an interviewer and another speaker."""
    turns: list[tuple[str, list[str]]] = []
    roles = set()
    for line in words:
        spoken = _SPEAKER.match(line)
        if spoken is not None:
            role = "interviewer" if _INTERVIEWERS.fullmatch(spoken[1].rstrip("0123456789 ")) else "customer"
            roles.add(role)
            turns.append((role, [spoken[2]]))
        elif turns:
            turns[-1][1].append(line)
        elif line:
            turns.append(("interviewer", [line]))
    if roles != {"interviewer", "customer"}:
        return []
    return [(role, "\n".join(said).strip()) for role, said in turns]
