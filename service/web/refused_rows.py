"""Why rows of a file are refused, in the reader's language."""

import re
from collections.abc import Iterable

from markupsafe import Markup

from service.web.language import Language, seen_language

_EXTENT = r"(?: \(lines (?P<first>\d+) to (?P<last>\d+) were left out\))?"
KNOWN = tuple(
    (name, re.compile(pattern + _EXTENT))
    for name, pattern in (
        ("none", r"no (?P<field>[a-z_]+)"),
        ("nobody", r"no customer_id, and no email of one person"),
        ("results", r"no results: how many pages were found, 0 for none"),
        ("cells", r"(?P<n>\d+) cells where the header has (?P<width>\d+)"),
        ("date", r"(?P<field>[a-z_]+): “(?P<value>.*)” is no date"),
        ("kind", r"kind: “(?P<value>.*)” is none of (?P<known>.*)"),
        ("touchpoint", r"(?P<field>layer|moment): “(?P<value>.*)” is none of (?P<known>.*)"),
        ("consent", r"consent: “(?P<value>.*)” is none of yes, no, unknown"),
        ("money", r"“(?P<value>.*)” is no amount of money"),
        ("bytes", r"bytes that are no (?P<encoding>\S+)"),
        ("quotation", r"a quotation mark is opened and not closed as it should be"),
        ("object", r"this is no JSON object"),
    )
)
"""What importers and readers say, as they say it."""


def told(t: Language, reason: str) -> Markup:
    """Return a reason as a sentence; one that has no words of its own in that language stays English."""
    for name, pattern in KNOWN:
        found = pattern.fullmatch(reason)
        if found is not None:
            words: dict[str, object] = {
                key: _marked(value) for key, value in found.groupdict().items() if value
            }
            if "field" in words:
                words["field"] = field_named(t, found["field"])
            extent = t.rich("rows.extent", **words) if "first" in words else ""
            return Markup("{}{}").format(t.rich(f"rows.{name}", **words), extent)
    return Markup('<span lang="en">{}</span>').format(reason)


def _marked(cell: str) -> str:
    """Return what a reason quotes, with its language where that shows."""
    lang = seen_language(cell)
    return Markup('<span lang="{}">{}</span>').format(lang, cell) if lang else cell


def field_named(t: Language, field: str) -> str:
    """Return what a field of an import is called."""
    return t(f"field.{field}") if t.has(f"field.{field}") else field


def all_told(t: Language, refused: Iterable[tuple[int, str]]) -> list[tuple[int, Markup]]:
    """Return refused rows with their lines, in order."""
    return [(line, told(t, reason)) for line, reason in refused]
