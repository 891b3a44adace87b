"""Writes the table of the kinds of target into docs/targets.md and docs/targets.ja.md, out of the code.

`python -m scripts.targets` after a connector was added or changed; a test compares the two.
"""

import sys
from pathlib import Path

from connectors.registry import TARGETS
from connectors.target_port import Target
from scripts.sources import BETWEEN, Lang, as_table, cell, put

DOCUMENTS: dict[Lang, Path] = {
    "en": Path(__file__).parents[1] / "docs" / "targets.md",
    "ja": Path(__file__).parents[1] / "docs" / "targets.ja.md",
}
HEAD: dict[Lang, tuple[str, ...]] = {
    "en": ("kind", "system", "takes", "followed", "needs", "can be told", "not tried on a real account yet"),
    "ja": (
        "種類",
        "システム",
        "受け取るもの",
        "追跡",
        "必要な設定",
        "任意の設定",
        "実際のアカウントでまだ試していないこと",
    ),
}
TAKES: dict[Lang, dict[str, str]] = {
    "en": {"backlog": "fixes", "knowledge": "drafts of articles", "other": ""},
    "ja": {"backlog": "製品の改善", "knowledge": "記事の下書き", "other": ""},
}
OTHERS: dict[Lang, dict[str, str]] = {
    "en": {
        "backlog-file": "fixes",
        "markdown-git": "drafts of articles",
        "slack": "alarms",
        "webhook": "everything",
    },
    "ja": {
        "backlog-file": "製品の改善",
        "markdown-git": "記事の下書き",
        "slack": "警報",
        "webhook": "すべて",
    },
}
FOLLOWED: dict[Lang, str] = {"en": "every hour", "ja": "1時間ごと"}
TOLD: dict[Lang, str] = {"en": "at once, by webhook", "ja": "すぐに（Webhook）"}


def table(lang: Lang) -> str:
    """Return the table of all kinds in a language, as Markdown."""
    return as_table(HEAD[lang], [_row(kind, lang) for kind in TARGETS.values()])


def written(text: str, lang: Lang) -> str:
    """Return a document with the table in its place."""
    return put(text, table(lang), name="targets")


def main() -> int:
    """Write both documents."""
    for lang, path in DOCUMENTS.items():
        path.write_text(written(path.read_text(encoding="utf-8"), lang), encoding="utf-8")
    return 0


def _row(kind: type[Target], lang: Lang) -> tuple[str, ...]:
    needed = [one for one in kind.settings if one.needed == "always" and one.default is None]
    others = [one for one in kind.settings if one not in needed]
    unverified_calls = kind.hints.unverified if kind.hints else ()
    title = (kind.title_ja or kind.title) if lang == "ja" else kind.title
    return (
        f"`{kind.slug}`",
        cell(title),
        OTHERS[lang].get(kind.slug) or TAKES[lang][kind.category],
        TOLD[lang] if kind.hints else FOLLOWED[lang] if kind.follows else "",
        BETWEEN[lang].join(f"`{one.name}`" for one in needed),
        BETWEEN[lang].join(f"`{one.name}`" for one in others),
        cell(" ".join(words[lang] for words in (*kind.unverified, *unverified_calls))),
    )


if __name__ == "__main__":
    sys.exit(main())
