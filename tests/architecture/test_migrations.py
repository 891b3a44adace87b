"""The steps of the database are one line: each has a number of its own, and one step follows it."""

import re
from pathlib import Path

VERSIONS = Path(__file__).parents[2] / "migrations" / "versions"
NAMED = re.compile(r'^(revision|down_revision) = (?:"(\d+)"|None)$', re.MULTILINE)


def test_every_step_but_the_last_is_followed_by_one() -> None:
    paths = sorted(path for path in VERSIONS.glob("*.py") if path.name != "__init__.py")
    steps = [dict(NAMED.findall(path.read_text(encoding="utf-8"))) for path in paths]
    numbers = [step["revision"] for step in steps]
    assert numbers == [path.name.partition("_")[0] for path in paths]
    followed = sorted(step["down_revision"] for step in steps if step["down_revision"])
    assert followed == numbers[:-1]
    assert len(set(numbers)) == len(numbers)
