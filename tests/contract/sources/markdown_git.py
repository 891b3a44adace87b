"""A folder on this machine: what it holds is tried in tests/unit/test_markdown_articles.py."""

from tests.contract.sources import Example

EXAMPLE = Example(
    settings={"path": "/srv/help-centre", "url": "https://help.example.com/{path}", "lang": "ja"}
)
