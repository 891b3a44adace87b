"""The demo company's data: written files whose days count back from today, turned into files to import."""

import csv
import io
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from service.imports import Options
from service.models.touchpoint import Touchpoint

DATA = Path(__file__).parent / "data"

_DAYS = {"created_at", "replied_at", "resolved_at", "updated_at", "occurred_at", "回答日時"} | {
    "started_at",
    "renews_at",
    "ended_at",
}
"""The fields that hold days, in every file."""
_RELATIVE = re.compile(r"([+-]\d+)(?: (\d\d:\d\d))?")
_OFFSET = "+09:00"
"""The company sits in Tokyo, where no clock is ever changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoFile:
    """One file of the demo, and how `koe import` is to take it."""

    noun: str
    path: Path
    source: str
    options: Options
    heard: Touchpoint
    """Where its voices are heard, beyond what their channel tells."""


_FILES: tuple[tuple[str, str, str, str | None], ...] = (
    ("accounts", "accounts.csv", "demo-accounts", None),
    ("articles", "articles.jsonl", "demo-help-centre", None),
    ("feedback", "tickets_ja.csv", "demo-tickets-ja", "ticket"),
    ("feedback", "tickets_en.csv", "demo-tickets-en", "ticket"),
    ("feedback", "tickets_threads.jsonl", "demo-threads", "ticket"),
    ("feedback", "chats.csv", "demo-chats", "chat"),
    ("feedback", "interviews.jsonl", "demo-interviews", "interview"),
    ("feedback", "reviews.jsonl", "demo-reviews", "review"),
    ("feedback", "nps.csv", "demo-nps", "survey"),
    ("events", "events.csv", "demo-events", None),
    ("interventions", "interventions.csv", "demo-interventions", None),
)
"""Noun, file, source and channel, in the order in which they are imported."""
_HEARD: Mapping[str, Touchpoint] = {
    "demo-tickets-ja": Touchpoint(moment="second"),
    "demo-tickets-en": Touchpoint(moment="second"),
    "demo-threads": Touchpoint(moment="second"),
    "demo-chats": Touchpoint(layer="low", moment="second"),
    "demo-interviews": Touchpoint(moment="second"),
}
"""What the company's people say of its sources: in the chat they answer several at once, and who writes or is
visited uses it already. In which moment scores are given nobody knows."""


def write_files(folder: Path, today: date) -> list[DemoFile]:
    """Write the demo's files into `folder`, made if missing, so that their 26 weeks end before `today`.

    The same day gives the same bytes. Returns the files in the order in which they are to be imported.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for noun, name, source, channel in _FILES:
        text = (DATA / name).read_text(encoding="utf-8")
        turn = _records if name.endswith(".jsonl") else _table
        path = folder / name
        path.write_text(turn(text, lambda day: _moment(day, today)), encoding="utf-8", newline="")
        heard = _HEARD.get(source, Touchpoint())
        options = Options(channel=channel)
        written.append(DemoFile(noun=noun, path=path, source=source, options=options, heard=heard))
    return written


def _moment(relative: str, today: date) -> str:
    """Return the ISO day of `-3`, or the ISO instant of `-3 09:41`, counted from `today`."""
    match = _RELATIVE.fullmatch(relative)
    if match is None:
        raise ValueError(f"{relative!r} is no day counted from today")
    day = (today + timedelta(days=int(match[1]))).isoformat()
    return f"{day}T{match[2]}:00{_OFFSET}" if match[2] else day


def _table(text: str, moment: Callable[[str], str]) -> str:
    """Return a CSV file with its days made real."""
    rows = csv.DictReader(io.StringIO(text, newline=""))
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, rows.fieldnames or (), lineterminator="\n")
    writer.writeheader()
    writer.writerows(_dated(row, moment) for row in rows)
    return out.getvalue()


def _records(text: str, moment: Callable[[str], str]) -> str:
    """Return a JSONL file with its days made real, those of the messages too."""
    lines = []
    for line in text.split("\n"):
        if not line:
            continue
        record = _dated(json.loads(line), moment)
        if "messages" in record:
            record["messages"] = [_dated(message, moment) for message in record["messages"]]
        lines.append(json.dumps(record, ensure_ascii=False) + "\n")
    return "".join(lines)


def _dated(record: Mapping[str, Any], moment: Callable[[str], str]) -> dict[str, Any]:
    return {field: moment(value) if field in _DAYS and value else value for field, value in record.items()}
