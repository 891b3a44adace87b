"""The documents of targets cannot lie: the table of kinds is that of the code, in both languages alike."""

import re

import pytest

from scripts.sources import Lang
from scripts.targets import DOCUMENTS, written


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_the_table_of_kinds_is_that_of_the_code(lang: Lang) -> None:
    text = DOCUMENTS[lang].read_text(encoding="utf-8")
    assert text == written(text, lang), "write it anew: python -m scripts.targets"


def test_both_languages_have_the_same_sections_commands_and_tables() -> None:
    english, japanese = (DOCUMENTS[lang].read_text(encoding="utf-8") for lang in ("en", "ja"))
    shape = re.compile(r"^(#+|\||```|- |\*\*)", re.MULTILINE)
    code = re.compile(r"```sh\n(.*?)```", re.DOTALL)
    assert shape.findall(english) == shape.findall(japanese)
    assert code.findall(english) == code.findall(japanese)
