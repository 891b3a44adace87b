"""A folder: it lies on this machine, so that what it holds is tried in tests/unit/test_folder.py."""

from tests.contract.sources import Example

EXAMPLE = Example(
    settings={"path": "/srv/voices", "own": "example.com", "interviewers": "Sato", "encoding": "auto"}
)
