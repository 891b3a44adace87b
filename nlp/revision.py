"""An article as a draft about it would have it: the same text, with what the draft adds at its end."""

import re

from nlp.headings import headings_for

_HEADING = re.compile(r"#+ +(?P<title>.*)")


def revised(article: str, draft: str, *, lang: str) -> str:
    """Return an article's text with what a draft (Markdown, in `lang`) would add to it.

    That is what support adds, and the words that customers search by. Where it belongs is a person's to say:
    it stands at the end.
    """
    heads, told = headings_for(lang), sections(draft)
    added = [line.removeprefix("- ") for line in told.get(heads.agents_add, ())]
    words = [*told.get(heads.sought, ()), *told.get(heads.find_by, ())]
    parts = [article.strip(), *added]
    if words:
        parts.append("\n".join([f"## {heads.find_by}", "", *dict.fromkeys(words)]))
    return "\n\n".join(part for part in parts if part) + "\n"


def sections(draft: str) -> dict[str, list[str]]:
    """Return the lines under each heading of a draft, without the empty ones."""
    found: dict[str, list[str]] = {}
    under: list[str] = []
    for line in draft.splitlines():
        if heading := _HEADING.match(line):
            under = found.setdefault(heading["title"].strip(), [])
        elif line.strip():
            under.append(line.strip())
    return found
