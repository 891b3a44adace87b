"""A knowledge base kept as a folder of Markdown articles in a Git repository; it only ever gets drafts."""

import fcntl
import json
import os
import re
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

from connectors.errors import Refused
from connectors.git import Git
from connectors.guards import disk_trouble, must_take, path_setting
from connectors.outgoing import Outgoing, Receipt
from connectors.ports import Means, Setting
from connectors.target_port import Target

MARKER = re.compile(r"""koe:\s*["']?([0-9A-Za-z_-]+)["']?\s*""")
FENCE = "---"
LONGEST_NAME = 60
"""Characters of a title in a file name: a file name holds 255 bytes, a Japanese character takes three."""
LINE_BREAKS = {"\x85": "\\x85", "\u2028": "\\u2028", "\u2029": "\\u2029"}
"""Characters that YAML may take for the end of a line."""


class MarkdownGit(Target):
    """Writes one file a suggestion and commits it alone; a file that is there is never written again."""

    slug = "markdown-git"
    title = "Git folder of Markdown"
    title_ja = "Markdown の Git フォルダー"
    category = "knowledge"
    on_this_machine = True
    settings = (
        Setting(
            name="path",
            label={"en": "Folder on the machine of the worker", "ja": "ワーカーのマシン上のフォルダー"},
            example="/srv/articles",
        ),
    )
    takes = frozenset({"write_article", "edit_article", "make_findable", "resolve_contradiction"})
    idempotent = True

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.git = Git(folder)

    @classmethod
    def open(cls, settings: Mapping[str, object], _: Means) -> Self:
        """Return the target that writes to the folder in the setting `path`."""
        return cls(path_setting(settings, "path"))

    def check(self) -> str:
        with self._repository():
            return f"Drafts of articles are committed in {self.folder}."

    def find(self, suggestion_id: str) -> Receipt | None:
        """Look through what is committed: a file that a person moved or edited is still found."""
        if not self.folder.is_dir() or not self.git.ask("rev-parse", "--verify", "--quiet", "HEAD").ok:
            return None
        pattern = f"^koe: *[\"']?{re.escape(suggestion_id)}[\"']? *$"
        found = self.git.ask(
            "grep", "-z", "-l", "--full-name", "-E", "-e", pattern, "HEAD", "--", ":(top)*.md"
        )
        for name in filter(None, found.text.split("\0")):
            content = self.git.ask("show", name)
            if content.ok and _marker(content.text) == suggestion_id:
                return Receipt(reference=name.removeprefix("HEAD:"))
        return None

    def deliver(self, outgoing: Outgoing) -> Receipt:
        must_take(self, outgoing)
        with self._repository():
            return self.find(outgoing.suggestion_id) or self._write(outgoing)

    def _write(self, outgoing: Outgoing) -> Receipt:
        path = self.folder / file_name(outgoing.title, outgoing.suggestion_id)
        # A file of ours that is not committed was cut off between writing and committing.
        if not path.exists() and not path.is_symlink():
            unfinished = path.with_name(f".{path.name}.part")
            unfinished.write_text(document(outgoing), encoding="utf-8", errors="replace", newline="\n")
            unfinished.replace(path)
        elif path.is_symlink() or _marker(_read(path)) != outgoing.suggestion_id:
            raise Refused(f"{path} is there already and is not Koe's; move it or rename it")
        title = " ".join(outgoing.title.split())
        self.git.commit(path.name, f"Draft: {title}\n\nKoe-Suggestion: {outgoing.suggestion_id}")
        return self.find(outgoing.suggestion_id) or Receipt(reference=path.name)

    @contextmanager
    def _repository(self) -> Iterator[None]:
        """Hold the folder's lock, once it is sure that it lies in a repository."""
        if self.folder.exists() and not self.folder.is_dir():
            raise Refused(f"{self.folder} is a file; the setting 'path' must name a folder")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with _held(self.folder):
                if all(entry.name == ".git" for entry in self.folder.iterdir()):
                    self.git.tell("init", "--quiet")
            lock = self._git_folder() / "koe.lock"
            with lock.open("ab") as held:
                fcntl.flock(held, fcntl.LOCK_EX)
                yield
        except OSError as error:
            raise disk_trouble(error, self.folder) from error

    def _git_folder(self) -> Path:
        inside = self.git.ask("rev-parse", "--is-inside-work-tree")
        if inside.text == "true":
            return Path(self.git.tell("rev-parse", "--absolute-git-dir"))
        if inside.text == "false":
            raise Refused(f"{self.folder} is a bare repository; clone it and name the clone's folder")
        if "dubious ownership" in inside.complaint:
            raise Refused(f"git does not trust {self.folder}, which belongs to another user of this machine")
        raise Refused(
            f"{self.folder} is not empty and no Git repository; run git init there, or name another"
        )


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Keep others from making a repository of a folder in which no lock can lie yet."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # some file systems lock no folders
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def file_name(title: str, suggestion_id: str) -> str:
    """Return a readable name that no title can lead out of the folder, the same for the same input."""
    folded = unicodedata.normalize("NFKC", title).lower()
    words = "".join(letter if unicodedata.category(letter)[0] in "LMN" else " " for letter in folded).split()
    stem = "-".join(words)[:LONGEST_NAME].strip("-") or "article"
    ending = "".join(letter for letter in suggestion_id if letter.isascii() and letter.isalnum())[:8]
    return f"{stem}-{ending}.md"


def document(outgoing: Outgoing) -> str:
    """Return the draft as Markdown under a front matter whose values can hold no line break."""
    voices = sorted({f"{citation.source}/{citation.external_id}" for citation in outgoing.citations})
    matter = {
        "koe": outgoing.suggestion_id,
        "status": "draft",
        "title": outgoing.title,
        "lang": outgoing.lang,
        "audience": outgoing.audience,
        "action": outgoing.action,
        "theme": outgoing.theme_title,
        "theme_id": outgoing.theme_id,
        "keywords": list(outgoing.keywords),
        "sources": voices,
    } | ({"link": outgoing.link} if outgoing.link else {})
    lines = [f"{name}: {_scalar(value)}" for name, value in matter.items()]
    return "\n".join([FENCE, *lines, FENCE, "", outgoing.body.strip(), ""])


def _scalar(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    for character, escape in LINE_BREAKS.items():
        text = text.replace(character, escape)
    return text


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except IsADirectoryError:
        return ""


def _marker(text: str) -> str | None:
    """Return the marker in a document's front matter, also after a person rewrote it."""
    lines = text.split("\n")
    if lines[0].strip() != FENCE:
        return None
    for line in lines[1:]:
        if line.strip() == FENCE:
            return None
        if found := MARKER.fullmatch(line):
            return found[1]
    return None
