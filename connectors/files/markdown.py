"""Markdown as lines: headings with their level, quotations, lists and tables, without the marks."""

import re
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from connectors.files.transcripts import Line

_NO_MARKS = ("html_block", "html_inline", "lheading", "code", "reference")
"""Rules of Markdown that take `<v Aya>`, a line of dashes and `[Aya]: …` for what they are not."""
_FRONT = re.compile(r"\s*---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|$)", re.DOTALL)
_FIELD = re.compile(r"([\w-]{1,40})[ \t]*:[ \t]*(\S.*?)[ \t]*$")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_PICTURE = re.compile(r"!\[[^\]\n]*\]\([^)\n]*\)")
_INVISIBLE = re.compile("[\u200b\u2060\ufeff]")
_LOWEST = 6
_OWN_COLUMN = re.compile(
    r"severity|frequency|priority|status|stud(?:y|ies)|(?:potential )?solutions?|plan|recommendations?"
    r"|actions?|(?:github )?issues?(?:\(s\))?|(?:total |number of )?(?:users|participants)|count|owner|links?"
    r"|重要度|深刻度|優先度|頻度|件数|人数|状況|対応案?|改善案|担当者?"
)
"""The head of a column that holds what a researcher counts, or means to do."""
_CLOCK = re.compile(r"[\[(]?(?:\d{1,2}:)?\d{1,2}:\d{2}[\])]?")
_NAME = re.compile(r"[^.,!?。、！？:：]{1,40}[:：]?")
_ENDS = ("paragraph_close", "heading_close", "table_close", "bullet_list_close", "ordered_list_close")


def front_matter(text: str) -> tuple[dict[str, str], str]:
    """Return the fields between dashes above a text, by their names in lower case, and the rest."""
    found = _FRONT.match(text)
    if found is None:
        return {}, text
    fields = (_FIELD.match(line) for line in found[1].split("\n"))
    told = {field[1].casefold(): field[2].strip("\"'") for field in fields if field}
    # What stands above keeps its place, so that the lines are counted as the file has them.
    return told, "\n" * found[0].count("\n") + text[found.end() :]


def read_markdown(text: str) -> list[Line]:
    """Return the lines of a Markdown text. Pictures and comments are left out; of a table, its head."""
    reader = MarkdownIt("commonmark").enable("table").disable(list(_NO_MARKS))
    plain = _BREAK.sub("\n", text)
    for mark in (_COMMENT, _PICTURE, _INVISIBLE):
        plain = mark.sub("", plain)
    return list(_lines(reader.parse(plain)))


def as_page(text: str) -> str:
    """Return Markdown as the HTML of a page, whatever HTML stands in it."""
    return str(MarkdownIt("commonmark").enable("table").render(text))


def _lines(tokens: Sequence[Token]) -> Iterator[Line]:
    quotes, mark, number = 0, "", 1
    heads: list[str] = []
    cells: list[str] = []
    for before, token in zip([Token("", "", 0), *tokens], tokens, strict=False):
        number = token.map[0] + 1 if token.map else number
        if token.type in ("blockquote_open", "blockquote_close"):
            quotes += token.nesting
        elif token.type == "list_item_open":
            mark = "- " if token.markup in "-*+" else f"{token.info}{token.markup} "
        elif token.type == "tr_close" and cells:
            said = [cell for head, cell in zip(heads, cells, strict=False) if not _OWN_COLUMN.fullmatch(head)]
            yield from (Line(number=number, text=part) for part in row_text(said).split("\n"))
            cells = []
        elif token.type == "thead_open":
            heads = []
        elif token.type == "inline" and before.type == "td_open":
            cells.append(_words(token))
        elif token.type == "inline" and before.type == "th_open":
            heads.append(_words(token).strip().casefold())
        elif token.type in ("inline", "fence"):
            yield from _block(token, before, number, mark=mark, quoted=quotes > 0)
            mark = ""
        if token.type in _ENDS and not token.hidden:
            yield Line(number=number)


def _block(token: Token, before: Token, number: int, *, mark: str, quoted: bool) -> Iterator[Line]:
    """Yield the lines of a paragraph, a heading or what stands between fences."""
    level = _LOWEST if _is_all_bold(token) else 0
    if before.type == "heading_open":
        level, mark = int(before.tag[1]), ""
    for place, words in enumerate((_words(token) or token.content).split("\n")):
        text = f"{'' if place else mark}{words.strip()}"
        yield Line(number=number + place, text=text, level=level if text else 0, quoted=quoted)


def row_text(cells: Sequence[str]) -> str:
    """Return a row of a table: as `name: words` where it looks so, else cell below cell."""
    filled = [" ".join(cell.split()) for cell in cells if cell.strip()]
    times = filled[:1] if filled and _CLOCK.fullmatch(filled[0]) else []
    rest = filled[len(times) :]
    if len(rest) == 2 and _NAME.fullmatch(rest[0]) and sum(map(str.isalpha, rest[1])) > 1:
        return " ".join([*times, f"{rest[0].rstrip(' :：')}: {rest[1]}"])
    return "\n".join(filled)


def _words(inline: Token) -> str:
    """Return what an inline token says, without marks and pictures."""
    said = []
    for child in inline.children or ():
        if child.type in ("softbreak", "hardbreak"):
            said.append("\n")
        elif child.type in ("text", "code_inline", "text_special"):
            said.append(child.content)
    return "".join(said)


def _is_all_bold(inline: Token) -> bool:
    """Say whether a paragraph is one line in bold: a heading by other means, but for a `**Name:**`."""
    children = [child for child in inline.children or () if child.content or child.nesting]
    return (
        len(children) == 3
        and (children[0].type, children[2].type) == ("strong_open", "strong_close")
        and not children[1].content.rstrip().endswith((":", "："))
    )
