"""The one door to the `git` command."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from connectors.errors import Refused, RetryLater, Uncertain

SECONDS = 60
REDIRECTIONS = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_NAMESPACE")
"""Variables that would send a command to another repository than the folder it is given."""
AUTHOR = {"user.name": "Koe", "user.email": "koe@localhost"}
"""Who a commit is by where the repository names nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a command said."""

    ok: bool
    text: str
    """Standard output, without the last line break."""
    complaint: str


class Git:
    """Runs `git` in one folder; paths are given relative to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def ask(self, *arguments: str) -> Answer:
        """Run a command and return what it said, also where it failed.

        Raises Refused where there is no git, Uncertain where it did not end in time.
        """
        command = ["git", "-C", str(self.folder), *arguments]
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                timeout=SECONDS,
                check=False,
                stdin=subprocess.DEVNULL,
                env=_environment(),
            )
        except FileNotFoundError as error:
            raise Refused("the program git is not installed, or not on the PATH") from error
        except subprocess.TimeoutExpired as error:
            raise Uncertain(f"git did not end within {SECONDS} seconds in {self.folder}") from error
        return Answer(
            ok=done.returncode == 0,
            text=done.stdout.decode("utf-8", "replace").rstrip("\n"),
            complaint=done.stderr.decode("utf-8", "replace").strip(),
        )

    def tell(self, *arguments: str) -> str:
        """Run a command that must succeed and return what it said.

        Raises RetryLater where another git works in the repository, Refused for all other complaints.
        """
        answer = self.ask(*arguments)
        if answer.ok:
            return answer.text
        if ".lock" in answer.complaint and "exists" in answer.complaint:
            raise RetryLater(f"another git is at work in {self.folder}")
        last = next(reversed((answer.complaint or answer.text).splitlines()), "no reason given")
        raise Refused(f"git refused in {self.folder}: {last}")

    def commit(self, path: str, message: str) -> None:
        """Commit the file at `path` and nothing else, whatever else has been changed or staged."""
        self.tell("add", "--", f":(literal){path}")
        author = [
            option
            for name, value in AUTHOR.items()
            if not self.ask("config", name).text
            for option in ("-c", f"{name}={value}")
        ]
        quiet = ("-c", "commit.gpgsign=false", "-c", "core.editor=true")
        self.tell(*author, *quiet, "commit", "--quiet", "-m", message, "--only", "--", f":(literal){path}")


def _environment() -> Mapping[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in REDIRECTIONS}
    return kept | {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C.UTF-8"}
