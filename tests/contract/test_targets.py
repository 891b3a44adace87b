"""Every target takes this exam: its official double and the real ones alike."""

import json
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.errors import Refused
from connectors.http import Http
from connectors.outgoing import Citation, Outgoing
from connectors.ports import Means
from connectors.registry import TARGETS, open_target
from connectors.target_port import Target
from connectors.targets.backlog_file import BacklogFile
from connectors.targets.markdown_git import MarkdownGit
from connectors.targets.memory import MemoryTarget
from connectors.targets.webhook import Webhook
from tests.receiver import receiver

HOSTILE_TITLES = (
    "../../etc/passwd",
    "..",
    "/",
    "line\nbreak\rand\u2028another\x85one",
    "🦊",
    "長" * 300,
    "x" * 300,
    '---\nkoe: "another"\n---',
    '"quoted" & \\escaped\\',
    "-rf",
    "",
    "CON",
)

NOTHING = Means()


@contextmanager
def webhook() -> Iterator[Target]:
    with receiver() as taker:
        door = Http(private_hosts=("127.0.0.1",))
        yield Webhook.open({"url": taker.url}, Means(secret=taker.secret, http=door))


Open = Callable[[Path], AbstractContextManager[Target]]
OPENERS: dict[str, Open] = {
    "memory": lambda _: nullcontext(MemoryTarget.open({}, NOTHING)),
    "markdown-git": lambda folder: nullcontext(MarkdownGit.open({"path": str(folder / "articles")}, NOTHING)),
    "backlog-file": lambda folder: nullcontext(
        BacklogFile.open({"path": str(folder / "backlog.jsonl")}, NOTHING)
    ),
    "webhook": lambda _: webhook(),
}
BLIND = frozenset({"webhook"})
"""Kinds that cannot be asked what they have; they know what comes twice by its key."""


@pytest.fixture(params=sorted(OPENERS))
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Target]:
    with OPENERS[request.param](tmp_path) as opened:
        yield opened


@pytest.fixture(autouse=True)
def _no_settings_of_the_person(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    empty = tmp_path / "gitconfig"
    empty.touch()
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(empty))
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", str(empty))


def outgoing(
    target: Target, *, suggestion_id: str = "0123456789abcdef0123", title: str = "写真が消える"
) -> Outgoing:
    return Outgoing(
        suggestion_id=suggestion_id,
        theme_id="t1",
        action=min(target.takes),
        audience="public",
        lang="ja",
        title=title,
        body="## 困りごと\n\n---\n\n写真が消えます。\n",
        theme_title="写真が消える",
        contacts=12,
        customers=10,
        accounts=4,
        revenue=1200000.0,
        currency="JPY",
        keywords=("写真", "消える"),
        citations=(Citation(source="zendesk", external_id="42", start=0, end=8),),
        created_at=datetime(2026, 5, 3, tzinfo=UTC),
    )


class TestEveryTarget:
    def test_says_that_it_can_be_written_to(self, target: Target) -> None:
        assert target.check().endswith(".")

    def test_has_nothing_before_anything_came(self, target: Target) -> None:
        assert target.find("0123456789abcdef0123") is None

    def test_finds_what_it_was_given_or_can_be_given_it_again(self, target: Target) -> None:
        receipt = target.deliver(outgoing(target))
        assert target.find("0123456789abcdef0123") == (None if target.slug in BLIND else receipt)
        assert target.find("0123456789abcdef") is None
        assert target.idempotent or target.slug not in BLIND

    def test_keeps_one_object_of_what_comes_twice(self, target: Target) -> None:
        first = target.deliver(outgoing(target))
        other = target.deliver(outgoing(target, suggestion_id="f" * 20))
        renamed = target.deliver(replace(outgoing(target), title="The theme has another name now"))
        assert renamed == first != other

    def test_threads_may_use_it_at_once_from_the_first_moment_on(self, target: Target) -> None:
        coming = [
            outgoing(target, suggestion_id=f"{number % 12:020}", title=f"{number % 12}")
            for number in range(24)
        ]
        with ThreadPoolExecutor(8) as pool:
            receipts = list(pool.map(target.deliver, coming))
        assert receipts[:12] == receipts[12:]
        assert len({receipt.reference for receipt in receipts}) == 12

    def test_refuses_what_it_cannot_do(self, target: Target) -> None:
        with pytest.raises(Refused, match="no_action"):
            target.deliver(replace(outgoing(target), action="no_action"))

    @pytest.mark.parametrize("title", HOSTILE_TITLES, ids=ascii)
    def test_holds_any_title(self, target: Target, title: str, tmp_path: Path) -> None:
        target.deliver(outgoing(target, title=title, suggestion_id="a" * 20))
        assert target.slug in BLIND or target.find("a" * 20) is not None
        assert target.find("another") is None
        allowed = {"articles", "backlog.jsonl", "gitconfig"}
        assert {entry.name for entry in tmp_path.iterdir()} <= allowed


