"""The documents of the API cannot lie: every address and every filter is in them, in both languages alike."""

import re
from pathlib import Path

import pytest

from service.api import router
from service.api.openapi import describe

ROOT = Path(__file__).parents[2]
DOCUMENTS = ("docs/api.md", "docs/api.ja.md")
PATHS = describe(router)["paths"]
ELSEWHERE = ("/webhooks/", "/hooks/", "/dead-letters/{dead_letter_id}")
"""What other documents describe."""


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_address_is_described(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    ours = [path for path in PATHS if not any(each in path for each in ELSEWHERE)]
    assert [path for path in ours if path not in text] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_filter_of_every_list_is_described(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(/api/v1/\w+)` \|.*\| ([^|]+) \|$", text, re.MULTILINE))
    assert len(rows) == 12
    for path, filters in rows.items():
        known = [each["name"] for each in PATHS[path]["get"]["parameters"] if each["in"] == "query"]
        assert filters.split(", ") == [
            each for each in known if each not in ("limit", "cursor", "updated_since")
        ]


def test_both_languages_have_the_same_sections_commands_and_tables() -> None:
    english, japanese = ((ROOT / document).read_text(encoding="utf-8") for document in DOCUMENTS)
    shape = re.compile(r"^(#+|\||```|- |\*\*)", re.MULTILINE)
    code = re.compile(r"```sh\n(.*?)```", re.DOTALL)
    assert shape.findall(english) == shape.findall(japanese)
    assert code.findall(english) == code.findall(japanese)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_document_that_it_leads_to_exists(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
    assert links
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []
