"""A writer with nothing but a token and curl: what docs/api.md says, pasted into a terminal as it stands."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import select

from service.app import create_app
from service.config import Settings
from service.db import Database
from service.models import Intervention, Suggestion
from tests.api import make_token
from tests.live import serving

ROOT = Path(__file__).parents[2]
DOCUMENTS = ("docs/api.md", "docs/api.ja.md")
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
CURLS = ("curl", "stand-in") if shutil.which("curl") else ("stand-in",)


class Terminal:
    """A shell into which one block after the other is pasted."""

    def __init__(self, folder: Path, path: str) -> None:
        self.shell = subprocess.Popen(
            ["bash"],
            cwd=folder,
            env={"PATH": path, "NO_PROXY": "*", "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )

    def paste(self, block: str) -> str:
        """Run a block, and return what it said; its last command has to succeed."""
        assert self.shell.stdin
        assert self.shell.stdout
        self.shell.stdin.write(f'{block}\necho; echo "--done $?"\n')
        self.shell.stdin.flush()
        said = ""
        for line in self.shell.stdout:
            if line.startswith("--done "):
                assert line == "--done 0\n", said
                return said
            said += line
        raise AssertionError(said)


@pytest.fixture(params=CURLS)
def terminal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Terminal]:
    path = os.environ["PATH"]
    if request.param == "stand-in":
        folder = tmp_path / "bin"
        folder.mkdir()
        (folder / "curl").write_text(f'#!/bin/sh\nexec "{sys.executable}" "{ROOT}/tests/curl.py" "$@"\n')
        (folder / "curl").chmod(0o755)
        path = f"{folder}:{path}"
    opened = Terminal(tmp_path, path)
    yield opened
    opened.shell.communicate("exit\n")


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_writer_pulls_publishes_elsewhere_and_sees_the_intervention(
    demo_db: Database, terminal: Terminal, document: str
) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    setting, index, pull, changed, read, publish, intervention, search, feed = BLOCK.findall(text)
    token = make_token(demo_db, "write")
    with serving(create_app(demo_db, Settings())) as address:
        terminal.paste(setting)
        terminal.paste(f"export KOE={address} TOKEN={token}")
        assert '"suggestions":"/api/v1/suggestions"' in terminal.paste(index)
        terminal.paste(pull)
        assert '"data":[]' in terminal.paste(changed)
        with demo_db.begin() as session:
            drafts = session.exec(select(Suggestion).where(Suggestion.action == "write_article")).all()
            another = next(each for each in drafts if each.lang == "ja" and each.draft)
            another.draft = {**(another.draft or {}), "title": "書き直した題"}
        assert "書き直した題" in terminal.paste(changed)
        draft = terminal.paste(read)
        assert draft.startswith("# ")
        assert "下書きの根拠" in draft
        assert '"published_url":"https://help.example.com/articles/42"' in terminal.paste(publish)
        assert '"kind":"article","day":"2' in terminal.paste(intervention)
        assert '"data":[' in terminal.paste(search)
        assert "<feed" in terminal.paste(feed)
    with demo_db.begin() as session:
        [opened] = session.exec(select(Intervention).where(Intervention.suggestion_id != None))  # noqa: E711
        assert session.get_one(Suggestion, opened.suggestion_id).status == "done"