class TestRegistry:
    def test_knows_the_files_of_the_folder_but_no_double(self) -> None:
        assert set(TARGETS) >= {"markdown-git", "backlog-file", "webhook"}
        assert "memory" not in TARGETS

    def test_says_which_kinds_there_are(self) -> None:
        with pytest.raises(Refused, match="backlog-file, confluence"):
            open_target("trello", {})

    @pytest.mark.parametrize("settings", [{}, {"path": ""}, {"path": 3}, {"path": "kb"}, {"path": "/a\0b"}])
    @pytest.mark.parametrize("kind", ["markdown-git", "backlog-file"])
    def test_names_the_setting_that_is_wrong(self, kind: str, settings: dict[str, object]) -> None:
        with pytest.raises(Refused, match="'path'"):
            open_target(kind, settings)


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b.example", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


class TestMarkdownGit:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        folder = tmp_path / "kb"
        folder.mkdir()
        git(folder, "init", "--quiet")
        (folder / "kept.md").write_text("kept\n")
        git(folder, "add", "kept.md")
        git(folder, "commit", "-q", "-m", "first")
        return folder

    @pytest.fixture
    def kb(self, folder: Path) -> MarkdownGit:
        return MarkdownGit.open({"path": str(folder)}, NOTHING)

    def test_writes_a_draft_that_people_can_read(self, kb: MarkdownGit, folder: Path) -> None:
        receipt = kb.deliver(outgoing(kb))
        assert receipt.reference == "写真が消える-01234567.md"
        text = (folder / receipt.reference).read_text(encoding="utf-8")
        assert text.startswith('---\nkoe: "0123456789abcdef0123"\nstatus: "draft"\ntitle: "写真が消える"\n')
        assert text.endswith("写真が消えます。\n")

    def test_commits_its_file_and_leaves_all_other_changes(self, kb: MarkdownGit, folder: Path) -> None:
        (folder / "kept.md").write_text("changed\n")
        (folder / "staged.md").write_text("staged\n")
        git(folder, "add", "staged.md")
        receipt = kb.deliver(outgoing(kb))
        changed = git(folder, "-c", "core.quotePath=false", "show", "--name-only", "--format=", "HEAD")
        assert changed.split() == [receipt.reference]
        assert git(folder, "status", "--porcelain") == " M kept.md\nA  staged.md\n"

    def test_names_an_author_only_where_nobody_is_configured(self, kb: MarkdownGit, folder: Path) -> None:
        kb.deliver(outgoing(kb))
        assert git(folder, "log", "-1", "--format=%an") == "Koe\n"
        git(folder, "config", "user.name", "Writer")
        git(folder, "config", "user.email", "writer@example.com")
        kb.deliver(outgoing(kb, suggestion_id="b" * 20))
        assert git(folder, "log", "-1", "--format=%an") == "Writer\n"

    def test_never_writes_over_what_a_person_changed(self, kb: MarkdownGit, folder: Path) -> None:
        receipt = kb.deliver(outgoing(kb))
        path = folder / receipt.reference
        path.write_text(path.read_text(encoding="utf-8") + "a person's words\n", encoding="utf-8")
        assert kb.deliver(outgoing(kb)) == receipt
        assert path.read_text(encoding="utf-8").endswith("a person's words\n")

    def test_finds_a_draft_that_a_person_moved_and_reformatted(self, kb: MarkdownGit, folder: Path) -> None:
        receipt = kb.deliver(outgoing(kb))
        (folder / "faq").mkdir()
        git(folder, "mv", receipt.reference, "faq/photos.md")
        moved = folder / "faq" / "photos.md"
        moved.write_text(
            moved.read_text(encoding="utf-8").replace(
                'koe: "0123456789abcdef0123"', "koe: 0123456789abcdef0123"
            ),
            encoding="utf-8",
        )
        git(folder, "commit", "-q", "-a", "-m", "moved")
        found = kb.find("0123456789abcdef0123")
        assert found is not None
        assert found.reference == "faq/photos.md"

    def test_takes_up_a_file_that_was_written_but_not_committed(self, kb: MarkdownGit, folder: Path) -> None:
        receipt = kb.deliver(outgoing(kb))
        git(folder, "reset", "-q", "--mixed", "HEAD~1")
        assert kb.find("0123456789abcdef0123") is None
        assert kb.deliver(outgoing(kb)) == receipt
        assert kb.find("0123456789abcdef0123") == receipt

    def test_is_not_misled_by_a_marker_in_the_text(self, kb: MarkdownGit) -> None:
        kb.deliver(replace(outgoing(kb), body='koe: "ffffffffffffffffffff"'))
        assert kb.find("f" * 20) is None

    def test_makes_a_repository_of_an_empty_folder(self, tmp_path: Path) -> None:
        kb = MarkdownGit.open({"path": str(tmp_path / "new" / "kb")}, NOTHING)
        kb.deliver(outgoing(kb))
        assert git(tmp_path / "new" / "kb", "log", "--format=%s") == "Draft: 写真が消える\n"

    def test_refuses_places_that_are_no_repository(self, tmp_path: Path) -> None:
        (tmp_path / "full").mkdir()
        (tmp_path / "full" / "thesis.md").touch()
        (tmp_path / "file").touch()
        (tmp_path / "bare").mkdir()
        git(tmp_path / "bare", "init", "--quiet", "--bare")
        for name, why in (("full", "no Git repository"), ("file", "is a file"), ("bare", "bare")):
            with pytest.raises(Refused, match=why):
                MarkdownGit.open({"path": str(tmp_path / name)}, NOTHING).check()

    def test_says_that_git_is_missing(self, kb: MarkdownGit, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", "")
        with pytest.raises(Refused, match="not installed"):
            kb.check()

    def test_refuses_a_name_that_somebody_else_took(self, kb: MarkdownGit, folder: Path) -> None:
        (folder / "写真が消える-01234567.md").write_text("mine\n")
        with pytest.raises(Refused, match="is there already"):
            kb.deliver(outgoing(kb))
        assert (folder / "写真が消える-01234567.md").read_text() == "mine\n"


class TestBacklogFile:
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return tmp_path / "items" / "backlog.jsonl"

    @pytest.fixture
    def backlog(self, path: Path) -> BacklogFile:
        return BacklogFile.open({"path": str(path)}, NOTHING)

    def test_writes_one_line_of_json_an_item(self, backlog: BacklogFile, path: Path) -> None:
        for number, title in enumerate(HOSTILE_TITLES):
            backlog.deliver(outgoing(backlog, title=title, suggestion_id=f"id{number}"))
        lines = path.read_text(encoding="utf-8").splitlines()
        assert [json.loads(line)["title"] for line in lines] == list(HOSTILE_TITLES)
        record = json.loads(lines[0])
        assert (record["customers"], record["revenue"], record["voices"]) == (10, 1200000.0, ["zendesk/42"])
        assert record["created_at"] == "2026-05-03T00:00:00+00:00"

    def test_cuts_off_a_line_of_its_own_that_was_left_unfinished(
        self, backlog: BacklogFile, path: Path
    ) -> None:
        path.parent.mkdir()
        path.write_bytes(b'{"note": "a person wrote this"}\n{"koe": "x", "title": "unfin')
        backlog.deliver(outgoing(backlog))
        assert [json.loads(line).get("koe") for line in path.read_text(encoding="utf-8").splitlines()] == [
            None,
            "0123456789abcdef0123",
        ]

    def test_keeps_a_last_line_that_a_person_did_not_end(self, backlog: BacklogFile, path: Path) -> None:
        path.parent.mkdir()
        path.write_bytes(b"not json, but a person's")
        assert backlog.deliver(outgoing(backlog)).reference == "backlog.jsonl:2"
        assert path.read_bytes().startswith(b"not json, but a person's\n{")

    def test_refuses_a_folder(self, tmp_path: Path) -> None:
        with pytest.raises(Refused, match="is a folder"):
            BacklogFile.open({"path": str(tmp_path)}, NOTHING).check()
