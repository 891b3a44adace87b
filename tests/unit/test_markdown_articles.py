"""A folder of Markdown articles: what their front matter tells, drafts of Koe's own, and what is gone."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.errors import Refused
from connectors.ports import Article, BadRow, Event, Means, Shelf, Source
from connectors.registry import open_source
from connectors.sources import markdown_git
from connectors.targets.markdown_git import MarkdownGit
from tests.contract.target_exam import outgoing

TOLD = """---
title: "パスワードを再設定する"
locale: ja
audience: internal
section: ログイン
url: https://help.example.com/reset
updated: 2026-05-02
status: published
---
# 見出し

**忘れた**を押します。
"""


def opened(folder: Path, **told: str) -> Source:
    return open_source("markdown-git", {"path": str(folder), **told}, Means())


def walked(source: Source) -> list[Event]:
    events: list[Event] = []
    cursor: str | None = None
    while True:
        page = source.page(datetime.now(UTC), cursor)
        events += page.events
        if (cursor := page.cursor) is None:
            return events


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


class TestArticlesInAFolder:
    def test_are_what_their_front_matter_tells(self, tmp_path: Path) -> None:
        write(tmp_path, "faq/ja/reset.md", TOLD)
        (article, shelf) = walked(opened(tmp_path))
        assert isinstance(article, Article)
        assert article.text.split() == ["<h1>見出し</h1>", "<p><strong>忘れた</strong>を押します。</p>"]
        assert article == Article(
            external_id="faq/ja/reset.md",
            title="パスワードを再設定する",
            text=article.text,
            url="https://help.example.com/reset",
            lang="ja",
            audience="internal",
            section="ログイン",
            updated_at=datetime(2026, 5, 2, tzinfo=UTC),
        )
        assert shelf == Shelf(external_ids=("faq/ja/reset.md",))

    def test_without_one_are_called_by_their_heading_or_name(self, tmp_path: Path) -> None:
        write(tmp_path, "login/a b.md", "Words.\r\n\r\n# Reset it #\r\n")
        write(tmp_path, "plain.markdown", "Words.")
        found = walked(opened(tmp_path, url="https://help.example.com/{path}", lang="en"))
        told = [(one.title, one.section, one.url, one.lang) for one in found if isinstance(one, Article)]
        assert told == [
            ("Reset it", "login", "https://help.example.com/login/a%20b", "en"),
            ("plain", None, "https://help.example.com/plain", "en"),
        ]

    @pytest.mark.parametrize("field", ["draft: true", "published: false", "status: Draft", "status: 下書き"])
    def test_may_be_drafts(self, tmp_path: Path, field: str) -> None:
        write(tmp_path, "a.md", f"---\n{field}\n---\nWords.")
        write(tmp_path, "b.md", f"{field}\n\nWords.")
        assert [one.status for one in walked(opened(tmp_path)) if isinstance(one, Article)] == [
            "draft",
            "published",
        ]

    def test_know_a_draft_that_koe_wrote(self, tmp_path: Path) -> None:
        target = MarkdownGit(tmp_path)
        receipt = target.deliver(outgoing(target))
        write(tmp_path, "mine.md", "Words.")
        found = {one.external_id: one for one in walked(opened(tmp_path)) if isinstance(one, Article)}
        assert set(found) == {receipt.reference, "mine.md"}
        assert (found[receipt.reference].own, found[receipt.reference].status) == (True, "draft")
        assert found[receipt.reference].title == "写真が消える"
        assert not found["mine.md"].own

    def test_come_in_parts_and_are_told_to_be_all_at_the_end(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(markdown_git, "FILES", 2)
        names = [f"{number}.md" for number in range(5)]
        for name in names:
            write(tmp_path, name, "Words.")
        events = walked(opened(tmp_path))
        assert [one.external_id for one in events if isinstance(one, Article)] == names
        assert events[-1] == Shelf(external_ids=tuple(names))

    def test_that_cannot_be_read_are_told_of_and_not_withdrawn(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(markdown_git, "MOST_BYTES", 1 << 20)
        write(tmp_path, "large.md", "x" * ((1 << 20) + 1))
        assert walked(opened(tmp_path)) == [
            BadRow(line=1, reason="large.md is larger than 1 MiB"),
            Shelf(external_ids=("large.md",)),
        ]

    def test_may_hold_bytes_that_are_no_text(self, tmp_path: Path) -> None:
        (tmp_path / "a.md").write_bytes(b"---\ntitle: A\0B\xff\n---\nW\0rds\xe3")
        (article, _) = walked(opened(tmp_path))
        assert isinstance(article, Article)
        assert article.title == "A\ufffdB\ufffd"
        assert "\0" not in article.text

    def test_are_not_what_is_hidden_or_lies_elsewhere(self, tmp_path: Path) -> None:
        folder = tmp_path / "kb"
        write(folder, ".git/notes.md", "Words.")
        write(folder, "a.txt", "Words.")
        write(tmp_path, "elsewhere.md", "Words.")
        (folder / "link.md").symlink_to(tmp_path / "elsewhere.md")
        assert walked(opened(folder)) == []
        assert opened(folder).check() == f"{folder} can be read; it holds 0 articles."


class TestSettings:
    def test_name_a_folder_that_is_there(self, tmp_path: Path) -> None:
        source = opened(tmp_path / "nowhere")
        for ask in (source.check, lambda: source.page(None, None)):
            with pytest.raises(Refused, match="'path'"):
                ask()

    def test_say_where_articles_are_read(self, tmp_path: Path) -> None:
        for wrong in ("help.example.com/{path}", "https://help.example.com/"):
            with pytest.raises(Refused, match="'url'"):
                opened(tmp_path, url=wrong)
