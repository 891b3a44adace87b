"""Writes the table of the kinds of source into docs/sources.md and docs/sources.ja.md, out of the code.

`python -m scripts.sources` after a connector was added or changed; a test compares the two.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from service.connections import KINDS, Kind

Lang = Literal["en", "ja"]
DOCUMENTS: dict[Lang, Path] = {
    "en": Path(__file__).parents[1] / "docs" / "sources.md",
    "ja": Path(__file__).parents[1] / "docs" / "sources.ja.md",
}
BEGIN, END = "<!-- kinds: written by python -m scripts.{name} -->\n", "<!-- end of kinds -->\n"
HEAD: dict[Lang, tuple[str, ...]] = {
    "en": ("kind", "system", "brings", "needs", "not tried on a real account yet"),
    "ja": ("種類", "システム", "届くもの", "必要な設定", "実際のアカウントでまだ試していないこと"),
}
BRINGS: dict[Lang, tuple[str, str]] = {
    "en": ("calls", "what is there"),
    "ja": ("Webhook", "すでにあるもの"),
}
BETWEEN: dict[Lang, str] = {"en": ", ", "ja": "、"}


def table(lang: Lang) -> str:
    """Return the table of all kinds in a language, as Markdown."""
    return as_table(HEAD[lang], [_row(kind, lang) for kind in KINDS.values()])


def as_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table of Markdown."""
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (head, ["---"] * len(head), *rows))


def put(text: str, made: str, *, name: str) -> str:
    """Return a document with the table that a script of this name made in its place."""
    begin = BEGIN.format(name=name)
    before, _, rest = text.partition(begin)
    return before + begin + made + END + rest.partition(END)[2]


def written(text: str, lang: Lang) -> str:
    """Return a document with the table in its place."""
    return put(text, table(lang), name="sources")


def main() -> int:
    """Write both documents."""
    for lang, path in DOCUMENTS.items():
        path.write_text(written(path.read_text(encoding="utf-8"), lang), encoding="utf-8")
    return 0


def _row(kind: Kind, lang: Lang) -> tuple[str, ...]:
    calls, held = BRINGS[lang]
    brings = [words for words, does in ((calls, bool(kind.proofs)), (held, kind.fetches)) if does]
    always = [f"`{one.name}`" for one in kind.settings if one.needed == "always" and one.default is None]
    to_fetch = [f"(`{one.name}`)" for one in kind.to_fetch]
    return (
        f"`{kind.slug}`",
        cell(kind.title[lang]),
        BETWEEN[lang].join(brings),
        BETWEEN[lang].join([*always, *to_fetch]),
        cell(" ".join(words[lang] for words in kind.unverified)),
    )


def cell(text: str) -> str:
    """Return a text as a cell of a table."""
    return text.replace("|", r"\|").replace("<", "&lt;").replace("\n", " ")


if __name__ == "__main__":
    sys.exit(main())
