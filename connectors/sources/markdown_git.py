"""A knowledge base kept as a folder of Markdown articles, as a Git repository often is.

Every walk goes through the whole folder, for that costs little. An article is known by its path; what its
front matter tells is taken (`title, lang, status, draft, audience, section, url, updated`), and `koe`, which
marks a draft of Koe's own.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Literal, Self
from urllib.parse import quote

from connectors.errors import Refused
from connectors.files.markdown import as_page, front_matter
from connectors.guards import path_setting
from connectors.loose import Loose
from connectors.ports import Article, BadRow, Event, Means, Page, Setting, Source
from connectors.shelves import Place

ENDINGS = frozenset({".md", ".markdown"})
FILES = 100
"""Of one page."""
MOST_BYTES = 4 << 20
"""Of an article."""
HIDDEN = frozenset({"draft", "unpublished", "archived", "下書き", "非公開", "アーカイブ"})
INTERNAL = frozenset({"internal", "private", "staff", "社内", "内部"})
HEADING = re.compile(r"^#[ \t]+(\S[^\n]*?)[ \t#]*$", re.MULTILINE)
NAMES: Mapping[str, tuple[str, ...]] = {
    "title": ("title", "題名", "タイトル"),
    "lang": ("lang", "locale", "language", "言語"),
    "audience": ("audience", "visibility", "公開範囲"),
    "section": ("section", "category", "カテゴリ", "カテゴリー"),
    "url": ("url", "permalink", "link"),
    "updated": ("updated", "updated_at", "lastmod", "last_modified", "date", "更新日"),
}
"""What fields of a front matter are called."""


class MarkdownGit(Source):
    """A folder of Markdown, with all folders in it."""

    slug = "markdown-git"
    title = "Folder of Markdown articles"
    title_ja = "Markdown 記事のフォルダー"
    category = "knowledge"
    settings = (
        Setting(
            name="path",
            label={"en": "Folder on the machine of the worker", "ja": "ワーカーのマシン上のフォルダー"},
            example="/srv/help-centre",
        ),
        Setting(
            name="url",
            label={
                "en": "Address of an article, with {path} for its path without .md",
                "ja": "記事のアドレス（{path} は .md を除いたパス）",
            },
            needed="never",
            example="https://help.example.com/{path}",
        ),
        Setting(
            name="lang",
            label={"en": "Language of articles that tell none", "ja": "言語の指定がない記事の言語"},
            needed="never",
            example="ja",
        ),
    )
    proofs = ()
    guide = (
        {
            "en": "Name the folder of a clone that your own schedule pulls; Koe reads it every ten minutes "
            "and changes nothing. A file that is gone is an article that was withdrawn.",
            "ja": "定期的に pull しているクローンのフォルダーを指定します。Koe は 10 分ごとに読むだけで、何も"
            "変更しません。なくなったファイルは、取り下げられた記事とみなします。",
        },
        {
            "en": "Above an article, between lines of ---, may stand title, lang, status (draft), audience "
            "(internal), section, url and updated.",
            "ja": "記事の先頭に、--- の行で囲んで title、lang、status（draft）、audience（internal）、"
            "section、url、updated を書けます。",
        },
    )

    def __init__(self, path: Path, *, url: str, lang: str | None) -> None:
        self._path = path
        self._url = url
        self._lang = lang

    @classmethod
    def open(cls, settings: Mapping[str, str], means: Means, /) -> Self:  # noqa: ARG003
        url = settings.get("url", "").strip()
        if url and not (url.startswith(("https://", "http://")) and "{path}" in url):
            raise Refused("the setting 'url' must be a web address with {path} in it")
        lang = settings.get("lang", "").strip() or None
        return cls(path_setting(settings, "path"), url=url, lang=lang)

    def check(self) -> str:
        found = sum(1 for _ in self._found())
        return f"{self._path} can be read; it holds {found:,} {'article' if found == 1 else 'articles'}."

    def page(self, since: datetime | None, cursor: str | None) -> Page:  # noqa: ARG002
        place = Place.of(None, cursor)
        names = (name for name in sorted(self._found()) if name > (place.next or ""))
        taken = list(islice(names, FILES))
        events = [self._event(name) for name in taken]
        following = taken[-1] if next(names, None) is not None else None
        return place.page(events, there=taken, next_=following)

    def _found(self) -> Iterator[str]:
        """Yield the paths of the articles below the folder."""
        if not self._path.is_dir():
            raise Refused(f"there is no folder {self._path}, or it may not be read (setting 'path')")
        root = self._path.resolve()
        for path in self._path.rglob("*"):
            name = path.relative_to(self._path)
            is_shown = not any(part.startswith(".") or not part.isprintable() for part in name.parts)
            is_there = is_shown and path.is_file() and path.resolve().is_relative_to(root)
            if is_there and path.suffix.lower() in ENDINGS:
                yield name.as_posix()

    def _event(self, name: str) -> Event:
        try:
            with (self._path / name).open("rb") as file:
                content = file.read(MOST_BYTES + 1)
        except OSError as error:
            return BadRow(line=1, reason=f"{name} cannot be read: {error.strerror or error}")
        if len(content) > MOST_BYTES:
            return BadRow(line=1, reason=f"{name} is larger than {MOST_BYTES >> 20} MiB")
        readable = content.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\0", "\ufffd")
        told, text = front_matter(readable)
        return self._article(Path(name), told, text)

    def _article(self, name: Path, told: Mapping[str, str], text: str) -> Article:
        def field(named: str) -> str:
            return next((told[one] for one in NAMES[named] if told.get(one)), "")

        heading = HEADING.search(text)
        audience: Literal["public", "internal"] = (
            "internal" if field("audience").casefold() in INTERNAL else "public"
        )
        return Article(
            external_id=name.as_posix(),
            title=field("title") or (heading[1] if heading else name.stem),
            text=as_page(text),
            url=self._address(name, field("url")),
            lang=field("lang") or self._lang,
            audience=audience,
            section=field("section") or name.parent.name or None,
            status="draft" if _is_draft(told) else "published",
            updated_at=Loose(field("updated")).written_time,
            own="koe" in told,
        )

    def _address(self, name: Path, told: str) -> str | None:
        if told.startswith(("https://", "http://")) or not self._url:
            return told or None
        return self._url.replace("{path}", quote(name.with_suffix("").as_posix()))


def _is_draft(told: Mapping[str, str]) -> bool:
    return (
        told.get("draft", "").casefold() == "true"
        or told.get("published", "").casefold() == "false"
        or told.get("status", "").casefold() in HIDDEN
    )
