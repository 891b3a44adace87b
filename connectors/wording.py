"""What a target writes: a team's template filled in, its Markdown as blocks that other notations are made of.

Drafts quote customers. What they wrote is never read as marks: no link, mention, picture or command of theirs
works anywhere.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import groupby
from typing import Literal
from urllib.parse import urlsplit

from connectors.errors import Refused
from connectors.outgoing import Note, Outgoing

Form = Literal["heading", "bullet", "step", "text"]
BEGINNINGS: Mapping[Form, re.Pattern[str]] = {
    "heading": re.compile(r"(#{1,6}) +"),
    "bullet": re.compile(r"[-*] +"),
    "step": re.compile(r"\d{1,4}[.)] +"),
}
PLACES = (
    "accounts",
    "article",
    "body",
    "contacts",
    "customers",
    "keywords",
    "link",
    "revenue",
    "theme",
    "title",
)
"""What a template may name, in braces."""
USUAL = "{article}\n\n{body}\n\n{link}"
"""The template of a team that has none of its own."""
PLACE = re.compile(r"\{(\w*)\}")
BREAKS = re.compile(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")
"""What some readers take for the end of a line."""
CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1b\x1f\x7f]")
CALLS = re.compile(r"(?<!\w)[@＠#](?=[\w{(])|(?<!\w)!(?=\d)|(?<=\w)[#!](?=\d)")
"""How a mention of somebody, of another item, or a picture begins."""
ADDRESS = re.compile(r"(https?://[^\s<>\"'（）「」、。]+[^\s<>\"'（）「」、。.,;:!?)\]])")
MARKED = re.compile(r"<(https?://[^\s<>]+)>")
"""A web address in Markdown of ours."""
MARKDOWN = re.compile(r"([\\`*_\[\]<>|~{}])")
LONGEST_LINE = 4_000
"""Characters that are kept of a line of what is shortened."""
WORDLESS = "\u200b"
"""A space without width: it parts a sign from its word, and nobody sees it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Lines of one form that follow each other, such as the steps of one list."""

    form: Form
    lines: Sequence[str]
    """Plain text, one line each: no notation holds in it."""
    level: int = 0
    """Of a heading: 1 is the highest."""


def check_template(template: str) -> str:
    """Return a team's template, or the usual one for none. Raises Refused for a place that nothing fills."""
    if not template.strip():
        return USUAL
    if (unknown := unknown_place(template, PLACES)) is not None:
        raise Refused(f"the setting 'template' names {{{unknown}}}; there are {named_places(PLACES)}")
    if "body" not in PLACE.findall(template):
        raise Refused("the setting 'template' lacks {body}, the draft itself")
    return template


def text_of(outgoing: Outgoing, template: str = USUAL) -> tuple[Block, ...]:
    """Return what is to be written: the template with its places filled."""
    return blocks(filled(template, _values(outgoing)))


def unknown_place(template: str, places: Sequence[str]) -> str | None:
    """Return a place that a template names and that nothing fills; None where there is none."""
    return min(set(PLACE.findall(template)) - set(places), default=None)


def named_places(places: Sequence[str]) -> str:
    """Return the places that there are, as people write them."""
    return ", ".join(f"{{{name}}}" for name in places)


def filled(template: str, values: Mapping[str, str]) -> str:
    """Return a template with its places filled; braces in what fills them are text."""
    return PLACE.sub(lambda place: values.get(place[1], place[0]), template)


def text_of_note(note: Note, address: str | None = None) -> tuple[Block, ...]:
    """Return what a note says, its link, and where that is what it is about, as far as they are told."""
    return blocks("\n\n".join(filter(None, (note.text, note.link, address))))


def title_of(outgoing: Outgoing, *, most: int) -> str:
    """Return the title in one line of at most so many `units`; the theme's where the draft has none."""
    for title in (outgoing.title, outgoing.theme_title, outgoing.suggestion_id):
        if line := one_line(title):
            return line if units(line) <= most else _start(line, most=most - 1).rstrip() + "…"
    return "Koe"


def units(text: str) -> int:
    """Return the length of a text as most systems count it: in UTF-16, where a picture counts twice."""
    return len(text.encode("utf-16-le", "replace")) // 2


def one_line(text: str) -> str:
    """Return a text in one line, without characters that control something."""
    return " ".join(CONTROLS.sub("", BREAKS.sub(" ", text)).split())


def blocks(markdown: str) -> tuple[Block, ...]:
    """Return what Markdown of ours says: headings, lists and paragraphs. All else in it is text."""
    found: list[tuple[Form, int, int, str]] = []
    paragraph = 0
    for line in CONTROLS.sub("", markdown).split("\n"):
        bare = one_line(line)
        if not bare:
            paragraph += 1
            continue
        form, level, text = _form(bare)
        if form == "heading":
            paragraph += 1
        found.append((form, level, paragraph, text))
        if form == "heading":
            paragraph += 1
    return tuple(
        Block(form=form, level=level, lines=tuple(text for *_, text in lines))
        for (form, level, _), lines in groupby(found, key=lambda line: line[:3])
    )


def as_markdown(written: Sequence[Block]) -> str:
    """Return blocks as Markdown (CommonMark, and what GitHub and GitLab make of it)."""
    return _joined(written, _markdown_line)


def as_plain(written: Sequence[Block]) -> str:
    """Return blocks as text in which only lines and signs of lists show the form."""
    return _joined(written, str)


