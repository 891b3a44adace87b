"""The documents cannot lie: what exists is in them, in both languages."""

import re
from pathlib import Path

import pytest

from benchmarks import quality
from service.config import Settings
from service.exports.columns import EXPORTS
from service.pipeline.run import STAGES

ROOT = Path(__file__).parents[2]
READMES = ("README.md", "README.ja.md")


@pytest.mark.parametrize("readme", READMES)
def test_the_readme_names_every_setting(readme: str) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    assert [f for f in Settings.model_fields if f"KOE_{f.upper()}" not in text] == []


@pytest.mark.parametrize("readme", READMES)
def test_every_file_that_the_readme_links_to_exists(readme: str) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_two_readmes_have_the_same_sections_commands_and_tables() -> None:
    english, japanese = ((ROOT / readme).read_text(encoding="utf-8") for readme in READMES)
    shape = re.compile(r"^(#+|\||```|- )", re.MULTILINE)
    code = re.compile(r"```(?:\w*)\n(.*?)```", re.DOTALL)
    commands = [
        [line.split("#")[0].strip() for block in code.findall(t) for line in block.splitlines()]
        for t in (english, japanese)
    ]
    assert shape.findall(english) == shape.findall(japanese)
    assert commands[0] == commands[1]


def test_the_documents_name_every_export_and_every_column() -> None:
    text = (ROOT / "docs/exports.md").read_text(encoding="utf-8")
    for noun, columns in EXPORTS.items():
        row = next(line for line in text.splitlines() if line.startswith(f"| {noun} |"))
        assert [column for column in columns if column not in row] == []


def test_the_design_tells_every_stage_in_its_order() -> None:
    text = (ROOT / "docs/design.md").read_text(encoding="utf-8")
    told = [name for name in re.findall(r"^\| (\w+) \|", text, re.MULTILINE) if name in STAGES]
    assert told == list(STAGES)


def test_the_design_names_every_server_that_may_be_sent_something() -> None:
    text = (ROOT / "docs/design.md").read_text(encoding="utf-8")
    servers = {name for name in Settings.model_fields if name.endswith("_url")}
    servers -= {"database_url", "public_url"}
    assert servers
    assert [name for name in servers if f"KOE_{name.upper()}" not in text] == []


def test_every_decision_record_says_status_context_decision_and_consequences() -> None:
    records = sorted((ROOT / "docs/adr").glob("*.md"))
    assert len(records) >= 5
    for record in records:
        text = record.read_text(encoding="utf-8")
        assert [part for part in ("Status", "Context", "Decision", "Consequences") if part not in text] == []


def test_every_measured_table_has_a_measurement_that_fills_it() -> None:
    tables = quality.names((ROOT / "docs/quality.md").read_text(encoding="utf-8"))
    assert tables
    assert [name for name in tables if not (ROOT / f"benchmarks/{name}.py").exists()] == []
