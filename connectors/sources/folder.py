"""A folder on this machine: whatever file of feedback is put there, or changed there, comes in."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from time import time
from typing import NamedTuple, Self

from connectors.errors import Refused, RetryLater, Unreadable
from connectors.files.opening import ENDINGS, files_in
from connectors.guards import path_setting
from connectors.loose import Loose
from connectors.ports import Call, Event, File, Means, Page, Setting, Source

FILES = 20
"""Of one page."""
SETTLED = 30.0
"""Seconds that a file must not have changed for: another program may still be writing it."""


class Place(NamedTuple):
    """Where in the order of changes a file stands."""

    changed: int
    """Nanoseconds since 1970; a file that was moved here changed then, whatever its own day says."""
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A file of the folder."""

    place: Place
    path: Path


class Folder(Source):
    """A folder, with all folders in it."""

    slug = "folder"
    title = "Watched folder"
    title_ja = "監視するフォルダー"
    settings = (
        Setting(
            name="path",
            label={"en": "Folder on the machine of the worker", "ja": "ワーカーのマシン上のフォルダー"},
            example="/srv/voices",
        ),
        Setting(
            name="own",
            label={
                "en": "Mail addresses and domains of your own, with commas between them",
                "ja": "自社のメールアドレスとドメイン(カンマ区切り)",
            },
            needed="never",
            example="support@example.com, example.co.jp",
        ),
        Setting(
            name="interviewers",
            label={
                "en": "Names of those who ask in interviews, with commas between them",
                "ja": "インタビューの聞き手の名前(カンマ区切り)",
            },
            needed="never",
            example="Sato, Interviewer 1",
        ),
        Setting(
            name="encoding",
            label={
                "en": "Encoding of the texts, if it is not to be recognised",
                "ja": "文字コード(自動判別にしない場合)",
            },
            needed="never",
            default="auto",
            example="cp932",
        ),
    )
    proofs = ()
    guide = (
        {
            "en": f"Put files there, also in folders within: {', '.join(ENDINGS)}. Each comes in within ten "
            "minutes after its last change, and again when it changes; nothing is stored twice.",
            "ja": f"フォルダーにファイルを置きます(中のフォルダーでもかまいません)：{', '.join(ENDINGS)}。"
            "最後の変更から 10 分以内に取り込み、変更があれば取り込み直します。二重には保存しません。",
        },
    )

    def __init__(self, path: Path, *, own: list[str], interviewers: list[str], encoding: str) -> None:
        self._path = path
        self._own = own
        self._interviewers = interviewers
        self._encoding = encoding

    @classmethod
    def open(cls, settings: Mapping[str, str], means: Means, /) -> Self:  # noqa: ARG003
        return cls(
            path_setting(settings, "path"),
            own=_listed(settings.get("own")),
            interviewers=_listed(settings.get("interviewers")),
            encoding=settings.get("encoding") or "auto",
        )

    def read(self, call: Call) -> Iterator[Event]:  # noqa: ARG002
        raise Unreadable("a folder sends no calls")

    def check(self) -> str:
        found = len(self._found())
        return f"{self._path} can be read; it holds {found:,} {'file' if found == 1 else 'files'}."

    def page(self, since: datetime | None, cursor: str | None) -> Page:
        begins = Place(0 if since is None else int(since.timestamp() * 1e9), "")
        begins = max(begins, _place(cursor))
        found = [file for file in self._found() if file.place > begins]
        settled = [file for file in found if file.place.changed < (time() - SETTLED) * 1e9]
        taken = settled[:FILES]
        if found and not settled:
            raise RetryLater(
                f"{len(found):,} of its files changed a moment ago and may still be written",
                after=timedelta(seconds=SETTLED),
            )
        more = len(found) > len(taken)
        events = [
            File(
                path=file.path,
                name=file.place.name,
                encoding=self._encoding,
                own=self._own,
                interviewers=self._interviewers,
            )
            for file in taken
        ]
        return Page(events=events, cursor=json.dumps(taken[-1].place) if more else None)

    def _found(self) -> list[Found]:
        """Return the files of the folder, the oldest change first."""
        if not self._path.is_dir():
            raise Refused(f"there is no folder {self._path}, or it may not be read (setting 'path')")
        try:
            paths = files_in(self._path)
        except Unreadable:
            return []
        root = self._path.resolve()
        return sorted(
            (
                Found(place=Place(_changed(path), path.relative_to(self._path).as_posix()), path=path)
                for path in paths
                if path.suffix.lower() in ENDINGS and path.resolve().is_relative_to(root)
            ),
            key=lambda file: file.place,
        )


def _changed(path: Path) -> int:
    stat = path.stat()
    return max(stat.st_mtime_ns, stat.st_ctime_ns)


def _place(cursor: str | None) -> Place:
    told = Loose.glimpse((cursor or "").encode())
    changed, name = told[0].value, told[1].text
    return Place(changed, name or "") if isinstance(changed, int) else Place(0, "")


def _listed(setting: str | None) -> list[str]:
    return [each for part in (setting or "").split(",") if (each := part.strip())]