def as_html(written: Sequence[Block], *, top: int = 2) -> str:
    """Return blocks as HTML in which nothing acts; the highest heading is `<h{top}>`. It is XHTML as well."""
    return "".join(_html(block, top=top) for block in written)


def shortened(written: Sequence[Block], fits: Callable[[Sequence[Block]], bool]) -> Sequence[Block]:
    """Return blocks; of those that do not fit, as many of the first lines as do, and a line that shows it."""
    if fits(written):
        return written
    whole = sum(len(block.lines) for block in written)
    too_many = bisect_left(range(whole + 1), x=True, key=lambda count: not fits(_first(written, count)))
    return _first(written, max(0, too_many - 1))


def fitted(
    written: Sequence[Block],
    write: Callable[[Sequence[Block]], str],
    *,
    most: int,
    length: Callable[[str], int] = len,
) -> str:
    """Return what `write` makes of blocks, of as many of the first lines as come to so much at most."""
    return write(shortened(written, lambda some: length(write(some)) <= most))


def harmless(text: str) -> str:
    """Return a text in which nothing calls anybody: mentions and the like are parted from their sign."""
    return _beside_addresses(text, lambda words: CALLS.sub(rf"\g<0>{WORDLESS}", words))


def inert(markdown: str, *, host: str, signs: re.Pattern[str] | None = None) -> str:
    """Return Markdown of ours for a system that takes more for a reference, and tells those it refers to.

    Neither the addresses at its own host act there nor its own signs: the ones stand as code, the others are
    parted from what follows them.
    """
    return "".join(
        _marked(part, host) if number % 2 else signs.sub(rf"\g<0>{WORDLESS}", part) if signs else part
        for number, part in enumerate(MARKED.split(markdown))
    )


def _marked(address: str, host: str) -> str:
    try:
        is_theirs = urlsplit(address).hostname == host
    except ValueError:
        is_theirs = True
    return f"`{address.replace('`', '%60')}`" if is_theirs else f"<{address}>"


def _first(written: Sequence[Block], count: int) -> Sequence[Block]:
    """Return the first lines of blocks, overlong ones in part, with an ellipsis after them."""
    kept: list[Block] = []
    for block in written:
        lines = tuple(line[:LONGEST_LINE] for line in block.lines[:count])
        kept += [replace(block, lines=lines)] if lines else []
        count -= len(lines)
    return [*kept, Block(form="text", lines=("…",))]


def _start(text: str, *, most: int) -> str:
    return text.encode("utf-16-le", "replace")[: 2 * most].decode("utf-16-le", "ignore")


def _beside_addresses(text: str, change: Callable[[str], str], of_address: Callable[[str], str] = str) -> str:
    """Return a text changed but for web addresses, which `of_address` writes."""
    return "".join(
        of_address(part) if number % 2 else change(part) for number, part in enumerate(ADDRESS.split(text))
    )


def _form(line: str) -> tuple[Form, int, str]:
    for form, beginning in BEGINNINGS.items():
        if found := beginning.match(line):
            text = line[found.end() :]
            return form, len(found[1]) if form == "heading" else 0, text
    return "text", 0, line


def _joined(written: Sequence[Block], form_line: Callable[[str], str]) -> str:
    parts = [
        "\n".join(_sign(block, number) + form_line(text) for number, text in enumerate(block.lines, start=1))
        for block in written
    ]
    return "\n\n".join(parts) + "\n" if parts else ""


def _markdown_line(text: str) -> str:
    safe = _beside_addresses(
        text, lambda words: MARKDOWN.sub(r"\\\1", words), of_address=lambda address: f"<{address}>"
    )
    # Words of somebody must not begin like a list, a heading or a rule.
    safe = re.sub(r"^([-+=#])", r"\\\1", harmless(safe))
    return re.sub(r"^(\d{1,9})([.)])", r"\1\\\2", safe)


def _sign(block: Block, number: int) -> str:
    signs = {"heading": "#" * block.level + " ", "bullet": "- ", "step": f"{number}. ", "text": ""}
    return signs[block.form]


def _html(block: Block, *, top: int) -> str:
    lines = [escape(harmless(line)) for line in block.lines]
    if block.form == "heading":
        level = min(6, top + max(0, block.level - 2))
        return "".join(f"<h{level}>{line}</h{level}>" for line in lines)
    if block.form == "text":
        return f"<p>{'<br/>'.join(lines)}</p>"
    tag = "ol" if block.form == "step" else "ul"
    return f"<{tag}>{''.join(f'<li>{line}</li>' for line in lines)}</{tag}>"


def _values(outgoing: Outgoing) -> Mapping[str, str]:
    revenue = "" if outgoing.revenue is None else f"{outgoing.revenue:,.0f} {outgoing.currency or ''}".strip()
    article = one_line(f"{outgoing.article_title} {outgoing.article_url or ''}")
    return {
        "article": article if outgoing.article_url else "",
        "body": outgoing.body,
        "title": one_line(outgoing.title),
        "theme": one_line(outgoing.theme_title),
        "contacts": f"{outgoing.contacts:,}",
        "customers": f"{outgoing.customers:,}",
        "accounts": f"{outgoing.accounts:,}",
        "revenue": revenue,
        "keywords": ", ".join(one_line(keyword) for keyword in outgoing.keywords),
        "link": outgoing.link or "",
    }
