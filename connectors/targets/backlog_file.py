"""A backlog kept as a file of JSON Lines, one item a line, that people and other programs may read."""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Self

from connectors.errors import Refused, RetryLater
from connectors.guards import disk_trouble, must_take, path_setting
from connectors.outgoing import Outgoing, Receipt
from connectors.ports import Means, Setting
from connectors.target_port import Target

LINE_BREAKS = {"\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"}
"""Characters that some readers take for the end of a line though JSON does not."""


class BacklogFile(Target):
    """Appends to the file under a lock; a line that is there is never touched again."""

    slug = "backlog-file"
    title = "Backlog file"
    title_ja = "バックログファイル"
    category = "backlog"
    on_this_machine = True
    settings = (
        Setting(
            name="path",
            label={"en": "File on the machine of the worker", "ja": "ワーカーのマシン上のファイル"},
            example="/srv/backlog.jsonl",
        ),
    )
    takes = frozenset({"fix_product"})
    idempotent = True

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def open(cls, settings: Mapping[str, object], _: Means) -> Self:
        """Return the target that writes to the file in the setting `path`."""
        return cls(path_setting(settings, "path"))

    def check(self) -> str:
        with self._locked():
            return f"Backlog items are appended to {self.path}."

    def find(self, suggestion_id: str) -> Receipt | None:
        if not self.path.exists():
            return None
        with self._locked() as file:
            return self._find(file, suggestion_id)

    def deliver(self, outgoing: Outgoing) -> Receipt:
        must_take(self, outgoing)
        with self._locked() as file:
            known = self._find(file, outgoing.suggestion_id)
            return known or self._append(file, _line(outgoing))

    @contextmanager
    def _locked(self) -> Iterator[BinaryIO]:
        if self.path.is_dir():
            raise Refused(f"{self.path} is a folder; a backlog file has a name such as backlog.jsonl")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a+b", buffering=0) as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                yield file
        except OSError as error:
            raise disk_trouble(error, self.path) from error

    def _find(self, file: BinaryIO, suggestion_id: str) -> Receipt | None:
        file.seek(0)
        for number, line in enumerate(file.read().split(b"\n"), start=1):
            if _marker(line) == suggestion_id:
                return Receipt(reference=f"{self.path.name}:{number}")
        return None

    def _append(self, file: BinaryIO, line: bytes) -> Receipt:
        _mend_end(file)
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        number = file.read().count(b"\n") + 1
        try:
            written = file.write(line)
            os.fsync(file.fileno())
        except OSError:
            file.truncate(size)
            raise
        if written != len(line):
            file.truncate(size)
            raise RetryLater(f"{self.path} took only a part of the line; nothing was kept")
        return Receipt(reference=f"{self.path.name}:{number}")


def _mend_end(file: BinaryIO) -> None:
    """End the last line: cut off one of ours that a power failure left unfinished, keep all others."""
    file.seek(0)
    last = file.read().rpartition(b"\n")[2]
    if not last:
        return
    if last.startswith(b'{"koe": ') and _marker(last) is None:
        file.truncate(file.seek(0, os.SEEK_END) - len(last))
    else:
        file.write(b"\n")


def _marker(line: bytes) -> str | None:
    if b'"koe"' not in line:
        return None
    try:
        record = json.loads(line)
    except ValueError:
        return None
    marker = record.get("koe") if isinstance(record, dict) else None
    return marker if isinstance(marker, str) else None


def _line(outgoing: Outgoing) -> bytes:
    record: dict[str, Any] = {
        "koe": outgoing.suggestion_id,
        "title": outgoing.title,
        "body": outgoing.body,
        "theme": outgoing.theme_title,
        "theme_id": outgoing.theme_id,
        "lang": outgoing.lang,
        "contacts": outgoing.contacts,
        "customers": outgoing.customers,
        "accounts": outgoing.accounts,
        "revenue": outgoing.revenue,
        "currency": outgoing.currency,
        "keywords": list(outgoing.keywords),
        "created_at": outgoing.created_at.isoformat() if outgoing.created_at else None,
        "link": outgoing.link,
        "voices": sorted({f"{citation.source}/{citation.external_id}" for citation in outgoing.citations}),
    }
    text = json.dumps(record, ensure_ascii=False, allow_nan=False)
    for character, escape in LINE_BREAKS.items():
        text = text.replace(character, escape)
    return text.encode("utf-8", "replace") + b"\n"
